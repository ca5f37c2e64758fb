"""Holds on addresses: suspend one, contact the customer over another channel, then release it or record it as fraud."""

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
from customers.models.acts import Act, RefusalReason
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
"""Tolerance for times, which staff type to the minute."""


def sharing(point: ContactPoint) -> QuerySet[ContactPoint]:
    """Every address in use with the same value, of any customer: an agency and its clients may share one."""
    usable = [state for state in ContactPoint.State.values if ContactPoint.allows("suspend", state)]
    return ContactPoint.objects.filter(Q(**point.index), state__in=usable)


def suspend(point: ContactPoint, *, by: StaffMember, reason: str, ticket: str = "", proof: str = "") -> Hold:
    """Suspend an address: requests that came from it are parked and no act serves it; other addresses stay in use.

    Each other customer who shares the address gets a hold of their own, released on their own confirmation. ``reason``
    is a ``Hold.Reason`` code; ``other`` needs ``proof`` as text, and every reason needs a ticket or ``proof``. Raises
    ``InvalidInput`` for an address that is suspended or retired already, ``Refused`` (on record) where ``by`` does not
    work on the customer's requests.
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
    """The address was just added to a customer whose row is not locked: the act is rolled back and begun again."""


def _suspend(point: ContactPoint, *, by: StaffMember, reason: str, ticket: str, proof: str) -> Hold:
    """The act of ``suspend``, with every customer who shares the address locked. Raises ``_AnotherShares``."""
    other_customers = set(sharing(point).exclude(customer=point.customer_id).values_list("customer_id", flat=True))
    with acting_on_customer(point.customer, Act.SUSPEND, by=by, other_customers=other_customers):
        lock_installation()
        in_use = point.customer.contact_points.filter(Q(**point.index)).exclude(state=ContactPoint.State.RETIRED)
        point = in_use.order_by("pk").first() or point  # of two rows with the same value, the one in use
        if point.anew().state == ContactPoint.State.SUSPENDED:
            raise InvalidInput(_("This address is suspended already."))
        others = list(sharing(point).exclude(customer=point.customer).select_related("customer").order_by("pk"))
        if not {other.customer_id for other in others} <= other_customers:
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
    """Suspend those of the new addresses that are suspended at another customer, inside an act under way."""
    for point in points:
        column, digest = next(iter(point.index.items()))
        hold = Hold.objects.filter(state=State.OPEN, **{f"contact_point__{column}": digest}).order_by("pk").first()
        if hold is not None:
            _open(point, by=by, reason=Reason.SHARED, ticket=hold.ticket, spread_from=hold)


def parked_by(hold: Hold) -> QuerySet[CustomerRequest]:
    """The requests that stay parked until a hold is closed."""
    return CustomerRequest.objects.filter(from_point=hold.contact_point_id, state=CustomerRequest.State.PARKED)


def review_by(hold: Hold) -> datetime:
    """When a hold becomes so old that the officers review it. Raises ``InvalidInput`` without a deadline on file."""
    limit = rule(Right.HOLD_REVIEW)
    return due(hold.opened_at, limit.amount, limit.unit)


def too_old(holds: QuerySet[Hold]) -> QuerySet[Hold]:
    """The open holds older than their review deadline, oldest first; none while no deadline is on file."""
    limit = LegalDeadline.objects.filter(right=Right.HOLD_REVIEW).order_by("-pk").first()
    if limit is None:
        return holds.none()
    opened_before = began_before(timezone.now(), limit.amount, limit.unit)
    return holds.filter(state=State.OPEN, opened_at__lt=opened_before).order_by("opened_at", "pk")


# --- how the customer was reached ------------------------------------------------------------------------------------


def ways_for(hold: Hold) -> list[ContactPoint]:
    """The addresses over which the customer of a hold may be contacted about it.

    They are active, of the other channel, and on file since before the hold was opened: a later one may be the
    thief's. The new address of a correction is not active until its owner has confirmed it.
    """
    others = hold.customer.contact_points.filter(state=ContactPoint.State.ACTIVE, added_at__lt=hold.opened_at)
    return list(others.exclude(channel=hold.contact_point.channel).order_by("pk"))


def needs_second(hold: Hold) -> bool:
    """True where a parked request, or a waiting correction that belongs to one, concerns what opens the account.

    That is e-mail, phone or password. Then the person who suspended the address may not release it.
    """
    parked = list(parked_by(hold))
    corrections = Correction.objects.filter(
        request__in=parked, datum__in=sorted(ADDRESSES), state__in=Correction.WAITING
    )
    return any(request.opens_an_account for request in parked) or corrections.exists()


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
    """Record how the customer was contacted, and close the hold by the result.

    Confirmed: the address is released, parked requests are reopened, and the new addresses of their approved
    corrections are asked for confirmation. Denied: it was fraud; parked requests are refused and the address is
    retired. Not reached: nothing but the record. Returns the letters that were sent. Raises ``InvalidInput`` where the
    contact is invalid or the hold is closed; ``Refused`` (on record) without the right, or where a second person has to
    release.
    """
    who = clean_words(who)
    if way not in Way.values or result not in Result.values:
        raise InvalidInput(_("Say how the customer was reached, and with which result."))
    if not who and result != Result.NOT_REACHED:
        raise InvalidInput(_("Say who was spoken to."))
    spoken_at = spoken_at or timezone.now()
    with acting_on_customer(hold.customer, Act.CLOSE_HOLD, by=by, may=can_handle):
        current: Hold = hold.anew()
        if current.state != State.OPEN:
            sentence = _("Nothing was done: meanwhile this is “%(state)s”. Look at it again.")
            raise InvalidInput(sentence % {"state": current.get_state_display()})
        _require_other_channel(current, way, over, spoken_at)
        if result == Result.CONFIRMED and needs_second(current) and current.opened_by_id == by.pk:
            sentence = _(
                "A parked request touches e-mail, phone or password: somebody else has to release the address."
            )
            raise Refuse(RefusalReason.SECOND_PERSON, sentence)
        contact = HoldContact(
            customer=current.customer,
            hold=current,
            way=way,
            over=over,
            spoken_at=spoken_at,
            result=result,
            who=who or None,
        )
        contact.save()
        letters_to_send: list[Letter | None] = []
        if result == Result.CONFIRMED:
            letters_to_send = _release(current, contact, by=by)
        elif result == Result.DENIED:
            letters_to_send = _condemn(current, contact, by=by)
    return send_all([letter for letter in letters_to_send if letter], by=by)


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
    suspension = ContactPointMove.objects.filter(subject=hold.contact_point, how="suspend").order_by("-pk").first()
    parked = list(parked_by(hold).order_by("pk"))
    hold.contact_point.transition("release", to=suspension.from_state if suspension else "", customer=customer)
    for request in parked:
        parking = request.moves.filter(how="park").order_by("-pk").first()
        request.transition(
            "unpark", to=parking.from_state if parking else CustomerRequest.State.OPEN, customer=customer
        )
    _retire_what_is_over(hold.contact_point, customer)
    approved = Correction.objects.filter(request__in=parked, state=Correction.State.APPROVED, new_point__isnull=False)
    return [_ask_again(correction.new_point) for correction in approved.select_related("new_point__customer")]


def _retire_what_is_over(point: ContactPoint, customer: Customer) -> None:
    """Retire a released address that was replaced meanwhile, or whose correction was refused or withdrawn."""
    replaced = Correction.objects.filter(old_point=point, state=Correction.State.DONE).exists()
    corrections = Correction.objects.filter(new_point=point)
    dropped = (
        corrections.exists() and not corrections.filter(state__in=(*Correction.WAITING, Correction.State.DONE)).exists()
    )
    if (replaced or dropped) and ContactPoint.allows("retire", point.anew().state):
        point.transition("retire", customer=customer)


def _ask_again(point: ContactPoint | None) -> Letter | None:
    """Prepare a new check of an address whose request was parked; None where it cannot be confirmed now."""
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
