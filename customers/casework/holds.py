"""Addresses under suspicion: suspended, cleared up over another channel, released, or found to be fraud."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting_on_customer, lock_installation
from customers.casework.address_verification import prepare_check
from customers.casework.deadlines import began_before, due, rule
from customers.casework.requests import refuse_inside, tell
from customers.messages import letters
from customers.messages.notices import Letter, send_all
from customers.models import (
    ContactPoint,
    Correction,
    Customer,
    CustomerRequest,
    Hold,
    HoldContact,
    HoldOpened,
    LegalDeadline,
    Notice,
    StaffMember,
)
from customers.models.contact_points import ContactPointMove
from customers.models.corrections import ADDRESSES
from customers.models.requests import Right
from customers.permissions.casework import can_handle
from customers.validation.errors import InvalidInput
from customers.validation.reasons import require_reason
from customers.validation.text import clean_words
from customers.validation.tickets import normal_ticket

Reason, State = Hold.Reason, Hold.State
Way, Result = HoldContact.Way, HoldContact.Result
Channel = ContactPoint.Channel
MINUTE = timedelta(minutes=1)
"""Times are typed to the minute."""


def sharing(point: ContactPoint) -> QuerySet[ContactPoint]:
    """Every address in use that holds the same value, whoever's it is: agencies share theirs."""
    usable = [state for state in ContactPoint.State.values if ContactPoint.allows("suspend", state)]
    return ContactPoint.objects.filter(Q(**point.index), state__in=usable)


def suspend(point: ContactPoint, *, by: StaffMember, reason: str, ticket: str = "", proof: str = "") -> Hold:
    """Suspend an address: what came from it is parked, nothing is done for it by any door; other channels go on.

    Whoever shares it gets a suspension of their own, released by their own word. ``reason`` is a ``Hold.Reason``
    code; ``other`` needs ``proof`` in words. Raises ``InvalidInput`` for an address that is suspended or retired
    already, ``Refused`` (on record) where ``by`` does not work on the customer's requests.
    """
    if reason == Reason.SHARED:
        raise InvalidInput(_("Pick a reason."))
    proof, ticket = clean_words(proof), normal_ticket(ticket)
    require_reason(reason, proof, Reason)
    if not proof and not ticket:
        raise InvalidInput(_("Name the evidence: a ticket, or what you saw, in a few words."))
    while True:
        with suppress(_AnotherShares):
            return _suspend(point, by=by, reason=reason, ticket=ticket, proof=proof)


class _AnotherShares(Exception):
    """Somebody has just put the address on file for a customer who is not held: it is begun anew."""


def _suspend(point: ContactPoint, *, by: StaffMember, reason: str, ticket: str, proof: str) -> Hold:
    """The act of ``suspend``: every customer whose address is suspended is held. Raises ``_AnotherShares``."""
    beside = set(sharing(point).exclude(customer=point.customer_id).values_list("customer_id", flat=True))
    with acting_on_customer(point.customer, "suspend", by=by, other_customers=beside):
        lock_installation()
        in_use = point.customer.contact_points.filter(Q(**point.index)).exclude(state=ContactPoint.State.RETIRED)
        point = in_use.order_by("pk").first() or point  # of two rows with one value, the one in use
        if point.anew().state == ContactPoint.State.SUSPENDED:
            raise InvalidInput(_("This address is suspended already."))
        others = list(sharing(point).exclude(customer=point.customer).select_related("customer").order_by("pk"))
        if not {other.customer_id for other in others} <= beside:
            raise _AnotherShares
        hold = _open(point, by=by, reason=reason, ticket=ticket, proof=proof)
        for other in others:
            _open(other, by=by, reason=Reason.SHARED, ticket=ticket, spread_from=hold)
    return hold


def _open(
    point: ContactPoint, *, by: StaffMember, reason: str, ticket: str, proof: str = "", spread_from: Hold | None = None
) -> Hold:
    customer = point.customer
    point.transition("suspend", customer=customer)
    hold = Hold(
        customer=customer, contact_point=point, reason=reason, ticket=ticket, proof=proof or None, opened_by=by,
        spread_from=spread_from,
    )  # fmt: skip
    hold.save()
    HoldOpened(
        customer=customer, hold=hold, contact_point=point, reason=reason, ticket=ticket, proof=proof or None
    ).save()
    for request in CustomerRequest.objects.filter(from_point=point).order_by("pk"):
        if request.can("park"):
            request.transition("park", customer=customer)
    return hold


def spread_to(points: Iterable[ContactPoint], *, by: StaffMember) -> None:
    """Suspend new rows of addresses that are suspended at another customer, inside an act under way."""
    for point in points:
        column, digest = next(iter(point.index.items()))
        held = Hold.objects.filter(state=State.OPEN, **{f"contact_point__{column}": digest}).order_by("pk").first()
        if held is not None:
            _open(point, by=by, reason=Reason.SHARED, ticket=held.ticket, spread_from=held)


def parked_by(hold: Hold) -> QuerySet[CustomerRequest]:
    """The requests that wait for the end of a suspension."""
    return CustomerRequest.objects.filter(from_point=hold.contact_point_id, state=CustomerRequest.State.PARKED)


def review_by(hold: Hold) -> datetime:
    """When a suspension is so old that the officers look at it."""
    limit = rule(Right.HOLD_REVIEW)
    return due(hold.opened_at, limit.amount, limit.unit)


def too_old(holds: QuerySet[Hold]) -> QuerySet[Hold]:
    """Those suspensions that are older than their deadline, the oldest first; none while no deadline is on file."""
    limit = LegalDeadline.objects.filter(right=Right.HOLD_REVIEW).order_by("-pk").first()
    if limit is None:
        return holds.none()
    opened_before = began_before(timezone.now(), limit.amount, limit.unit)
    return holds.filter(state=State.OPEN, opened_at__lt=opened_before).order_by("opened_at", "pk")


# --- how the customer was reached ------------------------------------------------------------------------------------


def ways_for(hold: Hold) -> list[ContactPoint]:
    """The addresses over which the customer of a suspension may be reached.

    Of the other channel, in use, not suspended, and on file since before the suspicion: one that came later may be
    the thief's. What a correction brought is not in use before its owner has confirmed it and it has taken over.
    """
    others = hold.customer.contact_points.filter(state=ContactPoint.State.ACTIVE, added_at__lt=hold.opened_at)
    return list(others.exclude(channel=hold.contact_point.channel).order_by("pk"))


def needs_second(hold: Hold) -> bool:
    """True where a parked request, or a correction that hangs on one, touches what opens the account.

    Then another person releases than the one who suspended.
    """
    parked = list(parked_by(hold))
    hanging = Correction.objects.filter(request__in=parked, datum__in=sorted(ADDRESSES), state__in=Correction.WAITING)
    return any(request.opens_an_account for request in parked) or hanging.exists()


def close_after_contact(
    hold: Hold,
    *,
    by: StaffMember,
    way: str,
    result: str,
    spoken_at: datetime | None = None,
    over: ContactPoint | None = None,
    who: str = "",
) -> list[Letter]:
    """Put on record how the customer was reached and do what follows.

    Confirmed: the address is released, parked requests go on, approved corrections that waited take over. Denied: it
    was fraud; parked requests are refused, the address is retired, the officers see it. Not reached: nothing but the
    record. Returns the letters that were sent. Raises ``InvalidInput`` where the contact makes no sense or the
    suspension is over; ``Refused`` (on record) without the right, or where a second person has to release.
    """
    who = clean_words(who)
    if way not in Way.values or result not in Result.values:
        raise InvalidInput(_("Say how the customer was reached, and with which result."))
    if not who and result != Result.NOT_REACHED:
        raise InvalidInput(_("Say who was spoken to."))
    spoken_at = spoken_at or timezone.now()
    with acting_on_customer(hold.customer, "close_hold", by=by, may=can_handle):
        now: Hold = hold.anew()
        if now.state != State.OPEN:
            sentence = _("Nothing was done: meanwhile this is “%(state)s”. Look at it again.")
            raise InvalidInput(sentence % {"state": now.get_state_display()})
        _require_other_channel(now, way, over, spoken_at)
        if result == Result.CONFIRMED and needs_second(now) and now.opened_by_id == by.pk:
            sentence = _(
                "A parked request touches e-mail, phone or password: somebody else has to release the address."
            )
            raise Refuse("second_person", sentence)
        contact = HoldContact(
            customer=now.customer, hold=now, way=way, over=over, spoken_at=spoken_at, result=result, who=who or None
        )
        contact.save()
        waiting: list[Letter | None] = []
        if result == Result.CONFIRMED:
            waiting = _release(now, contact, by=by)
        elif result == Result.DENIED:
            waiting = _condemn(now, contact, by=by)
    return send_all([letter for letter in waiting if letter], by=by)


def _require_other_channel(hold: Hold, way: str, over: ContactPoint | None, spoken_at: datetime) -> None:
    if not hold.opened_at - MINUTE <= spoken_at <= timezone.now() + MINUTE:
        raise InvalidInput(_("The customer is asked after the address was suspended, and at a time that has been."))
    if way == Way.IN_PERSON:
        if over is not None:
            raise InvalidInput(_("In person is over no address or number."))
        return
    if way == hold.contact_point.channel:
        raise InvalidInput(_("The suspended address cannot vouch for itself: reach the customer another way."))
    if over is None or over.pk not in {point.pk for point in ways_for(hold)}:
        raise InvalidInput(_("Say over which address or number: one in use, on file since before the suspension."))


def _release(hold: Hold, contact: HoldContact, *, by: StaffMember) -> list[Letter | None]:
    customer, second = hold.customer, needs_second(hold)
    hold.transition("release", customer=customer, contact=contact, update={"closed_by": by, "needs_second": second})
    before = ContactPointMove.objects.filter(subject=hold.contact_point, how="suspend").order_by("-pk").first()
    parked = list(parked_by(hold).order_by("pk"))
    hold.contact_point.transition("release", to=before.from_state if before else "", customer=customer)
    for request in parked:
        was = request.moves.filter(how="park").order_by("-pk").first()
        request.transition("unpark", to=was.from_state if was else CustomerRequest.State.OPEN, customer=customer)
    _retire_what_is_over(hold.contact_point, customer)
    approved = Correction.objects.filter(request__in=parked, state=Correction.State.APPROVED, new_point__isnull=False)
    return [_ask_again(correction.new_point) for correction in approved.select_related("new_point__customer")]


def _retire_what_is_over(point: ContactPoint, customer: Customer) -> None:
    """While it was suspended, another address took its place, or the correction it was to serve was refused."""
    replaced = Correction.objects.filter(old_point=point, state=Correction.State.DONE).exists()
    brought = Correction.objects.filter(new_point=point)
    dropped = brought.exists() and not brought.filter(state__in=(*Correction.WAITING, Correction.State.DONE)).exists()
    if (replaced or dropped) and ContactPoint.allows("retire", point.anew().state):
        point.transition("retire", customer=customer)


def _ask_again(point: ContactPoint | None) -> Letter | None:
    """A new code for an address that waited while its request was parked; None where it cannot be asked."""
    try:
        return prepare_check(point) if point is not None else None
    except InvalidInput:
        return None


def _condemn(hold: Hold, contact: HoldContact, *, by: StaffMember) -> list[Letter | None]:
    customer, why = hold.customer, CustomerRequest.WhyRefused.SUSPECTED_FRAUD
    hold.transition("condemn", customer=customer, contact=contact, update={"closed_by": by})
    parked = list(parked_by(hold).order_by("pk"))
    hold.contact_point.transition("condemn", customer=customer)
    for request in parked:
        refuse_inside(request, why=why)
    return [tell(request, Notice.What.REFUSED, letters.refused(customer, request, why)) for request in parked]
