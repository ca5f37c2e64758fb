"""What customers ask for: put on file from whatever address, by whom, and brought to an end once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from customers.acts.refusals import Refused
from customers.casework.addresses import retire
from customers.casework.deadlines import due
from customers.casework.holds import suspend
from customers.casework.requests import complete, hand_back, hand_over, refuse_request, withdraw
from customers.evidence.errors import NotRecording
from customers.models import ContactPoint, Customer, CustomerRequest, RequestMove, StaffMember
from customers.staff import accounts
from customers.validation.errors import InvalidInput
from customers.validation.text import LONGEST, clean_text
from tests import factories
from tests.assertions import nothing_done
from tests.customers.evidence.logs import newest, payloads
from tests.factories_casework import EMAIL, PHONE, allrounder, point_of, request_in, request_of
from tests.worlds import shared

STATES, KINDS = CustomerRequest.State.values, CustomerRequest.Kind.values
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


# --- put on file ----------------------------------------------------------------------------------------------------


def test_a_request_is_on_file_with_two_clocks_and_on_record_without_its_words(linh: StaffMember) -> None:
    request = request_of(
        customer(), "correction", by=linh, about=["phone", "email", "phone"], text=" Đổi\r\nemail\r ", ticket="#t-88"
    )
    assert (request.state, request.worker, request.about, request.ticket) == ("open", linh, ["email", "phone"], "T-88")
    assert (request.text, request.number) == ("Đổi\nemail", f"R-{request.pk}")
    assert request.acknowledge_by == due(request.received_at, 2, "working_days")
    assert request.complete_by == due(request.received_at, 10, "calendar_days")
    entry = newest()
    assert (entry["kind"], entry["by"], entry["customer"]) == ("request_received", "linh", "BZ0000001")
    assert (request.number, "Đổi" in str(payloads())) == (str(request), False)


def test_clocks_run_from_when_it_came_in_not_from_when_it_was_typed(linh: StaffMember) -> None:
    came = timezone.now() - timedelta(days=20)
    request = request_of(customer(), "access", by=linh, received_at=came)
    assert (request.received_at, request.complete_by) == (came, due(came, 10, "calendar_days"))
    assert request.is_overdue


@pytest.mark.parametrize(
    "different",
    [
        {"kind": "present"},
        {"came_by": "fax"},
        {"kind": "correction", "about": []},
        {"kind": "correction", "about": ["salary"]},
        {"text": ""},
        {"text": " \r\n\t"},
        {"text": "x" * (LONGEST + 1)},
        {"text": "ệ" * 1_000_000},
        {"text": "nul\x00"},
        {"text": "bell\x07"},
        {"text": "escape\x1b[2J"},
        {"text": "next line\x85here"},
        {"ticket": "hoa@mail.example.com"},
        {"ticket": "0912345612"},
        {"received_at": timezone.now() - timedelta(days=91)},
        {"received_at": timezone.now() + timedelta(hours=1)},
        {"came_by": "email", "from_text": " "},
        {"came_by": "email", "from_text": "no address"},
        {"came_by": "phone", "from_text": "12"},
        {"came_by": "phone", "from_text": EMAIL},
    ],
    ids=lambda different: " ".join(f"{name}={str(value)[:12]!a}" for name, value in different.items()),
)
def test_what_makes_no_sense_is_told_and_not_put_on_file(different: dict[str, Any], linh: StaffMember) -> None:
    given: dict[str, Any] = {"kind": "question", "came_by": "phone", "from_text": PHONE, **different}
    with nothing_done(), pytest.raises(InvalidInput):
        request_of(customer(), given.pop("kind"), by=linh, **given)


def test_the_longest_text_and_the_oldest_time_are_within(linh: StaffMember) -> None:
    oldest = timezone.now() - timedelta(days=90) + timedelta(minutes=1)
    assert request_of(customer(), by=linh, text="ệ" * LONGEST, received_at=oldest).state == "open"


@pytest.mark.one_engine("a text is judged before any database is asked")
@given(st.text(max_size=300))
def test_a_text_is_kept_as_it_was_written_or_refused_whole(text: str) -> None:
    try:
        kept = clean_text(text)
    except InvalidInput:
        return
    assert (clean_text(kept), "\r" in kept, kept == kept.strip() != "") == (kept, False, True)


def test_what_is_written_from_right_to_left_is_kept_as_it_is(linh: StaffMember) -> None:
    assert request_of(customer(), by=linh, text="שלום \u202b123").text == "שלום \u202b123"


def test_half_a_character_is_told_and_not_a_crash(linh: StaffMember) -> None:
    with nothing_done(), pytest.raises(InvalidInput):
        request_of(customer(), by=linh, text="vỡ \ud83d")


@pytest.mark.parametrize(("role", "team"), [("Support agent", "Da Nang"), ("Compliance officer", ""), ("Auditor", "")])
def test_who_does_not_work_on_the_customer_puts_nothing_on_file(role: str, team: str, linh: StaffMember) -> None:
    other = factories.person("other", role, team or "Hanoi")
    with nothing_done(refused=1), pytest.raises(Refused) as refused:
        request_of(customer(), by=other)
    assert refused.value.why == "no_right"
    assert request_of(customer(), by=linh).state == "open"


def test_who_was_ended_or_whose_customer_moved_meanwhile_is_refused(linh: StaffMember) -> None:
    stale, far = customer(), factories.person("minh", "Support agent", "Da Nang")
    factories.move_to_team(customer(), "Da Nang")
    with nothing_done(refused=1), pytest.raises(Refused):
        request_of(stale, by=linh)
    assert request_of(stale, by=far).state == "open"
    accounts.end_person(far, by=factories.system())
    with nothing_done(refused=1), pytest.raises(Refused, match="has ended"):
        request_of(stale, by=far)


# --- from which address ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came_by", "typed"), [("email", " HOA.Nguyen@mail.EXAMPLE.com "), ("phone", "091 234 5612"), ("phone", PHONE)]
)
def test_an_address_on_file_is_known_in_any_spelling(came_by: str, typed: str, linh: StaffMember) -> None:
    request = request_of(customer(), by=linh, came_by=came_by, from_text=typed)
    assert request.from_point == point_of(customer(), came_by)


def test_an_address_that_is_nowhere_on_file_is_kept_nowhere(linh: StaffMember) -> None:
    request = request_of(customer(), by=linh, came_by="email", from_text="la@stranger.example.net")
    assert (request.from_point, request.state) == (None, "open")
    assert "stranger" not in str(payloads())


@pytest.mark.parametrize(
    "named", [{"from_text": EMAIL.upper()}, {}, {"came_by": "ticket", "point": True}], ids=["typed", "chosen", "ticket"]
)
def test_a_request_from_a_suspended_address_is_parked_on_arrival(named: dict[str, Any], linh: StaffMember) -> None:
    chosen = {"from_point": held(customer(), by=linh)} if named.pop("point", False) else {}
    if not chosen:
        held(customer(), by=linh)
    request = request_of(customer(), by=linh, **{"came_by": "email", **named, **chosen})
    assert (now(request).state, [move.how for move in request.moves.all()]) == ("parked", ["park"])
    assert request_of(customer(), by=linh).state == "open"


def test_a_suspended_address_does_not_come_in_through_the_support_system(linh: StaffMember) -> None:
    held(customer(), by=linh)
    for came_by, typed in (("ticket", EMAIL), ("in_person", EMAIL), ("ticket", " HOA.Nguyen@mail.EXAMPLE.com")):
        request = request_of(customer(), by=linh, came_by=came_by, from_text=typed)
        assert (now(request).state, request.from_point) == ("parked", point_of(customer()))
    assert request_of(customer(), by=linh, came_by="ticket", from_text=PHONE).state == "open"


def test_an_address_that_is_suspended_at_another_customer_gets_nothing_done_here(linh: StaffMember) -> None:
    held(factories.customer("BZ0000002", email="shared@mail.example.com", phone="+84912345613"), by=linh)
    with nothing_done(), pytest.raises(InvalidInput, match="suspended at another customer"):
        request_of(customer(), by=linh, came_by="email", from_text="shared@mail.example.com")


def test_an_address_retired_here_and_suspended_elsewhere_is_suspended_here_too(linh: StaffMember) -> None:
    retire(point_of(customer()), by=linh)
    held(factories.customer("BZ0000002", email=EMAIL, phone="+84912345613"), by=linh)
    request = request_of(customer(), by=linh, came_by="email", from_text=EMAIL)
    assert (now(request).state, request.from_point, point_of(customer()).state) == (
        "parked",
        point_of(customer()),
        "suspended",
    )


def test_an_address_of_somebody_else_s_or_of_another_channel_does_not_go_together(linh: StaffMember) -> None:
    other = factories.customer("BZ0000002", email="lan@mail.example.com", phone="+84912345613")
    for came_by, point in (("email", point_of(other)), ("email", point_of(customer(), "phone"))):
        with nothing_done(), pytest.raises(InvalidInput, match="do not go together"):
            request_of(customer(), by=linh, came_by=came_by, from_point=point)
    assert request_of(customer(), by=linh, came_by="email", from_point=point_of(customer())).state == "open"


# --- moved on -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("state", STATES)
def test_each_act_moves_what_the_table_says_and_never_what_is_parked(state: str, how: str, mai: StaffMember) -> None:
    request = request_in(state, customer(), by=mai)
    assert request.state == state
    ends = CustomerRequest.TRANSITIONS[how].get(state, ())
    if state == "parked" or not ends:
        with nothing_done(), pytest.raises(InvalidInput, match="parked" if state == "parked" else "meanwhile"):
            ENDS[how](request, mai)
        return
    ENDS[how](request, mai)
    move = RequestMove.objects.latest("pk")
    assert (now(request).state, move.from_state, move.how) == (ends[0], state, how)
    assert move.to_state == ends[0]


@pytest.mark.parametrize("how", ENDS)
def test_a_second_press_on_an_old_page_is_told(how: str, mai: StaffMember) -> None:
    request = request_in("with_officer" if how == "hand_back" else "open", customer(), by=mai)
    old = now(request)
    ENDS[how](request, mai)
    with nothing_done(), pytest.raises(InvalidInput, match="meanwhile"):
        ENDS[how](old, mai)


@pytest.mark.parametrize("kind", KINDS)
def test_only_an_officer_says_that_a_right_is_served(kind: str, linh: StaffMember) -> None:
    officer, request = factories.person("an", "Compliance officer"), request_of(customer(), kind, by=linh)
    if kind not in ("access", "deletion", "restriction", "objection"):
        complete(request, by=linh, words="đã làm")
        assert now(request).state == "done"
        return
    with nothing_done(refused=1), pytest.raises(Refused) as refused:
        complete(request, by=linh, words="đã làm")
    assert refused.value.why == "officers_word"
    hand_over(request, by=linh, words="cần quyết định")
    with nothing_done(), pytest.raises(InvalidInput, match="in a few words"):
        complete(request, by=officer, words=" ")
    complete(request, by=officer, words="đã gửi bản sao")
    assert (now(request).state, request.moves.latest("pk").words) == ("done", "đã gửi bản sao")


@pytest.mark.parametrize("how", sorted(set(ENDS) - {"hand_back"}))
def test_what_is_with_an_officer_is_not_the_team_s_and_the_other_way_round(how: str, linh: StaffMember) -> None:
    officer, request = factories.person("an", "Compliance officer"), request_of(customer(), by=linh)
    with nothing_done(refused=1), pytest.raises(Refused, match="not handed over"):
        ENDS[how](request, officer)
    hand_over(request, by=linh, words="cần quyết định")
    for stale in (request, now(request)):
        with nothing_done(refused=1), pytest.raises(Refused, match="with an officer"):
            ENDS["hand_back" if how == "hand_over" else how](stale, linh)
    ENDS["hand_back" if how == "hand_over" else how](request, officer)
    assert now(request).state != "with_officer"


@pytest.mark.parametrize("how", ENDS)
def test_a_colleague_of_another_team_moves_nothing(how: str, linh: StaffMember) -> None:
    far, request = factories.person("minh", "Support agent", "Da Nang"), request_of(customer(), by=linh)
    with nothing_done(refused=1), pytest.raises(Refused):
        ENDS[how](request, far)


@pytest.mark.parametrize("words", ["", " \n ", "x" * 1001, "bell\x07", "\u202etxt", "x" * 1_000_000], ids=len)
def test_words_are_a_line_or_the_act_does_not_happen(words: str, linh: StaffMember) -> None:
    request = request_of(customer(), by=linh)
    for act in (hand_over, withdraw, complete):
        with nothing_done(), pytest.raises(InvalidInput):
            act(request, by=linh, words=words)
    hand_over(request, by=linh, words="x" * 1000)
    assert (now(request).state, "xxx" in str(payloads())) == ("with_officer", False)


# --- what the row itself says -----------------------------------------------------------------------------------------


@pytest.mark.one_engine("it reads the kinds in the code")
@pytest.mark.parametrize(
    ("kind", "about", "opens"),
    [
        ("correction", ["email"], True),
        ("correction", ["name", "phone"], True),
        ("question", ["password"], True),
        ("correction", ["other"], True),
        ("correction", [], True),
        ("correction", ["name"], False),
        ("correction", ["company", "other"], False),
        ("correction", ["service_access"], False),
        ("question", [], False),
        ("access", ["other"], False),
    ],
)
def test_what_opens_an_account_is_told_from_what_a_request_is_about(kind: str, about: list[str], opens: bool) -> None:
    assert CustomerRequest(request_kind=kind, about=about).opens_an_account is opens


def test_a_state_is_typed_over_by_nobody(linh: StaffMember) -> None:
    request = request_of(customer(), by=linh)
    request.state = "done"
    with nothing_done():
        for write in (
            request.save,
            lambda: CustomerRequest.objects.filter(pk=request.pk).update(state="done"),
            lambda: CustomerRequest.objects.bulk_update([request], ["state"]),
        ):
            with pytest.raises(NotRecording), factories.recording(by=factories.system()):
                write()
