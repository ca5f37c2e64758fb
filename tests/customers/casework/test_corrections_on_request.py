"""What a customer asks to be corrected rests on an open request and on a verification by something else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from customers.access.verify import verify
from customers.casework.addresses import bounce, retire
from customers.casework.approvals import approve, refuse_correction
from customers.casework.corrections import correct
from customers.casework.requests import complete, hand_over, refuse_request, withdraw
from customers.evidence.errors import NotRecording
from customers.evidence.recording import recording
from customers.models import ContactPoint, Correction, Customer, CustomerRequest
from customers.validation.errors import InvalidInput
from customers.vault.kinds import Kind
from tests import factories
from tests.concurrency import at_once
from tests.conftest import Clock
from tests.sampling import rounds
from tests.scenario import (
    EMAIL,
    PHONE,
    SUPPLEMENT,
    Desk,
    asked,
    desk,
    nothing_happens,
    now,
    point_of,
    refused,
    state,
    suspended,
    verified,
    wanted,
    why,
)
from tests.worlds import shared

NEW, NAME = "new@mail.example.org", "Trần Thị Hoa"


@shared
def case() -> Desk:
    """A customer with an address and a number, and who works there."""
    return desk()


def new_email(case: Desk, request: CustomerRequest, **different: Any) -> Correction:
    given = {"by": case.agent, "why": why(request), "point": case.email, **different}
    return correct(now(case.customer), "email", NEW, **given)


def new_name(case: Desk, request: CustomerRequest | None = None, value: str = NAME) -> Correction:
    return correct(now(case.customer), "name", value, by=case.agent, why=why(request))


def end(case: Desk) -> None:
    with recording(by=factories.system()):
        Customer.objects.filter(pk=case.customer.pk).update(status="ended")
        factories.note()


# --- on which request -----------------------------------------------------------------------------------------------


def test_a_customer_s_correction_names_an_open_request_of_theirs(case: Desk) -> None:
    other = factories.customer("BZ0000002", email="other@mail.example.org", phone="+84912345613")
    theirs = asked(Desk(other, case.agent, case.colleague, case.lead, case.officer), "name")
    verified(case)
    with nothing_happens(), pytest.raises(InvalidInput, match="put the customer’s request on file"):
        correct(case.customer, "name", NAME, by=case.agent, why=why(origin="customer_request"))
    for closed in ("done", "refused", "withdrawn"):
        request = asked(case, "name")
        acts: dict[str, Any] = {"done": complete, "withdrawn": withdraw}
        if closed == "refused":
            refuse_request(request, by=case.agent, why="unfounded")
        else:
            acts[closed](request, by=case.agent, words="xong")
        with nothing_happens(), pytest.raises(InvalidInput, match="meanwhile"):
            new_name(case, request)
    with nothing_happens(), pytest.raises(InvalidInput, match="no request of this customer"):
        new_name(case, theirs)
    request = asked(case, "name")
    verified(case, request)
    assert (state(new_name(case, request)), state(request)) == ("done", "open")


def test_a_correction_on_our_initiative_hangs_on_no_request_of_another_customer(case: Desk) -> None:
    other = factories.customer("BZ0000002", email="other@mail.example.org", phone="+84912345613")
    theirs = asked(Desk(other, case.agent, case.colleague, case.lead, case.officer), "name")
    for request in (theirs, asked(case, "email")):
        with nothing_happens(), pytest.raises(InvalidInput, match="not ours"):
            new_email(case, request, why=why(request, origin="proactive"))
    assert state(new_email(case, theirs, why=why())) == "proposed"


def test_an_agent_does_not_carry_out_what_was_handed_to_an_officer(case: Desk) -> None:
    request = asked(case, "name")
    verified(case)
    verified(case, request)
    hand_over(request, by=case.agent, words="lạ")
    with refused("no_right", "correct", by=case.agent):
        new_name(case, request)
    made = correct(case.customer, "name", NAME, by=case.officer, why=why(request))
    assert (state(made), made.proposed_by) == ("done", case.officer)


def test_a_request_is_not_completed_while_a_correction_of_it_waits(case: Desk) -> None:
    request, correction = wanted(case, NEW)
    with nothing_happens(), pytest.raises(InvalidInput, match="waits still"):
        complete(request, by=case.agent, words="xong")
    refuse_correction(correction, by=case.lead, why="not_proven")
    assert complete(request, by=case.agent, words="xong")


@pytest.mark.parametrize(("how", "becomes"), [("refuse", "refused"), ("withdraw", "withdrawn")])
def test_what_waits_goes_with_its_request_and_the_waiting_address_too(how: str, becomes: str, case: Desk) -> None:
    request, correction = wanted(case, NEW)
    if how == "refuse":
        refuse_request(request, by=case.agent, why="unfounded")
    else:
        withdraw(request, by=case.agent, words="thôi")
    assert [state(each) for each in (request, correction, correction.new_point, case.email)] == [
        becomes, becomes, "retired", "active",
    ]  # fmt: skip


# --- which verification carries it ----------------------------------------------------------------------------------

BOTH = {"email": EMAIL, "phone": PHONE}


@pytest.mark.parametrize(
    ("came_by", "over", "said", "becomes"),
    [
        ("email", "email", {"phone": PHONE}, "proposed"),
        ("email", "email", BOTH, "proposed"),
        ("email", "email", {"email": EMAIL}, ""),
        ("email", "email", {"name": "Nguyễn Thị Hoa"}, ""),
        ("email", "email", {"email": EMAIL, "name": "Nguyễn Thị Hoa"}, ""),
        ("phone", "phone", {"phone": PHONE}, "proposed"),
        ("phone", "phone", {"email": EMAIL}, ""),
        ("ticket", "email", {"email": EMAIL}, ""),
        ("ticket", "email", {"phone": PHONE}, "proposed"),
        ("ticket", "phone", {"phone": PHONE}, "with_officer"),
        ("in_person", "phone", {"phone": PHONE}, "proposed"),
    ],
)
def test_an_address_changes_on_a_verification_by_another_than_itself_and_the_one_that_asked(
    came_by: str, over: str, said: dict[str, str], becomes: str, case: Desk
) -> None:
    request = asked(case, "email", over=over, came_by=came_by)
    verified(case, request, **said)
    if becomes:
        assert state(new_email(case, request)) == becomes
    else:
        with refused("not_verified", "correct", by=case.agent):
            new_email(case, request)
        assert state(case.email) == "active"


def test_a_name_changes_on_a_verification_by_another_than_the_address_that_asked(case: Desk) -> None:
    request = asked(case, "name")
    verified(case, request, email=EMAIL)
    with refused("not_verified", "correct", by=case.agent):
        new_name(case, request)
    verified(case, request, phone=PHONE)
    assert state(new_name(case, request)) == "done"


def test_a_verification_with_a_miss_carries_nothing(case: Desk) -> None:
    request = asked(case, "email")
    said = {Kind.PHONE: PHONE, Kind.NAME: "Trần Thị Ai"}
    assert verify(case.customer, said, by=case.agent, request=request).misses == 1
    with refused("not_verified", "correct", by=case.agent):
        new_email(case, request)


def test_a_verification_of_another_customer_carries_nothing(case: Desk) -> None:
    other = factories.customer("BZ0000002", email="other@mail.example.org")
    request = asked(case, "email", over="phone")
    assert verify(other, {Kind.PHONE: PHONE}, by=case.agent).misses == 0
    with nothing_happens(), pytest.raises(InvalidInput, match="no request of this customer"):
        verify(other, {Kind.PHONE: PHONE}, by=case.agent, request=request)
    with refused("not_verified", "correct", by=case.agent):
        new_email(case, request)
    verified(case, request)
    assert state(new_email(case, request)) == "proposed"


@pytest.mark.parametrize("came_by", ["email", "ticket"])
def test_a_written_request_is_carried_only_by_a_verification_that_names_it(came_by: str, case: Desk) -> None:
    verified(case)
    request, another = asked(case, "email", came_by=came_by), asked(case, "email", came_by=came_by)
    for about in (None, another):
        verified(case, about)
        with refused("not_verified", "correct", by=case.agent):
            new_email(case, request)
    assert verified(case, request).request == request
    assert state(new_email(case, request)) == "proposed"


@pytest.mark.parametrize("came_by", ["phone", "in_person"])
def test_a_request_by_voice_is_not_carried_by_a_verification_about_another(came_by: str, case: Desk) -> None:
    request, another = [asked(case, "email", over="phone", came_by=came_by) for _ in range(2)]
    verified(case, another)
    with refused("not_verified", "correct", by=case.agent):
        new_email(case, request)
    verified(case)
    assert state(new_email(case, request)) == "proposed"


def test_a_verification_about_a_request_carries_it_whenever_it_was(case: Desk, clock: Clock) -> None:
    request = asked(case, "email", over="phone")
    clock.now += timedelta(days=2)
    verified(case)
    with refused("not_verified", "correct", by=case.agent):
        new_email(case, request)
    verified(case, request)
    assert state(new_email(case, request)) == "proposed"


@pytest.mark.parametrize("first", ["verified", "put on file"])
@pytest.mark.parametrize(("apart", "carries"), [(29, True), (31, False)])
def test_a_caller_is_verified_in_the_same_call_before_or_after(
    apart: int, carries: bool, first: str, case: Desk, clock: Clock
) -> None:
    if first == "verified":
        verified(case)
        clock.now += timedelta(minutes=apart)
        request = asked(case, "email", over="phone")
    else:
        request = asked(case, "email", over="phone")
        clock.now += timedelta(minutes=apart)
        verified(case)
    if carries:
        assert state(new_email(case, request)) == "proposed"
    else:
        with refused("not_verified", "correct", by=case.agent):
            new_email(case, request)


def test_a_suspended_number_carries_nothing(case: Desk) -> None:
    request = asked(case, "name")
    with recording(by=factories.system()):
        ContactPoint(customer=case.customer, channel="email", email=NEW, source="import", state="active").save()
        factories.note()
    suspended(case.phone, case.agent)
    assert verify(case.customer, {Kind.PHONE: PHONE}, by=case.agent, request=request).points == []
    with refused("not_verified", "correct", by=case.agent):
        new_name(case, request)
    verified(case, request, email=NEW)
    assert state(new_name(case, request)) == "done"


@pytest.mark.parametrize("how", ["suspended", "retired", "bounced"])
def test_whose_only_other_address_is_not_in_use_goes_to_an_officer(how: str, case: Desk) -> None:
    acts: dict[str, Any] = {"suspended": suspended, "retired": retire, "bounced": bounce}
    acts[how](case.phone, by=case.agent)
    assert state(new_name(case, asked(case, "name"))) == "with_officer"


# --- what goes to an officer ----------------------------------------------------------------------------------------


def test_whose_only_address_changes_goes_to_an_officer(case: Desk) -> None:
    retire(case.phone, by=case.agent)
    correction = new_email(case, asked(case, "email"))
    assert state(correction) == "with_officer"
    for person in (case.lead, case.colleague):
        with refused("no_right", "approve", by=person):
            approve(correction, by=person)
    approve(correction, by=case.officer)
    assert state(correction) == "approved"


def test_an_unconfirmed_second_address_does_not_bar_the_way_to_an_officer(case: Desk) -> None:
    retire(case.phone, by=case.agent)
    correct(case.customer, "phone", "+84912345688", by=case.agent, why=why(**SUPPLEMENT))
    assert state(new_email(case, asked(case, "email"))) == "with_officer"


def test_who_writes_that_the_only_number_has_changed_goes_to_an_officer(case: Desk) -> None:
    request = asked(case, "phone")
    verified(case, request, email=EMAIL, phone=PHONE)
    correction = correct(case.customer, "phone", "+84912345688", by=case.agent, why=why(request), point=case.phone)
    assert state(correction) == "with_officer"


def test_an_ended_customer_is_corrected_by_request_and_through_an_officer_only(case: Desk) -> None:
    end(case)
    for datum, value, place in (("name", NAME, {}), ("email", NEW, {"point": case.email})):
        with refused("ended_customer", "correct", by=case.agent):
            correct(case.customer, datum, value, by=case.agent, why=why(), **place)
    correction = new_name(case, asked(case, "name"))
    assert (state(correction), now(case.customer).full_name == NAME) == ("with_officer", False)
    with refused("no_right", "approve", by=case.lead):
        approve(correction, by=case.lead)
    approve(correction, by=case.officer)
    assert (state(correction), now(case.customer).full_name == NAME) == ("done", True)


def test_what_was_proposed_on_our_initiative_ends_with_the_customer(case: Desk) -> None:
    correction = correct(case.customer, "email", NEW, by=case.agent, why=why(), point=case.email)
    end(case)
    with refused("no_right", "approve", by=case.lead):
        approve(correction, by=case.lead)
    with refused("ended_customer", "approve", by=case.officer):
        approve(correction, by=case.officer)


# --- nothing waits twice --------------------------------------------------------------------------------------------


def test_a_datum_waits_once_and_another_beside_it(case: Desk) -> None:
    _request, correction = wanted(case, NEW)
    with nothing_happens(), pytest.raises(InvalidInput, match="waits already"):
        correct(case.customer, "email", "other@mail.example.org", by=case.colleague, why=why(), point=case.email)
    with nothing_happens(), pytest.raises(InvalidInput, match="address on file already"):
        correct(case.customer, "email", NEW, by=case.colleague, why=why(**SUPPLEMENT))
    phone = correct(case.customer, "phone", "+84912345688", by=case.agent, why=why(), point=case.phone)
    assert [state(each) for each in (correction, phone)] == ["proposed", "proposed"]
    refuse_correction(correction, by=case.lead, why="wrong_value")
    again = correct(case.customer, "email", NEW, by=case.agent, why=why(), point=case.email)
    assert [state(each) for each in (correction, phone, again)] == ["refused", "proposed", "proposed"]
    assert [state(point) for point in (correction.new_point, phone.new_point, again.new_point)] == [
        "retired", "unverified", "unverified",
    ]  # fmt: skip


def test_a_correction_at_one_customer_touches_no_row_of_another(case: Desk) -> None:
    other = factories.customer("BZ0000002")
    before = [(point.pk, point.state) for point in other.contact_points.order_by("pk")]
    theirs = correct(other, "email", NEW, by=case.agent, why=why(), point=point_of(other, "email"))
    _request, correction = wanted(case, NEW)
    approve(correction, by=case.lead)
    refuse_correction(theirs, by=case.lead, why="not_proven")
    points = other.contact_points.exclude(pk=theirs.new_point_id).order_by("pk")
    assert [(point.pk, point.state) for point in points] == before
    assert (state(correction), state(correction.new_point)) == ("approved", "unverified")


def test_a_name_waits_once_whatever_stands_beside_it(case: Desk) -> None:
    end(case)
    request = asked(case, "name")
    new_name(case, request)
    with nothing_happens(), pytest.raises(InvalidInput):
        correct(case.customer, "name", "Lê Hoa", by=case.agent, why=why(request), point=case.email)


@pytest.mark.parametrize("_again", range(rounds(1, 12)))
def test_of_four_double_clicks_one_correction_waits(_again: int, own_database: str) -> None:
    case = desk()
    told = at_once(*[lambda: correct(case.customer, "email", NEW, by=case.agent, why=why(), point=case.email)] * 4)
    assert [sentence[:43] for sentence in told] == ["InvalidInput: A correction of this waits al"] * 3
    assert (Correction.objects.count(), ContactPoint.objects.filter(state="unverified").count()) == (1, 1)


# --- what the database forbids --------------------------------------------------------------------------------------


def attempt(**changes: Any) -> None:
    with recording(by=factories.system()):
        Correction.objects.update(**changes)
        factories.note()


def test_the_state_of_a_correction_cannot_be_typed_over(case: Desk) -> None:
    _request, correction = wanted(case, NEW)
    with nothing_happens(), pytest.raises(NotRecording, match="transition"):
        attempt(state="done", approved_by=case.lead)
    correction.state = "approved"
    with nothing_happens(), pytest.raises(NotRecording, match="transition"), recording(by=factories.system()):
        correction.save()


def test_the_database_knows_the_second_person_and_the_request(case: Desk) -> None:
    _request, correction = wanted(case, NEW)
    attempt(proof="document")
    approve(correction, by=case.lead)
    for changes in (
        {"approved_by": case.agent}, {"approved_by": None}, {"proposed_by": case.lead}, {"needs_second": False},
        {"request": None},
    ):  # fmt: skip
        with nothing_happens(), pytest.raises(IntegrityError):
            attempt(**changes)
    attempt(approved_by=case.officer)


def test_the_database_has_one_waiting_correction_of_a_datum(case: Desk) -> None:
    _request, correction = wanted(case, NEW)
    correction.pk, correction._state.adding, correction.new_point = None, True, None
    with nothing_happens(), pytest.raises(IntegrityError), recording(by=factories.system()):
        Correction.objects.bulk_create([correction])
        factories.note()
