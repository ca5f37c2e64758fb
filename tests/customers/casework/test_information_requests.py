"""Asking a customer for more: what the request's kind needs, where they can read it, and nothing kept besides."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.core import mail

from customers.acts.refusals import Refused
from customers.casework.addresses import bounce, retire
from customers.casework.holds import suspend
from customers.casework.information_requests import FIELDS, NEEDED, FieldAnswer, ask, close_question, take_answer
from customers.casework.requests import hand_over
from customers.evidence.recording import recording
from customers.models import (
    ContactPoint,
    Correction,
    Customer,
    CustomerRequest,
    InformationAnswer,
    InformationRequest,
    StaffMember,
)
from customers.validation.errors import InvalidInput
from tests import factories
from tests.assertions import contents, nothing_done
from tests.concurrency import at_once
from tests.customers.evidence.logs import payloads
from tests.factories_casework import EMAIL, allrounder, point_of, question_on, request_in, request_of, verified
from tests.worlds import shared

SURPLUS = "số căn cước 0123"


@shared
def linh() -> StaffMember:
    """An agent of the customer's team, in a house with deadlines."""
    factories.deadlines()
    factories.customer("BZ0000001")
    return factories.person("linh", "Support agent")


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def asked_for(*fields: str, by: StaffMember, kind: str = "correction") -> InformationRequest:
    return question_on(request_of(customer(), kind, by=by), *fields, by=by)


# --- asked ----------------------------------------------------------------------------------------------------------


@pytest.mark.one_engine("it asks no database")
def test_each_kind_asks_for_a_few_fields_and_an_opt_out_for_none() -> None:
    assert set(NEEDED) == set(CustomerRequest.Kind.values)
    assert {field for fields in NEEDED.values() for field in fields} == set(FIELDS)
    assert NEEDED["opt_out"] == ()
    assert {field for field in FIELDS if FIELDS[field].about_identity} == {"identity"}


@pytest.mark.parametrize("kind", CustomerRequest.Kind.values)
def test_only_what_a_kind_needs_is_asked_for(kind: str, linh: StaffMember) -> None:
    request = request_of(customer(), kind, by=linh)
    refused = [[], ["salary"], *([field] for field in FIELDS if field not in NEEDED[kind])]
    refused += [[*NEEDED[kind], field] for field in FIELDS if field not in NEEDED[kind]]
    with nothing_done():
        for fields in refused:
            with pytest.raises(InvalidInput, match="nothing else is asked for"):
                ask(request, fields, by=linh, point=point_of(customer()))
    if NEEDED[kind]:
        assert question_on(request, *NEEDED[kind], by=linh).fields == list(NEEDED[kind])


def test_the_letter_lists_each_field_with_its_why_and_goes_where_it_was_sent(linh: StaffMember) -> None:
    english = factories.customer("BZ0000002", locale="en", email="lan@mail.example.com", phone="+84912345613")
    request, mail.outbox[:] = request_of(english, "access", by=linh), []
    letter = ask(request, ["period", "which_data", "period"], by=linh, point=point_of(english))
    assert (letter.left, [message.to for message in mail.outbox]) == (True, [["lan@mail.example.com"]])
    lines = [line for line in str(mail.outbox[0].body).splitlines() if line.startswith("- ")]
    assert lines == [f"- {FIELDS[field].label}: {FIELDS[field].why}" for field in ("which_data", "period")]
    kinds = [entry["kind"] for entry in payloads()[-3:]]
    assert kinds == ["information_asked", "notice", "notice_outcome"]
    assert payloads()[-3]["columns"]["fields"] == ["which_data", "period"]


@pytest.mark.parametrize("state", ["parked", "done", "refused", "withdrawn"])
def test_nothing_is_asked_on_a_request_that_is_not_open(state: str, linh: StaffMember) -> None:
    mai = allrounder()
    request = request_in(state, customer(), by=mai)
    with nothing_done(), pytest.raises(InvalidInput):
        ask(request, ["details"], by=mai, point=point_of(customer(), "phone"))


@pytest.mark.parametrize("state", ["unverified", "active", "retired", "bounced", "suspended"])
def test_a_question_goes_to_an_active_address_only(state: str, linh: StaffMember) -> None:
    request, point = request_of(customer(), by=linh), point_of(customer())
    if state == "unverified":
        with recording(by=factories.system()):
            point = ContactPoint(customer=customer(), channel="email", email="moi@mail.example.com", source="staff")
            point.save()
            factories.note()
    else:
        {"retired": retire, "bounced": bounce, "active": lambda *args, **named: None}.get(
            state, partial(suspend, reason="odd_request", ticket="T-1")
        )(point, by=linh)
    stale = ContactPoint.objects.get(pk=point.pk)
    assert stale.state == state
    if state == "active":
        assert ask(request, ["details"], by=linh, point=stale).left
        return
    with nothing_done(), pytest.raises(InvalidInput, match="Choose an address in use"):
        ask(request, ["details"], by=linh, point=stale)


def test_an_old_page_does_not_write_to_an_address_that_was_suspended_meanwhile(linh: StaffMember) -> None:
    request, stale = request_of(customer(), by=linh), point_of(customer())
    suspend(point_of(customer()), by=linh, reason="odd_request", ticket="T-1")
    with nothing_done(), pytest.raises(InvalidInput, match="Choose an address in use"):
        ask(request, ["details"], by=linh, point=stale)


def test_a_question_goes_to_the_customer_s_own_address_only(linh: StaffMember) -> None:
    other = factories.customer("BZ0000002", email="lan@mail.example.com", phone="+84912345613")
    request = request_of(customer(), by=linh)
    with nothing_done(), pytest.raises(InvalidInput, match="Choose an address in use"):
        ask(request, ["details"], by=linh, point=point_of(other))


def test_a_number_is_written_to_only_where_text_messages_are_sent(linh: StaffMember, settings: Any) -> None:
    request, phone = request_of(customer(), by=linh), point_of(customer(), "phone")
    gateway, settings.SMS_GATEWAY = settings.SMS_GATEWAY, ""
    with nothing_done(), pytest.raises(InvalidInput):
        ask(request, ["details"], by=linh, point=phone)
    settings.SMS_GATEWAY = gateway
    assert ask(request, ["details"], by=linh, point=phone).left


def test_a_customer_is_asked_one_thing_at_a_time(linh: StaffMember) -> None:
    question = asked_for("new_name", by=linh)
    with nothing_done(), pytest.raises(InvalidInput, match="asked already"):
        ask(question.request, ["new_company"], by=linh, point=point_of(customer()))
    close_question(question, by=linh)
    assert question_on(question.request, "new_company", by=linh).state == "open"


def test_who_does_not_work_on_the_request_asks_and_takes_nothing(linh: StaffMember) -> None:
    question = asked_for("identity", by=linh)
    free = request_of(customer(), by=linh)
    others = factories.person("minh", "Support agent", "Da Nang"), factories.person("an", "Compliance officer")
    for by in others:
        with nothing_done(refused=3):
            with pytest.raises(Refused):
                ask(free, ["details"], by=by, point=point_of(customer()))
            with pytest.raises(Refused):
                take_answer(question, {"identity": FieldAnswer("confirmed")}, by=by, proof="call")
            with pytest.raises(Refused):
                close_question(question, by=by)
    hand_over(question.request, by=linh, words="cần quyết định")
    with nothing_done(refused=1), pytest.raises(Refused, match="with an officer"):
        close_question(question, by=linh)
    close_question(question, by=others[1])
    assert InformationRequest.objects.get().state == "closed"


# --- answered -------------------------------------------------------------------------------------------------------


def test_an_answer_is_taken_field_by_field(linh: StaffMember) -> None:
    verified(customer(), by=linh)
    question = asked_for("identity", "new_name", "new_company", "new_email", by=linh)
    begun = take_answer(
        question,
        {
            "identity": FieldAnswer("confirmed"),
            "new_name": FieldAnswer("corrected", "Nguyễn Thị Hòa"),
            "new_company": FieldAnswer("discarded", SURPLUS),
            "new_email": FieldAnswer("corrected", "moi@mail.example.org", point_of(customer())),
        },
        by=linh,
        proof="call",
    )
    assert [(each.datum, each.state, each.origin) for each in begun] == [
        ("name", "done", "customer_request"),
        ("email", "proposed", "customer_request"),
    ]
    assert {(each.request, each.proof, each.ground) for each in begun} == {(question.request, "call", "outdated")}
    rows = InformationAnswer.objects.order_by("pk")
    assert [(row.field, row.outcome, row.correction) for row in rows] == [
        ("identity", "confirmed", None),
        ("new_name", "corrected", begun[0]),
        ("new_company", "discarded", None),
        ("new_email", "corrected", begun[1]),
    ]
    question.refresh_from_db()
    assert (question.state, customer().full_name, begun[1].new_point.state) == (
        "answered",
        "Nguyễn Thị Hòa",
        "unverified",
    )


@pytest.mark.parametrize(
    "taken",
    [
        {},
        {"identity": FieldAnswer("confirmed")},
        {
            "identity": FieldAnswer("confirmed"),
            "new_name": FieldAnswer("discarded"),
            "new_company": FieldAnswer("corrected", SURPLUS),
        },
        {"identity": FieldAnswer("confirmed"), "salary": FieldAnswer("confirmed", SURPLUS)},
        {"identity": FieldAnswer("corrected", SURPLUS), "new_name": FieldAnswer("discarded")},
        {"identity": FieldAnswer("kept", SURPLUS), "new_name": FieldAnswer("discarded")},
        {"identity": FieldAnswer("confirmed"), "new_name": FieldAnswer("")},
    ],
    ids=lambda taken: " ".join(f"{field}={one.outcome or 'nothing'}" for field, one in taken.items()) or "nothing",
)
def test_a_field_too_few_or_too_many_or_an_outcome_that_is_none_takes_nothing(
    taken: dict[str, FieldAnswer], linh: StaffMember
) -> None:
    question = asked_for("identity", "new_name", by=linh)
    with nothing_done(), pytest.raises(InvalidInput, match="for each field that was asked for"):
        take_answer(question, taken, by=linh, proof="call")


def test_what_is_discarded_or_confirmed_is_stored_nowhere(linh: StaffMember) -> None:
    question = asked_for("identity", "new_name", by=linh)
    said = {"identity": FieldAnswer("confirmed", SURPLUS), "new_name": FieldAnswer("discarded", SURPLUS)}
    before = {table: len(rows) for table, rows in contents().items()}
    assert take_answer(question, said, by=linh, proof="call") == []
    grown = {table: len(rows) - before[table] for table, rows in contents().items() if len(rows) > before[table]}
    assert grown == {"customers_informationanswer": 2, "customers_informationmove": 1, "customers_requestclock": 1}
    assert (SURPLUS in str(contents()), SURPLUS in str(payloads())) == (False, False)


@pytest.mark.parametrize(
    ("name", "email", "proof"),
    [
        ("Nguyễn Thị Hòa", "no address", "call"),
        ("Nguyễn Thị Hòa", EMAIL, "call"),
        ("Nguyễn Thị Hòa", "moi@mail.example.org", "rumour"),
        ("Nguyễn Thị Hoa", "moi@mail.example.org", "call"),
        ("\x07", "moi@mail.example.org", "call"),
        ("x" * 1_000_000, "moi@mail.example.org", "call"),
    ],
    ids=["no address", "the same address", "no such proof", "the same name", "control", "too long"],
)
def test_all_of_an_answer_is_taken_or_none_of_it(name: str, email: str, proof: str, linh: StaffMember) -> None:
    verified(customer(), by=linh)
    question = asked_for("new_name", "new_email", by=linh)
    taken = {
        "new_name": FieldAnswer("corrected", name),
        "new_email": FieldAnswer("corrected", email, point_of(customer())),
    }
    with nothing_done(), pytest.raises(InvalidInput):
        take_answer(question, taken, by=linh, proof=proof)
    taken = {"new_name": FieldAnswer("discarded"), "new_email": FieldAnswer("discarded")}
    assert take_answer(question, taken, by=linh, proof="call") == []


def test_who_was_not_verified_corrects_nothing_by_an_answer(linh: StaffMember) -> None:
    question = asked_for("new_name", "new_email", by=linh)
    taken = {
        "new_name": FieldAnswer("discarded"),
        "new_email": FieldAnswer("corrected", "moi@mail.example.org", point_of(customer())),
    }
    with nothing_done(refused=1), pytest.raises(Refused, match="Verify the customer first"):
        take_answer(question, taken, by=linh, proof="call")
    verified(customer(), by=linh)
    assert len(take_answer(question, taken, by=linh, proof="call")) == 1


def test_another_customer_s_address_is_not_replaced_by_an_answer(linh: StaffMember) -> None:
    other = factories.customer("BZ0000002", email="lan@mail.example.com", phone="+84912345613")
    verified(customer(), by=linh)
    question = asked_for("new_email", by=linh)
    with nothing_done(), pytest.raises(InvalidInput, match="which address"):
        taken = {"new_email": FieldAnswer("corrected", "moi@mail.example.org", point_of(other))}
        take_answer(question, taken, by=linh, proof="call")


def test_an_address_beside_a_corrected_name_is_no_part_of_the_correction(linh: StaffMember) -> None:
    other = factories.customer("BZ0000002", email="lan@mail.example.com", phone="+84912345613")
    verified(customer(), by=linh)
    question = asked_for("new_name", by=linh)
    take_answer(question, {"new_name": FieldAnswer("corrected", "Lê Thị Hoa", point_of(other))}, by=linh, proof="call")
    made = Correction.objects.get()
    assert (made.state, made.old_point, made.new_point) == ("done", None, None)


def test_an_address_that_was_another_customer_s_can_be_answered_with_knowingly(linh: StaffMember) -> None:
    other = factories.customer("BZ0000002", email="once@mail.example.com", phone="+84912345613")
    retire(point_of(other), by=linh)
    verified(customer(), by=linh)
    question = asked_for("new_email", by=linh)
    known: dict[str, Any] = {"point": point_of(customer()), "knowingly": True}
    taken = {"new_email": FieldAnswer("corrected", "once@mail.example.com", **known)}
    assert len(take_answer(question, taken, by=linh, proof="call")) == 1


@pytest.mark.parametrize("first", ["answer", "close"])
@pytest.mark.parametrize("second", ["answer", "close"])
def test_a_question_ends_once_even_from_an_old_page(first: str, second: str, linh: StaffMember) -> None:
    question = asked_for("identity", by=linh)
    acts = {
        "answer": lambda row: take_answer(row, {"identity": FieldAnswer("confirmed")}, by=linh, proof="call"),
        "close": lambda row: close_question(row, by=linh),
    }
    old = InformationRequest.objects.get()
    acts[first](question)
    with nothing_done(), pytest.raises(InvalidInput, match="meanwhile"):
        acts[second](old)
    assert question.moves.get().how == first
    assert [clock.what for clock in question.request.clocks.order_by("pk")] == ["paused", "resumed"]


def test_of_two_that_ask_one_does(own_database: str) -> None:
    factories.deadlines()
    person = factories.customer()
    linh, thao = factories.person("linh", "Support agent"), factories.person("thao", "Support agent")
    for _ in range(3):
        request = request_of(person, "access", by=linh)
        told = at_once(*[partial(ask, request, ["identity"], by=by, point=point_of(person)) for by in (linh, thao)])
        assert (len(told), request.information_requests.count(), request.clocks.count()) == (1, 1, 1)
        assert told[0].startswith("InvalidInput: The customer was asked already")


def test_of_an_answer_and_its_closing_at_once_one_happens(own_database: str) -> None:
    factories.deadlines()
    person = factories.customer()
    linh, thao = factories.person("linh", "Support agent"), factories.person("thao", "Support agent")
    for _ in range(3):
        question = question_on(request_of(person, "access", by=linh), "identity", by=linh)
        told = at_once(
            partial(take_answer, question, {"identity": FieldAnswer("confirmed")}, by=linh, proof="call"),
            partial(close_question, question, by=thao),
        )
        assert (len(told), question.moves.count()) == (1, 1)
        assert [clock.what for clock in question.request.clocks.order_by("pk")] == ["paused", "resumed"]
