"""Holds (addresses suspended on suspicion of fraud), and the records about them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.evidence.append_only import AppendOnly
from customers.models.contact_points import ContactPoint
from customers.models.customer import Customer, CustomersOwn
from customers.models.staff import StaffMember
from customers.models.state_machine import StatefulModel, TransitionRecord, Transitions
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind


class Hold(StatefulModel, CustomersOwn):
    """An address of a customer is suspended: nothing is done for it until the customer confirms in another way."""

    class State(models.TextChoices):
        """Open, or how it ended."""

        OPEN = "open", pgettext_lazy("address", "suspended")
        RELEASED = "released", _("released")
        FRAUD = "fraud", _("fraud confirmed")

    class Reason(models.TextChoices):
        """What the suspicion is based on."""

        ODD_REQUEST = "odd_request", _("Odd request")
        PAYMENT_DATA = "payment_data", _("New payment data")
        LANGUAGE = "language", _("Not the customer’s way of writing")
        REPORTED = "reported", _("The customer reported it")
        SHARED = "shared", _("Suspended at another customer who shares it")
        OTHER = "other", _("Other")

    TRANSITIONS: ClassVar[Transitions] = {"release": {"open": ("released",)}, "condemn": {"open": ("fraud",)}}
    TRANSITION_RECORD = "customers.HoldMove"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="holds")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    ticket = models.CharField(_("ticket"), max_length=40, blank=True, default="")
    proof = SealedField(_("evidence"), kind=Kind.REQUEST, null=True)
    opened_at = models.DateTimeField(_("suspended"), default=timezone.now)
    opened_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    spread_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="spread")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.OPEN)
    needs_second = models.BooleanField(_("released by a second person"), default=False)
    closed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(StatefulModel.Meta):
        verbose_name = _("suspended address")
        verbose_name_plural = _("suspended addresses")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["contact_point"], condition=models.Q(state="open"), name="one_open_hold_of_an_address"
            ),
            models.CheckConstraint(
                name="a_second_person_releases",
                condition=models.Q(needs_second=False)
                | ~models.Q(state="released")
                | (models.Q(closed_by__isnull=False) & ~models.Q(closed_by=models.F("opened_by"))),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "opened_at"], name="hold_by_state"),
            models.Index(fields=["ticket"], name="hold_by_ticket"),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class HoldOpened(AppendOnly, CustomersOwn):
    """An address was suspended: why, and on what evidence."""

    kind = "hold_opened"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="holds_opened")
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="opened")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=20, choices=Hold.Reason)
    ticket = models.CharField(_("ticket"), max_length=40, blank=True, default="")
    proof = SealedField(_("evidence"), kind=Kind.REQUEST, null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("suspension of an address")
        verbose_name_plural = _("suspensions of addresses")


class HoldContact(AppendOnly, CustomersOwn):
    """The customer of a suspended address was contacted in another way: who, when, how, with which result."""

    kind = "hold_contact"

    class Way(models.TextChoices):
        """How the customer was reached."""

        EMAIL = "email", _("by e-mail")
        PHONE = "phone", _("by phone")
        IN_PERSON = "in_person", _("in person")

    class Result(models.TextChoices):
        """What the customer said, if reached."""

        CONFIRMED = "confirmed", _("The customer confirms it was them")
        DENIED = "denied", _("The customer says it was not them")
        NOT_REACHED = "not_reached", _("Not reached")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="hold_contacts")
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="contacts")
    way = models.CharField(_("how"), max_length=16, choices=Way)
    over = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, related_name="+")
    spoken_at = models.DateTimeField(_("when"))
    result = models.CharField(_("result"), max_length=16, choices=Result)
    who = SealedField(_("who was spoken to"), kind=Kind.REASON, null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("contact about a suspended address")
        verbose_name_plural = _("contacts about suspended addresses")


class HoldMove(TransitionRecord):
    """A suspended address was released, or the fraud confirmed; never without a contact."""

    kind = "hold_move"

    subject = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="moves")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="hold_moves")
    contact = models.ForeignKey(HoldContact, on_delete=models.PROTECT, related_name="+")

    class Meta(TransitionRecord.Meta):
        verbose_name = _("end of a suspension")
        verbose_name_plural = _("ends of suspensions")
