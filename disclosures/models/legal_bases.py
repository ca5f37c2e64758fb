"""Legal bases besides an authority's request: commitments of payment processors, permissions of customers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly
from customers.models import Customer
from customers.models.customer import CustomersOwn
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind
from disclosures.models.documents import Document
from disclosures.models.recipients import Recipient


class Commitment(AppendOnly):
    """A payment processor's signed commitment to use these fields for payment only.

    It is in force to the end of ``valid_until`` in Vietnam. The newest commitment of a recipient counts; payment is the
    only purpose there is.
    """

    kind = "commitment"

    PURPOSE = "payment"

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="commitments")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="commitment")
    document_sha256 = models.CharField(_("SHA-256 of the document"), max_length=64)
    signed_on = models.DateField(_("signed on"))
    valid_until = models.DateField(_("valid until"))
    fields = models.JSONField(_("fields covered"))
    purpose = models.CharField(_("purpose"), max_length=16, default=PURPOSE)

    class Meta(AppendOnly.Meta):
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "document_sha256"], name="a_new_commitment_has_a_new_document"
            ),
            models.CheckConstraint(name="commitments_are_for_payment", condition=models.Q(purpose="payment")),
            models.CheckConstraint(
                name="a_commitment_ends_after_it_is_signed", condition=models.Q(valid_until__gt=models.F("signed_on"))
            ),
        ]


class CommitmentStop(AppendOnly):
    """A commitment was suspended before its last day, for good: only a new commitment can replace it."""

    kind = "commitment_stop"

    commitment = models.OneToOneField(Commitment, on_delete=models.PROTECT, related_name="stop")

    class Meta(AppendOnly.Meta):
        verbose_name = _("suspension of a commitment")
        verbose_name_plural = _("suspensions of commitments")


class CustomerPermission(AppendOnly, CustomersOwn):
    """A customer's permission to give exactly these fields to this recipient, to the end of ``until`` in Vietnam.

    ``evidence`` is the number of the ticket under which the permission is kept.
    """

    kind = "customer_permission"

    class Through(models.TextChoices):
        """How the customer gave the permission."""

        TICKET = "ticket", _("ticket")
        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")
        PAPER = "paper", _("paper")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="disclosure_permissions")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="permissions")
    fields = models.JSONField(_("fields"))
    until = models.DateField(_("until"))
    through = models.CharField(_("how the customer said it"), max_length=16, choices=Through)
    evidence = models.CharField(_("evidence"), max_length=64)
    words = SealedField(_("in words"), kind=Kind.REQUEST, null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("permission of a customer")
        verbose_name_plural = _("permissions of customers")
        indexes = [models.Index(fields=["customer", "recipient", "-id"], name="permission_by_customer")]


class PermissionWithdrawal(AppendOnly):
    """The customer withdrew a permission; nothing can be disclosed on it from then on."""

    kind = "permission_withdrawal"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="permission_withdrawals")
    permission = models.OneToOneField(CustomerPermission, on_delete=models.PROTECT, related_name="withdrawal")
    evidence = models.CharField(_("evidence"), max_length=64, blank=True, default="")

    class Meta(AppendOnly.Meta):
        verbose_name = _("withdrawal of a permission")
        verbose_name_plural = _("withdrawals of permissions")
