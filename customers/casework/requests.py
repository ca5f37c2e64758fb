"""Requests of customers: register, take on, hand to an officer, complete, refuse or withdraw one; and their clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting_on_customer
from customers.casework.addresses import condemned, held_anywhere, index_of, written_to
from customers.casework.deadlines import due, rule
from customers.messages import letters
from customers.messages.delivery import Words
from customers.messages.notices import Letter, prepare, send
from customers.models import (
    ContactPoint,
    Correction,
    Customer,
    CustomerRequest,
    LegalDeadline,
    Notice,
    RequestClock,
    RequestMove,
    RequestReceived,
    StaffMember,
)
from customers.models.acts import Act, RefusalReason
from customers.models.requests import About, Right
from customers.permissions.casework import can_decide_escalated, can_handle, can_work_on
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_text, clean_words
from customers.validation.tickets import normal_ticket

Kind, CameBy, State = CustomerRequest.Kind, CustomerRequest.CameBy, CustomerRequest.State
SENT_TWICE = timedelta(minutes=2)
"""The same request within this time is a form sent twice."""
OLDEST = timedelta(days=90)
"""How long before its registration a request may have come in."""


def register(
    customer: Customer,
    kind: str,
    *,
    by: StaffMember,
    came_by: str,
    text: str,
    about: list[str] | None = None,
    from_point: ContactPoint | None = None,
    from_text: str = "",
    ticket: str = "",
    received_at: datetime | None = None,
    third_party: bool = False,
) -> CustomerRequest:
    """Register a request; its clocks run from ``received_at`` (default: now). One from a suspended address is parked.

    ``from_point`` is the address it came from. One that is not on file is given as ``from_text``, compared and not
    stored; a request from an address that served a fraud is handed to the officers. Raises ``InvalidInput`` for invalid
    values, ``Refused`` (on record) where ``by`` does not work on the
    customer's requests.
    """
    about = sorted(set(about or []))
    text, ticket = clean_text(text), normal_ticket(ticket)
    if kind not in Kind.values or came_by not in CameBy.values or not set(about) <= set(About.values):
        raise InvalidInput(_("Choose what is asked for and how it came in."))
    if kind == Kind.CORRECTION and not about:
        raise InvalidInput(_("Say which data are to be corrected."))
    received_at = received_at or timezone.now()
    if not timezone.now() - OLDEST <= received_at <= timezone.now() + timedelta(minutes=5):
        raise InvalidInput(_("A request came in at a time that has been, at most 90 days ago."))
    with acting_on_customer(customer, Act.REGISTER_REQUEST, by=by):
        from_fraud = _is_strange(came_by, from_point, from_text)
        from_point = _origin(customer, came_by, from_point, from_text)
        _require_new(customer, kind, text, from_point, by=by)
        acknowledge, complete = rule(Right.ACKNOWLEDGE), rule(kind)
        amount = complete.third_party if third_party and complete.third_party else complete.amount
        request = CustomerRequest(
            customer=customer, request_kind=kind, about=about, came_by=came_by, from_point=from_point, ticket=ticket,
            text=text, third_party=third_party, received_at=received_at, worker=by,
            acknowledge_rule=acknowledge, acknowledge_by=due(received_at, acknowledge.amount, acknowledge.unit),
            complete_rule=complete, complete_by=due(received_at, amount, complete.unit),
        )  # fmt: skip
        request.save()
        RequestReceived(
            customer=customer, request=request, request_kind=kind, about=about, came_by=came_by, from_point=from_point,
            ticket=ticket, received_at=received_at, acknowledge_by=request.acknowledge_by,
            complete_by=request.complete_by,
        ).save()  # fmt: skip
        if from_point is not None:
            _keep_back(request, from_point)
        elif from_fraud:
            request.transition("hand_over", customer=customer)
    return request


def _is_strange(came_by: str, point: ContactPoint | None, typed: str) -> bool:
    """True where the typed address has served a fraud, whichever customer it belongs to."""
    return point is None and bool(typed.strip()) and condemned(_index_typed(came_by, typed))


def _index_typed(came_by: str, typed: str) -> dict[str, str]:
    by_address = came_by in (CameBy.EMAIL, CameBy.PHONE)
    return index_of(came_by if by_address else "email" if "@" in typed else "phone", typed)


def _require_new(customer: Customer, kind: str, text: str, point: ContactPoint | None, *, by: StaffMember) -> None:
    """Raise ``InvalidInput`` where the same request was just registered: a form was sent twice."""
    since = timezone.now() - SENT_TWICE
    just_now = RequestReceived.objects.filter(
        customer=customer, request_kind=kind, from_point=point, by=by, at__gte=since
    )
    for received in just_now.select_related("request").order_by("-pk")[:3]:
        received.request.customer = customer
        if received.request.text == text:
            raise InvalidInput(
                _("%(number)s says the same and is on file already.") % {"number": received.request.number}
            )


def _keep_back(request: CustomerRequest, point: ContactPoint) -> None:
    """Park a request from a suspended address; hand one from an address that served a fraud to the officers."""
    if point.anew().state == ContactPoint.State.SUSPENDED:
        request.transition("park", customer=request.customer)
    elif condemned(point.index):
        request.transition("hand_over", customer=request.customer)


def _origin(customer: Customer, came_by: str, point: ContactPoint | None, typed: str) -> ContactPoint | None:
    """The address a request came from; None where it has none, or one that is not on file.

    The value is checked whether it was chosen or typed: a suspended address cannot be passed off as another row with
    the same value or as an unknown one. Raises ``InvalidInput`` for an address suspended at another customer.
    """
    by_address = came_by in (CameBy.EMAIL, CameBy.PHONE)
    if point is None and not typed.strip():
        if by_address:
            raise InvalidInput(_("Say from which address or number it came."))
        return None
    if point is not None:
        if point.customer_id != customer.pk or (by_address and point.channel != came_by):
            raise InvalidInput(_("How it came in and the address it came from do not go together."))
        index = point.index
    else:
        index = _index_typed(came_by, typed)
    own = customer.contact_points.filter(**index)
    suspended = own.filter(state=ContactPoint.State.SUSPENDED).first()
    if suspended is None and held_anywhere(index):
        raise InvalidInput(_("This address is suspended at another customer; nothing is done for it."))
    return suspended or point or own.order_by("state_since").last()


def lock_workable_request(request: CustomerRequest, *, by: StaffMember) -> CustomerRequest:
    """The request as it is stored now, for an act that works on it.

    Call it inside ``acting_on_customer``, whose lock keeps the state from changing. Raises ``InvalidInput`` for a
    request that is parked or finished; ``Refuse`` where it is with an officer and ``by`` is none, or with the team and
    ``by`` does not work on it.
    """
    current = request.anew()
    if current.state == State.PARKED:
        raise InvalidInput(_("This request is parked: it came from a suspended address. Clear that up first."))
    if not current.is_unfinished:
        sentence = _("Nothing was done: meanwhile this is “%(state)s”. Look at it again.")
        raise InvalidInput(sentence % {"state": current.get_state_display()})
    if current.state == State.WITH_OFFICER and not can_decide_escalated(by, request.customer):
        raise Refuse(RefusalReason.NO_RIGHT, _("This request is with an officer. The refusal is on record."))
    if current.state == State.OPEN and not can_work_on(by, request.customer):
        raise Refuse(
            RefusalReason.NO_RIGHT,
            _("The team works on this request; it was not handed over. The refusal is on record."),
        )
    return current  # type: ignore[no-any-return]


def take_on(request: CustomerRequest, *, by: StaffMember) -> CustomerRequest:
    """Make ``by`` the one who works on a request.

    Raises ``InvalidInput`` where it is finished, ``by`` works on it already, or somebody else has just taken it on;
    ``Refused`` (on record) without the right.
    """
    with acting_on_customer(request.customer, Act.TAKE_ON, by=by, may=can_handle):
        current = request.anew()
        if not current.is_unfinished:
            raise InvalidInput(_("This request is finished."))
        if not (can_decide_escalated if current.state == State.WITH_OFFICER else can_work_on)(by, current.customer):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("Whoever works on it now is of another desk. The refusal is on record.")
            )
        if current.worker_id == by.pk:
            raise InvalidInput(_("You work on it already."))
        if current.worker_id != request.worker_id:
            raise InvalidInput(_("Somebody else has just taken it."))
        current.worker = by
        current.save(update_fields=["worker"])
        clock(current, RequestClock.What.TAKEN, worker=by)
    return current  # type: ignore[no-any-return]


def clock(request: CustomerRequest, what: str, *, why: str = "", worker: StaffMember | None = None) -> None:
    """Record what happened to a request's clock or worker, inside an act under way."""
    RequestClock(
        customer=request.customer, request=request, what=what, why=why, complete_by=request.complete_by, worker=worker
    ).save()


def hand_over(request: CustomerRequest, *, by: StaffMember, words: str) -> RequestMove:
    """Hand a request to the officers; ``words`` say why. Raises as ``withdraw``."""
    return _transition(request, "hand_over", by=by, words=words)


def hand_back(request: CustomerRequest, *, by: StaffMember, words: str) -> RequestMove:
    """Hand a request back to the team, as an officer; ``words`` say why. Raises as ``withdraw``."""
    return _transition(request, "hand_back", by=by, words=words)


def withdraw(request: CustomerRequest, *, by: StaffMember, words: str) -> RequestMove:
    """Withdraw a request because its customer takes it back; ``words`` say how.

    Not while it is parked: its sender may not be the customer. Raises ``InvalidInput`` without words, or where the
    request is parked or finished; ``Refused`` (on record) without the right.
    """
    return _transition(request, "withdraw", by=by, words=words)


def _transition(request: CustomerRequest, how: str, *, by: StaffMember, words: str) -> RequestMove:
    """Make a transition that needs words; a withdrawal also closes what belongs to the request."""
    words = _require_words(words)
    with acting_on_customer(request.customer, Act(f"request_{how}"), by=by, may=can_handle):
        current = lock_workable_request(request, by=by)
        over = how == "withdraw"
        record: RequestMove = current.transition(
            how, customer=current.customer, words=words, update={"paused_at": None} if over else None
        )
        if over:
            _close_what_hangs_on(current)
    return record


def _require_words(words: str) -> str:
    words = clean_words(words)
    if not words:
        raise InvalidInput(_("Say in a few words why, or how."))
    return words


def complete(request: CustomerRequest, *, by: StaffMember, words: str) -> Letter | None:
    """Complete a request and inform the customer. Returns the letter, sent; None without an address to write to.

    Access, deletion, restriction and objection are completed by an officer, who says how. Raises ``InvalidInput`` while
    one of its corrections waits, for a request that is parked or finished, or without words; ``Refused`` (on record)
    without the right.
    """
    words = _require_words(words)
    with acting_on_customer(request.customer, Act.REQUEST_COMPLETE, by=by, may=can_handle):
        current = lock_workable_request(request, by=by)
        if current.for_officer and not can_decide_escalated(by, current.customer):
            raise Refuse(RefusalReason.OFFICERS_WORD, _("An officer says that this is done, and how: hand it over."))
        if current.corrections.filter(state__in=Correction.WAITING).exists():
            raise InvalidInput(_("A correction of this request waits still; it is completed when that is done."))
        current.transition("complete", customer=current.customer, words=words, update=_acknowledged(current))
        _close_what_hangs_on(current)
        letter = tell(current, Notice.What.COMPLETED, letters.completed(current.customer, current))
    return send(letter, by=by) if letter else None


def refuse_request(request: CustomerRequest, *, by: StaffMember, why: str, words: str = "") -> Letter | None:
    """Refuse a request for a coded reason. Returns the letter, sent; None without an address to write to.

    Its waiting corrections are refused too. Raises ``InvalidInput`` for an unknown reason, ``other`` without words, or
    a request that is parked or finished; suspected fraud is refused by closing a hold only. Raises ``Refused`` (on
    record) without the right.
    """
    words = clean_words(words)
    if why not in CustomerRequest.WhyRefused.values or why == CustomerRequest.WhyRefused.SUSPECTED_FRAUD:
        raise InvalidInput(_("Pick a reason."))
    if why == CustomerRequest.WhyRefused.OTHER and not words:
        raise InvalidInput(_("Say the reason in words."))
    with acting_on_customer(request.customer, Act.REQUEST_REFUSE, by=by, may=can_handle):
        current = lock_workable_request(request, by=by)
        if current.for_officer and not can_decide_escalated(by, current.customer):
            raise Refuse(RefusalReason.OFFICERS_WORD, _("An officer refuses this: hand it over."))
        refuse_inside(current, why=why, words=words)
        letter = tell(current, Notice.What.REFUSED, letters.refused(current.customer, current, why))
    return send(letter, by=by) if letter else None


def refuse_inside(request: CustomerRequest, *, why: str, words: str = "") -> None:
    """Refuse a request inside an act under way, without the right's check and without the letter."""
    request.transition("refuse", customer=request.customer, why=why, words=words or None, update=_acknowledged(request))
    _close_what_hangs_on(request, why=why)


def _acknowledged(request: CustomerRequest) -> dict[str, Any]:
    """The columns to update when a request is answered: the answer acknowledges it too, and a pause ends."""
    return {"acknowledged_at": request.acknowledged_at or timezone.now(), "paused_at": None}


def _close_what_hangs_on(request: CustomerRequest, *, why: str = "") -> None:
    """Refuse (with ``why``) or withdraw the request's waiting corrections, and close its open information request."""
    for correction in request.corrections.filter(state__in=Correction.WAITING):
        name = "refuse" if why else "withdraw"
        fraud = why == CustomerRequest.WhyRefused.SUSPECTED_FRAUD
        reason = Correction.WhyRefused.SUSPECTED_FRAUD if fraud else Correction.WhyRefused.OTHER
        drop(correction, name, why=reason if why else "")
    for information_request in request.information_requests.filter(state="open"):
        information_request.transition("close", customer=request.customer)


def drop(correction: Correction, how: str, *, why: str = "") -> None:
    """Refuse or withdraw a correction, inside an act under way; the new address that waited for it is retired."""
    correction.transition(how, customer=correction.customer, datum=correction.datum, why=why)
    point = correction.new_point
    if point is not None and ContactPoint.allows("retire", point.anew().state):
        point.transition("retire", customer=correction.customer)


def tell(request: CustomerRequest, what: str, words: Words) -> Letter | None:
    """Prepare a letter about a request, inside an act; None where no address may be written to."""
    point = written_to(request.customer)
    return prepare(point, what, words, request=request) if point else None


# --- clocks --------------------------------------------------------------------------------------------------------


def acknowledge(request: CustomerRequest, *, by: StaffMember) -> Letter | None:
    """Acknowledge a request: inform the customer by when it is answered; the clock of acknowledgement stops.

    Returns the letter, sent; None without an address to write to. Raises ``InvalidInput`` the second time.
    """
    with acting_on_customer(request.customer, Act.ACKNOWLEDGE, by=by, may=can_handle):
        current = lock_workable_request(request, by=by)
        if current.acknowledged_at:
            raise InvalidInput(_("This was acknowledged already."))
        current.acknowledged_at = timezone.now()
        current.save(update_fields=["acknowledged_at"])
        clock(current, RequestClock.What.ACKNOWLEDGED)
        letter = tell(current, Notice.What.ACKNOWLEDGED, letters.acknowledged(current.customer, current))
    return send(letter, by=by) if letter else None


def extend(request: CustomerRequest, *, by: StaffMember, why: str) -> Letter | None:
    """Extend a request's deadline once, by as much as its rule allows, and inform the customer why.

    Raises ``InvalidInput`` where the rule allows none, it was extended before, or the deadline has passed.
    """
    if why not in CustomerRequest.WhyExtended.values:
        raise InvalidInput(_("Pick a reason."))
    with acting_on_customer(request.customer, Act.EXTEND, by=by, may=can_handle):
        current = lock_workable_request(request, by=by)
        allowed = current.complete_rule.extension
        if current.extended_at or not allowed:
            raise InvalidInput(_("This cannot be extended: it was before, or its deadline allows none."))
        if current.complete_by < (current.paused_at or timezone.now()):
            raise InvalidInput(_("Its time is over already; answer it now."))
        current.extended_at = timezone.now()
        by_day = current.complete_rule.unit != LegalDeadline.Unit.HOURS  # ends at midnight: count from the day before
        began = current.complete_by - timedelta(microseconds=1) if by_day else current.complete_by
        current.complete_by = due(began, allowed, current.complete_rule.unit)
        current.save(update_fields=["extended_at", "complete_by"])
        clock(current, RequestClock.What.EXTENDED, why=why)
        letter = tell(current, Notice.What.EXTENDED, letters.extended(current.customer, current, why))
    return send(letter, by=by) if letter else None


def pause(request: CustomerRequest) -> None:
    """Pause the clock of completion while the customer is asked to prove who they are; inside an act under way."""
    request.paused_at = timezone.now()
    request.save(update_fields=["paused_at"])
    clock(request, RequestClock.What.PAUSED)


def resume(request: CustomerRequest) -> None:
    """Resume the clock of completion: the deadline moves by as long as it was paused; inside an act under way."""
    if request.paused_at is None:
        return
    request.complete_by += timezone.now() - request.paused_at
    request.paused_at = None
    request.save(update_fields=["paused_at", "complete_by"])
    clock(request, RequestClock.What.RESUMED)
