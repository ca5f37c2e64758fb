"""The two clocks of a request: stopped, extended once, paused while the customer is asked who they are, overdue."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from customers.acts.refusals import Refused
from customers.casework.deadlines import due, set_deadline
from customers.casework.information_requests import FieldAnswer, close_question, take_answer
from customers.casework.requests import acknowledge, complete, extend, hand_over
from customers.evidence.recording import recording
from customers.models import Customer, CustomerRequest, RequestClock, StaffMember
from customers.validation.errors import InvalidInput
from tests import factories
from tests.assertions import nothing_done
from tests.conftest import Clock
from tests.factories_casework import allrounder, question_on, request_in, request_of
from tests.worlds import shared

HOUR, DAY, MOMENT = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


@shared
def linh() -> StaffMember:
    """An agent of the customer's team, in a house with deadlines."""
    factories.deadlines()
    factories.customer("BZ0000001")
    return factories.person("linh", "Support agent")


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def now(request: CustomerRequest) -> CustomerRequest:
    return CustomerRequest.objects.get(pk=request.pk)


def overdue(request: CustomerRequest) -> bool:
    """What the property says, which the queryset says too."""
    row = now(request)
    assert CustomerRequest.objects.overdue().filter(pk=row.pk).exists() is row.is_overdue
    return row.is_overdue


def letter_day(at: datetime) -> str:
    """The last day of a clock as an English letter names it."""
    local = timezone.localtime(at - MOMENT)
    return f"{local.day} {local:%B %Y}"


# --- acknowledged ---------------------------------------------------------------------------------------------------


def test_acknowledging_stops_the_first_clock_only_and_tells_the_customer_by_when(linh: StaffMember) -> None:
    english = factories.customer("BZ0000002", locale="en", email="lan@mail.example.com", phone="+84912345613")
    request, mail.outbox[:] = request_of(english, by=linh), []
    letter = acknowledge(request, by=linh)
    assert (letter is not None and letter.left, [message.to for message in mail.outbox]) == (
        True,
        [["lan@mail.example.com"]],
    )
    after = now(request)
    assert (after.state, after.complete_by, after.due) == ("open", request.complete_by, request.complete_by)
    assert after.acknowledged_at is not None
    assert f"answer it by {letter_day(request.complete_by)}." in mail.outbox[0].body
    clock = RequestClock.objects.get()
    assert (clock.what, clock.complete_by) == ("acknowledged", request.complete_by)


def test_a_request_is_acknowledged_once_even_from_an_old_page(linh: StaffMember) -> None:
    request = request_of(customer(), by=linh)
    old = now(request)
    acknowledge(request, by=linh)
    for stale in (request, old):
        with nothing_done(), pytest.raises(InvalidInput, match="acknowledged already"):
            acknowledge(stale, by=linh)


def test_whoever_is_answered_needs_no_acknowledgement_besides(linh: StaffMember) -> None:
    request = request_of(customer(), by=linh)
    complete(request, by=linh, words="đã trả lời")
    assert now(request).acknowledged_at is not None


@pytest.mark.parametrize("state", ["parked", "done", "refused", "withdrawn"])
def test_clocks_of_what_is_parked_or_over_are_left_alone(state: str, linh: StaffMember) -> None:
    mai = allrounder()
    request = request_in(state, customer(), by=mai)
    with nothing_done(), pytest.raises(InvalidInput):
        acknowledge(request, by=mai)
    with nothing_done(), pytest.raises(InvalidInput):
        extend(request, by=mai, why="complex")


def test_clocks_are_the_team_s_until_an_officer_has_the_request(linh: StaffMember) -> None:
    officer, far = factories.person("an", "Compliance officer"), factories.person("minh", "Support agent", "Da Nang")
    request = request_of(customer(), by=linh)
    for by in (officer, far):
        with nothing_done(refused=2):
            with pytest.raises(Refused):
                acknowledge(request, by=by)
            with pytest.raises(Refused):
                extend(request, by=by, why="many")
    hand_over(request, by=linh, words="cần quyết định")
    with nothing_done(refused=1), pytest.raises(Refused, match="with an officer"):
        extend(request, by=linh, why="many")
    acknowledge(request, by=officer)
    extend(request, by=officer, why="many")
    assert [clock.by for clock in request.clocks.order_by("pk")] == [officer, officer]


# --- extended -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "longer"), [("calendar_days", 4), ("working_days", 4)])
def test_extending_adds_the_rule_s_days_to_the_last_one(unit: str, longer: int, linh: StaffMember) -> None:
    officer = factories.person("an", "Compliance officer")
    set_deadline(
        "question", by=officer, amount=3, unit=unit, third_party=0, extension=longer, source="Own", confidence="open",
        verified=False,
    )  # fmt: skip
    request = request_of(customer(), by=linh)
    extend(request, by=linh, why="complex")
    after = now(request)
    assert after.complete_by == due(request.received_at, 3 + longer, unit)
    assert (after.extended_at is not None, after.acknowledge_by) == (True, request.acknowledge_by)


def test_extending_by_hours_adds_whole_hours(linh: StaffMember) -> None:
    officer = factories.person("an", "Compliance officer")
    set_deadline(
        "question", by=officer, amount=24, unit="hours", third_party=0, extension=12, source="Own", confidence="open",
        verified=False,
    )  # fmt: skip
    request = request_of(customer(), by=linh)
    extend(request, by=linh, why="complex")
    assert now(request).complete_by == request.received_at + 36 * HOUR


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("complex", "because it is complex"),
        ("third_party", "because somebody else has to act too"),
        ("many", "because many requests have come in at once"),
        ("other", "because of its own circumstances"),
    ],
)
def test_the_customer_is_told_why_it_takes_longer_and_until_when(why: str, said: str, linh: StaffMember) -> None:
    english = factories.customer("BZ0000002", locale="en", email="lan@mail.example.com", phone="+84912345613")
    request = request_of(english, "access", by=linh)
    extend(request, by=linh, why=why)
    after, body = now(request), mail.outbox[-1].body
    assert (said in body, f"answer it by {letter_day(after.complete_by)}." in body) == (True, True)
    clock = RequestClock.objects.get()
    assert (clock.what, clock.why, clock.complete_by) == ("extended", why, after.complete_by)


def test_a_request_is_extended_once_even_from_an_old_page(linh: StaffMember) -> None:
    request = request_of(customer(), by=linh)
    old = now(request)
    extend(request, by=linh, why="complex")
    for stale in (request, old):
        with nothing_done(), pytest.raises(InvalidInput, match="it was before"):
            extend(stale, by=linh, why="many")


@pytest.mark.parametrize("why", ["", "lazy", "COMPLEX", "complex\x00"])
def test_an_extension_without_a_reason_is_none(why: str, linh: StaffMember) -> None:
    request = request_of(customer(), by=linh)
    with nothing_done(), pytest.raises(InvalidInput, match="Pick a reason"):
        extend(request, by=linh, why=why)


def test_nothing_is_extended_once_its_time_is_over(linh: StaffMember, clock: Clock) -> None:
    request, other = (request_of(customer(), by=linh) for _ in range(2))
    clock.now = request.complete_by - MOMENT
    extend(other, by=linh, why="complex")
    clock.now = request.complete_by + MOMENT
    with nothing_done(), pytest.raises(InvalidInput, match="over already"):
        extend(request, by=linh, why="complex")


def test_asking_who_they_are_does_not_let_one_extend_what_was_late_already(linh: StaffMember, clock: Clock) -> None:
    request = request_of(customer(), "access", by=linh)
    clock.now = request.complete_by + HOUR
    question_on(request, "identity", by=linh)
    with nothing_done(), pytest.raises(InvalidInput, match="over already"):
        extend(request, by=linh, why="complex")


# --- paused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "stops"), [(("identity",), True), (("identity", "period"), True), (("period",), 0)])
def test_the_second_clock_stops_only_where_identity_is_asked_for(
    asked: tuple[str, ...], stops: bool, linh: StaffMember, clock: Clock
) -> None:
    request = request_of(customer(), "access", by=linh)
    acknowledge(request, by=linh)
    question_on(request, *asked, by=linh)
    assert now(request).paused_at == (clock.now if stops else None)
    assert [row.what for row in request.clocks.order_by("pk")] == ["acknowledged", *(["paused"] if stops else [])]
    clock.now = request.complete_by + HOUR
    assert overdue(request) is not bool(stops)


@pytest.mark.parametrize("how", ["answered", "closed"])
def test_a_clock_goes_on_as_much_later_as_it_stood_still(how: str, linh: StaffMember, clock: Clock) -> None:
    request = request_of(customer(), "access", by=linh)
    acknowledge(request, by=linh)
    clock.now += DAY
    question = question_on(request, "identity", by=linh)
    clock.now += 3 * DAY + HOUR
    if how == "answered":
        take_answer(question, {"identity": FieldAnswer("confirmed")}, by=linh, proof="call")
    else:
        close_question(question, by=linh)
    after = now(request)
    assert (after.paused_at, after.complete_by) == (None, request.complete_by + 3 * DAY + HOUR)
    assert [row.what for row in request.clocks.order_by("pk")] == ["acknowledged", "paused", "resumed"]
    clock.now = request.complete_by + 3 * DAY
    assert overdue(request) is False
    clock.now = after.complete_by + MOMENT
    assert overdue(request) is True


def test_the_first_clock_runs_on_while_the_second_stands_still(linh: StaffMember, clock: Clock) -> None:
    request = request_of(customer(), "access", by=linh)
    question_on(request, "identity", by=linh)
    clock.now = request.acknowledge_by + MOMENT
    assert overdue(request) is True


def test_what_is_extended_while_it_stands_still_gets_both(linh: StaffMember, clock: Clock) -> None:
    request = request_of(customer(), "access", by=linh)
    question = question_on(request, "identity", by=linh)
    clock.now += 2 * DAY
    extend(request, by=linh, why="complex")
    close_question(question, by=linh)
    assert now(request).complete_by == due(request.received_at, 20, "calendar_days") + 2 * DAY


def test_asking_twice_adds_up_and_never_counts_the_time_between(linh: StaffMember, clock: Clock) -> None:
    request = request_of(customer(), "access", by=linh)
    for _ in range(2):
        question = question_on(request, "identity", by=linh)
        clock.now += DAY
        close_question(question, by=linh)
        clock.now += 2 * DAY
    assert now(request).complete_by == request.complete_by + 2 * DAY


def test_what_is_late_stays_late_while_the_customer_is_asked_who_they_are(linh: StaffMember, clock: Clock) -> None:
    request = request_of(customer(), "access", by=linh)
    acknowledge(request, by=linh)
    clock.now = request.complete_by + HOUR
    assert overdue(request) is True
    question_on(request, "identity", by=linh)
    assert overdue(request) is True


# --- overdue --------------------------------------------------------------------------------------------------------

CASES = list(product(CustomerRequest.State.values, (True, False), (True, False), (-1, 1), (-1, 1)))


def made(agent: StaffMember) -> dict[tuple[Any, ...], CustomerRequest]:
    """A request in each state, acknowledged or not, paused just now or not, with each clock over or not."""
    sample, here = request_of(customer(), by=agent), timezone.now()
    same = {"customer": sample.customer, "request_kind": "question", "came_by": "ticket", "text": "x"}
    rules = {"acknowledge_rule": sample.acknowledge_rule, "complete_rule": sample.complete_rule}
    rows = {}
    with recording(by=factories.system()):
        for case in CASES:
            state, acknowledged, paused, first, second = case
            rows[case] = CustomerRequest(
                **same, **rules, state=state, received_at=here, acknowledge_by=here + first * HOUR,
                acknowledged_at=here if acknowledged else None, complete_by=here + second * HOUR,
                paused_at=here - 2 * HOUR if paused else None,
            )  # fmt: skip
            rows[case].save()
        factories.note()
    return rows


def test_the_overdue_are_those_that_wait_with_a_clock_that_has_run_out(linh: StaffMember) -> None:
    rows = made(linh)
    late = {
        rows[case].pk
        for case in CASES
        if case[0] in ("open", "parked", "with_officer")
        and ((not case[1] and case[3] < 0) or (not case[2] and case[4] < 0))
    }
    everything = list(CustomerRequest.objects.all())
    assert set(CustomerRequest.objects.overdue().values_list("pk", flat=True)) == late
    assert {row.pk for row in everything if row.is_overdue} == late
    assert 0 < len(late) < len(CASES) < len(everything)


def test_a_clock_is_over_after_its_moment_and_not_at_it(linh: StaffMember, clock: Clock) -> None:
    request = request_of(customer(), by=linh)
    clock.now = request.acknowledge_by
    assert overdue(request) is False
    clock.now += MOMENT
    assert overdue(request) is True
    acknowledge(request, by=linh)
    assert overdue(request) is False


def test_what_is_due_next_is_the_clock_that_runs_out_first(linh: StaffMember) -> None:
    for case, row in made(linh).items():
        first_runs = not case[1] and case[3] < case[4]
        assert row.due == (row.acknowledge_by if first_runs else row.complete_by)
