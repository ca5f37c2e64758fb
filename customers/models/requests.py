"""Requests of customers with their clocks, and the legal deadlines. Questions back: ``information_requests``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly
from customers.models.contact_points import ContactPoint
from customers.models.customer import Customer, CustomersOwn
from customers.models.staff import StaffMember
from customers.models.state_machine import StatefulModel, StatefulQuerySet, TransitionRecord, Transitions
from customers.vault import kinds
from customers.vault.fields import SealedField


class Right(models.TextChoices):
    """What has a deadline: rights of customers, reviews, and answers to outsiders."""

    ACKNOWLEDGE = "acknowledge", _("acknowledgement of a request")
    CORRECTION = "correction", _("correction")
    OPT_OUT = "opt_out", _("withdrawal of consent")
    ACCESS = "access", _("access to one’s data")
    DELETION = "deletion", _("deletion")
    RESTRICTION = "restriction", _("restriction")
    OBJECTION = "objection", _("objection")
    QUESTION = "question", _("answer to a question")
    FEEDBACK = "feedback", _("answer to feedback")
    HOLD_REVIEW = "hold_review", _("review of a suspended address")
    AUTHORITY = "authority", _("answer to an authority")
    EMERGENCY = "emergency", _("answer to an authority in an emergency")
    EMERGENCY_REVIEW = "emergency_review", _("review of what one person released")
    DISCLOSURE = "disclosure", _("answer to anybody else outside")


class LegalDeadline(AppendOnly):
    """How long something may take, by which source, verified by whom. The newest row of a right is in force.

    ``third_party`` replaces ``amount`` where somebody else has to act too, unless it is 0. All three count ``unit``.
    """

    kind = "legal_deadline"

    class Unit(models.TextChoices):
        """The unit of the amounts."""

        WORKING_DAYS = "working_days", _("working days")
        CALENDAR_DAYS = "calendar_days", _("calendar days")
        HOURS = "hours", _("hours")

    class Confidence(models.TextChoices):
        """How certain it is that the law sets this deadline."""

        SETTLED = "settled", _("settled")
        LIKELY = "likely", _("likely")
        OPEN = "open", _("open until a lawyer confirms it")

    right = models.CharField(_("right"), max_length=16, choices=Right)
    amount = models.PositiveSmallIntegerField(_("amount"))
    unit = models.CharField(_("unit"), max_length=16, choices=Unit)
    third_party = models.PositiveSmallIntegerField(_("where somebody else has to act too"), default=0)
    extension = models.PositiveSmallIntegerField(_("extension"), default=0)
    source = models.CharField(_("source"), max_length=200)
    confidence = models.CharField(_("confidence"), max_length=16, choices=Confidence)
    verified_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("verified by")
    )

    class Meta(AppendOnly.Meta):
        verbose_name = _("legal deadline")
        verbose_name_plural = _("legal deadlines")
        indexes = [models.Index(fields=["right", "-id"], name="deadline_by_right")]


class About(models.TextChoices):
    """Which data a request is about."""

    NAME = "name", _("name")
    COMPANY = "company", _("company")
    EMAIL = "email", _("e-mail")
    PHONE = "phone", _("phone")
    SERVICE_ACCESS = "service_access", _("service access")
    PASSWORD = "password", _("password")
    OTHER = "other", _("something else")


OPENS_AN_ACCOUNT = frozenset({About.EMAIL, About.PHONE, About.PASSWORD})
"""Whoever changes one of these may take the account over."""


class RequestQuerySet(StatefulQuerySet):
    """Requests by what is still to be done."""

    def unfinished(self) -> RequestQuerySet:
        """Requests that are not done, refused or withdrawn."""
        return self.filter(state__in=CustomerRequest.UNFINISHED)

    def overdue(self) -> RequestQuerySet:
        """Unfinished requests with a clock that has run out; while paused, only where it had run out before."""
        now = timezone.now()
        late = (
            models.Q(acknowledged_at=None, acknowledge_by__lt=now)
            | models.Q(paused_at=None, complete_by__lt=now)
            | models.Q(complete_by__lt=models.F("paused_at"))
        )
        return self.unfinished().filter(late)


class CustomerRequest(StatefulModel, CustomersOwn):
    """A request of a customer to the provider, with two clocks: to acknowledge it, and to complete it."""

    class Kind(models.TextChoices):
        """What is asked for."""

        CORRECTION = "correction", _("correction")
        OPT_OUT = "opt_out", _("opt-out")
        ACCESS = "access", _("access to one’s data")
        DELETION = "deletion", _("deletion")
        RESTRICTION = "restriction", _("restriction")
        OBJECTION = "objection", _("objection")
        QUESTION = "question", _("question")
        FEEDBACK = "feedback", _("feedback")

    class CameBy(models.TextChoices):
        """The way by which it came in."""

        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("phone")
        TICKET = "ticket", _("support system")
        IN_PERSON = "in_person", _("in person")

    class State(models.TextChoices):
        """Open, parked (its address is suspended), with an officer, or how it ended."""

        OPEN = "open", _("open")
        PARKED = "parked", _("parked")
        WITH_OFFICER = "with_officer", _("with an officer")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class WhyRefused(models.TextChoices):
        """Why a request is refused."""

        NOT_IDENTIFIED = "not_identified", _("Identity not confirmed")
        DUTY_TO_KEEP = "duty_to_keep", _("The law obliges us to keep the data")
        NOT_OURS = "not_ours", _("We do not hold this data")
        REPEATED = "repeated", _("Repeated or excessive")
        UNFOUNDED = "unfounded", _("The data is right as it stands")
        SUSPECTED_FRAUD = "suspected_fraud", _("Suspected fraud")
        OTHER = "other", _("Other")

    class WhyExtended(models.TextChoices):
        """Why a request takes longer."""

        COMPLEX = "complex", _("It is complex")
        THIRD_PARTY = "third_party", _("Somebody else has to act too")
        MANY = "many", _("Many requests at once")
        OTHER = "other", _("Other")

    UNFINISHED = (State.OPEN, State.PARKED, State.WITH_OFFICER)
    OFFICERS = frozenset({Kind.ACCESS, Kind.DELETION, Kind.RESTRICTION, Kind.OBJECTION})
    """Kinds that only an officer completes or refuses."""

    TRANSITIONS: ClassVar[Transitions] = {
        "park": {"open": ("parked",), "with_officer": ("parked",)},
        "unpark": {"parked": ("open", "with_officer")},
        "hand_over": {"open": ("with_officer",)},
        "hand_back": {"with_officer": ("open",)},
        "complete": {"open": ("done",), "with_officer": ("done",)},
        "refuse": {"open": ("refused",), "with_officer": ("refused",), "parked": ("refused",)},
        "withdraw": {"open": ("withdrawn",), "with_officer": ("withdrawn",)},
    }
    TRANSITION_RECORD = "customers.RequestMove"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="requests", verbose_name=_("customer")
    )
    request_kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    about = models.JSONField(_("about"), default=list)
    came_by = models.CharField(_("came by"), max_length=16, choices=CameBy)
    from_point = models.ForeignKey(
        ContactPoint, on_delete=models.PROTECT, null=True, related_name="requests", verbose_name=_("from")
    )
    ticket = models.CharField(_("ticket"), max_length=40, blank=True, default="")
    text = SealedField(_("text of the request"), kind=kinds.Kind.REQUEST, null=True)
    third_party = models.BooleanField(_("somebody else has to act too"), default=False)
    received_at = models.DateTimeField(_("received"))
    worker = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="requests", verbose_name=_("works on it")
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.OPEN)
    acknowledge_rule = models.ForeignKey(LegalDeadline, on_delete=models.PROTECT, related_name="+")
    acknowledge_by = models.DateTimeField(_("acknowledge by"))
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    complete_rule = models.ForeignKey(LegalDeadline, on_delete=models.PROTECT, related_name="+")
    complete_by = models.DateTimeField(_("complete by"))
    due_at = models.DateTimeField(_("due"), editable=False)
    extended_at = models.DateTimeField(_("extended"), null=True)
    paused_at = models.DateTimeField(_("paused"), null=True)

    objects = RequestQuerySet.as_manager()  # type: ignore[misc]

    class Meta(StatefulModel.Meta):
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        default_permissions = ()
        indexes = [
            models.Index(fields=["state", "due_at"], name="request_by_state"),
            models.Index(fields=["worker", "state", "due_at"], name="request_by_worker"),
            models.Index(fields=["ticket"], name="request_by_ticket"),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save the row, with ``due_at`` set from the clocks, so that the worklist can be sorted by it."""
        self.due_at = self.due
        names = None if update_fields is None else {*update_fields, "due_at"}
        super().save(*args, update_fields=names, **kwargs)

    @property
    def number(self) -> str:
        """Its number on pages and in letters, such as ``R-2291``."""
        return f"R-{self.pk}"

    @property
    def is_unfinished(self) -> bool:
        """True until it is done, refused or withdrawn."""
        return self.state in self.UNFINISHED

    @property
    def for_officer(self) -> bool:
        """True for a kind that only an officer completes or refuses."""
        return self.request_kind in self.OFFICERS

    @property
    def opens_an_account(self) -> bool:
        """True where it is about what opens the account, or is a correction that does not say of what."""
        return bool(OPENS_AN_ACCOUNT & set(self.about)) or (
            self.request_kind == self.Kind.CORRECTION and not set(self.about) - {About.OTHER}
        )

    @property
    def due(self) -> datetime:
        """When the next of its clocks runs out."""
        return self.complete_by if self.acknowledged_at else min(self.acknowledge_by, self.complete_by)

    @property
    def is_soon(self) -> bool:
        """True where the next clock runs out within 24 hours, or has run out."""
        return self.due < timezone.now() + timedelta(days=1)

    @property
    def is_overdue(self) -> bool:
        """True where a clock has run out before the request was acknowledged or finished; see ``overdue``."""
        now = timezone.now()
        late = self.acknowledged_at is None and self.acknowledge_by < now
        return self.is_unfinished and (late or self.complete_by < (self.paused_at or now))


class RequestReceived(AppendOnly):
    """A request came in and was put on file, with its clocks."""

    kind = "request_received"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="requests_received")
    request = models.OneToOneField(CustomerRequest, on_delete=models.PROTECT, related_name="received")
    request_kind = models.CharField(_("kind"), max_length=16, choices=CustomerRequest.Kind)
    about = models.JSONField(_("about"), default=list)
    came_by = models.CharField(_("came by"), max_length=16, choices=CustomerRequest.CameBy)
    from_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, related_name="+")
    ticket = models.CharField(_("ticket"), max_length=40, blank=True, default="")
    received_at = models.DateTimeField(_("received"))
    acknowledge_by = models.DateTimeField(_("acknowledge by"))
    complete_by = models.DateTimeField(_("complete by"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("request received")
        verbose_name_plural = _("requests received")


class RequestMove(TransitionRecord, CustomersOwn):
    """A transition of a request: parked or unparked, handed over or back, completed, refused or withdrawn."""

    kind = "request_move"

    subject = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, related_name="moves")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="request_moves")
    why = models.CharField(_("why"), max_length=20, blank=True, default="")
    words = SealedField(_("in words"), kind=kinds.Kind.REQUEST, null=True)

    @property
    def to_state_words(self) -> str:
        """The new state, in the reader's language."""
        return str(CustomerRequest.State(self.to_state).label)

    class Meta(TransitionRecord.Meta):
        verbose_name = _("move of a request")
        verbose_name_plural = _("moves of requests")


class RequestClock(AppendOnly):
    """A clock of a request was stopped, extended, paused or resumed, or somebody took the request on."""

    kind = "request_clock"

    class What(models.TextChoices):
        """What happened."""

        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        EXTENDED = "extended", _("extended")
        PAUSED = "paused", _("paused")
        RESUMED = "resumed", _("resumed")
        TAKEN = "taken", _("taken on")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="request_clocks")
    request = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, related_name="clocks")
    what = models.CharField(_("what"), max_length=16, choices=What)
    why = models.CharField(_("why"), max_length=20, blank=True, default="")
    complete_by = models.DateTimeField(_("complete by"))
    worker = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        verbose_name = _("clock of a request")
        verbose_name_plural = _("clocks of requests")
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(what="extended"), name="one_extension_of_a_request"
            )
        ]
