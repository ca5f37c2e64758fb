"""An address that is no longer used, or that mail comes back from: said by whom, once, and never written to again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from customers.acts.refusals import Refused
from customers.casework.address_verification import answer_with_code, ask_owner, open_check
from customers.casework.addresses import bounce, may_write_to, retire, written_to
from customers.casework.corrections import Why, correct
from customers.casework.holds import suspend
from customers.casework.information_requests import ask
from customers.casework.requests import acknowledge, register
from customers.casework.service_access import start_reset
from customers.evidence.errors import failed
from customers.evidence.recording import recording
from customers.models import (
    ContactPoint,
    ContactPointMove,
    Correction,
    Customer,
    Leaf,
    Notice,
    NoticeOutcome,
    Refusal,
    StaffMember,
)
from customers.staff import accounts
from customers.validation.errors import InvalidInput
from tests import factories
from tests.concurrency import at_once
from tests.customers.evidence.desk_work import sent_code
from tests.customers.evidence.logs import payloads
from tests.worlds import shared

EMAIL = "hoa.nguyen@mail.example.com"
LOST = pytest.mark.parametrize("lose", [retire, bounce])
Act = Callable[..., Any]


@shared
def linh() -> StaffMember:
    """An agent of the customer's team; the customer has an e-mail address and a number."""
    factories.deadlines()
    factories.customer("BZ0000001")
    return factories.person("linh", "Support agent")


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def point(channel: str = "email") -> ContactPoint:
    return customer().contact_points.get(channel=channel, source="import")


def moves() -> list[tuple[str, str, str]]:
    """Every move of an address so far."""
    return list(ContactPointMove.objects.order_by("pk").values_list("how", "from_state", "to_state"))


def counts() -> tuple[int, int, int, int]:
    """How many moves, letters, refusals and log entries there are."""
    return (
        ContactPointMove.objects.count(), Notice.objects.count(), Refusal.objects.count(), Leaf.objects.count(),
    )  # fmt: skip


def test_an_address_no_longer_used_is_retired_and_another_one_asked_for(linh: StaffMember) -> None:
    letter = retire(point(), by=linh, ticket="#t-7")
    assert letter is not None
    assert (point().state, moves()) == ("retired", [("retire", "active", "retired")])
    assert (letter.notice.what, letter.notice.contact_point) == ("new_address", point("phone"))
    assert NoticeOutcome.objects.get(notice=letter.notice).left
    assert [message.to for message in mail.outbox] == [["84912345612@sms.example.com"]]
    kinds = [(entry["kind"], entry["by"]) for entry in payloads()[-3:]]
    assert kinds == [("contact_point_move", "linh"), ("notice", "linh"), ("notice_outcome", "linh")]
    assert (payloads()[-3]["columns"]["ticket"], EMAIL in str(payloads())) == ("T-7", False)


def test_the_letter_that_asks_for_another_address_tells_that_it_left(linh: StaffMember) -> None:
    letter = retire(point(), by=linh)
    assert letter is not None
    assert letter.left


def test_where_there_is_no_other_address_it_is_retired_all_the_same(linh: StaffMember) -> None:
    retire(point("phone"), by=linh)
    assert [message.to for message in mail.outbox] == [[EMAIL]]
    assert retire(point(), by=linh) is None
    assert (point().state, written_to(customer()), len(mail.outbox)) == ("retired", None, 1)


def test_the_question_for_another_address_is_never_sent_to_one_that_is_suspended(linh: StaffMember) -> None:
    suspend(point("phone"), by=linh, reason="reported", ticket="T-1")
    assert retire(point(), by=linh) is None
    assert (point().state, mail.outbox) == ("retired", [])


def test_an_address_that_mail_comes_back_from_is_used_again_once_it_is_confirmed(linh: StaffMember) -> None:
    move = bounce(point(), by=linh, ticket="T-8")
    assert (move.how, move.ticket, point().state, bool(may_write_to(point()))) == ("bounce", "T-8", "bounced", False)
    assert mail.outbox == []
    ask_owner(point(), by=linh)
    answer_with_code(point(), sent_code(), by=linh)
    assert moves() == [("bounce", "active", "bounced"), ("confirm", "bounced", "active")]
    assert may_write_to(point())


@LOST
def test_what_is_done_already_is_told_and_changes_nothing(lose: Act, linh: StaffMember) -> None:
    stale = point()
    lose(point(), by=linh)
    before = counts()
    for again in (stale, point()):
        with pytest.raises(InvalidInput, match=f"meanwhile this is “{point().state}”"):
            lose(again, by=linh)
    assert counts() == before


def test_a_retired_address_does_not_bounce_and_a_bounced_one_is_retired(linh: StaffMember) -> None:
    bounce(point(), by=linh)
    retire(point(), by=linh)
    with pytest.raises(InvalidInput, match="meanwhile this is “retired”"):
        bounce(point(), by=linh)
    assert moves() == [("bounce", "active", "bounced"), ("retire", "bounced", "retired")]


@LOST
def test_a_suspended_address_stays_as_it_is_until_that_is_cleared_up(lose: Act, linh: StaffMember) -> None:
    stale = point()
    suspend(point(), by=linh, reason="reported", ticket="T-1")
    before = counts()
    for suspended in (stale, point()):
        with pytest.raises(InvalidInput, match="This address is suspended"):
            lose(suspended, by=linh)
    assert (point().state, counts()) == ("suspended", before)


@LOST
@pytest.mark.parametrize("ticket", ["hoa@mail.example.com", "0912345612", " ", "T-1\n", "\u202eT-1", "T" * 1_000_000])
def test_what_is_no_ticket_is_told_before_anything_happens(lose: Act, ticket: str, linh: StaffMember) -> None:
    before = counts()
    with pytest.raises(InvalidInput, match="does not look like a ticket number"):
        lose(point(), by=linh, ticket=ticket)
    assert (point().state, counts()) == ("active", before)


@LOST
@pytest.mark.parametrize("role", ["Disclosure approver", "Compliance officer", "Administrator", "Auditor", ""])
def test_who_does_not_work_on_the_customer_is_refused_on_record(lose: Act, role: str, linh: StaffMember) -> None:
    other = factories.person("other", role)
    moved, letters, refused, log = counts()
    with pytest.raises(Refused):
        lose(point(), by=other)
    assert (point().state, counts(), mail.outbox) == ("active", (moved, letters, refused + 1, log + 1), [])
    refusal = Refusal.objects.get()
    assert (refusal.act, refusal.why, refusal.customer) == (lose.__name__, "no_right", customer())
    assert lose(point(), by=linh)


@LOST
def test_of_an_ended_customer_an_officer_says_so(lose: Act, linh: StaffMember) -> None:
    officer = factories.person("an", "Compliance officer")
    factories.customer("BZ0000002", status="ended", email="ended@example.org")
    theirs = ContactPoint.objects.get(customer__reference="BZ0000002", channel="email")
    assert lose(theirs, by=officer)
    with pytest.raises(Refused):
        lose(point(), by=officer)


@LOST
def test_a_customer_that_was_moved_meanwhile_is_another_teams(lose: Act, linh: StaffMember) -> None:
    stale = point()
    factories.move_to_team(customer(), "Da Nang")
    with pytest.raises(Refused):
        lose(stale, by=linh)
    assert point().state == "active"
    assert lose(stale, by=factories.person("ha", "Support agent", "Da Nang"))


@LOST
def test_a_person_whose_access_has_ended_meanwhile_does_nothing_more(lose: Act, linh: StaffMember) -> None:
    stale = StaffMember.objects.get(pk=linh.pk)
    accounts.end_person(linh, by=factories.system())
    with pytest.raises(Refused, match="Your access has ended"):
        lose(point(), by=stale)
    assert (point().state, Refusal.objects.get().why) == ("active", "ended")


@LOST
def test_of_four_who_say_so_at_once_one_does_it(lose: Act, own_database: str) -> None:
    people = [factories.person(f"agent{n}", "Support agent") for n in range(2)]
    for number in range(1, 4):
        factories.customer(f"BZ000000{number}", email=f"hoa{number}@example.org")
        row = ContactPoint.objects.get(customer__reference=f"BZ000000{number}", channel="email")
        told = at_once(*[lambda by=by, row=row: lose(row, by=by) for by in people * 2])
        assert [sentence.partition(".")[0] for sentence in told] == [
            f"InvalidInput: Nothing was done: meanwhile this is “{ContactPoint.objects.get(pk=row.pk).state}”"
        ] * 3
        assert row.moves.count() == 1
    assert len(mail.outbox) == (3 if lose is retire else 0)


# --- never written to ----------------------------------------------------------------------------------------------


@LOST
def test_no_act_writes_to_a_lost_address(lose: Act, linh: StaffMember) -> None:
    email = point()
    ask_owner(email, by=linh)
    answer_with_code(email, sent_code(), by=linh)
    request = register(customer(), "question", by=linh, came_by="email", from_point=email, text="Khi nào gia hạn?")
    assert start_reset(point(), by=linh).left
    mail.outbox.clear()
    lose(email, by=linh)
    for here in (email, point()):
        with pytest.raises(InvalidInput, match="confirmed e-mail address in use only"):
            start_reset(here, by=linh)
        with pytest.raises(InvalidInput, match="an address in use"):
            ask(request, ["details"], by=linh, point=here)
    letter = acknowledge(request, by=linh)
    assert letter is not None
    assert letter.notice.contact_point == point("phone")
    assert {tuple(message.to) for message in mail.outbox} == {("84912345612@sms.example.com",)}


def test_a_retired_address_is_not_asked_to_confirm_itself(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    code = sent_code()
    retire(point(), by=linh)
    before, sent = counts(), len(mail.outbox)
    with pytest.raises(InvalidInput, match="no longer used"):
        ask_owner(point(), by=linh)
    with pytest.raises(InvalidInput):
        answer_with_code(point(), code, by=linh)
    assert (point().state, counts(), len(mail.outbox)) == ("retired", before, sent)


def test_the_check_of_a_retired_address_is_over(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    assert open_check(point())
    retire(point(), by=linh)
    assert open_check(point()) is None


def test_a_new_address_that_is_retired_takes_its_correction_with_it(linh: StaffMember) -> None:
    why = Why("update", "outdated", "proactive", "call")
    correction = correct(customer(), "email", "new@mail.example.com", by=linh, why=why, point=point())
    assert correction.new_point is not None
    retire(correction.new_point, by=linh)
    assert Correction.objects.get(pk=correction.pk).state == "withdrawn"


def test_an_act_that_was_done_is_not_told_as_undone(linh: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise failed()

    with monkeypatch.context() as patched:
        patched.setattr(NoticeOutcome, "prepare", fail)
        assert retire(point(), by=linh) is not None
    assert (point().state, moves()) == ("retired", [("retire", "active", "retired")])


def test_a_recorded_move_of_an_address_stays(linh: StaffMember) -> None:
    bounce(point(), by=linh)
    with pytest.raises(Exception, match="cannot be removed"), recording(by=linh):
        ContactPointMove.objects.all().delete()
    assert moves() == [("bounce", "active", "bounced")]
