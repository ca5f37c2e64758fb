"""What customers say about being contacted: opt out, withdraw, grant; each is an event on record that holds at once.

A no holds until the customer says yes again on newer evidence. Events belong to the customer, not to an address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.choices import letters
from consent.gate.purposes import channel_of, purposes
from consent.models import Channel, ConsentEvent, Purpose
from consent.models.acts import ConsentAct
from consent.permissions import can_record_consent
from consent.policies.versions import in_force
from customers.acts.acting import acting_on_customer
from customers.casework.addresses import written_to
from customers.casework.requests import lock_workable_request
from customers.messages.notices import Letter, prepare, send
from customers.models import ContactPoint, Customer, CustomerRequest, Notice, StaffMember
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_words
from customers.validation.tickets import normal_ticket

What, Through = ConsentEvent.What, ConsentEvent.Through
NOT_AT_THE_DESK = (Through.IMPORT, Through.WEB)
NO_RIGHT = gettext_lazy("You do not put on record what this customer says. The refusal is on record.")


@dataclass(frozen=True)
class OptOut:
    """The outcome of an opt-out: the events in force, whether they are new, and the confirmation to the customer.

    ``letter`` is None where nothing was new, no confirmation was wanted, or there is no address to send it to.
    """

    events: list[ConsentEvent]
    is_new: bool
    letter: Letter | None = None


class _Settled(Exception):
    """The customer has opted out of all of it before: there is nothing to record."""


@dataclass(frozen=True)
class Evidence:
    """How the customer said something: through what, in which ticket, when (None: now), words, and request."""

    through: str
    evidence: str = ""
    asked_at: datetime | None = None
    words: str = ""
    request: CustomerRequest | None = None


def news() -> list[Purpose]:
    """The purposes that an opt-out stops."""
    return [purpose for purpose in purposes() if purpose.stopped_by_opt_out]


def standing(customer: Customer, purpose: Purpose, channel: str) -> ConsentEvent | None:
    """The newest event of a customer about a purpose, for this channel or for every channel; None if there is none."""
    events = ConsentEvent.objects.filter(customer=customer, purpose=purpose, channel__in=["", channel])
    return events.order_by("-pk").first()  # type: ignore[no-any-return]


def said_no(customer: Customer, purpose: Purpose, channel: str = "") -> bool:
    """True where the customer's newest word for a channel is no; without a channel, where it is no for each channel."""
    ways = [channel] if channel else Channel.values
    last = [standing(customer, purpose, way) for way in ways]
    return all(event is not None and event.what in ConsentEvent.NO for event in last)


# --- no -------------------------------------------------------------------------------------------------------------


def opt_out(
    customer: Customer,
    purposes: Iterable[Purpose],
    *,
    by: StaffMember,
    evidence: Evidence,
    channel: str = "",
    may: Callable[[StaffMember, Customer], bool] = can_record_consent,
    confirm: bool = True,
) -> OptOut:
    """Opt the customer out of purposes, for one channel or (empty) for every channel; confirmed by letter.

    Repeating an opt-out adds nothing and returns the events in force with ``is_new=False``; of several at the same
    time, one is recorded. A suspended address does not stop an opt-out. Raises ``InvalidInput`` for a purpose that no
    opt-out stops and for evidence that is not allowed; ``Refused`` (on record) where ``by`` may not record this
    customer's word.
    """
    chosen = {purpose.pk: purpose for purpose in purposes}
    if not chosen or not all(purpose.stopped_by_opt_out for purpose in chosen.values()):
        raise InvalidInput(_("Choose what the customer opts out of; what the contract needs is sent all the same."))
    columns = _columns(evidence)
    way = channel_of(channel) if channel else ""
    events: list[ConsentEvent] = []
    letter = None
    try:
        with acting_on_customer(customer, ConsentAct.OBJECT_TO, by=by, may=may, sentence=NO_RIGHT):
            remaining = [purpose for purpose in chosen.values() if not said_no(customer, purpose, way)]
            if not remaining:
                raise _Settled
            events = [_put(customer, purpose, way, What.OBJECTED, columns) for purpose in remaining]
            if confirm:
                letter = _confirmation(customer, list(chosen.values()), way, events[0].at)
    except _Settled:
        earlier = [standing(customer, purpose, way or Channel.EMAIL) for purpose in chosen.values()]
        return OptOut([event for event in earlier if event is not None], is_new=False)
    return OptOut(events, is_new=True, letter=send(letter, by=by) if letter is not None else None)


def _confirmation(customer: Customer, stopped: list[Purpose], way: str, at: datetime) -> Letter | None:
    point = written_to(customer)
    if point is None:
        return None
    ways = [Channel(way)] if way else list(Channel)
    still = [purpose for purpose in purposes() if not purpose.stopped_by_opt_out]
    words = letters.opted_out(customer, at, stopped, still, ways)
    return prepare(point, Notice.What.OPTED_OUT, words)


def withdraw(
    customer: Customer, purpose: Purpose, *, by: StaffMember, evidence: Evidence, channel: str = ""
) -> ConsentEvent:
    """Withdraw a consent. Raises ``InvalidInput`` where there is none on record; otherwise the same as ``opt_out``."""
    columns = _columns(evidence)
    way = channel_of(channel) if channel else ""
    with acting_on_customer(customer, ConsentAct.WITHDRAW_CONSENT, by=by, may=can_record_consent, sentence=NO_RIGHT):
        ways = [way] if way else Channel.values
        last = [standing(customer, purpose, way_of_contact) for way_of_contact in ways]
        if not any(event is not None and event.what == What.GRANTED for event in last):
            raise InvalidInput(_("There is no consent on record to take back; an opt-out says no all the same."))
        return _put(customer, purpose, way, What.WITHDRAWN, columns)


# --- yes ------------------------------------------------------------------------------------------------------------


def grant(customer: Customer, purpose: Purpose, channel: str, *, by: StaffMember, evidence: Evidence) -> ConsentEvent:
    """Record a consent to one purpose for one channel, on evidence that is newer than any no.

    Raises ``InvalidInput`` for evidence that is missing, old or used before, from a parked request, or while an address
    of the kind it came from is suspended; ``Refused`` (on record) where ``by`` may not record this customer's word.
    """
    columns = _columns(evidence)
    way = channel_of(channel)
    if evidence.through in NOT_AT_THE_DESK or not columns["evidence"]:
        raise InvalidInput(_("Type the number of the ticket under which the customer’s consent is kept."))
    if way not in purpose.channels:
        raise InvalidInput(_("This purpose does not use that channel."))
    if purpose.basis == Purpose.Basis.CONTRACT:
        raise InvalidInput(_("The contract is the ground for this; it needs no consent."))
    with acting_on_customer(customer, ConsentAct.GRANT_CONSENT, by=by, may=can_record_consent, sentence=NO_RIGHT):
        if customer.status == Customer.Status.ENDED:
            raise InvalidInput(_("This customer’s contract has ended; there is nothing to consent to."))
        _require_unsuspected(customer, evidence, by=by)
        _require_newer(customer, purpose, way, columns)
        return _put(customer, purpose, way, What.GRANTED, columns)


def _require_unsuspected(customer: Customer, evidence: Evidence, *, by: StaffMember) -> None:
    """A consent that came from a suspended mailbox or number may be somebody else's: refuse it."""
    if evidence.request is not None:
        lock_workable_request(evidence.request, by=by)
    kind = {Through.EMAIL: ContactPoint.Channel.EMAIL, Through.PHONE: ContactPoint.Channel.PHONE}.get(
        Through(evidence.through)
    )
    suspended = customer.contact_points.filter(channel=kind, state=ContactPoint.State.SUSPENDED)
    if kind is not None and suspended.exists():
        raise InvalidInput(_("An address of the kind this came from is suspended. Clear that up first."))


def _require_newer(customer: Customer, purpose: Purpose, way: Channel, columns: dict[str, Any]) -> None:
    """A yes after a no needs evidence that is later than the no and was not used before."""
    events = ConsentEvent.objects.filter(customer=customer, purpose=purpose, channel__in=["", way])
    noes = events.filter(what__in=ConsentEvent.NO).aggregate(latest=Max(Coalesce("asked_at", "at")))
    if noes["latest"] is None:
        return
    if columns["asked_at"] <= noes["latest"]:
        raise InvalidInput(_("The customer said no after that. Only newer evidence opens this again."))
    if events.filter(evidence=columns["evidence"]).exists():
        raise InvalidInput(_("This evidence was used before the customer said no. Ask for new evidence."))


# --- both -----------------------------------------------------------------------------------------------------------


def _columns(evidence: Evidence) -> dict[str, Any]:
    """The event's columns for the evidence. Raises ``InvalidInput`` for evidence that is not allowed."""
    asked_at = evidence.asked_at or timezone.now()
    if evidence.through not in Through.values:
        raise InvalidInput(_("Choose how the customer said it."))
    if asked_at > timezone.now():
        raise InvalidInput(_("That time has not come yet."))
    return {
        "through": evidence.through,
        "evidence": normal_ticket(evidence.evidence),
        "asked_at": asked_at,
        "words": clean_words(evidence.words) or None,
        "request": evidence.request,
    }


def _put(customer: Customer, purpose: Purpose, channel: str, event_kind: str, columns: dict[str, Any]) -> ConsentEvent:
    request = columns["request"]
    if request is not None and request.customer_id != customer.pk:
        raise InvalidInput(_("This is no request of this customer."))
    policy = in_force(columns["asked_at"])
    event = ConsentEvent(
        customer=customer, purpose=purpose, channel=channel, what=event_kind, policy_version=policy,
        policy_sha256=policy.sha256_vi if policy else "", **columns,
    )  # fmt: skip
    event.save()
    return event
