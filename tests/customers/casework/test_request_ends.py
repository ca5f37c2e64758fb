"""How a request ends: what hangs on it ends too, the customer is told, and who works on it till then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from customers.acts.refusals import Refused
from customers.casework.corrections import Why, correct
from customers.casework.holds import suspend
from customers.casework.requests import complete, hand_back, hand_over, refuse_request, take_on, withdraw
from customers.models import ContactPoint, Customer, CustomerRequest, RequestReceived, StaffMember
from customers.validation.errors import InvalidInput
from tests import factories
from tests.assertions import nothing_done
from tests.conftest import Clock
from tests.customers.evidence.logs import newest
from tests.factories_casework import allrounder, point_of, question_on, request_in, request_of, verified
from tests.worlds import shared

ENDS: dict[str, Callable[..., Any]] = {
    "hand_over": lambda request, by: hand_over(request, by=by, words="cần quyết định"),
    "hand_back": lambda request, by: hand_back(request, by=by, words="đội xử lý được"),
    "complete": lambda request, by: complete(request, by=by, words="đã làm xong"),
    "refuse": lambda request, by: refuse_request(request, by=by, why="unfounded"),
    "withdraw": lambda request, by: withdraw(request, by=by, words="khách rút lại"),
}


@shared
def linh() -> StaffMember:
    """An agent of the customer's team, in a house with deadlines."""
    factories.deadlines()
    factories.customer("BZ0000001")
    return factories.person("linh", "Support agent")


@pytest.fixture
def mai(linh: StaffMember) -> StaffMember:
    """Works on requests and is an officer too."""
    return allrounder()


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def now(request: CustomerRequest) -> CustomerRequest:
    return CustomerRequest.objects.get(pk=request.pk)


def held(person: Customer, *, by: StaffMember, channel: str = "email") -> ContactPoint:
    """The customer's address of that channel, suspended."""
    suspend(point_of(person, channel), by=by, reason="odd_request", ticket="T-1")
    return point_of(person, channel)


def correction_of(request: CustomerRequest, *, by: StaffMember) -> Any:
    """A new e-mail address that waits for a second person."""
    verified(request.customer, by=by)
    why = Why("update", "outdated", "customer_request", "call", request=request)
    return correct(request.customer, "email", "moi@mail.example.org", by=by, why=why, point=point_of(request.customer))


def test_nothing_is_complete_while_a_correction_of_it_waits(linh: StaffMember) -> None:
    request = request_of(customer(), "correction", by=linh)
    correction_of(request, by=linh)
    with nothing_done(), pytest.raises(InvalidInput, match="waits still"):
        complete(request, by=linh, words="đã làm")


@pytest.mark.parametrize(("how", "after"), [("refuse", "refused"), ("withdraw", "withdrawn")])
def test_what_hangs_on_a_request_ends_with_it(how: str, after: str, linh: StaffMember) -> None:
    request = request_of(customer(), "correction", by=linh)
    correction, question = correction_of(request, by=linh), question_on(request, "identity", by=linh)
    ENDS[how](request, linh)
    for row in (correction, question, correction.new_point):
        row.refresh_from_db()
    assert (now(request).state, correction.state, question.state) == (after, after, "closed")
    assert (correction.new_point.state, point_of(customer()).state) == ("retired", "active")


@pytest.mark.parametrize("how", ["complete", "refuse", "withdraw"])
def test_no_clock_of_a_request_that_is_over_stands_still(how: str, linh: StaffMember) -> None:
    asked = request_of(customer(), "correction", by=linh)
    question_on(asked, "identity", by=linh)
    assert now(asked).paused_at is not None
    ENDS[how](asked, linh)
    assert now(asked).paused_at is None


@pytest.mark.parametrize("why", [code for code in CustomerRequest.WhyRefused.values if code != "suspected_fraud"])
def test_a_refusal_says_its_reason_in_the_letter_and_no_words_of_ours(why: str, linh: StaffMember) -> None:
    english = factories.customer("BZ0000002", locale="en", email="lan@mail.example.com", phone="+84912345613")
    request, mail.outbox[:] = request_of(english, by=linh), []
    letter = refuse_request(request, by=linh, why=why, words="khách gọi mãi")
    assert (letter is not None and letter.left, len(mail.outbox)) == (True, 1)
    body = mail.outbox[0].body
    assert (mail.outbox[0].to, request.number in body, "BZ0000002" in body) == (["lan@mail.example.com"], True, True)
    assert ("because" in body, "authority" in body, "khách gọi" in body) == (True, True, False)
    assert request.moves.get().why == why


def test_a_customer_who_reads_vietnamese_is_refused_in_vietnamese(linh: StaffMember) -> None:
    refuse_request(request_of(customer(), by=linh), by=linh, why="unfounded")
    assert "because" not in mail.outbox[-1].body


@pytest.mark.parametrize(("why", "words"), [("mood", ""), ("", ""), ("other", " "), ("suspected_fraud", "lạ")])
def test_a_refusal_without_a_reason_of_the_desk_s_is_none(why: str, words: str, linh: StaffMember) -> None:
    request = request_of(customer(), by=linh)
    with nothing_done(), pytest.raises(InvalidInput, match="reason"):
        refuse_request(request, by=linh, why=why, words=words)


def test_a_customer_who_cannot_be_written_to_is_answered_on_record_only(linh: StaffMember, settings: Any) -> None:
    settings.SMS_GATEWAY = ""
    request = request_of(customer(), by=linh)
    held(customer(), by=linh)
    assert complete(request, by=linh, words="đã trả lời qua điện thoại") is None
    assert (now(request).state, mail.outbox) == ("done", [])


def test_a_letter_never_goes_to_a_suspended_address(linh: StaffMember) -> None:
    request = request_of(customer(), by=linh)
    held(customer(), by=linh)
    complete(request, by=linh, words="đã làm")
    assert [letter.to for letter in mail.outbox] == [["84912345612@sms.example.com"]]


# --- who works on it ------------------------------------------------------------------------------------------------


def test_a_colleague_takes_a_request_on_and_it_is_on_record(linh: StaffMember, clock: Clock) -> None:
    thao, request = factories.person("thao", "Support agent"), request_of(customer(), by=linh)
    old = now(request)
    assert take_on(request, by=thao).worker == thao
    assert (newest()["kind"], newest()["by"], newest()["columns"]["what"]) == ("request_clock", "thao", "taken")
    for stale, by, sentence in (
        (old, thao, "already"),
        (old, factories.person("mai", "Support agent"), "Somebody else has just"),
    ):
        with nothing_done(), pytest.raises(InvalidInput, match=sentence):
            take_on(stale, by=by)
    assert RequestReceived.objects.count() == 1


@pytest.mark.parametrize("state", ["done", "refused", "withdrawn"])
def test_nobody_takes_on_what_is_over(state: str, mai: StaffMember) -> None:
    request = request_in(state, customer(), by=mai)
    thao = factories.person("thao", "Support agent")
    with nothing_done(), pytest.raises(InvalidInput, match="finished"):
        take_on(request, by=thao)


def test_an_agent_does_not_take_a_request_away_from_the_officers(linh: StaffMember) -> None:
    officer, thao = factories.person("an", "Compliance officer"), factories.person("thao", "Support agent")
    request = request_of(customer(), by=linh)
    hand_over(request, by=linh, words="cần quyết định")
    request = take_on(request, by=officer)
    with nothing_done(refused=1), pytest.raises(Refused):
        take_on(request, by=thao)
