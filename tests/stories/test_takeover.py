"""Whoever holds the customer's mailbox, or sits at the desk and cheats, does not become the customer."""

from __future__ import annotations

from typing import Any

import pytest

from customers.access.verify import verify
from customers.casework.address_verification import answer_with_code, answer_with_link, ask_owner
from customers.casework.addresses import may_send_confidential, written_to
from customers.casework.approvals import approve, refuse_correction, withdraw_correction
from customers.casework.corrections import correct
from customers.casework.holds import close_after_contact, ways_for
from customers.casework.requests import acknowledge, withdraw
from customers.casework.service_access import start_reset
from customers.evidence.recording import recording
from customers.models import ContactPoint, Correction
from customers.validation.errors import InvalidInput
from customers.vault.kinds import Kind
from tests import factories
from tests.concurrency import at_once
from tests.sampling import rounds
from tests.scenario import (
    EMAIL,
    SUPPLEMENT,
    THIEFS,
    THIEFS_PHONE,
    Desk,
    approved,
    asked,
    check_sent_to,
    codes,
    desk,
    nothing_happens,
    now,
    reached,
    refused,
    sent,
    state,
    suspended,
    verified,
    wanted,
    why,
)

RESET = "https://account.example.com/reset"


@pytest.fixture
def case(db: None, settings: Any) -> Desk:
    """A customer with an address and a number, and who works there; passwords are chosen at the provider's page."""
    settings.PASSWORD_RESET_URL = RESET
    return desk()


def confirm(point: ContactPoint) -> None:
    """Whoever has that mailbox follows the link, whatever comes of it."""
    try:
        answer_with_link(check_sent_to(point))
    except InvalidInput:
        return


# --- a new address while its request is parked ----------------------------------------------------------------------


def test_an_approved_address_takes_over_once_its_owner_confirms_it_and_the_old_one_is_told(case: Desk) -> None:
    _request, correction = approved(case)
    confirm(correction.new_point)
    assert [state(each) for each in (correction, case.email, correction.new_point)] == ["done", "retired", "active"]
    assert (written_to(case.customer), sent()[-1][0]) == (correction.new_point, EMAIL)


def test_nobody_confirms_an_address_while_the_request_behind_it_is_parked(case: Desk, settings: Any) -> None:
    request, correction = approved(case)
    check, code = check_sent_to(correction.new_point), codes()[-1]
    suspended(case.email, case.agent)
    acts = (
        lambda: answer_with_link(check),
        lambda: answer_with_code(correction.new_point, code, by=case.agent),
        lambda: ask_owner(correction.new_point, by=case.agent),
    )
    for act in acts:
        with nothing_happens(), pytest.raises(InvalidInput, match="This cannot be confirmed just now"):
            act()
    assert [state(each) for each in (request, correction, case.email, correction.new_point)] == [
        "parked", "approved", "suspended", "unverified",
    ]  # fmt: skip
    acknowledge(asked(case, "name", over="phone"), by=case.agent)
    assert sent()[-1][0] == "84912345612@sms.example.com"


def test_no_password_link_goes_to_an_address_whose_request_is_parked(case: Desk) -> None:
    _request, correction = approved(case)
    suspended(case.email, case.agent)
    confirm(correction.new_point)
    assert not may_send_confidential(now(correction.new_point))
    with nothing_happens(), pytest.raises(InvalidInput):
        start_reset(now(correction.new_point), by=case.agent)


def test_an_address_that_the_parked_request_brought_does_not_vouch_for_it(case: Desk) -> None:
    _request, correction = approved(case, over="phone")
    hold = suspended(case.phone, case.agent)
    confirm(correction.new_point)
    assert ways_for(hold) == [case.email]
    with nothing_happens(), pytest.raises(InvalidInput):
        reached(hold, "confirmed", by=case.colleague, over=now(correction.new_point))


def test_a_number_that_still_waits_to_be_confirmed_does_not_vouch(case: Desk) -> None:
    correct(case.customer, "phone", THIEFS_PHONE, by=case.agent, why=why(**SUPPLEMENT))
    with recording(by=factories.system()):
        of_an_import = ContactPoint(
            customer=case.customer, channel="phone", phone="+84912345688", source="import", state="unverified"
        )
        of_an_import.save()
        factories.note()
    hold = suspended(case.email, case.agent)
    unconfirmed = list(case.customer.contact_points.filter(channel="phone", state="unverified"))
    assert len(unconfirmed) == 2
    assert ways_for(hold) == [case.phone]
    for number in unconfirmed:
        with nothing_happens(), pytest.raises(InvalidInput, match="one in use"):
            reached(hold, "confirmed", by=case.colleague, over=number)
    reached(hold, "confirmed", by=case.colleague, over=case.phone)
    assert state(hold) == "released"


def test_once_the_customer_says_it_was_not_them_the_new_address_is_gone(case: Desk) -> None:
    request, correction = approved(case)
    check = check_sent_to(correction.new_point)
    hold = suspended(case.email, case.agent)
    reached(hold, "denied", by=case.agent)
    assert [state(each) for each in (request, correction, correction.new_point)] == ["refused", "refused", "retired"]
    assert sent()[-1][0] == "84912345612@sms.example.com"
    with nothing_happens(), pytest.raises(InvalidInput):
        answer_with_link(check)


def test_once_the_customer_confirms_it_the_new_address_is_asked_again_and_takes_over(case: Desk) -> None:
    request, correction = approved(case)
    old, code = check_sent_to(correction.new_point), codes()[-1]
    hold = suspended(case.email, case.agent)
    letters = len(sent())
    reached(hold, "confirmed", by=case.colleague)
    assert [state(each) for each in (request, correction, case.email, correction.new_point)] == [
        "open", "approved", "active", "unverified",
    ]  # fmt: skip
    assert [to for to, _subject in sent()[letters:]] == [THIEFS]
    with nothing_happens(), pytest.raises(InvalidInput, match="newer code"):
        answer_with_link(old)
    assert codes()[-1] != code
    assert answer_with_code(correction.new_point, codes()[-1], by=case.agent).matched
    assert [state(each) for each in (correction, case.email, correction.new_point)] == ["done", "retired", "active"]


def test_a_release_asks_no_address_whose_correction_nobody_has_approved(case: Desk) -> None:
    request, correction = wanted(case)
    hold = suspended(case.email, case.agent)
    reached(hold, "confirmed", by=case.colleague)
    assert ([state(request), state(correction)], sent()) == (["open", "proposed"], [])


def test_an_address_that_was_replaced_while_it_was_suspended_does_not_come_back(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    request = asked(case, "email", over="phone")
    verified(case)
    new = correct(case.customer, "email", "new@mail.example.org", by=case.agent, why=why(request), point=case.email)
    approve(new, by=case.lead)
    answer_with_code(new.new_point, codes()[-1], by=case.agent)
    reached(hold, "confirmed", by=case.agent)
    assert (state(new), state(hold), state(case.email)) == ("done", "released", "retired")


def test_an_address_whose_correction_was_refused_while_it_was_suspended_does_not_come_into_use(case: Desk) -> None:
    _request, correction = wanted(case)
    hold = suspended(correction.new_point, case.agent)
    refuse_correction(correction, by=case.lead, why="not_proven")
    reached(hold, "confirmed", by=case.agent)
    assert (state(correction), state(correction.new_point)) == ("refused", "retired")


# --- the agent who cheats -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("adds", [True, False])
def test_an_address_that_nobody_has_approved_cannot_be_confirmed(adds: bool, case: Desk) -> None:
    reason, old = (why(**SUPPLEMENT), None) if adds else (why(), case.email)
    correction = correct(case.customer, "email", THIEFS, by=case.agent, why=reason, point=old)
    with nothing_happens(), pytest.raises(InvalidInput, match="has to approve this address first"):
        ask_owner(correction.new_point, by=case.agent)
    with nothing_happens(), pytest.raises(InvalidInput, match="No code was sent"):
        answer_with_code(correction.new_point, "123456", by=case.agent)
    with nothing_happens(), pytest.raises(InvalidInput):
        start_reset(now(correction.new_point), by=case.agent)
    approve(correction, by=case.lead)
    ask_owner(correction.new_point, by=case.agent)
    assert answer_with_code(correction.new_point, codes()[-1], by=case.agent).matched
    assert (state(correction), state(correction.new_point)) == ("done", "active")


def test_an_address_that_waits_for_approval_proves_nothing_about_a_caller(case: Desk) -> None:
    correct(case.customer, "phone", THIEFS_PHONE, by=case.agent, why=why(**SUPPLEMENT))
    assert verify(case.customer, {Kind.PHONE: THIEFS_PHONE}, by=case.agent).points == []
    assert verified(case).points == [case.phone.pk]


def test_an_address_that_waits_for_approval_carries_no_other_request(case: Desk) -> None:
    correct(case.customer, "phone", THIEFS_PHONE, by=case.agent, why=why(**SUPPLEMENT))
    request = asked(case, "email")
    verify(case.customer, {Kind.PHONE: THIEFS_PHONE}, by=case.agent, request=request)
    with refused("not_verified", "correct", by=case.agent):
        correct(case.customer, "email", THIEFS, by=case.agent, why=why(request), point=case.email)
    verified(case, request)
    assert correct(case.customer, "email", THIEFS, by=case.agent, why=why(request), point=case.email)


def test_an_address_that_comes_beside_another_is_told_to_the_other(case: Desk) -> None:
    correction = correct(case.customer, "email", THIEFS, by=case.agent, why=why(**SUPPLEMENT))
    approve(correction, by=case.lead)
    confirm(correction.new_point)
    assert state(correction) == "done"
    assert sent()[-1][0] == EMAIL


def test_nobody_releases_approves_and_confirms_alone(case: Desk) -> None:
    request, correction = wanted(case)
    hold = suspended(case.email, case.agent)
    with refused("second_person", "close_hold", by=case.agent):
        reached(hold, "confirmed", by=case.agent)
    with refused("second_person", "close_hold", by=case.agent):
        close_after_contact(hold, by=case.agent, way="in_person", result="confirmed", who="bà Hoa")
    with refused("own_proposal", "approve", by=case.agent):
        approve(correction, by=case.agent)
    with nothing_happens(), pytest.raises(InvalidInput, match="parked"):
        withdraw(now(request), by=case.agent, words="thôi")


def test_a_retired_address_cannot_be_confirmed_by_an_old_link(case: Desk) -> None:
    _request, correction = approved(case)
    check = check_sent_to(correction.new_point)
    withdraw_correction(correction, by=case.agent)
    with nothing_happens(), pytest.raises(InvalidInput):
        answer_with_link(check)
    assert state(correction.new_point) == "retired"


# --- at once --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_a_suspension_and_a_confirmation_at_once_leave_nothing_between(_again: int, own_database: str) -> None:
    case = desk()
    _request, correction = approved(case)
    check = check_sent_to(correction.new_point)
    at_once(lambda: suspended(case.email, case.agent), lambda: answer_with_link(check))
    assert state(case.email) == "suspended"
    assert state(correction.new_point) == ("active" if state(correction) == "done" else "unverified")
    assert state(correction) in ("done", "approved")
    assert Correction.objects.get().moves.filter(how="carry_out").count() == (state(correction) == "done")


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_a_release_and_a_confirmation_at_once_carry_the_correction_out_once(_again: int, own_database: str) -> None:
    case = desk()
    _request, correction = approved(case)
    hold = suspended(case.email, case.agent)
    check = check_sent_to(correction.new_point)
    at_once(lambda: reached(hold, "confirmed", by=case.colleague), lambda: answer_with_link(check))
    assert state(hold) == "released"
    assert correction.moves.filter(how="carry_out").count() <= 1
    assert (state(correction), state(case.email)) in [("done", "retired"), ("approved", "active")]
