"""Disclosure requests from outside, their transitions, the customers they are about, and checks of authenticity."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.evidence.append_only import AppendOnly, Recorded
from customers.models import Customer, LegalDeadline, StaffMember
from customers.models.state_machine import StatefulModel, StatefulQuerySet, TransitionRecord, Transitions
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind
from customers.vault.models import SealedRow
from disclosures.models.legal_bases import CustomerPermission
from disclosures.models.recipients import Recipient, RecipientDetails


class Field(models.TextChoices):
    """The fields that can be requested and disclosed. Passwords and other secrets are never among them."""

    NAME = "name", _("name")
    COMPANY = "company", _("company")
    EMAIL = "email", _("e-mail addresses")
    PHONE = "phone", _("phone numbers")
    REGISTERED = "registered", _("registered since")
    STATUS = "status", _("status")
    SERVICES = "services", _("services")
    LOGINS = "logins", _("logins of services")


class DisclosureRequestQuerySet(StatefulQuerySet):
    """Requests by how far they have come."""

    def unfinished(self) -> DisclosureRequestQuerySet:
        """Requests that are not closed."""
        return self.exclude(state=DisclosureRequest.State.CLOSED)

    def waiting(self) -> DisclosureRequestQuerySet:
        """Requests whose sender still waits for an answer: the queryset twin of ``is_waiting``."""
        return self.filter(state__in=DisclosureRequest.WAITING)


class DisclosureRequest(StatefulModel, SealedRow):
    """A request from outside for customers' data, on one of three legal bases.

    Its deadline (``rule``, ``reply_by``) counts from ``received_at``. Constraints of the database require a second
    person except in an emergency, and an outcome of every closed request.
    """

    class Basis(models.TextChoices):
        """The legal basis of the request."""

        AUTHORITY = "authority", _("request of an authority")
        PROCESSOR = "processor", _("commitment of a payment processor")
        PERMISSION = "permission", _("permission of the customer")

    class CameBy(models.TextChoices):
        """How the request came in."""

        POST = "post", _("post")
        EMAIL = "email", _("e-mail")
        IN_PERSON = "in_person", _("in person")
        PHONE = "phone", _("phone")
        PORTAL = "portal", _("portal of the authority")

    class Urgency(models.TextChoices):
        """Whether an emergency is asserted; an authority's emergency has a deadline of its own."""

        ORDINARY = "ordinary", _("ordinary")
        EMERGENCY = "emergency", _("emergency asserted")

    class State(models.TextChoices):
        """The states of a request; ``TRANSITIONS`` has the transitions between them."""

        RECEIVED = "received", pgettext_lazy("request from outside", "received")
        REVIEW = "review", _("under review")
        PROPOSED = "proposed", _("proposed")
        APPROVED = "approved", _("approved")
        DISCLOSED = "disclosed", _("disclosed")
        CLOSED = "closed", _("closed")

    class Outcome(models.TextChoices):
        """How a closed request ended."""

        FULL = "full", _("all that was asked and is held")
        PARTIAL = "partial", _("part of it")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn by its asker")
        NO_DATA = "no_data", _("no data held")

    class WhyRefused(models.TextChoices):
        """Why a request was refused as a whole."""

        NOT_AUTHENTIC = "not_authentic", _("It could not be confirmed that the request is genuine")
        NO_BASIS = "no_basis", _("No legal basis, or it does not cover what is asked")
        NOT_COMPETENT = "not_competent", _("The signer or the authority is not competent")
        TOO_BROAD = "too_broad", _("It asks for more than its purpose needs")
        AMBIGUOUS = "ambiguous", _("It does not say clearly which customer is meant")
        NO_COMMITMENT = "no_commitment", _("There is no commitment in force that covers it")
        NO_PERMISSION = "no_permission", _("There is no permission of the customer in force that covers it")

    class WhyWithheld(models.TextChoices):
        """Why a field that was asked for is withheld."""

        NOT_NEEDED = "not_needed", _("More than the purpose needs")
        NOT_COVERED = "not_covered", _("Not covered by the legal basis")
        UNCERTAIN = "uncertain", _("Not certain that it is this customer’s")
        THIRD_PARTY = "third_party", _("Would tell about somebody else")

    WAITING = (State.RECEIVED, State.REVIEW, State.PROPOSED, State.APPROVED)
    SETTLED = (Outcome.FULL, Outcome.PARTIAL)

    TRANSITIONS: ClassVar[Transitions] = {
        "review": {"received": ("review",)},
        "propose": {"review": ("proposed",)},
        "send_back": {"proposed": ("review",)},
        "approve": {"proposed": ("approved",)},
        "release": {"approved": ("disclosed",)},
        "release_at_once": {"review": ("disclosed",)},
        "close": {"disclosed": ("closed",)},
        "refuse": {"received": ("closed",), "review": ("closed",), "proposed": ("closed",), "approved": ("closed",)},
        "withdraw": {"received": ("closed",), "review": ("closed",), "proposed": ("closed",), "approved": ("closed",)},
        "no_data": {"received": ("closed",), "review": ("closed",)},
    }
    TRANSITION_RECORD = "disclosures.DisclosureMove"

    basis = models.CharField(_("basis"), max_length=16, choices=Basis)
    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, related_name="requests", verbose_name=_("recipient")
    )
    permission = models.ForeignKey(CustomerPermission, on_delete=models.PROTECT, null=True, related_name="requests")
    came_by = models.CharField(_("came by"), max_length=16, choices=CameBy)
    urgency = models.CharField(_("urgency"), max_length=16, choices=Urgency, default=Urgency.ORDINARY)
    received_at = models.DateTimeField(_("received"))
    rule = models.ForeignKey(LegalDeadline, on_delete=models.PROTECT, related_name="+")
    reply_by = models.DateTimeField(_("reply by"))
    signer = SealedField(_("signer"), kind=Kind.NAME, null=True)
    rank = models.CharField(_("rank"), max_length=100, blank=True, default="")
    instrument = models.CharField(_("instrument"), max_length=100, blank=True, default="")
    number_given = models.CharField(_("number of the request"), max_length=60, blank=True, default="")
    letter_phone = SealedField(_("phone number in the letter"), kind=Kind.PHONE, null=True)
    identifiers = SealedField(_("who is meant"), kind=Kind.REQUEST)
    asked = models.JSONField(_("fields asked for"))
    meant = models.PositiveSmallIntegerField(_("who is meant, in lines"))
    missed = models.PositiveSmallIntegerField(_("lines that fit nobody"), default=0)
    ambiguous = models.PositiveSmallIntegerField(_("lines that fit several customers"), default=0)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.RECEIVED)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome, blank=True, default="")
    in_emergency = models.BooleanField(_("released in an emergency"), default=False)
    registered_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    objects = DisclosureRequestQuerySet.as_manager()  # type: ignore[misc]

    class Meta(StatefulModel.Meta):
        verbose_name = _("disclosure request")
        verbose_name_plural = _("disclosure requests")
        default_permissions = ()
        indexes = [models.Index(fields=["state", "reply_by"], name="disclosure_by_state")]
        constraints = [
            models.CheckConstraint(
                name="no_other_basis", condition=models.Q(basis__in=["authority", "processor", "permission"])
            ),
            models.CheckConstraint(
                name="a_disclosure_takes_a_second_person",
                condition=~(models.Q(state__in=["approved", "disclosed"]) | models.Q(outcome__in=["full", "partial"]))
                | models.Q(in_emergency=True, urgency="emergency")
                | (
                    models.Q(approved_by__isnull=False, proposed_by__isnull=False)
                    & ~models.Q(approved_by=models.F("proposed_by"))
                ),
            ),
            models.CheckConstraint(
                name="nothing_ambiguous_goes_out",
                condition=~models.Q(state__in=["proposed", "approved", "disclosed"]) | models.Q(ambiguous=0),
            ),
            models.CheckConstraint(
                name="what_is_closed_has_an_outcome",
                condition=models.Q(state="closed") & ~models.Q(outcome="")
                | ~models.Q(state="closed") & models.Q(outcome=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def sealed_for(self) -> str:
        """Its own number: the contents of a request are not sealed for any one customer."""
        return self.number

    @property
    def number(self) -> str:
        """The number of the request for people: ``D-12``."""
        return f"D-{self.pk}"

    @property
    def is_waiting(self) -> bool:
        """True while its sender waits for an answer."""
        return self.state in self.WAITING

    @property
    def is_soon(self) -> bool:
        """True from six hours before ``reply_by`` on."""
        return self.reply_by < timezone.now() + timedelta(hours=6)

    @property
    def is_overdue(self) -> bool:
        """True where ``reply_by`` has passed without an answer."""
        return self.is_waiting and self.reply_by < timezone.now()


class DisclosureSubject(Recorded):
    """A customer to whom a line of a request's identifiers was matched."""

    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="subjects")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="disclosure_subjects")

    class Meta(Recorded.Meta):
        verbose_name = _("customer of a disclosure request")
        verbose_name_plural = _("customers of disclosure requests")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["request", "customer"], name="one_subject_of_a_request")]

    def __str__(self) -> str:
        return f"subject {self.pk}"


class DisclosureReceived(AppendOnly):
    """The record that a request was registered, with its deadline."""

    kind = "disclosure_received"

    request = models.OneToOneField(DisclosureRequest, on_delete=models.PROTECT, related_name="received")
    basis = models.CharField(_("basis"), max_length=16, choices=DisclosureRequest.Basis)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="+")
    details = models.ForeignKey(RecipientDetails, on_delete=models.PROTECT, related_name="+")
    came_by = models.CharField(_("came by"), max_length=16, choices=DisclosureRequest.CameBy)
    urgency = models.CharField(_("urgency"), max_length=16, choices=DisclosureRequest.Urgency)
    received_at = models.DateTimeField(_("received"))
    reply_by = models.DateTimeField(_("reply by"))
    asked = models.JSONField(_("fields asked for"))
    document_sha256 = models.CharField(_("SHA-256 of the document"), max_length=64, blank=True, default="")

    class Meta(AppendOnly.Meta):
        verbose_name = _("disclosure request received")
        verbose_name_plural = _("disclosure requests received")


class DisclosureMatch(AppendOnly):
    """The record of matching a request's identifiers to customers; the newest match of a request counts."""

    kind = "disclosure_match"

    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="matches")
    references = models.JSONField(_("customers"))
    meant = models.PositiveSmallIntegerField(_("who is meant, in lines"))
    missed = models.PositiveSmallIntegerField(_("lines that fit nobody"))
    ambiguous = models.PositiveSmallIntegerField(_("lines that fit several customers"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("match of a disclosure request")
        verbose_name_plural = _("matches of disclosure requests")


class AuthenticityCheck(AppendOnly, SealedRow):
    """The record of checking that a request is genuine: what was checked and how, and the call back.

    ``call_number`` was found independently of the request; ``call_found`` says where.
    """

    kind = "authenticity_check"

    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="checks")
    items = models.JSONField(_("checked"))
    sender = SealedField(_("that it comes from this sender"), kind=Kind.REQUEST, null=True)
    signer = SealedField(_("that the signer may ask for it"), kind=Kind.REQUEST, null=True)
    instrument = SealedField(_("that the instrument covers what is asked"), kind=Kind.REQUEST, null=True)
    call_number = SealedField(_("number called"), kind=Kind.PHONE, null=True)
    call_found = SealedField(_("where the number was found"), kind=Kind.REQUEST, null=True)
    call_to = SealedField(_("spoken to"), kind=Kind.NAME, null=True)
    called_at = models.DateTimeField(_("called"), null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("check of a request")
        verbose_name_plural = _("checks of requests")

    def sealed_for(self) -> str:
        """The number of the request it is about."""
        return self.request.number


class DisclosureMove(TransitionRecord, SealedRow):
    """The record of a request's transition: for example it was proposed, approved, released or closed."""

    kind = "disclosure_move"

    subject = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="moves")
    outcome = models.CharField(_("outcome"), max_length=16, blank=True, default="")
    why = models.CharField(_("why"), max_length=20, blank=True, default="")
    words = SealedField(_("in words"), kind=Kind.REQUEST, null=True)

    class Meta(TransitionRecord.Meta):
        verbose_name = _("move of a disclosure request")
        verbose_name_plural = _("moves of disclosure requests")

    def sealed_for(self) -> str:
        """The number of the request it is about."""
        return self.subject.number
