"""Messages to customers and whether they were sent; checks of addresses and how they were answered."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.accounting import Accounted, Opening, parse_time
from customers.evidence.append_only import AppendOnly
from customers.models.contact_points import ContactPoint
from customers.models.customer import Customer, CustomersOwn
from customers.models.requests import CustomerRequest
from customers.vault import kinds
from customers.vault.fields import SealedField


class Notice(AppendOnly, CustomersOwn):
    """A message to an address of a customer. It accounts for opening that address, to send it and for nothing else.

    ``text`` is the text of the message, sealed; None for a message with a code or a link of the customer's own.
    """

    kind = "notice"

    class What(models.TextChoices):
        """What the message is for."""

        CHECK = "check", _("confirmation of an address")
        CORRECTED = "corrected", _("notice of a correction")
        ACKNOWLEDGED = "acknowledged", _("acknowledgement of a request")
        EXTENDED = "extended", _("notice that a request takes longer")
        COMPLETED = "completed", _("answer to a request")
        REFUSED = "refused", _("refusal of a request")
        ASKED = "asked", _("question back")
        NEW_ADDRESS = "new_address", _("question for an address in use")
        PASSWORD_RESET = "password_reset", _("link to choose a password")
        LINKS = "links", _("links to other sites")
        OPTED_OUT = "opted_out", _("confirmation of an opt-out")
        DISCLOSED = "disclosed", _("notice of a disclosure")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="notices")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="notices")
    request = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, null=True, related_name="notices")
    what = models.CharField(_("what"), max_length=16, choices=What)
    language = models.CharField(_("language"), max_length=2, choices=Customer.Locale)
    field = models.CharField(_("field"), max_length=100)
    row_seal_id = models.UUIDField(_("row"))
    datum = models.CharField(_("kind of datum"), max_length=20, choices=kinds.Kind)
    text = SealedField(_("text"), kind=kinds.Kind.LETTER, null=True)
    closes_at = models.DateTimeField(_("closes at"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("message to a customer")
        verbose_name_plural = _("messages to customers")

    @classmethod
    def accounts_for(cls, payload: dict[str, Any]) -> Accounted:
        """The opening of the one address it goes to, until ``closes_at``."""
        columns = payload["columns"]
        opening = Opening(payload["customer"], columns["datum"], columns["field"], columns["row_seal_id"])
        return Accounted(frozenset({opening}), until=parse_time(columns["closes_at"]))


class NoticeOutcome(AppendOnly):
    """A message was sent, or could not be sent; ``why`` says why not."""

    kind = "notice_outcome"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="notice_outcomes")
    notice = models.OneToOneField(Notice, on_delete=models.PROTECT, related_name="outcome")
    left = models.BooleanField(_("left"))
    why = models.CharField(_("why not"), max_length=40, blank=True, default="")

    class Meta(AppendOnly.Meta):
        verbose_name = _("outcome of a message")
        verbose_name_plural = _("outcomes of messages")


class AddressCheck(AppendOnly, CustomersOwn):
    """The owner of an address was asked to confirm it: by a link, or by reading a code back to the desk."""

    kind = "address_check"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="address_checks")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="checks")
    notice = models.OneToOneField(Notice, on_delete=models.PROTECT, related_name="address_check")
    code = SealedField(_("code"), kind=kinds.Kind.CODE, null=True)
    closes_at = models.DateTimeField(_("closes at"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("check of an address")
        verbose_name_plural = _("checks of addresses")


class AddressCheckAnswer(AppendOnly):
    """Somebody followed the link, or read a code back that is, or is not, the one sent."""

    kind = "address_check_answer"

    class Way(models.TextChoices):
        """How it was answered."""

        LINK = "link", _("by the link")
        CODE = "code", _("by the code read back")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="address_check_answers")
    check_asked = models.ForeignKey(AddressCheck, on_delete=models.PROTECT, related_name="answers")
    way = models.CharField(_("how"), max_length=8, choices=Way)
    matched = models.BooleanField(_("match"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("answer to a check of an address")
        verbose_name_plural = _("answers to checks of addresses")
