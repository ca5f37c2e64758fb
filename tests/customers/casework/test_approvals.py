"""The second person's word: somebody else's, of the right team or office, once, and never for what is parked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from customers.acts.refusals import Refused
from customers.casework.address_verification import answer_with_link
from customers.casework.approvals import approve, refuse_correction, withdraw_correction
from customers.casework.corrections import correct
from customers.evidence.recording import recording
from customers.models import Correction, Customer, Notice, Refusal
from customers.models.state_machine import TransitionNotAllowed
from customers.permissions.casework import can_approve, corrections_approvable_by
from customers.staff.accounts import end_person
from customers.validation.errors import InvalidInput
from tests import factories
from tests.concurrency import at_once
from tests.customers.evidence.logs import payloads
from tests.sampling import rounds
from tests.scenario import (
    EMAIL,
    SUPPLEMENT,
    Desk,
    approved,
    asked,
    check_sent_to,
    desk,
    nothing_happens,
    now,
    reached,
    refused,
    sent,
    state,
    suspended,
    wanted,
    why,
)
from tests.worlds import shared

NEW = "new@mail.example.org"


@shared
def case() -> Desk:
    """A customer with an address, a number and a service, and who works there."""
    return desk()


def proposed(case: Desk, **different: Any) -> Correction:
    """Another e-mail address on our initiative, which waits for approval."""
    given = {"by": case.agent, "why": why(), "point": case.email, **different}
    return correct(now(case.customer), "email", NEW, **given)


def new_login(case: Desk) -> Correction:
    return correct(case.customer, "login", "mai", by=case.agent, why=why(), service=case.customer.services.get())


def with_officer(case: Desk) -> Correction:
    """A name that an ended customer wants changed, which waits for an officer."""
    with recording(by=factories.system()):
        Customer.objects.filter(pk=case.customer.pk).update(status="ended")
        factories.note()
    request = asked(case, "name")
    return correct(now(case.customer), "name", "Trần Thị Hoa", by=case.agent, why=why(request))


# --- what follows ---------------------------------------------------------------------------------------------------


def test_an_approved_address_is_asked_first_and_nothing_else_changes(case: Desk) -> None:
    correction = proposed(case)
    assert sent() == []
    letter = approve(correction, by=case.lead)
    assert letter is not None
    assert (letter.left, letter.notice.what, [to for to, _subject in sent()]) == (True, "check", [NEW])
    assert (state(correction), now(correction).approved_by) == ("approved", case.lead)
    assert [state(case.email), state(correction.new_point)] == ["active", "unverified"]
    answer_with_link(check_sent_to(correction.new_point))
    assert [state(each) for each in (correction, case.email, correction.new_point)] == ["done", "retired", "active"]
    assert [to for to, _subject in sent()] == [NEW, EMAIL]


def test_a_login_takes_over_on_approval_and_nobody_is_written_to(case: Desk) -> None:
    correction = new_login(case)
    assert approve(correction, by=case.lead) is None
    assert (state(correction), case.customer.services.get().login == "mai", sent()) == ("done", True, [])


@pytest.mark.parametrize("ended_by", ["refuse", "withdraw"])
def test_what_is_not_approved_leaves_everything_and_retires_the_waiting_address(ended_by: str, case: Desk) -> None:
    correction = proposed(case)
    if ended_by == "refuse":
        refuse_correction(correction, by=case.lead, why="wrong_value")
    else:
        withdraw_correction(correction, by=case.agent)
    ends = {"refuse": ("refused", "wrong_value"), "withdraw": ("withdrawn", "")}
    assert (state(correction), correction.moves.get().why) == ends[ended_by]
    assert [state(case.email), state(correction.new_point), sent()] == ["active", "retired", []]


def test_an_approved_one_can_still_be_withdrawn_and_its_link_is_void(case: Desk) -> None:
    correction = proposed(case)
    approve(correction, by=case.lead)
    check = check_sent_to(correction.new_point)
    withdraw_correction(correction, by=case.agent)
    with nothing_happens(), pytest.raises(InvalidInput):
        answer_with_link(check)
    assert [state(each) for each in (correction, case.email, correction.new_point)] == [
        "withdrawn", "active", "retired",
    ]  # fmt: skip


@pytest.mark.parametrize("why_not", ["", "whim", "SUSPECTED_FRAUD"])
def test_a_refusal_has_a_coded_reason(why_not: str, case: Desk) -> None:
    correction = proposed(case)
    with nothing_happens(), pytest.raises(InvalidInput, match="Pick a reason"):
        refuse_correction(correction, by=case.lead, why=why_not)


def test_a_number_that_cannot_be_asked_is_not_proposed(case: Desk, settings: Any) -> None:
    settings.SMS_GATEWAY = ""
    with nothing_happens(), pytest.raises(InvalidInput, match="no text messages"):
        correct(case.customer, "phone", "+84912345688", by=case.agent, why=why(), point=case.phone)
    settings.SMS_GATEWAY = "{number}@sms.example.com"
    assert correct(case.customer, "phone", "+84912345688", by=case.agent, why=why(), point=case.phone)


def test_the_new_value_is_on_no_record_of_its_approval(case: Desk) -> None:
    correction = proposed(case)
    approve(correction, by=case.lead)
    answer_with_link(check_sent_to(correction.new_point))
    assert NEW not in str(payloads())
    assert (str(correction.new_value), str(correction)) == (
        str(correction.new_point.email),
        f"correction {correction.pk}",
    )
    assert NEW not in str(correction.new_value)


# --- whose word -----------------------------------------------------------------------------------------------------

DECIDE: dict[str, Callable[[Correction, Any], Any]] = {
    "approve": lambda correction, by: approve(correction, by=by),
    "refuse_correction": lambda correction, by: refuse_correction(correction, by=by, why="not_proven"),
}


@pytest.mark.parametrize("act", DECIDE)
def test_nobody_decides_on_a_proposal_of_ones_own(act: str, case: Desk) -> None:
    correction = proposed(case, by=case.lead)
    assert (can_approve(case.lead, correction), list(corrections_approvable_by(case.lead))) == (False, [])
    with refused("own_proposal", act, by=case.lead):
        DECIDE[act](correction, case.lead)
    other = factories.person("bich", "Support lead")
    assert (can_approve(other, correction), list(corrections_approvable_by(other))) == (True, [correction])
    DECIDE[act](correction, other)
    assert list(corrections_approvable_by(other)) == []


@pytest.mark.parametrize("act", DECIDE)
def test_only_a_lead_of_the_customer_s_team_decides(act: str, case: Desk) -> None:
    correction = proposed(case)
    far = factories.person("minh", "Support lead", "Da Nang")
    for person in (far, case.colleague, case.officer, factories.person("binh", "Auditor"), factories.person("nobody")):
        assert not can_approve(person, correction)
        with refused("no_right", act, by=person):
            DECIDE[act](correction, person)
    factories.move_to_team(case.customer, "Da Nang")
    with refused("no_right", act, by=case.lead):
        DECIDE[act](correction, case.lead)
    DECIDE[act](correction, far)


@pytest.mark.parametrize("act", DECIDE)
def test_what_is_with_an_officer_takes_an_officer(act: str, case: Desk) -> None:
    correction = with_officer(case)
    assert [can_approve(person, correction) for person in (case.lead, case.officer)] == [False, True]
    with refused("no_right", act, by=case.lead):
        DECIDE[act](correction, case.lead)
    DECIDE[act](correction, case.officer)


def test_a_grant_makes_nobody_a_second_person(case: Desk) -> None:
    correction = proposed(case)
    far = factories.person("minh", "Support lead", "Da Nang")
    factories.grant(case.customer, far, ["reveal_email"])
    with refused("no_right", "approve", by=far):
        approve(correction, by=far)


def test_a_lead_whose_access_has_ended_approves_nothing(case: Desk) -> None:
    correction = proposed(case)
    admin = factories.person("root", "Administrator")
    end_person(case.lead, by=admin)
    with refused("ended", "approve", by=case.lead):
        approve(correction, by=case.lead)


def test_an_agent_does_not_take_back_what_is_with_an_officer(case: Desk) -> None:
    correction = with_officer(case)
    with refused("no_right", "withdraw_correction", by=case.agent):
        withdraw_correction(correction, by=case.agent)


def test_an_officer_is_told_that_a_lead_approves_what_waits_for_no_officer(case: Desk) -> None:
    with pytest.raises(Refused, match="a lead of the customer’s team; what waits for an officer, an officer"):
        approve(proposed(case), by=case.officer)


def test_who_has_nothing_to_do_with_the_customer_withdraws_nothing(case: Desk) -> None:
    correction = proposed(case)
    for person in (factories.person("minh", "Support lead", "Da Nang"), factories.person("binh", "Auditor")):
        with refused("no_right", "withdraw_correction", by=person):
            withdraw_correction(correction, by=person)
    withdraw_correction(correction, by=case.colleague)


# --- parked ---------------------------------------------------------------------------------------------------------


def test_nothing_is_approved_for_a_parked_request(case: Desk) -> None:
    request, correction = wanted(case, NEW)
    hold = suspended(case.email, case.agent)
    for stale in (correction, now(correction)):
        with nothing_happens(), pytest.raises(InvalidInput, match="request behind it is parked"):
            approve(stale, by=case.lead)
    reached(hold, "confirmed", by=case.colleague)
    approve(correction, by=case.lead)
    assert [state(each) for each in (request, correction)] == ["open", "approved"]


def test_what_rests_on_no_parked_request_goes_on(case: Desk) -> None:
    asked(case, "email")
    login, address = new_login(case), proposed(case)
    suspended(case.email, case.agent)
    approve(login, by=case.lead)
    with nothing_happens(), pytest.raises(InvalidInput, match="This address is suspended"):
        approve(address, by=case.lead)  # on our initiative: the suspended address itself would be replaced
    assert [state(each) for each in (login, address, case.email)] == ["done", "proposed", "suspended"]


def test_a_parked_one_may_be_refused_and_its_address_goes(case: Desk) -> None:
    request, correction = approved(case)
    again = correct(case.customer, "phone", "+84912345688", by=case.agent, why=why(), point=case.phone)
    suspended(case.email, case.agent)
    withdraw_correction(correction, by=case.colleague)
    assert [state(each) for each in (request, correction, correction.new_point, again)] == [
        "parked", "withdrawn", "retired", "proposed",
    ]  # fmt: skip


def test_an_address_that_is_suspended_meanwhile_is_not_asked(case: Desk) -> None:
    correction = proposed(case)
    hold = suspended(correction.new_point, case.agent)
    with nothing_happens(), pytest.raises(InvalidInput, match="suspended"):
        approve(correction, by=case.lead)
    reached(hold, "confirmed", by=case.agent)
    assert state(correction.new_point) == "unverified"
    approve(correction, by=case.lead)
    assert state(correction) == "approved"


# --- stale pages and double clicks ----------------------------------------------------------------------------------


def test_from_each_state_what_the_table_has_not_is_told(case: Desk) -> None:
    ways: dict[str, Callable[[Correction], Any]] = {
        "refused": lambda correction: refuse_correction(correction, by=case.lead, why="not_proven"),
        "withdrawn": lambda correction: withdraw_correction(correction, by=case.agent),
        "done": lambda correction: (
            approve(correction, by=case.lead), answer_with_link(check_sent_to(correction.new_point)),
        ),
    }  # fmt: skip
    for ended, bring in ways.items():
        correction = proposed(case, point=None, why=why(**SUPPLEMENT))
        bring(correction)
        assert state(correction) == ended
        for stale in (correction, now(correction)):
            for act in (*DECIDE.values(), lambda row, by: withdraw_correction(row, by=by)):
                with nothing_happens(), pytest.raises(InvalidInput, match="Look at it again"):
                    act(stale, case.lead)
        if ended == "done":
            assert [state(correction), state(correction.new_point)] == ["done", "active"]


def test_a_second_click_on_approve_is_told_and_sends_no_second_letter(case: Desk) -> None:
    correction = proposed(case)
    approve(correction, by=case.lead)
    with nothing_happens(), pytest.raises(InvalidInput, match="Look at it again"):
        approve(correction, by=case.lead)
    assert Notice.objects.filter(what="check").count() == 1


@pytest.mark.parametrize("state_now", Correction.State.values)
@pytest.mark.parametrize("how", Correction.TRANSITIONS)
def test_every_move_from_every_state_is_as_the_table_says(how: str, state_now: str, case: Desk) -> None:
    with recording(by=factories.system()):
        made = Correction(
            customer=case.customer, datum="name", correction_kind="update", ground="outdated", origin="proactive",
            proof="call", needs_second=False, proposed_by=case.agent, state=state_now,
        )  # fmt: skip
        made.save()
        factories.note()
    ends = Correction.TRANSITIONS[how].get(state_now)
    try:
        with recording(by=factories.system()):
            made.transition(how, customer=case.customer, datum="name")
    except TransitionNotAllowed:
        assert (ends, state(made)) == (None, state_now)
    else:
        assert (state(made),) == ends


# --- at once --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_of_two_who_approve_and_one_who_refuses_at_once_one_wins(_again: int, own_database: str) -> None:
    case = desk()
    correction, other = proposed(case), factories.person("bich", "Support lead")
    told = at_once(
        lambda: approve(correction, by=case.lead),
        lambda: refuse_correction(correction, by=other, why="not_proven"),
        lambda: approve(correction, by=other),
    )
    assert [sentence.partition(":")[0] for sentence in told] == ["InvalidInput"] * 2
    assert (state(correction), state(correction.new_point)) in [("approved", "unverified"), ("refused", "retired")]
    assert (correction.moves.count(), Refusal.objects.count()) == (1, 0)
    assert len(sent()) == (state(correction) == "approved")


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_of_approving_a_login_and_withdrawing_it_at_once_one_wins(_again: int, own_database: str) -> None:
    case = desk()
    correction = new_login(case)
    told = at_once(lambda: approve(correction, by=case.lead), lambda: withdraw_correction(correction, by=case.agent))
    assert [sentence.partition(":")[0] for sentence in told] == ["InvalidInput"]
    login = "mai" if state(correction) == "done" else "hoa"
    assert (state(correction) in ("done", "withdrawn"), case.customer.services.get().login == login) == (True, True)


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_approving_and_suspending_at_once_leave_nothing_done_for_the_suspended(_again: int, own_database: str) -> None:
    case = desk()
    request, correction = wanted(case, NEW)
    told = at_once(lambda: approve(correction, by=case.lead), lambda: suspended(case.email, case.agent))
    assert (state(request), state(case.email)) == ("parked", "suspended")
    assert state(correction) == ("proposed" if told else "approved")
    assert {sentence.partition(":")[0] for sentence in told} <= {"InvalidInput"}
