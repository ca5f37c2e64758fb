"""An address under suspicion is suspended: what came from it stands still by every door, other channels go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from customers.casework.address_verification import ask_owner
from customers.casework.addresses import bounce, may_send_confidential, may_write_to, retire
from customers.casework.approvals import approve
from customers.casework.corrections import correct
from customers.casework.holds import MINUTE, parked_by, review_by, too_old
from customers.casework.information_requests import ask
from customers.casework.requests import (
    acknowledge,
    complete,
    extend,
    hand_over,
    refuse_request,
    register,
    take_on,
    withdraw,
)
from customers.casework.service_access import start_reset
from customers.evidence.errors import NotRecording, RecordFailed
from customers.evidence.recording import recording
from customers.models import ContactPoint, CustomerRequest, Hold, HoldMove
from customers.validation.errors import InvalidInput
from tests import factories
from tests.concurrency import at_once
from tests.conftest import Clock
from tests.customers.evidence.logs import payloads
from tests.sampling import rounds
from tests.scenario import (
    EMAIL,
    Desk,
    an_hour_ago,
    asked,
    desk,
    nothing_happens,
    now,
    point_of,
    reached,
    refused,
    sent,
    state,
    suspended,
    verified,
    wanted,
    why,
)
from tests.worlds import shared


@shared
def case() -> Desk:
    """A customer with an address and a number, and who works there."""
    return desk()


def test_a_suspension_parks_what_is_open_and_leaves_a_record_of_each_step(case: Desk) -> None:
    request, elsewhere = asked(case, "email"), asked(case, "email", over="phone")
    begun = len(payloads())
    hold = suspended(case.email, case.agent, reason="other", ticket="#t-7", proof="Viết  khác\nmọi khi")
    assert (hold.reason, hold.ticket, hold.opened_by, state(hold)) == ("other", "T-7", case.agent, "open")
    assert [state(each) for each in (case.email, case.phone, request, elsewhere)] == [
        "suspended", "active", "parked", "open",
    ]  # fmt: skip
    assert list(parked_by(hold)) == [request]
    entries = payloads()[begun:]
    assert [entry["kind"] for entry in entries] == ["contact_point_move", "hold_opened", "request_move"]
    assert (set(entries[1]["commits"]), "khác" in str(entries)) == ({"proof"}, False)


def test_a_request_that_comes_in_later_is_parked_on_arrival_and_no_other(case: Desk) -> None:
    suspended(case.email, case.agent)
    by_address = asked(case, "email", came_by="email")
    typed = asked(case, "email", from_point=None, from_text=" Hoa.Nguyen@MAIL.example.com ")
    assert [state(each) for each in (by_address, typed)] == ["parked", "parked"]
    assert state(asked(case, "email", came_by="in_person")) == "parked"
    assert state(asked(case, "email", over="phone")) == "open"


def test_a_request_with_an_officer_is_parked_too(case: Desk) -> None:
    request = asked(case, "email")
    hand_over(request, by=case.agent, words="lạ")
    suspended(case.email, case.agent)
    assert state(request) == "parked"


def test_a_ticket_is_parked_too_where_it_says_from_which_address_it_came(case: Desk) -> None:
    suspended(case.email, case.agent)
    ticket = {"came_by": "ticket", "ticket": "T-9"}
    assert state(asked(case, "email", **ticket)) == "parked"
    assert state(asked(case, "email", from_point=None, from_text=EMAIL, **ticket)) == "parked"


def test_an_address_that_is_suspended_at_another_customer_cannot_come_in_as_unknown(case: Desk) -> None:
    other = factories.customer("BZ0000002", email="agency@mail.example.org", phone="+84912345613")
    suspended(point_of(other, "email"), case.agent)
    strange = {"by": case.agent, "came_by": "email", "about": ["name"], "text": "Xin"}
    with nothing_happens(), pytest.raises(InvalidInput, match="suspended at another customer"):
        register(case.customer, "correction", from_text="AGENCY@mail.example.org", **strange)
    assert register(case.customer, "correction", from_text="unknown@mail.example.org", **strange).from_point is None


def test_a_suspension_spreads_to_every_customer_who_shares_the_address_and_to_no_other(case: Desk) -> None:
    agencies = [
        factories.customer(f"BZ000001{n}", team_name=team, email="HOA.Nguyen@mail.example.com", phone=f"+8491234562{n}")
        for n, team in enumerate(("Hanoi", "Da Nang"))
    ]
    other = factories.customer("BZ0000002", email="other@mail.example.org", phone="+84912345613")
    hold = suspended(case.email, case.agent)
    assert [state(point_of(each, "email")) for each in (*agencies, other)] == ["suspended", "suspended", "active"]
    assert [state(point_of(each, "phone")) for each in agencies] == ["active", "active"]
    spread = Hold.objects.exclude(pk=hold.pk).order_by("pk")
    assert [(each.customer, each.reason, each.spread_from) for each in spread] == [
        (each, "shared", hold) for each in agencies
    ]


def test_naming_the_retired_row_of_a_suspended_address_does_not_get_round_its_suspension(case: Desk) -> None:
    once, officer = case.email, factories.system()
    retire(once, by=case.agent)
    with recording(by=officer):
        again = ContactPoint(customer=case.customer, channel="email", email=EMAIL, source="import", state="active")
        again.save()
        factories.note()
    suspended(again, case.agent)
    assert state(asked(case, "email", from_point=again)) == "parked"
    assert state(asked(case, "email", from_point=once)) == "parked"


DOORS: dict[str, Callable[[Desk, CustomerRequest], Any]] = {
    "acknowledge": lambda case, request: acknowledge(request, by=case.agent),
    "extend": lambda case, request: extend(request, by=case.agent, why="complex"),
    "complete": lambda case, request: complete(request, by=case.agent, words="xong"),
    "refuse": lambda case, request: refuse_request(request, by=case.agent, why="unfounded"),
    "withdraw": lambda case, request: withdraw(request, by=case.agent, words="thôi"),
    "hand_over": lambda case, request: hand_over(request, by=case.agent, words="xem giúp"),
    "ask": lambda case, request: ask(request, ["identity"], by=case.agent, point=case.phone),
    "correct": lambda case, request: correct(
        case.customer, "name", "Trần Thị Hoa", by=case.agent, why=why(request)
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_no_door_does_anything_for_a_parked_request(door: str, case: Desk) -> None:
    request = asked(case, "email")
    verified(case, request)
    hold = suspended(case.email, case.agent)
    with nothing_happens(), pytest.raises(InvalidInput, match="parked"):
        DOORS[door](case, now(request))
    with nothing_happens(), pytest.raises(InvalidInput, match="parked"):
        DOORS[door](case, request)  # a page from before the suspension
    reached(hold, "confirmed", by=case.colleague)
    DOORS[door](case, now(request))


def test_somebody_may_still_take_a_parked_request_on(case: Desk) -> None:
    request = asked(case, "email")
    suspended(case.email, case.agent)
    assert take_on(now(request), by=case.colleague).worker == case.colleague
    assert state(request) == "parked"


ADDRESS_DOORS: dict[str, Callable[[Desk], Any]] = {
    "retire": lambda case: retire(case.email, by=case.agent),
    "bounce": lambda case: bounce(case.email, by=case.agent),
    "ask_owner": lambda case: ask_owner(case.email, by=case.agent),
    "replace": lambda case: correct(
        case.customer, "email", "new@mail.example.org", by=case.agent, why=why(), point=case.email
    ),
    "again": lambda case: suspended(case.email, case.agent),
}  # fmt: skip


@pytest.mark.parametrize("door", ADDRESS_DOORS)
def test_nothing_is_done_with_a_suspended_address_on_our_initiative(door: str, case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    with nothing_happens(), pytest.raises(InvalidInput, match="suspended"):
        ADDRESS_DOORS[door](case)
    reached(hold, "confirmed", by=case.agent)
    ADDRESS_DOORS[door](case)


def test_it_is_never_written_to_and_letters_go_to_another_address(case: Desk) -> None:
    ask_owner(case.email, by=case.agent)
    suspended(case.email, case.agent)
    assert (bool(may_write_to(case.email)), bool(may_write_to(case.phone))) == (False, True)
    assert not may_send_confidential(case.email)
    acknowledge(asked(case, "email", over="phone"), by=case.agent)
    assert [to for to, _subject in sent()] == [EMAIL, "84912345612@sms.example.com"]


def test_no_password_link_goes_to_a_confirmed_address_that_is_suspended(case: Desk, settings: Any) -> None:
    settings.PASSWORD_RESET_URL = "https://account.example.com/reset"
    with recording(by=factories.system()):
        ContactPoint.objects.filter(pk=case.email.pk).update(verified_at=an_hour_ago())
        factories.note()
    start_reset(case.email, by=case.agent)
    suspended(case.email, case.agent)
    with nothing_happens(), pytest.raises(InvalidInput, match="suspended"):
        start_reset(case.email, by=case.agent)


def test_a_suspended_address_is_not_told_that_another_took_its_place(case: Desk) -> None:
    suspended(case.email, case.agent)
    request = asked(case, "email", over="phone")
    verified(case)
    correction = correct(
        case.customer, "email", "new@mail.example.org", by=case.agent, why=why(request), point=case.email
    )
    approve(correction, by=case.lead)
    assert EMAIL not in [to for to, _subject in sent()]


# --- who and with what reason ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("different", "sentence"),
    [
        ({"reason": ""}, "Pick a reason"),
        ({"reason": "shared"}, "Pick a reason"),
        ({"reason": "other"}, "in words"),
        ({"ticket": "", "proof": "  "}, "Name the evidence"),
        ({"ticket": "hoa.nguyen@mail.example.com"}, "ticket number"),
        ({"proof": "x" * 1001}, "1,000"),
        ({"proof": "x" * 1_000_000}, "1,000"),
        ({"proof": "abc\u202edef"}, "control characters"),
        ({"proof": "a\x00b"}, "control characters"),
    ],
)
def test_a_suspension_has_a_reason_and_evidence(different: dict[str, str], sentence: str, case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput, match=sentence):
        suspended(case.email, case.agent, **different)
    assert suspended(case.email, case.agent, ticket="", proof="x" * 1000)


def test_who_does_not_work_on_the_requests_suspends_nothing(case: Desk) -> None:
    far = factories.person("minh", "Support agent", "Da Nang")
    for person in (far, factories.person("binh", "Auditor"), case.officer):
        with refused("no_right", "suspend", by=person):
            suspended(case.email, person)
    factories.move_to_team(case.customer, "Da Nang")
    with refused("no_right", "suspend", by=case.agent):
        suspended(case.email, case.agent)
    assert suspended(case.email, far)


@pytest.mark.parametrize(("result", "ends"), [("confirmed", "released"), ("denied", "fraud")])
def test_what_is_no_longer_used_can_be_suspended_and_is_not_in_use_afterwards(
    result: str, ends: str, case: Desk
) -> None:
    retire(case.email, by=case.agent)
    hold = suspended(case.email, case.agent)
    request = asked(case, "name", from_point=None, from_text=EMAIL)
    assert [state(case.email), state(request)] == ["suspended", "parked"]
    reached(hold, result, by=case.agent)
    assert [state(hold), state(case.email)] == [ends, "retired"]
    assert state(request) == ("open" if result == "confirmed" else "refused")


def test_the_officers_are_shown_suspensions_that_are_older_than_their_deadline(case: Desk, clock: Clock) -> None:
    hold = suspended(case.email, case.agent)
    for at, shown in ((hold.opened_at, []), (review_by(hold), []), (review_by(hold) + MINUTE, [hold])):
        clock.now = at
        assert list(too_old(Hold.objects.all())) == shown
    clock.now = hold.opened_at
    reached(hold, "confirmed", by=case.agent)
    clock.now = review_by(hold) + MINUTE
    assert list(too_old(Hold.objects.all())) == []


# --- what the database forbids --------------------------------------------------------------------------------------


def attempt(change: Callable[[], Any]) -> None:
    with recording(by=factories.system()):
        change()
        factories.note()


def test_the_state_of_a_suspension_cannot_be_typed_over(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    for change in (
        lambda: Hold.objects.filter(pk=hold.pk).update(state="released"),
        lambda: Hold.objects.bulk_update([hold], ["state"]),
        lambda: Hold.objects.filter(pk=hold.pk).update(closed_by=case.lead, state="fraud"),
    ):
        with nothing_happens(), pytest.raises(NotRecording, match="transition"):
            attempt(change)
    hold.state = "released"
    with nothing_happens(), pytest.raises(NotRecording, match="transition"):
        attempt(hold.save)
    with pytest.raises(NotRecording):
        Hold.objects.filter(pk=hold.pk).update(ticket="T-2")


def test_an_address_has_one_suspension_at_a_time_in_the_database(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    again = {"customer": case.customer, "contact_point": case.email, "reason": "reported", "opened_by": case.agent}
    with nothing_happens(), pytest.raises(IntegrityError):
        attempt(Hold(**again).save)
    reached(hold, "confirmed", by=case.agent)
    suspended(case.email, case.agent)
    assert Hold.objects.filter(contact_point=case.email).count() == 2


def test_the_database_knows_a_second_person_by_name(case: Desk) -> None:
    _request, _correction = wanted(case)
    hold = suspended(case.email, case.agent)
    reached(hold, "confirmed", by=case.colleague)
    rows = Hold.objects.filter(pk=hold.pk, needs_second=True, state="released")
    for change in (
        lambda: rows.update(closed_by=case.agent),
        lambda: rows.update(closed_by=None),
        lambda: rows.update(opened_by=case.colleague),
    ):
        with nothing_happens(), pytest.raises(IntegrityError):
            attempt(change)
    attempt(lambda: rows.update(closed_by=case.lead))


def ends(hold: Hold, how: str, to: str) -> HoldMove:
    return HoldMove(subject=hold, customer=hold.customer, how=how, from_state="open", to_state=to)


def test_the_database_has_no_release_without_a_contact(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    with nothing_happens(), pytest.raises((IntegrityError, RecordFailed)):
        attempt(ends(hold, "release", "released").save)


def test_the_database_has_no_confirmed_fraud_without_a_contact(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    with nothing_happens(), pytest.raises((IntegrityError, RecordFailed)):
        attempt(ends(hold, "condemn", "fraud").save)


# --- at once --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_of_four_who_suspend_one_address_one_does_and_three_are_told(_again: int, own_database: str) -> None:
    case = desk()
    request = asked(case, "email")
    told = at_once(*[lambda: suspended(case.email, case.agent)] * 4)
    assert told == ["InvalidInput: This address is suspended already."] * 3
    assert (Hold.objects.count(), request.moves.count(), case.email.moves.count()) == (1, 1, 1)


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_a_request_that_comes_in_while_its_address_is_suspended_never_stays_open(
    _again: int, own_database: str
) -> None:
    case = desk()
    told = at_once(lambda: suspended(case.email, case.agent), *[lambda: asked(case, "email")] * 3)
    assert told == []
    assert list(CustomerRequest.objects.values_list("state", flat=True)) == ["parked"] * 3


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_of_suspending_and_retiring_at_once_the_suspension_stands_either_way(_again: int, own_database: str) -> None:
    case = desk()
    told = at_once(lambda: suspended(case.email, case.agent), lambda: retire(case.email, by=case.colleague))
    assert told in (
        [],
        ["InvalidInput: This address is suspended. Clear that up first; until then nothing is done with it."],
    )
    moves = ["suspend"] if told else ["retire", "suspend"]
    assert (state(case.email), [move.how for move in case.email.moves.order_by("pk")]) == ("suspended", moves)
    assert Hold.objects.count() == 1
