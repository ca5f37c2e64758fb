"""Messages to customers: on record before they leave, what became of them on record too, the address seen by nobody."""

from __future__ import annotations

import logging
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import BadHeaderError, EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from customers.casework.address_verification import ask_owner
from customers.casework.addresses import retire
from customers.casework.holds import suspend
from customers.evidence.errors import NotRecording, RecordFailed, failed
from customers.evidence.recording import recording
from customers.messages import letters, notices
from customers.messages.notices import Letter, prepare, send, send_all
from customers.models import ContactPoint, ContactPointMove, Customer, Leaf, Notice, NoticeOutcome, StaffMember
from customers.vault import tokens
from customers.vault.errors import NotAccounted
from tests import factories
from tests.conftest import Clock
from tests.customers.evidence.logs import execute, newest, payloads
from tests.worlds import shared

EMAIL, PHONE = "hoa.nguyen@mail.example.com", "+84912345612"
PERSONAL = (EMAIL, "hoa.nguyen", PHONE, "912345612", "Nguyễn", "Hoa", "Mai Công ty")
REFUSED_FOR_GOOD = smtplib.SMTPRecipientsRefused({EMAIL: (550, b"5.1.1 no such user hoa.nguyen@mail.example.com")})


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


def written(by: StaffMember, channel: str = "email", *, keep: bool = True) -> Letter:
    """A letter on record that has not left."""
    with recording(by=by):
        return prepare(point(channel), Notice.What.NEW_ADDRESS, letters.new_address(customer(), channel), keep=keep)


def personal(text: str) -> list[str]:
    """What can be made out of the customer in a text."""
    return [datum for datum in PERSONAL if datum in text]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """A mail server that says no from now on."""

    def says(error: Exception) -> None:
        def refuse(self: Any, messages: Any) -> int:
            raise error

        monkeypatch.setattr(EmailBackend, "send_messages", refuse)

    return says


# --- first on record, then sent --------------------------------------------------------------------------------------


def test_a_message_is_committed_before_it_leaves(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.deadlines()
    factories.customer("BZ0000001")
    linh = factories.person("linh", "Support agent")
    seen: list[Any] = []
    deliver = EmailMessage.send

    def watched(message: EmailMessage, *args: Any, **kwargs: Any) -> int:
        leaf = Leaf.objects.get(table_name=Notice._meta.db_table)
        seen.append((connection.in_atomic_block, leaf.kind, NoticeOutcome.objects.count(), point().state))
        return deliver(message, *args, **kwargs)

    monkeypatch.setattr(EmailMessage, "send", watched)
    retire(point(), by=linh)
    assert seen == [(False, "notice", 0, "retired")]
    assert (len(mail.outbox), newest()["kind"], newest()["columns"]["left"]) == (1, "notice_outcome", True)


def test_what_is_not_on_record_is_not_sent(linh: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise failed()

    log = Leaf.objects.count()
    with monkeypatch.context() as patched:
        patched.setattr(Notice, "prepare", fail)
        for act in (retire, ask_owner):
            with pytest.raises(RecordFailed):
                act(point(), by=linh)
    assert (point().state, Leaf.objects.count(), mail.outbox) == ("active", log, [])
    assert ask_owner(point(), by=linh).left


def test_a_letter_is_written_inside_an_act_only(linh: StaffMember) -> None:
    with pytest.raises(NotRecording):
        prepare(point(), Notice.What.NEW_ADDRESS, letters.new_address(customer(), "email"))
    assert Notice.objects.count() == 0
    assert written(linh).notice.pk


def test_a_letter_of_an_act_that_was_undone_is_not_sent(own_database: str) -> None:
    factories.customer("BZ0000001")
    linh = factories.person("linh", "Support agent")
    with pytest.raises(ZeroDivisionError), recording(by=linh):
        letter = prepare(point(), Notice.What.NEW_ADDRESS, letters.new_address(customer(), "email"))
        raise ZeroDivisionError
    with suppress(RecordFailed):
        assert not send(letter, by=linh).left
    assert (mail.outbox, Notice.objects.count(), NoticeOutcome.objects.count()) == ([], 0, 0)


def test_the_record_says_where_what_and_in_which_language_and_keeps_the_text_sealed(linh: StaffMember) -> None:
    letter = send(written(linh), by=linh)
    notice, entry = Notice.objects.get(), payloads()[-2]
    assert (entry["kind"], entry["by"], entry["customer"]) == ("notice", "linh", "BZ0000001")
    told = {name: entry["columns"][name] for name in ("what", "language", "datum", "field", "row_seal_id")}
    assert told == {
        "what": "new_address", "language": "vi", "datum": "email", "field": "customers.ContactPoint.email",
        "row_seal_id": str(point().seal_id),
    }  # fmt: skip
    assert (set(entry["commits"]), notice.text) == ({"text"}, f"{letter.words.subject}\n\n{letter.words.body}")
    assert written(linh, keep=False).notice.text is None


# --- what became of it -----------------------------------------------------------------------------------------------


def test_that_a_message_left_is_on_record(linh: StaffMember) -> None:
    before = written(linh)
    letter = send(before, by=linh)
    outcome = NoticeOutcome.objects.get()
    assert (before.left, letter.left, letter.outcome) == (False, True, outcome)
    assert (outcome.left, outcome.why, outcome.by, outcome.notice) == (True, "", linh, letter.notice)
    assert [message.to for message in mail.outbox] == [[EMAIL]]


def test_an_outcome_that_could_not_be_committed_is_nobodys_word(
    linh: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = written(linh)
    with monkeypatch.context() as patched:
        patched.setattr("customers.evidence.leaves.append", lambda *args: 1 / 0)
        sent = send(letter, by=linh)
    assert (len(mail.outbox), NoticeOutcome.objects.count(), sent.outcome, sent.left) == (1, 0, None, False)


def test_nothing_is_written_to_an_address_that_is_retired_or_suspended(linh: StaffMember) -> None:
    for how, channel in (("retire", "email"), ("suspend", "phone")):
        stale = point(channel)
        assert written(linh, channel).notice.pk
        with recording(by=linh):
            point(channel).transition(how, customer=customer())
        for row in (stale, point(channel)):
            with pytest.raises(NotRecording, match="ask may_write_to"), recording(by=linh):
                prepare(row, Notice.What.NEW_ADDRESS, letters.new_address(customer(), channel))
    assert (Notice.objects.count(), mail.outbox) == (2, [])


def test_a_text_message_goes_to_the_gateway(linh: StaffMember, settings: Any) -> None:
    settings.SMS_GATEWAY = "sms+{number}@gateway.example.net"
    assert send(written(linh, "phone"), by=linh).left
    assert mail.outbox[0].to == ["sms+84912345612@gateway.example.net"]


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(111, "refused"),
        TimeoutError("timed out"),
        socket.gaierror(-2, "no such host"),
        ssl.SSLError("certificate verify failed"),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPAuthenticationError(535, b"no"),
        smtplib.SMTPSenderRefused(550, b"no", "privacy-desk@example.com"),
        smtplib.SMTPDataError(554, b"refused as spam"),
        BadHeaderError("no newlines"),
        UnicodeEncodeError("ascii", "é", 0, 1, "no"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_with_the_mail_server_down_the_act_stands_and_the_record_says_that_nothing_left(
    error: Exception, linh: StaffMember, server: Callable[[Exception], None]
) -> None:
    server(error)
    letter = ask_owner(point(), by=linh)
    outcome = NoticeOutcome.objects.get()
    assert (letter.left, outcome.left, outcome.why, point().state) == (False, False, "mail_server", "active")
    assert (newest()["kind"], newest()["columns"]["why"]) == ("notice_outcome", "mail_server")
    assert personal(str(payloads())) == []


def test_an_address_that_its_server_does_not_know_bounces(
    linh: StaffMember, server: Callable[[Exception], None]
) -> None:
    server(REFUSED_FOR_GOOD)
    letter = ask_owner(point(), by=linh)
    assert (letter.left, NoticeOutcome.objects.get().why, point().state) == (False, "no_such_mailbox", "bounced")
    assert [entry["kind"] for entry in payloads()[-2:]] == ["notice_outcome", "contact_point_move"]
    assert personal(str(payloads())) == []


@pytest.mark.parametrize("code", [421, 450, 451, 452])
def test_an_address_refused_for_the_moment_does_not_bounce(
    code: int, linh: StaffMember, server: Callable[[Exception], None]
) -> None:
    server(smtplib.SMTPRecipientsRefused({EMAIL: (code, b"4.2.0 greylisted, try again later")}))
    ask_owner(point(), by=linh)
    assert (NoticeOutcome.objects.get().why, point().state) == ("mail_server", "active")


@pytest.mark.parametrize("state", ["suspended", "retired", "bounced"])
def test_an_address_that_is_lost_meanwhile_stays_what_it_is(
    state: str, linh: StaffMember, server: Callable[[Exception], None]
) -> None:
    letter = written(linh)
    with recording(by=linh):
        point().transition(
            {"suspended": "suspend", "retired": "retire", "bounced": "bounce"}[state], customer=customer()
        )
    server(REFUSED_FOR_GOOD)
    assert not send(letter, by=linh).left
    assert (point().state, ContactPointMove.objects.count()) == (state, 1)


def test_a_letter_does_not_leave_for_an_address_suspended_meanwhile(linh: StaffMember) -> None:
    late, good = written(linh), written(linh, "phone")
    suspend(point(), by=linh, reason="reported", ticket="T-1")
    sent = send_all([late, good], by=linh)
    assert ([letter.left for letter in sent], [message.to for message in mail.outbox]) == (
        [False, True], [["84912345612@sms.example.com"]],
    )  # fmt: skip


def test_one_that_does_not_leave_holds_up_no_other(linh: StaffMember) -> None:
    first, second = written(linh), written(linh, "phone")
    execute("UPDATE customers_contactpoint SET email = 'hoa.nguyen@mail.example.com' WHERE id = %s", [point().pk])
    first = Letter(Notice.objects.get(pk=first.notice.pk), first.words)
    sent = send_all([first, second], by=linh)
    assert [letter.left for letter in sent] == [False, True]
    assert list(NoticeOutcome.objects.order_by("pk").values_list("left", "why")) == [(False, "unreadable"), (True, "")]
    assert personal(str(payloads())) == []


@pytest.mark.parametrize("gateway", ["{nr}@sms.example.com", "{}@sms.example.com", "{number@sms.example.com"])
def test_a_gateway_that_is_set_wrongly_loses_no_outcome(gateway: str, linh: StaffMember, settings: Any) -> None:
    letters_ready = [written(linh, "phone"), written(linh)]
    settings.SMS_GATEWAY = gateway
    assert [letter.left for letter in send_all(letters_ready, by=linh)] == [False, True]


# --- nobody sees the address -----------------------------------------------------------------------------------------


def test_the_address_is_opened_after_the_record_and_nothing_else_is(
    linh: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, int]] = []
    unseal = tokens.unseal
    letter = written(linh)
    counted = Notice.objects.count
    monkeypatch.setattr(tokens, "unseal", lambda token, at: opened.append((at.field, counted())) or unseal(token, at))
    send(letter, by=linh)
    assert opened == [("customers.ContactPoint.email", 1)]


def test_a_record_opens_its_own_address_and_no_other(linh: StaffMember) -> None:
    notice = written(linh).notice
    second = factories.customer("BZ0000002").contact_points.get(channel="email")
    with recording(by=factories.system()):
        beside = ContactPoint(customer=customer(), channel="email", email="b@example.org", source="staff")
        beside.state = "active"
        beside.save()
        factories.note()
    for value in (second.email, beside.email, point("phone").phone, customer().full_name, notice.text):
        with pytest.raises(NotAccounted):
            value.expose(notice)
    assert point().email.expose(notice) == EMAIL


def test_a_letter_cannot_be_turned_to_another_address(linh: StaffMember) -> None:
    letter = written(linh)
    letter.notice.contact_point = factories.customer("BZ0000002", email="thief@example.net").contact_points.get(
        channel="email"
    )
    assert not send(letter, by=linh).left
    assert (mail.outbox, NoticeOutcome.objects.get().why) == ([], "unreadable")


def test_the_record_opens_its_address_for_ten_minutes(linh: StaffMember, clock: Clock) -> None:
    letter = written(linh)
    clock.now += timedelta(minutes=10) - timedelta(microseconds=1)
    assert point().email.expose(letter.notice) == EMAIL
    clock.now += timedelta(microseconds=1)
    assert (send(letter, by=linh).left, mail.outbox) == (False, [])
    with pytest.raises(NotAccounted, match="is over"):
        point().email.expose(letter.notice)


def test_no_subject_log_line_page_or_exception_tells_of_the_customer(
    linh: StaffMember, server: Callable[[Exception], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    letter = send(written(linh), by=linh)
    assert personal(mail.outbox[0].subject) == []
    assert mail.outbox[0].recipients() == [EMAIL]
    assert (personal(repr(letter)), personal(str(letter.notice)), letter.words.subject in repr(letter)) == (
        [],
        [],
        False,
    )
    for error in (REFUSED_FOR_GOOD, smtplib.SMTPDataError(554, f"no {EMAIL}".encode()), ValueError(f"no {EMAIL}")):
        server(error)
        assert not send(written(linh), by=linh).left
    assert (personal(caplog.text), personal(str(payloads()))) == ([], [])


def test_a_message_on_record_is_kept_as_it_was_written(linh: StaffMember) -> None:
    send(written(linh), by=linh)
    for change in (lambda: Notice.objects.update(closes_at=timezone.now()), lambda: Notice.objects.all().delete()):
        with pytest.raises(Exception, match=r"cannot be (changed|removed)"), recording(by=linh):
            change()
    assert (Notice.objects.count(), notices.SENT_WITHIN) == (1, timedelta(minutes=10))
