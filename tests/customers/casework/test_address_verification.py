"""The owner of an address confirms it by link or by code: once, in time, the newest one only, and nobody else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail, signing
from django.test import Client

from customers.acts.refusals import Refused
from customers.casework import address_verification
from customers.casework.address_verification import (
    TRIES,
    answer_with_code,
    answer_with_link,
    ask_owner,
    check_of,
    open_check,
    token_of,
)
from customers.casework.addresses import may_send_confidential
from customers.casework.holds import close_after_contact, suspend
from customers.evidence.recording import recording
from customers.models import (
    AddressCheck,
    AddressCheckAnswer,
    ContactPoint,
    ContactPointMove,
    Customer,
    Leaf,
    Notice,
    Refusal,
    StaffMember,
)
from customers.validation.errors import InvalidInput
from customers.vault.errors import NotAccounted
from tests import factories
from tests.concurrency import at_once
from tests.conftest import Clock
from tests.customers.evidence.desk_work import sent_code
from tests.customers.evidence.logs import payloads
from tests.worlds import shared

EMAIL = "hoa.nguyen@mail.example.com"


@shared
def linh() -> StaffMember:
    """An agent of the customer's team; the customer has an e-mail address and a number."""
    factories.deadlines()
    factories.customer("BZ0000001")
    return factories.person("linh", "Support agent")


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def point(channel: str = "email") -> ContactPoint:
    return customer().contact_points.get(channel=channel)


def sent_link() -> str:
    """The path of the link in the newest letter."""
    found = re.findall(r"http://127\.0\.0\.1:8000(/confirm/\S+)", str(mail.outbox[-1].body))
    assert len(found) == 1
    return str(found[0])


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06d}"


def rows() -> dict[str, int]:
    """How many rows everything that a confirmation may write has, and the log."""
    tables: tuple[Any, ...] = (AddressCheck, AddressCheckAnswer, ContactPointMove, Notice, Refusal, Leaf)
    return {table.__name__: table.objects.count() for table in tables}


def test_a_letter_carries_link_and_code_and_the_record_neither(linh: StaffMember) -> None:
    letter = ask_owner(point(), by=linh)
    code, token = sent_code(), sent_link().split("/")[2]
    assert (letter.left, mail.outbox[-1].to, point().verified_at) == (True, [EMAIL], None)
    assert (letter.notice.what, letter.notice.text) == ("check", None)
    said = str(payloads())
    assert (code in said, token in said, EMAIL in said) == (False, False, False)
    assert (code in repr(letter), EMAIL in repr(letter)) == (False, False)


def test_a_text_message_carries_a_code_and_no_link(linh: StaffMember) -> None:
    ask_owner(point("phone"), by=linh)
    assert (mail.outbox[-1].to, "http" in str(mail.outbox[-1].body)) == (["84912345612@sms.example.com"], False)
    assert answer_with_code(point("phone"), sent_code(), by=linh).matched
    assert may_send_confidential(point("phone"))


def test_the_code_read_back_confirms_the_address(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    code = sent_code()
    answer = answer_with_code(point(), f" {code[:3]} {code[3:]}\n", by=linh)
    assert (answer.matched, answer.way, point().state, bool(may_send_confidential(point()))) == (
        True, "code", "active", True,
    )  # fmt: skip
    kinds = [(entry["kind"], entry["by"]) for entry in payloads()[-2:]]
    assert kinds == [("address_check_answer", "linh"), ("contact_point_move", "linh")]


def test_the_link_confirms_the_address_and_the_reserved_account_stands_for_the_customer(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    assert Client().post(sent_link()).status_code == 200
    assert (AddressCheckAnswer.objects.get().way, bool(may_send_confidential(point()))) == ("link", True)
    kinds = [(entry["kind"], entry["by"]) for entry in payloads()[-2:]]
    assert kinds == [("address_check_answer", "system"), ("contact_point_move", "system")]


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "-12345", "1" * 1_000_000, "\u202e123456"]
)
def test_what_is_no_code_is_told_and_not_counted(code: str, linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    before = rows()
    with pytest.raises(InvalidInput, match="A code has 6 digits"):
        answer_with_code(point(), code, by=linh)
    assert rows() == before


def test_wrong_codes_are_counted_and_after_the_last_code_and_link_are_void(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    code, link = sent_code(), sent_link()
    for left in range(TRIES, 0, -1):
        assert (open_check(point()) is not None, left > 0) == (True, True)
        assert not answer_with_code(point(), wrong(code), by=linh).matched
    before = rows()
    with pytest.raises(InvalidInput, match="Too many wrong codes"):
        answer_with_code(point(), code, by=linh)
    assert (Client().post(link).status_code, rows(), point().verified_at) == (404, before, None)
    ask_owner(point(), by=linh)
    assert answer_with_code(point(), sent_code(), by=linh).matched


def test_the_last_try_may_be_the_right_one(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    for _ in range(TRIES - 1):
        answer_with_code(point(), wrong(sent_code()), by=linh)
    assert answer_with_code(point(), sent_code(), by=linh).matched
    with pytest.raises(InvalidInput, match="confirmed already"):
        answer_with_code(point(), sent_code(), by=linh)
    assert list(AddressCheckAnswer.objects.values_list("matched", flat=True)) == [False] * (TRIES - 1) + [True]


def test_a_newer_check_voids_the_older_one(linh: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = iter([111111, 222222])
    monkeypatch.setattr(address_verification.secrets, "randbelow", lambda below: next(codes))
    ask_owner(point(), by=linh)
    first_link, first = sent_link(), AddressCheck.objects.get()
    ask_owner(point(), by=linh)
    with pytest.raises(InvalidInput, match="A newer code was sent"):
        answer_with_link(first)
    assert Client().post(first_link).status_code == 404
    assert not answer_with_code(point(), "111111", by=linh).matched
    assert answer_with_code(point(), "222222", by=linh).matched


def test_an_address_is_asked_a_few_times_in_an_hour_only(linh: StaffMember, clock: Clock) -> None:
    for _ in range(address_verification.AN_HOUR):
        ask_owner(point(), by=linh)
    before, sent = rows(), len(mail.outbox)
    with pytest.raises(InvalidInput, match="wait an hour"):
        ask_owner(point(), by=linh)
    assert (rows(), len(mail.outbox)) == (before, sent)
    assert ask_owner(point("phone"), by=linh).left
    clock.now += timedelta(hours=1, seconds=1)
    assert ask_owner(point(), by=linh).left


def test_a_check_of_one_address_answers_for_no_other(linh: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = iter([111111, 222222])
    monkeypatch.setattr(address_verification.secrets, "randbelow", lambda below: next(codes))
    ask_owner(point(), by=linh)
    ask_owner(point("phone"), by=linh)
    assert not answer_with_code(point("phone"), "111111", by=linh).matched
    assert answer_with_code(point(), "111111", by=linh).matched
    assert (bool(point().verified_at), bool(point("phone").verified_at)) == (True, False)


def test_without_a_check_there_is_nothing_to_answer(linh: StaffMember) -> None:
    before = rows()
    with pytest.raises(InvalidInput, match="No code was sent"):
        answer_with_code(point(), "123456", by=linh)
    assert rows() == before


def test_the_time_is_over_to_the_second(linh: StaffMember, clock: Clock, settings: Any) -> None:
    settings.ADDRESS_CHECK_HOURS = 3
    began = clock.now
    ask_owner(point(), by=linh)
    code, link = sent_code(), sent_link()
    assert re.search(r"\b3\b", str(mail.outbox[-1].body).replace(sent_link(), ""))
    clock.now = began + timedelta(hours=3)
    before = rows()
    with pytest.raises(InvalidInput, match="The time for this code is over"):
        answer_with_code(point(), code, by=linh)
    assert (Client().post(link).status_code, open_check(point()), rows()) == (404, None, before)
    clock.now -= timedelta(microseconds=1)
    assert answer_with_code(point(), code, by=linh).matched


def test_a_code_is_opened_for_nobody(linh: StaffMember) -> None:
    letter = ask_owner(point(), by=linh)
    check = AddressCheck.objects.get()
    with pytest.raises(NotAccounted):
        check.code.expose(letter.notice)
    assert (str(check.code), check.code == sent_code()) == ("•••", True)


@pytest.mark.parametrize("act", ["ask", "answer"])
@pytest.mark.parametrize("role", ["Disclosure approver", "Compliance officer", "Auditor", ""])
def test_who_does_not_work_on_the_customer_is_refused_on_record(role: str, act: str, linh: StaffMember) -> None:
    other = factories.person("other", role)
    ask_owner(point(), by=linh)
    code, before, sent = sent_code(), rows(), len(mail.outbox)
    with pytest.raises(Refused):
        ask_owner(point(), by=other) if act == "ask" else answer_with_code(point(), code, by=other)
    after = {**before, "Refusal": before["Refusal"] + 1, "Leaf": before["Leaf"] + 1}
    assert (rows(), len(mail.outbox), point().verified_at) == (after, sent, None)


def test_a_customer_that_was_moved_meanwhile_is_another_teams_but_the_link_still_works(linh: StaffMember) -> None:
    stale = point()
    ask_owner(stale, by=linh)
    factories.move_to_team(customer(), "Da Nang")
    for act in (lambda: ask_owner(stale, by=linh), lambda: answer_with_code(stale, sent_code(), by=linh)):
        with pytest.raises(Refused):
            act()
    assert Client().post(sent_link()).status_code == 200


@pytest.mark.parametrize("held", ["here", "elsewhere"])
def test_nothing_is_asked_of_a_suspended_address(held: str, linh: StaffMember) -> None:
    factories.customer("BZ0000002")
    whose = "BZ0000001" if held == "here" else "BZ0000002"
    stale = point()
    suspend(
        ContactPoint.objects.get(customer__reference=whose, channel="email"), by=linh, reason="reported", ticket="T-1"
    )
    before = rows()
    for row in (stale, point()):
        with pytest.raises(InvalidInput, match="This address is suspended"):
            ask_owner(row, by=linh)
    assert (rows(), mail.outbox) == (before, [])


def test_suspended_meanwhile_it_is_not_confirmed_and_the_customer_not_told_why(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    code, link = sent_code(), sent_link()
    hold = suspend(point(), by=linh, reason="reported", ticket="T-1")
    before = rows()
    with pytest.raises(InvalidInput, match="This address is suspended"):
        answer_with_code(point(), code, by=linh)
    asked, answered = Client().get(link), Client().post(link)
    assert (asked.status_code, answered.status_code, rows(), point().state) == (200, 409, before, "suspended")
    for response in (asked, answered):
        assert re.search("suspen|fraud|đình chỉ|tạm ngưng|gian lận|lừa", response.content.decode(), re.I) is None
    close_after_contact(hold, by=linh, way="phone", over=point("phone"), result="confirmed", who="bà Hoa")
    assert (Client().post(link).status_code, bool(may_send_confidential(point()))) == (200, True)


def test_a_setting_that_is_missing_is_told_and_nothing_is_sent(linh: StaffMember, settings: Any) -> None:
    before = rows()
    settings.SMS_GATEWAY = ""
    with pytest.raises(InvalidInput, match="sends no text messages"):
        ask_owner(point("phone"), by=linh)
    settings.SITE_URL = ""
    with pytest.raises(InvalidInput, match="set SITE_URL"):
        ask_owner(point(), by=linh)
    assert (rows(), mail.outbox) == (before, [])
    settings.SITE_URL = "https://desk.example.com/"
    ask_owner(point(), by=linh)
    assert re.findall(r"https://desk\.example\.com/confirm/[\w:-]+", str(mail.outbox[-1].body))


def test_a_text_message_needs_no_site(linh: StaffMember, settings: Any) -> None:
    settings.SITE_URL = ""
    assert ask_owner(point("phone"), by=linh).left


# --- links ---------------------------------------------------------------------------------------------------------


def test_a_link_that_was_tampered_with_leads_nowhere(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    check = AddressCheck.objects.get()
    token = token_of(check)
    assert check_of(token) == check
    other = signing.dumps(factories.customer("BZ0000002").seal_id.hex, salt=address_verification.SALT)
    tampered = [
        token[:-1] + ("A" if token[-1] != "A" else "B"), token[1:], token.split(":")[0], check.seal_id.hex,
        str(check.pk),
        signing.dumps(check.seal_id.hex), signing.dumps(check.seal_id.hex, salt="other"), other, "", "x" * 100_000,
        "\u202e" + token, token + "\x00",
    ]  # fmt: skip
    assert [check_of(text) for text in tampered] == [None] * len(tampered)
    before = rows()
    said = {Client().post(f"/confirm/{text}/").status_code for text in tampered if text}
    assert (said, rows(), check.contact_point.verified_at) == ({404}, before, None)


def test_four_codes_and_links_at_once_confirm_once(own_database: str) -> None:
    factories.deadlines()
    people = [factories.person(f"agent{n}", "Support agent") for n in range(2)]
    for number in range(1, 4):
        factories.customer(f"BZ000000{number}", email=f"hoa{number}@example.org")
        row = ContactPoint.objects.get(customer__reference=f"BZ000000{number}", channel="email")
        ask_owner(row, by=people[0])
        code, check = sent_code(), AddressCheck.objects.get(contact_point=row)
        told = at_once(
            *[lambda by=by, row=row, code=code: answer_with_code(row, code, by=by) for by in people],
            *[lambda check=check: answer_with_link(check)] * 2,
        )
        assert told == ["InvalidInput: This address is confirmed already."] * 3
        assert (row.checks.get().answers.get().matched, row.moves.get().how) == (True, "confirm")


def test_of_eight_wrong_codes_at_once_five_are_counted(own_database: str) -> None:
    factories.deadlines()
    linh = factories.person("linh", "Support agent")
    factories.customer("BZ0000001")
    ask_owner(point(), by=linh)
    guess = wrong(sent_code())
    told = at_once(*[lambda: answer_with_code(point(), guess, by=linh)] * 8)
    assert told == ["InvalidInput: Too many wrong codes: this one is void. Send a new one."] * 3
    assert AddressCheckAnswer.objects.filter(matched=False).count() == TRIES


def test_a_confirmation_and_a_suspension_at_once_leave_it_suspended(own_database: str) -> None:
    factories.deadlines()
    linh = factories.person("linh", "Support agent")
    for number in range(1, 4):
        factories.customer(f"BZ000000{number}", email=f"hoa{number}@example.org")
        row = ContactPoint.objects.get(customer__reference=f"BZ000000{number}", channel="email")
        ask_owner(row, by=linh)
        check = AddressCheck.objects.get(contact_point=row)
        told = at_once(
            lambda check=check: answer_with_link(check),
            lambda row=row: suspend(row, by=linh, reason="reported", ticket="T-1"),
        )
        hows = list(row.moves.order_by("pk").values_list("how", flat=True))
        assert (hows, len(told)) in ((["confirm", "suspend"], 0), (["suspend"], 1))
        assert ContactPoint.objects.get(pk=row.pk).state == "suspended"


def test_a_check_is_kept_as_it_was_written(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    with pytest.raises(Exception, match="cannot be changed"), recording(by=linh):
        AddressCheck.objects.update(closes_at=AddressCheck.objects.get().closes_at + timedelta(days=1))
