"""What customers said about being contacted, and contacts that the gate refused."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.models.policies import PolicyVersion
from consent.models.purposes import Channel, Purpose
from customers.evidence.append_only import AppendOnly
from customers.models import Customer, CustomerRequest
from customers.models.customer import CustomersOwn
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind


class ConsentEvent(AppendOnly, CustomersOwn):
    """A customer granted, withdrew or objected. It belongs to the customer, not to an address; the newest counts.

    ``at`` is when it was recorded, ``asked_at`` when the customer said it (None: an import does not tell). An empty
    ``channel`` means every channel.
    """

    kind = "consent_event"

    class What(models.TextChoices):
        """What the customer said."""

        GRANTED = "granted", _("granted")
        WITHDRAWN = "withdrawn", _("withdrawn")
        OBJECTED = "objected", _("opted out")

    class Through(models.TextChoices):
        """How it reached the desk."""

        TICKET = "ticket", _("ticket")
        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")
        WEB = "web", _("web")
        PAPER = "paper", _("paper")
        IMPORT = "import", _("import")

    NO = (What.WITHDRAWN, What.OBJECTED)

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="consent_events", db_index=False)
    purpose = models.ForeignKey(
        Purpose, to_field="code", db_column="purpose", on_delete=models.PROTECT, related_name="events", db_index=False
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, blank=True, default="")
    what = models.CharField(_("what"), max_length=16, choices=What)
    through = models.CharField(_("through"), max_length=16, choices=Through)
    evidence = models.CharField(_("evidence"), max_length=64, blank=True, default="")
    words = SealedField(_("in words"), kind=Kind.REQUEST, null=True)
    asked_at = models.DateTimeField(_("asked"), null=True)
    request = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, null=True, related_name="consent_events")
    policy_version = models.ForeignKey(
        PolicyVersion,
        to_field="label",
        db_column="policy_version",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    policy_sha256 = models.CharField(_("SHA-256 of the policy’s text"), max_length=64, blank=True, default="")

    class Meta(AppendOnly.Meta):
        verbose_name = _("what a customer said about being contacted")
        verbose_name_plural = _("what customers said about being contacted")
        indexes = [models.Index(fields=["customer", "purpose", "-id"], name="event_by_customer")]


class ContactRefusal(AppendOnly):
    """The gate said no, so something was not sent."""

    kind = "contact_refusal"

    class Door(models.TextChoices):
        """Where the gate was asked: a page of the desk, or the command for other systems."""

        DESK = "desk", _("the desk")
        COMMAND = "command", _("another system")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_refusals")
    purpose = models.ForeignKey(
        Purpose, to_field="code", db_column="purpose", on_delete=models.PROTECT, related_name="refusals"
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    why = models.CharField(_("why"), max_length=24)
    door = models.CharField(_("where"), max_length=8, choices=Door)

    class Meta(AppendOnly.Meta):
        verbose_name = _("contact that the gate stopped")
        verbose_name_plural = _("contacts that the gate stopped")
        indexes = [models.Index(fields=["at", "why"], name="contact_refusal_by_time")]
