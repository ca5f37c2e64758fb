"""What customers ask for: put on file, worked on, handed to an officer, completed, refused or withdrawn."""

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
from customers.models.requests import About, Right
from customers.permissions.casework import can_decide_escalated, can_handle, can_work_on
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_text, clean_words
from customers.validation.tickets import normal_ticket

Kind, CameBy, State = CustomerRequest.Kind, CustomerRequest.CameBy, CustomerRequest.State
SENT_TWICE = timedelta(minutes=2)
OLDEST = timedelta(days=90)
"""How long ago a request that is put on file now may have come in."""


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
    """Put a request on file; its clocks run from ``received_at`` (now). One from a suspended address is parked.

    ``from_point`` is the address it came from; one that is not on file is typed as ``from_text`` and kept nowhere.
    Raises ``InvalidInput`` for what makes no sense, ``Refused`` (on record) where ``by`` does not work on the
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
    with acting_on_customer(customer, "register_request", by=by):
        strange = _is_strange(came_by, from_point, from_text)
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
        elif strange:
            request.transition("hand_over", customer=customer)
    return request


def _is_strange(came_by: str, point: ContactPoint | None, typed: str) -> bool:
    """True where an address was typed that served a fraud at whatever customer."""
    return point is None and bool(typed.strip()) and condemned(_index_typed(came_by, typed))


def _index_typed(came_by: str, typed: str) -> dict[str, str]:
    by_address = came_by in (CameBy.EMAIL, CameBy.PHONE)
    return index_of(came_by if by_address else "email" if "@" in typed else "phone", typed)


def _require_new(customer: Customer, kind: str, text: str, point: ContactPoint | None, *, by: StaffMember) -> None:
    """A form that is sent twice puts one request on file."""
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
    """Park what came from a suspended address; hand what came from one that served a fraud to the officers."""
    if point.anew().state == ContactPoint.State.SUSPENDED:
        request.transition("park", customer=request.customer)
    elif condemned(point.index):
        request.transition("hand_over", customer=request.customer)


def _origin(customer: Customer, came_by: str, point: ContactPoint | None, typed: str) -> ContactPoint | None:
    """The address a request came from; None where it has none, or one that is nowhere on file.

    An address is looked at whoever names it, and however: one that is suspended, under whatever row, cannot come in as
    another one or as an unknown one.
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
    """The request as it stands. Raises ``InvalidInput`` for one that is parked or over.

    Inside an act that holds its customer, so that nobody moves it meanwhile.
    """
    now = request.anew()
    if now.state == State.PARKED:
        raise InvalidInput(_("This request is parked: it came from a suspended address. Clear that up first."))
    if not now.is_unfinished:
        sentence = _("Nothing was done: meanwhile this is “%(state)s”. Look at it again.")
        raise InvalidInput(sentence % {"state": now.get_state_display()})
    if now.state == State.WITH_OFFICER and not can_decide_escalated(by, request.customer):
        raise Refuse("no_right", _("This request is with an officer. The refusal is on record."))
    if now.state == State.OPEN and not can_work_on(by, request.customer):
        raise Refuse("no_right", _("The team works on this request; it was not handed over. The refusal is on record."))
    return now  # type: ignore[no-any-return]


def take_on(request: CustomerRequest, *, by: StaffMember) -> CustomerRequest:
    """Work on it from now on. Of two at once, one gets it and the other is told."""
    with acting_on_customer(request.customer, "take_on", by=by, may=can_handle):
        now = request.anew()
        if not now.is_unfinished:
            raise InvalidInput(_("This request is finished."))
        if not (can_decide_escalated if now.state == State.WITH_OFFICER else can_work_on)(by, now.customer):
            raise Refuse("no_right", _("Whoever works on it now is of another desk. The refusal is on record."))
        if now.worker_id == by.pk:
            raise InvalidInput(_("You work on it already."))
        if now.worker_id != request.worker_id:
            raise InvalidInput(_("Somebody else has just taken it."))
        now.worker = by
        now.save(update_fields=["worker"])
        clock(now, RequestClock.What.TAKEN, worker=by)
    return now  # type: ignore[no-any-return]


def clock(request: CustomerRequest, what: str, *, why: str = "", worker: StaffMember | None = None) -> None:
    """Put on record what happened to a clock, inside an act under way."""
    RequestClock(
        customer=request.customer, request=request, what=what, why=why, complete_by=request.complete_by, worker=worker
    ).save()


def hand_over(request: CustomerRequest, *, by: StaffMember, words: str) -> RequestMove:
    """Hand a request to the officers, with words on why."""
    return _transition(request, "hand_over", by=by, words=words)


def hand_back(request: CustomerRequest, *, by: StaffMember, words: str) -> RequestMove:
    """An officer hands a request back to the team."""
    return _transition(request, "hand_back", by=by, words=words)


def withdraw(request: CustomerRequest, *, by: StaffMember, words: str) -> RequestMove:
    """The customer takes the request back. Not while it is parked: whoever wrote may not be the customer."""
    return _transition(request, "withdraw", by=by, words=words)


def _transition(request: CustomerRequest, how: str, *, by: StaffMember, words: str) -> RequestMove:
    """Make a transition that takes words.

    Raises ``InvalidInput`` without words, where the request is parked or over; ``Refused`` without the right.
    """
    words = _require_words(words)
    with acting_on_customer(request.customer, f"request_{how}", by=by, may=can_handle):
        now = lock_workable_request(request, by=by)
        over = how == "withdraw"
        record: RequestMove = now.transition(
            how, customer=now.customer, words=words, update={"paused_at": None} if over else None
        )
        if over:
            _close_what_hangs_on(now)
    return record


def _require_words(words: str) -> str:
    words = clean_words(words)
    if not words:
        raise InvalidInput(_("Say in a few words why, or how."))
    return words


def complete(request: CustomerRequest, *, by: StaffMember, words: str) -> Letter | None:
    """The request is carried out; the customer is told. Returns the letter, sent; None where nobody can be written to.

    Access, deletion, restriction and objection are completed by an officer, who says how. Raises ``InvalidInput`` while
    a correction of it waits, for one that is parked or over, without words; ``Refused`` (on record) without the right.
    """
    words = _require_words(words)
    with acting_on_customer(request.customer, "request_complete", by=by, may=can_handle):
        now = lock_workable_request(request, by=by)
        if now.for_officer and not can_decide_escalated(by, now.customer):
            raise Refuse("officers_word", _("An officer says that this is done, and how: hand it over."))
        if now.corrections.filter(state__in=Correction.WAITING).exists():
            raise InvalidInput(_("A correction of this request waits still; it is completed when that is done."))
        now.transition("complete", customer=now.customer, words=words, update=_acknowledged(now))
        _close_what_hangs_on(now)
        letter = tell(now, Notice.What.COMPLETED, letters.completed(now.customer, now))
    return send(letter, by=by) if letter else None


def refuse_request(request: CustomerRequest, *, by: StaffMember, why: str, words: str = "") -> Letter | None:
    """Refuse it for a coded reason, with a letter in the customer's language, which has been sent where it can be.

    Corrections of it that wait are refused too. Raises ``InvalidInput`` for a reason that is none, ``other`` without
    words, or one that is over; ``Refused`` (on record) without the right.
    """
    words = clean_words(words)
    if why not in CustomerRequest.WhyRefused.values or why == CustomerRequest.WhyRefused.SUSPECTED_FRAUD:
        raise InvalidInput(_("Pick a reason."))
    if why == CustomerRequest.WhyRefused.OTHER and not words:
        raise InvalidInput(_("Say the reason in words."))
    with acting_on_customer(request.customer, "request_refuse", by=by, may=can_handle):
        now = lock_workable_request(request, by=by)
        if now.for_officer and not can_decide_escalated(by, now.customer):
            raise Refuse("officers_word", _("An officer refuses this: hand it over."))
        refuse_inside(now, why=why, words=words)
        letter = tell(now, Notice.What.REFUSED, letters.refused(now.customer, now, why))
    return send(letter, by=by) if letter else None


def refuse_inside(request: CustomerRequest, *, why: str, words: str = "") -> None:
    """The same inside an act under way, without the letter."""
    request.transition("refuse", customer=request.customer, why=why, words=words or None, update=_acknowledged(request))
    _close_what_hangs_on(request, why=why)


def _acknowledged(request: CustomerRequest) -> dict[str, Any]:
    """Whoever is answered needs no acknowledgement besides; a paused clock stops with the request."""
    return {"acknowledged_at": request.acknowledged_at or timezone.now(), "paused_at": None}


def _close_what_hangs_on(request: CustomerRequest, *, why: str = "") -> None:
    """Corrections that wait are refused or withdrawn with their request, questions back are closed."""
    for correction in request.corrections.filter(state__in=Correction.WAITING):
        how = "refuse" if why else "withdraw"
        fraud = why == CustomerRequest.WhyRefused.SUSPECTED_FRAUD
        reason = Correction.WhyRefused.SUSPECTED_FRAUD if fraud else Correction.WhyRefused.OTHER
        drop(correction, how, why=reason if why else "")
    for question in request.information_requests.filter(state="open"):
        question.transition("close", customer=request.customer)


def drop(correction: Correction, how: str, *, why: str = "") -> None:
    """Refuse or withdraw a correction, inside an act under way; a new address that waited for it is not used."""
    correction.transition(how, customer=correction.customer, datum=correction.datum, why=why)
    point = correction.new_point
    if point is not None and ContactPoint.allows("retire", point.anew().state):
        point.transition("retire", customer=correction.customer)


def tell(request: CustomerRequest, what: str, words: Words) -> Letter | None:
    """A letter about a request to an address in use that is not suspended, inside an act; None where there is none."""
    point = written_to(request.customer)
    return prepare(point, what, words, request=request) if point else None


# --- clocks --------------------------------------------------------------------------------------------------------


def acknowledge(request: CustomerRequest, *, by: StaffMember) -> Letter | None:
    """Tell the customer that it came in and by when it is answered; the first clock stops. Once."""
    with acting_on_customer(request.customer, "acknowledge", by=by, may=can_handle):
        now = lock_workable_request(request, by=by)
        if now.acknowledged_at:
            raise InvalidInput(_("This was acknowledged already."))
        now.acknowledged_at = timezone.now()
        now.save(update_fields=["acknowledged_at"])
        clock(now, RequestClock.What.ACKNOWLEDGED)
        letter = tell(now, Notice.What.ACKNOWLEDGED, letters.acknowledged(now.customer, now))
    return send(letter, by=by) if letter else None


def extend(request: CustomerRequest, *, by: StaffMember, why: str) -> Letter | None:
    """Take longer, once, by as much as the rule allows, and tell the customer why.

    Raises ``InvalidInput`` where the rule allows none, it was extended before, or the time is over already.
    """
    if why not in CustomerRequest.WhyExtended.values:
        raise InvalidInput(_("Pick a reason."))
    with acting_on_customer(request.customer, "extend", by=by, may=can_handle):
        now = lock_workable_request(request, by=by)
        allowed = now.complete_rule.extension
        if now.extended_at or not allowed:
            raise InvalidInput(_("This cannot be extended: it was before, or its deadline allows none."))
        if now.complete_by < (now.paused_at or timezone.now()):
            raise InvalidInput(_("Its time is over already; answer it now."))
        now.extended_at = timezone.now()
        by_day = now.complete_rule.unit != LegalDeadline.Unit.HOURS  # a day's clock runs to midnight: the day before
        began = now.complete_by - timedelta(microseconds=1) if by_day else now.complete_by
        now.complete_by = due(began, allowed, now.complete_rule.unit)
        now.save(update_fields=["extended_at", "complete_by"])
        clock(now, RequestClock.What.EXTENDED, why=why)
        letter = tell(now, Notice.What.EXTENDED, letters.extended(now.customer, now, why))
    return send(letter, by=by) if letter else None


def pause(request: CustomerRequest) -> None:
    """Stop the second clock while the customer is asked who they are; inside an act under way."""
    request.paused_at = timezone.now()
    request.save(update_fields=["paused_at"])
    clock(request, RequestClock.What.PAUSED)


def resume(request: CustomerRequest) -> None:
    """Let it run again, as much later as it stood still; inside an act under way."""
    if request.paused_at is None:
        return
    request.complete_by += timezone.now() - request.paused_at
    request.paused_at = None
    request.save(update_fields=["paused_at", "complete_by"])
    clock(request, RequestClock.What.RESUMED)
