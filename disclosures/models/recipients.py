"""Recipients of disclosures: authorities, regulators, payment processors, and those named by a customer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly
from customers.models import Customer
from customers.models.state_machine import StatefulModel, TransitionRecord, Transitions
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind
from customers.vault.models import SealedRow


class RecipientKind(models.TextChoices):
    """The only kinds of recipient: data is never sold, nor given to brokers, affiliates or marketing partners."""

    AUTHORITY = "authority", _("authority")
    REGULATOR = "regulator", _("regulator")
    PROCESSOR = "processor", _("payment processor")
    NAMED = "named", _("named by a customer")


OFFICIAL = (RecipientKind.AUTHORITY, RecipientKind.REGULATOR)
"""Kinds of public bodies."""


class Recipient(StatefulModel):
    """A recipient outside the company. Name and contact are in its ``details``, of which ``current`` are the newest."""

    class State(models.TextChoices):
        """Whether data may be released to the recipient."""

        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")

    TRANSITIONS: ClassVar[Transitions] = {"suspend": {"active": ("suspended",)}, "resume": {"suspended": ("active",)}}
    TRANSITION_RECORD = "disclosures.RecipientMove"

    recipient_kind = models.CharField(_("kind"), max_length=16, choices=RecipientKind)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="named_recipients", verbose_name=_("named by")
    )
    current = models.ForeignKey("disclosures.RecipientDetails", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.ACTIVE)

    class Meta(StatefulModel.Meta):
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        default_permissions = ()
        indexes = [models.Index(fields=["recipient_kind", "state"], name="recipient_by_kind")]
        constraints = [
            models.CheckConstraint(
                name="no_other_kind_of_recipient",
                condition=models.Q(recipient_kind__in=["authority", "regulator", "processor", "named"]),
            ),
            models.CheckConstraint(
                name="a_named_recipient_has_its_customer",
                condition=models.Q(recipient_kind="named", customer__isnull=False)
                | (~models.Q(recipient_kind="named") & models.Q(customer__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"recipient {self.pk}"

    @property
    def is_official(self) -> bool:
        """True for authorities and regulators."""
        return self.recipient_kind in OFFICIAL


class RecipientDetails(AppendOnly, SealedRow):
    """Name, official contact and its source (``found``), country and age public key of a recipient, at one time.

    Of a recipient named by a customer, name and contact are in the sealed fields, and the plain ones are empty.
    """

    kind = "recipient_details"

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="details")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="recipient_details")
    recipient_kind = models.CharField(_("kind"), max_length=16, choices=RecipientKind)
    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    contact = models.CharField(_("official contact"), max_length=300, blank=True, default="")
    sealed_name = SealedField(_("name"), kind=Kind.NAME, null=True)
    sealed_contact = SealedField(_("contact"), kind=Kind.REQUEST, null=True)
    found = models.CharField(_("where the contact was found"), max_length=200)
    country = models.CharField(_("country"), max_length=2)
    age_key = models.CharField(_("age public key"), max_length=100, blank=True, default="")

    class Meta(AppendOnly.Meta):
        verbose_name = _("details of a recipient")
        verbose_name_plural = _("details of recipients")

    def sealed_for(self) -> str:
        """The reference of the customer who named the recipient, or else the recipient."""
        return str(self.customer.reference) if self.customer else f"recipient {self.recipient_id}"

    @property
    def shown(self) -> str:
        """The name to display; masked where it is sealed."""
        return self.name or str(self.sealed_name)


class RecipientMove(TransitionRecord):
    """The record of a recipient's transition: it was suspended, or its suspension ended."""

    kind = "recipient_move"

    subject = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="moves")

    class Meta(TransitionRecord.Meta):
        verbose_name = _("move of a recipient")
        verbose_name_plural = _("moves of recipients")
