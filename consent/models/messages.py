"""Messages to customers under a purpose, and the templates they start from."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.models.events import ConsentEvent
from consent.models.purposes import Channel, Purpose
from customers.evidence.accounting import Accounted, Opening, parse_time
from customers.evidence.append_only import AppendOnly
from customers.models import ContactPoint, Customer
from customers.models.customer import CustomersOwn
from customers.vault import kinds
from customers.vault.fields import SealedField


class MessageTemplate(AppendOnly):
    """A text that messages under a purpose start from. The newest row of a code counts; ``in_use`` False ends it."""

    kind = "message_template"

    code = models.SlugField(_("code"), max_length=40)
    purpose = models.ForeignKey(
        Purpose, to_field="code", db_column="purpose", on_delete=models.PROTECT, related_name="templates"
    )
    subject_vi = models.CharField(_("subject in Vietnamese"), max_length=120)
    text_vi = models.TextField(_("text in Vietnamese"), max_length=4000)
    subject_en = models.CharField(_("subject in English"), max_length=120)
    text_en = models.TextField(_("text in English"), max_length=4000)
    in_use = models.BooleanField(_("in use"), default=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        indexes = [models.Index(fields=["code", "-id"], name="template_by_code")]


class Message(AppendOnly, CustomersOwn):
    """A message to a customer under a purpose; the address is opened only to send it.

    The row is written before the message is sent; ``MessageOutcome`` says whether it was sent.
    """

    kind = "message"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_messages", db_index=False)
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="+")
    purpose = models.ForeignKey(
        Purpose, to_field="code", db_column="purpose", on_delete=models.PROTECT, related_name="contact_messages"
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    is_news = models.BooleanField(_("news"))
    rests_on = models.ForeignKey(ConsentEvent, on_delete=models.PROTECT, null=True, related_name="+")
    template = models.ForeignKey(MessageTemplate, on_delete=models.PROTECT, null=True, related_name="+")
    language = models.CharField(_("language"), max_length=2, choices=Customer.Locale)
    field = models.CharField(_("field"), max_length=100)
    row_seal_id = models.UUIDField(_("row"))
    datum = models.CharField(_("kind of datum"), max_length=20, choices=kinds.Kind)
    text = SealedField(_("text"), kind=kinds.Kind.LETTER)
    closes_at = models.DateTimeField(_("closes at"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("message under a purpose")
        verbose_name_plural = _("messages under a purpose")
        indexes = [models.Index(fields=["customer", "channel", "is_news", "at"], name="message_by_customer")]

    @classmethod
    def accounts_for(cls, payload: dict[str, Any]) -> Accounted:
        """The one opening that the record accounts for: of the address it goes to, until ``closes_at``."""
        columns = payload["columns"]
        opening = Opening(payload["customer"], columns["datum"], columns["field"], columns["row_seal_id"])
        return Accounted(frozenset({opening}), until=parse_time(columns["closes_at"]))


class MessageOutcome(AppendOnly):
    """Whether a message was sent (``left``), and if not, why."""

    kind = "message_outcome"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="message_outcomes")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="outcome")
    left = models.BooleanField(_("left"))
    why = models.CharField(_("why not"), max_length=40, blank=True, default="")

    class Meta(AppendOnly.Meta):
        verbose_name = _("outcome of a message under a purpose")
        verbose_name_plural = _("outcomes of messages under a purpose")
