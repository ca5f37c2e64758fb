"""Orders not to tell customers, customers and recipients told, statements to customers, and exports of the log."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly
from customers.models import Correction, Customer, Notice
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind
from customers.vault.models import SealedRow
from disclosures.models.documents import Document
from disclosures.models.recipients import Recipient
from disclosures.models.requests import DisclosureRequest


class NonDisclosure(AppendOnly, SealedRow):
    """An authority's order not to tell the customers of a request, to the end of ``until`` in Vietnam.

    The newest order of a request is the one in force. ``instrument`` is what the order is based on.
    """

    kind = "non_disclosure"

    class Form(models.TextChoices):
        """How the order was given."""

        WRITTEN = "written", _("in writing")
        ORAL = "oral", _("orally")

    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="non_disclosures")
    form = models.CharField(_("form"), max_length=8, choices=Form)
    instrument = models.CharField(_("basis"), max_length=100)
    until = models.DateField(_("until"))
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    words = SealedField(_("in words"), kind=Kind.REQUEST, null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("order not to tell the customer")
        verbose_name_plural = _("orders not to tell the customer")
        indexes = [models.Index(fields=["request", "-id"], name="order_by_request")]
        constraints = [
            models.CheckConstraint(
                name="a_written_order_has_its_document",
                condition=~models.Q(form="written") | models.Q(document__isnull=False),
            )
        ]

    def sealed_for(self) -> str:
        """The number of the request it applies to."""
        return self.request.number


class CustomerTold(AppendOnly):
    """A customer was told of a disclosure after an order not to tell had ended; without ``notice``, not by letter."""

    kind = "customer_told"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="told_of_disclosures")
    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="customers_told")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        verbose_name = _("customer told of a disclosure")
        verbose_name_plural = _("customers told of disclosures")
        constraints = [models.UniqueConstraint(fields=["request", "customer"], name="told_once_of_a_request")]


class Statement(AppendOnly):
    """A customer was given a statement of who received their data.

    ``listed``: numbers of the log entries in it; ``kept_back``: how many were left out under an order not to tell.
    """

    kind = "statement"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="statements")
    language = models.CharField(_("language"), max_length=2, choices=Customer.Locale)
    listed = models.JSONField(_("entries listed"))
    kept_back = models.PositiveSmallIntegerField(_("entries kept back"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("statement to a customer")
        verbose_name_plural = _("statements to customers")


class LogExport(AppendOnly):
    """The log of disclosures was exported: filters used, number of entries, primary key of the newest (0: none)."""

    kind = "log_export"

    narrowed = models.JSONField(_("narrowed by"))
    entries = models.PositiveIntegerField(_("entries"))
    last = models.PositiveBigIntegerField(_("newest entry"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("export of the log of disclosures")
        verbose_name_plural = _("exports of the log of disclosures")


class RecipientTold(AppendOnly):
    """A recipient was told that data it had received was corrected since; it was not told the new value.

    ``by_mail``: by e-mail to an address in its official contact; otherwise the letter is printed and posted.
    """

    kind = "recipient_told"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="recipients_told")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="told")
    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="recipients_told")
    by_mail = models.BooleanField(_("by e-mail"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("recipient told of a correction")
        verbose_name_plural = _("recipients told of corrections")
        constraints = [models.UniqueConstraint(fields=["correction", "recipient"], name="told_once_of_a_correction")]
