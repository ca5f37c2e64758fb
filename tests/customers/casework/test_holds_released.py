"""A suspension ends by the customer's word over another channel: released, by whom it takes, or found to be fraud."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.casework.address_verification import answer_with_code, ask_owner
from customers.casework.addresses import KnownElsewhere, bounce, retire
from customers.casework.corrections import correct
from customers.casework.holds import close_after_contact, needs_second, ways_for
from customers.casework.requests import hand_over
from customers.evidence.recording import recording
from customers.models import ContactPoint, CustomerRequest, Hold, HoldContact, HoldMove
from customers.validation.errors import InvalidInput
from tests import factories
from tests.concurrency import at_once
from tests.customers.evidence.logs import payloads
from tests.sampling import rounds
from tests.scenario import (
    EMAIL,
    SUPPLEMENT,
    THIEFS,
    Desk,
    asked,
    codes,
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


def test_a_confirmed_customer_gets_address_and_requests_back_as_they_were(case: Desk) -> None:
    plain, with_officer = asked(case, "name"), asked(case, "name")
    hand_over(with_officer, by=case.agent, words="lạ")
    hold = suspended(case.email, case.agent)
    arrived = asked(case, "company")
    begun = len(payloads())
    reached(hold, "confirmed", by=case.agent, who="bà Hoa")
    assert [state(each) for each in (hold, case.email, plain, with_officer, arrived)] == [
        "released", "active", "open", "with_officer", "open",
    ]  # fmt: skip
    assert (now(hold).closed_by, now(hold).needs_second) == (case.agent, False)
    entries = payloads()[begun:]
    assert [entry["kind"] for entry in entries] == [
        "hold_contact", "hold_move", "contact_point_move", *["request_move"] * 3,
    ]  # fmt: skip
    assert (set(entries[0]["commits"]), "Hoa" in str(entries)) == ({"who"}, False)
    assert hold.moves.get().contact == HoldContact.objects.get()


@pytest.mark.parametrize("before", ["bounced", "unverified"])
def test_a_released_address_is_no_better_than_it_was_before(before: str, case: Desk) -> None:
    point = case.email
    if before == "bounced":
        bounce(point, by=case.agent)
    else:
        point = correct(
            case.customer, "email", "second@mail.example.org", by=case.agent, why=why(**SUPPLEMENT)
        ).new_point  # fmt: skip
    hold = suspended(point, case.agent)
    reached(hold, "confirmed", by=case.agent)
    assert state(point) == before


def test_whoever_is_not_reached_changes_nothing_but_the_record(case: Desk) -> None:
    request = asked(case, "email")
    hold = suspended(case.email, case.agent)
    for _ in range(2):
        reached(hold, "not_reached", by=case.agent, who="")
    assert [state(each) for each in (hold, case.email, request)] == ["open", "suspended", "parked"]
    assert (HoldContact.objects.count(), HoldMove.objects.count()) == (2, 0)
    reached(hold, "confirmed", by=case.colleague)


def test_confirmed_fraud_refuses_what_is_parked_and_retires_the_address_untold(case: Desk) -> None:
    request, correction = wanted(case)
    elsewhere = asked(case, "name", over="phone")
    hold = suspended(case.email, case.agent)
    reached(hold, "denied", by=case.agent)
    assert [state(each) for each in (hold, case.email, request, correction, correction.new_point, elsewhere)] == [
        "fraud", "retired", "refused", "refused", "retired", "open",
    ]  # fmt: skip
    assert (request.moves.latest("pk").why, correction.moves.latest("pk").why) == ("suspected_fraud",) * 2
    assert [(to, request.number in subject) for to, subject in sent()] == [("84912345612@sms.example.com", True)]


def test_an_address_that_was_found_to_be_a_thief_s_does_not_silently_come_back(case: Desk) -> None:
    theirs = factories.customer("BZ0000002", email="other@mail.example.org", phone="+84912345613")
    reached(suspended(case.email, case.agent), "denied", by=case.agent)
    for customer in (case.customer, theirs):
        with nothing_happens(), pytest.raises(KnownElsewhere, match="served a fraud"):
            correct(customer, "email", EMAIL.upper(), by=case.agent, why=why(**SUPPLEMENT))
        made = correct(customer, "email", EMAIL, by=case.agent, why=why(**SUPPLEMENT), knowingly=True)
        assert (state(made), state(made.new_point)) == ("proposed", "unverified")


@pytest.mark.parametrize(
    "named", [{"from_text": EMAIL}, {"from_text": EMAIL, "came_by": "ticket"}, {"chosen": True}, {"theirs": True}]
)
def test_a_request_from_an_address_that_was_found_to_be_a_thief_s_goes_to_the_officers(
    named: dict[str, Any], case: Desk
) -> None:
    reached(suspended(case.email, case.agent), "denied", by=case.agent)
    customer, given = case.customer, {"from_point": None, **named}
    if given.pop("chosen", False):
        given["from_point"] = case.email
    if given.pop("theirs", False):
        customer = factories.customer("BZ0000002", email=EMAIL, phone="+84912345613")
        given["from_point"] = point_of(customer, "email")
    taken = asked(Desk(customer, case.agent, case.colleague, case.lead, case.officer), "email", **given)
    assert (state(taken), [move.how for move in taken.moves.all()]) == ("with_officer", ["hand_over"])
    assert state(asked(case, "email", over="phone")) == "open"


# --- over another channel -------------------------------------------------------------------------------------------


def second_email(case: Desk) -> ContactPoint:
    with recording(by=factories.system()):
        point = ContactPoint(
            customer=case.customer, channel="email", email="second@mail.example.org", source="import", state="active"
        )
        point.save()
        factories.note()
    return point


def other_customers(case: Desk) -> ContactPoint:
    return point_of(factories.customer("BZ0000009", email="other@mail.example.org", phone="+84912345614"), "phone")


VOUCHES_NOT: dict[str, Callable[[Desk], tuple[str, ContactPoint | None]]] = {
    "itself": lambda case: ("email", case.email),
    "same channel": lambda case: ("email", second_email(case)),
    "itself by the other way": lambda case: ("phone", case.email),
    "no number named": lambda case: ("phone", None),
    "another customer's": lambda case: ("phone", other_customers(case)),
    "no such way": lambda case: ("fax", case.phone),
    "no way": lambda case: ("", case.phone),
}


@pytest.mark.parametrize("who", VOUCHES_NOT)
def test_the_customer_is_reached_over_another_channel_that_is_on_file(who: str, case: Desk) -> None:
    asked(case, "email")
    hold = suspended(case.email, case.agent)
    way, over = VOUCHES_NOT[who](case)
    for result in ("confirmed", "denied", "not_reached"):
        with nothing_happens(), pytest.raises(InvalidInput):
            close_after_contact(hold, by=case.colleague, way=way, over=over, result=result, who="bà Hoa")
    assert [point.pk for point in ways_for(hold)] == [case.phone.pk]
    close_after_contact(hold, by=case.colleague, way="phone", over=case.phone, result="confirmed", who="bà Hoa")
    assert state(hold) == "released"


@pytest.mark.parametrize("how", ["retired", "bounced", "suspended"])
def test_a_number_that_is_not_in_use_vouches_for_nobody(how: str, case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    acts: dict[str, Callable[..., Any]] = {"retired": retire, "bounced": bounce, "suspended": suspended}
    acts[how](case.phone, by=case.agent)
    assert ways_for(hold) == []
    with nothing_happens(), pytest.raises(InvalidInput, match="in use"):
        reached(hold, "confirmed", by=case.colleague)
    close_after_contact(hold, by=case.agent, way="in_person", result="confirmed", who="bà Hoa")
    assert state(hold) == "released"


def test_a_number_that_came_after_the_suspicion_vouches_for_nobody(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    with recording(by=factories.system()):
        newer = ContactPoint(
            customer=case.customer, channel="phone", phone="+84912345677", source="import", state="active"
        )
        newer.save()
        factories.note()
    with nothing_happens(), pytest.raises(InvalidInput, match="since before the suspension"):
        reached(hold, "confirmed", by=case.agent, over=newer)
    reached(hold, "confirmed", by=case.agent)


@pytest.mark.parametrize("after", [timedelta(minutes=-2), timedelta(minutes=2)])
def test_the_customer_is_asked_after_the_suspension_at_a_time_that_has_been(after: timedelta, case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    begun = hold.opened_at if after < timedelta() else timezone.now()
    with nothing_happens(), pytest.raises(InvalidInput, match="at a time that has been"):
        reached(hold, "confirmed", by=case.agent, spoken_at=begun + after)
    reached(hold, "confirmed", by=case.agent, spoken_at=hold.opened_at)


def test_a_meeting_in_person_names_no_address(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    for over in (other_customers(case), case.phone):
        with nothing_happens(), pytest.raises(InvalidInput, match="over no address"):
            close_after_contact(hold, by=case.agent, way="in_person", over=over, result="confirmed", who="bà Hoa")
    close_after_contact(hold, by=case.agent, way="in_person", result="confirmed", who="bà Hoa")
    assert state(hold) == "released"


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("x" * 1001, "1,000"),
        ("bà\u202eHoa", "control characters"),
        ("a\x00b", "control characters"),
        ("", "who was spoken to"),
        (" \n", "who was spoken to"),
    ],
)
@pytest.mark.parametrize("result", ["confirmed", "denied"])
def test_who_was_spoken_to_stands_on_one_line(result: str, who: str, sentence: str, case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    with nothing_happens(), pytest.raises(InvalidInput, match=sentence):
        reached(hold, result, by=case.agent, who=who)
    reached(hold, result, by=case.agent, who="x" * 1000)


# --- by a second person ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "about", "second"),
    [
        ("correction", ["email"], True),
        ("correction", ["phone"], True),
        ("question", ["password"], True),
        ("correction", ["name", "phone"], True),
        ("correction", ["other"], True),
        ("correction", ["name"], False),
        ("correction", ["company", "service_access"], False),
        ("access", [], False),
        ("question", ["other"], False),
    ],
)
def test_where_a_parked_request_opens_an_account_somebody_else_releases(
    kind: str, about: list[str], second: bool, case: Desk
) -> None:
    asked(case, "name")
    request = asked(case, *about, kind=kind)
    hold = suspended(case.email, case.agent)
    assert needs_second(hold) is second
    if second:
        with refused("second_person", "close_hold", by=case.agent):
            reached(hold, "confirmed", by=case.agent)
        assert [state(each) for each in (hold, case.email, request)] == ["open", "suspended", "parked"]
        reached(hold, "not_reached", by=case.agent)
        reached(hold, "confirmed", by=case.colleague)
    else:
        reached(hold, "confirmed", by=case.agent)
    assert (state(hold), now(hold).needs_second) == ("released", second)


def test_a_request_that_arrives_after_the_suspension_calls_for_a_second_person_too(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    assert not needs_second(hold)
    asked(case, "password", kind="question")
    with refused("second_person", "close_hold", by=case.agent):
        reached(hold, "confirmed", by=case.agent)
    reached(hold, "denied", by=case.agent)
    assert state(hold) == "fraud"


def test_a_request_under_another_name_with_a_correction_of_the_address_needs_a_second_person(case: Desk) -> None:
    request = asked(case, kind="question")
    verified(case, request)
    correction = correct(case.customer, "email", THIEFS, by=case.agent, why=why(request), point=case.email)
    hold = suspended(case.email, case.agent)
    assert state(correction) == "proposed"
    with refused("second_person", "close_hold", by=case.agent):
        reached(hold, "confirmed", by=case.agent)
    reached(hold, "confirmed", by=case.colleague)
    assert (state(hold), now(hold).needs_second) == ("released", True)


def test_who_does_not_handle_the_customer_s_requests_closes_nothing(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    far = factories.person("minh", "Support agent", "Da Nang")
    for person in (far, factories.person("binh", "Disclosure approver")):
        for result in ("confirmed", "denied", "not_reached"):
            with refused("no_right", "close_hold", by=person):
                reached(hold, result, by=person)
    factories.move_to_team(case.customer, "Da Nang")
    with refused("no_right", "close_hold", by=case.colleague):
        reached(hold, "confirmed", by=case.colleague)
    reached(hold, "confirmed", by=far)


@pytest.mark.parametrize("result", ["confirmed", "denied", "not_reached"])
def test_a_suspension_that_is_over_is_not_closed_again(result: str, case: Desk) -> None:
    for first, ended in (("confirmed", "released"), ("denied", "fraud")):
        hold = suspended(case.email, case.agent)
        reached(hold, first, by=case.agent)
        for stale in (hold, now(hold)):
            with nothing_happens(), pytest.raises(InvalidInput, match="Look at it again"):
                reached(stale, result, by=case.colleague)
        assert state(hold) == ended


# --- others who share it --------------------------------------------------------------------------------------------


def test_whoever_shares_the_address_is_suspended_too_and_released_by_their_own_word(case: Desk) -> None:
    theirs = factories.customer(
        "BZ0000002", team_name="Da Nang", email="Hoa.Nguyen@mail.example.com", phone="+84912345613"
    )
    agent = factories.person("minh", "Support agent", "Da Nang")
    request = asked(Desk(theirs, agent, agent, case.lead, case.officer), "name")
    hold = suspended(case.email, case.agent, proof="chỉ của bà Hoa")
    spread = Hold.objects.get(customer=theirs)
    assert (spread.reason, spread.spread_from, spread.ticket, spread.proof) == ("shared", hold, "T-1", None)
    assert (state(point_of(theirs, "email")), state(request)) == ("suspended", "parked")
    assert {entry["customer"] for entry in payloads() if entry["kind"] == "hold_opened"} == {"BZ0000001", "BZ0000002"}
    reached(hold, "confirmed", by=case.agent)
    assert [state(each) for each in (case.email, spread, point_of(theirs, "email"), request)] == [
        "active", "open", "suspended", "parked",
    ]  # fmt: skip
    with refused("no_right", "close_hold", by=case.agent):
        reached(spread, "confirmed", by=case.agent)
    reached(spread, "confirmed", by=agent)
    assert [state(each) for each in (spread, point_of(theirs, "email"), request)] == ["released", "active", "open"]


def test_fraud_at_one_customer_condemns_no_other(case: Desk) -> None:
    theirs = factories.customer("BZ0000002", email=EMAIL, phone="+84912345613")
    hold = suspended(case.email, case.agent)
    spread = Hold.objects.get(customer=theirs)
    with nothing_happens(), pytest.raises(InvalidInput, match="in use"):
        reached(spread, "confirmed", by=case.colleague, over=case.phone)
    reached(hold, "denied", by=case.agent)
    assert [state(each) for each in (spread, point_of(theirs, "email"))] == ["open", "suspended"]
    reached(spread, "confirmed", by=case.agent)
    assert [state(each) for each in (case.email, point_of(theirs, "email"))] == ["retired", "active"]


def test_who_was_released_by_their_own_word_can_confirm_the_address(case: Desk) -> None:
    theirs = factories.customer("BZ0000002", email=EMAIL, phone="+84912345613")
    suspended(case.email, case.agent)
    reached(Hold.objects.get(customer=theirs), "confirmed", by=case.agent)
    ask_owner(point_of(theirs, "email"), by=case.agent)
    assert answer_with_code(point_of(theirs, "email"), codes()[-1], by=case.agent).matched


# --- at once --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_of_two_who_close_one_suspension_one_does_and_the_other_is_told(_again: int, own_database: str) -> None:
    case = desk()
    request, correction = wanted(case)
    hold = suspended(case.email, case.agent)
    told = at_once(
        lambda: reached(hold, "confirmed", by=case.colleague),
        lambda: reached(hold, "denied", by=case.lead),
        lambda: reached(hold, "confirmed", by=case.lead),
    )
    assert [sentence.partition(":")[0] for sentence in told] == ["InvalidInput"] * 2
    ends = [state(each) for each in (hold, case.email, request, correction)]
    assert ends in [["released", "active", "open", "proposed"], ["fraud", "retired", "refused", "refused"]]
    assert (HoldMove.objects.count(), HoldContact.objects.count()) == (1, 1)


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_a_request_that_arrives_while_the_hold_ends_is_never_left_parked(_again: int, own_database: str) -> None:
    case = desk()
    hold = suspended(case.email, case.agent)
    told = at_once(lambda: reached(hold, "confirmed", by=case.colleague), *[lambda: asked(case, "email")] * 3)
    assert told == []
    assert set(CustomerRequest.objects.values_list("state", flat=True)) == {"open"}
    assert CustomerRequest.objects.count() == 3
