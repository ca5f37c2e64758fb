"""Contact points (e-mail addresses and phone numbers of customers), their states, and the records about them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.evidence.act import history_user
from customers.evidence.append_only import AppendOnly
from customers.models.customer import Customer, CustomersOwn
from customers.models.state_machine import StatefulModel, TransitionRecord, Transitions
from customers.vault.fields import BlindIndexField, SealedField
from customers.vault.history import SealedHistory
from customers.vault.kinds import Kind
from customers.vault.sealed import Sealed


class ContactPoint(StatefulModel, CustomersOwn):
    """An e-mail address or a phone number of a customer."""

    class Channel(models.TextChoices):
        """E-mail address or phone number."""

        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("phone")

    class State(models.TextChoices):
        """Unverified until its owner confirms it; retired when it is no longer used."""

        UNVERIFIED = "unverified", _("unverified")
        ACTIVE = "active", _("active")
        RETIRED = "retired", _("retired")
        BOUNCED = "bounced", _("bounced")
        SUSPENDED = "suspended", pgettext_lazy("address", "suspended")

    class Source(models.TextChoices):
        """How it came on file."""

        IMPORT = "import", _("import")
        STAFF = "staff", _("staff")

    TRANSITIONS: ClassVar[Transitions] = {
        "confirm": {"unverified": ("active",), "active": ("active",), "bounced": ("active",)},
        "bounce": {"unverified": ("bounced",), "active": ("bounced",)},
        "retire": {"unverified": ("retired",), "active": ("retired",), "bounced": ("retired",)},
        "suspend": dict.fromkeys(("unverified", "active", "bounced", "retired"), ("suspended",)),
        "release": {"suspended": ("unverified", "active", "bounced", "retired")},
        "condemn": {"suspended": ("retired",)},
    }
    """Confirmed by its owner; mail came back; no longer used; suspicion of fraud; suspicion unfounded, which leads back
    to the state before; fraud confirmed."""
    TRANSITION_RECORD = "customers.ContactPointMove"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_points")
    channel = models.CharField(_("kind"), max_length=8, choices=Channel)
    email_index = BlindIndexField(source="email", kind=Kind.EMAIL)
    email = SealedField(_("e-mail"), kind=Kind.EMAIL, null=True)
    phone_index = BlindIndexField(source="phone", kind=Kind.PHONE)
    phone = SealedField(_("phone"), kind=Kind.PHONE, null=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.UNVERIFIED)
    source = models.CharField(_("source"), max_length=16, choices=Source)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    history = SealedHistory(excluded_fields=["email_index", "phone_index"], get_user=history_user)

    class Meta(StatefulModel.Meta):
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="one_address_of_its_kind",
                condition=models.Q(channel="email", phone__isnull=True) | models.Q(channel="phone", email__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"

    @property
    def address(self) -> Sealed | None:
        """The address or number, sealed."""
        return self.email if self.channel == self.Channel.EMAIL else self.phone  # type: ignore[no-any-return]

    @property
    def index(self) -> dict[str, str]:
        """Its blind index as a filter, column to value: it finds all contact points with the same address."""
        column = f"{self.channel}_index"
        return {column: getattr(self, column)}


class ContactPointMove(TransitionRecord):
    """A transition of a contact point: confirmed, bounced, retired, suspended, released or condemned."""

    kind = "contact_point_move"

    subject = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="moves")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_point_moves")
    ticket = models.CharField(_("ticket"), max_length=40, blank=True, default="")

    class Meta(TransitionRecord.Meta):
        verbose_name = _("move of an address")
        verbose_name_plural = _("moves of addresses")


class ContactPointAdded(AppendOnly):
    """A contact point was added to a customer's others; nobody writes to it before its owner has confirmed it."""

    kind = "contact_point_added"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_points_added")
    contact_point = models.OneToOneField(ContactPoint, on_delete=models.PROTECT, related_name="added")
    known_elsewhere = models.BooleanField(_("was another customer’s, and is no longer used there"), default=False)

    class Meta(AppendOnly.Meta):
        verbose_name = _("new address")
        verbose_name_plural = _("new addresses")
