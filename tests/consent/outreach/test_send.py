"""Writing under a purpose: through the gate, on record first; read off the wire as a customer's mail program does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections
from django.utils.translation import override

from consent.choices.consents import Evidence, opt_out
from consent.choices.unsubscribe import link_for
from consent.models import ConsentEvent, ContactRefusal, Message, MessageOutcome
from consent.outreach.send import Written, write
from customers.acts.refusals import Refused
from customers.casework.addresses import retire
from customers.casework.holds import suspend
from customers.evidence.errors import RecordFailed, failed
from customers.evidence.recording import recording
from customers.models import ContactPoint, Customer, Leaf, StaffMember
from customers.vault import tokens
from tests import factories
from tests.concurrency import at_once
from tests.consent.lives import Life, live
from tests.consent.post import (
    NO_SUCH_MAILBOX,
    SITE,
    TRY_LATER,
    Inbox,
    consented,
    free_port,
    mail_server,
    open_house,
    purpose,
)
from tests.customers.evidence.logs import payloads

EMAIL, PHONE = "hoa.nguyen@mail.example.com", "+84912345612"
PERSONAL = re.compile(r"hoa|nguy|mail\.example|912345612|BZ0000001", re.IGNORECASE)
SUBJECT, TEXT = "Ưu đãi tháng này: giảm ⅓", "Kính gửi quý khách,\n\nThêm dung lượng với giá cũ. Đừng bỏ lỡ – ấy!"
FOOTERS = {
    "vi": ("Quý khách nhận tin này với tư cách khách hàng", "Khuyến mại và tin khác"),
    "en": ("You get this as a customer", "Promotions and other news"),
}


@pytest.fixture
def inbox(settings: LazySettings) -> Iterator[Inbox]:
    with mail_server(settings) as inbox:
        yield inbox


@pytest.fixture
def linh(db: None, inbox: Inbox) -> StaffMember:
    """An agent; the customer BZ0000001 wants promotions by e-mail. The mail server is there."""
    agent = open_house()
    consented(factories.customer("BZ0000001"), agent)
    return agent


def hoa() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def point(channel: str = "email") -> ContactPoint:
    return hoa().contact_points.get(channel=channel)


def say(by: StaffMember, code: str = "promotions", channel: str = "email", **words: Any) -> Written:
    """Write to the customer in free words."""
    return write(hoa(), purpose(code), channel, by=by, **{"subject": SUBJECT, "text": TEXT, **words})


def urls(letter: EmailMessage) -> list[str]:
    """Whatever in the text could be opened."""
    return re.findall(r"\w+://\S+", letter.get_content())


def kinds(since: int) -> list[str]:
    return [entry["kind"] for entry in payloads()[since:]]


# --- what arrives --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("reader", ["vi", "en"])
def test_news_arrive_as_they_were_written_with_a_way_out_in_the_customers_language(
    reader: str, locale: str, linh: StaffMember, inbox: Inbox
) -> None:
    other = factories.customer("BZ0000002", locale=locale, email="other@example.org")
    consented(other, linh)
    with override(reader):
        assert write(other, purpose(), "email", by=linh, subject=SUBJECT, text=TEXT).left
    letter = inbox.mails[0]
    text, _line, below = letter.get_content().replace("\r\n", "\n").partition("\n\n-- \n")
    assert (str(letter["Subject"]), text, letter["To"]) == (SUBJECT, TEXT, "other@example.org")
    link, (why, named) = link_for(other, purpose()), FOOTERS[locale]
    assert (why in below, named in below, below.strip().split("\n")[-1]) == (True, True, link)
    assert (letter.get_content_type(), letter.get_content_charset()) == ("text/plain", "utf-8")
    assert inbox.recipients == [["other@example.org"]]


def test_news_carry_the_headers_of_one_click(linh: StaffMember, inbox: Inbox) -> None:
    say(linh)
    letter = inbox.mails[0]
    link = link_for(hoa(), purpose())
    assert [value.strip() for value in letter.get_all("List-Unsubscribe", [])] == [f"<{link}>"]
    assert letter.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    head = inbox.raw[0].partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n ", " ").split("\r\n")
    assert [" ".join(line.split()) for line in head if line.startswith("List-")] == [
        f"List-Unsubscribe: <{link}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ]  # fmt: skip
    assert re.fullmatch(rf"{SITE}/unsubscribe/[\w:-]+", link)
    assert urls(letter) == [link]


@pytest.mark.parametrize("code", ["payment_confirmation", "support", "renewal_notice"])
def test_what_the_contract_needs_has_no_way_out(code: str, linh: StaffMember, inbox: Inbox) -> None:
    assert say(linh, code).left
    letter = inbox.mails[0]
    assert [name for name in letter if name.startswith("List-")] == []
    assert (letter.get_content().replace("\r\n", "\n").rstrip("\n"), urls(letter)) == (TEXT, [])


def test_nothing_of_the_customer_stands_in_a_header_but_to_or_in_an_address_to_open(
    linh: StaffMember, inbox: Inbox
) -> None:
    say(linh)
    letter = inbox.mails[0]
    told = {name: str(make_header(decode_header(value))) for name, value in letter.raw_items()}
    assert {name for name, value in told.items() if PERSONAL.search(value)} == {"To"}
    assert told["To"] == EMAIL
    assert [url for url in urls(letter) if PERSONAL.search(url)] == []
    assert set(told) == {
        "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID",
        "List-Unsubscribe", "List-Unsubscribe-Post",
    }  # fmt: skip


def test_a_text_message_goes_through_the_gateway_with_the_way_out_in_its_text(linh: StaffMember, inbox: Inbox) -> None:
    consented(hoa(), linh, channel="sms")
    assert say(linh, channel="sms", subject="").left
    letter = inbox.mails[0]
    assert (letter["To"], inbox.recipients) == ("84912345612@sms.example.com", [["84912345612@sms.example.com"]])
    assert (letter["List-Unsubscribe"], urls(letter)) == (None, [link_for(hoa(), purpose())])
    assert letter.get_content().startswith(TEXT.partition("\n")[0])
    assert say(linh, "support", "sms", subject="").left
    assert urls(inbox.mails[1]) == []


# --- first on record -----------------------------------------------------------------------------------------------


def test_when_a_message_arrives_it_has_been_committed_with_the_opening_of_its_address(
    own_database: str, inbox: Inbox
) -> None:
    linh = open_house()
    event = consented(factories.customer("BZ0000001"), linh)
    seen: list[Any] = []

    def look() -> None:
        leaf = Leaf.objects.get(kind="message")
        seen.append((leaf.table_name, Message.objects.get().rests_on, MessageOutcome.objects.count()))
        connections.close_all()

    inbox.sees = look
    size = Leaf.objects.count()
    assert say(linh).left
    assert seen == [("consent_message", event, 0)]
    assert kinds(size) == ["message", "message_outcome"]


def test_the_record_names_the_address_it_opens_and_keeps_the_text_sealed(linh: StaffMember, inbox: Inbox) -> None:
    written = say(linh)
    entry = payloads()[-2]
    names = ("purpose", "channel", "is_news", "language", "field", "row_seal_id", "datum")
    assert {name: entry["columns"][name] for name in names} == {
        "purpose": "promotions", "channel": "email", "is_news": True, "language": "vi",
        "field": "customers.ContactPoint.email", "row_seal_id": str(point().seal_id), "datum": "email",
    }  # fmt: skip
    assert (entry["kind"], entry["by"], entry["customer"], list(entry["commits"])) == (
        "message", "linh", "BZ0000001", ["text"],
    )  # fmt: skip
    row = Message.objects.get()
    assert (row.text == f"{SUBJECT}\n\n{TEXT}", TEXT in str(row.text), written.message) == (True, False, row)
    assert [TEXT in str(payload) or EMAIL in str(payload) for payload in payloads()[-2:]] == [False, False]


def test_the_address_is_decrypted_once_after_its_record_and_no_other_datum_is(
    linh: StaffMember, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    unseal, counted = tokens.unseal, Message.objects.count
    monkeypatch.setattr(tokens, "unseal", lambda token, at: opened.append((at.field, counted())) or unseal(token, at))
    assert say(linh).left
    own_text = ("consent.Message.text", 1)  # the log commits to what was written
    assert opened == [own_text, ("customers.ContactPoint.email", 1)]


def test_what_cannot_be_put_on_record_is_not_sent(
    linh: StaffMember, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise failed()

    with monkeypatch.context() as patched:
        patched.setattr(Message, "prepare", fail)
        with pytest.raises(RecordFailed):
            say(linh)
    assert (Message.objects.count(), inbox.raw) == (0, [])
    assert say(linh).left


def test_an_outcome_that_cannot_be_put_on_record_stays_unknown(
    linh: StaffMember, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise failed()

    with monkeypatch.context() as patched:
        patched.setattr(MessageOutcome, "prepare", fail)
        written = say(linh)
    assert (written.outcome, written.left, len(inbox.raw), Message.objects.count()) == (None, False, 1, 1)


# --- the gate's no -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["new_products", "surveys"])
def test_the_gates_no_stops_it_on_record_and_sends_nothing(code: str, linh: StaffMember, inbox: Inbox) -> None:
    size = Leaf.objects.count()
    with pytest.raises(Refused, match="no consent on record") as no:
        say(linh, code)
    row = ContactRefusal.objects.get()
    assert (no.value.why, row.why, row.door, row.channel) == ("no_consent", "no_consent", "desk", "email")
    assert (row.purpose_id, row.customer, row.by) == (code, hoa(), linh)
    assert (kinds(size), inbox.raw, Message.objects.count()) == (["contact_refusal"], [], 0)
    assert say(linh).left


@pytest.mark.parametrize("state", ["unverified", "retired", "bounced", "suspended"])
@pytest.mark.parametrize("code", ["promotions", "support"])
def test_an_address_that_is_not_in_use_gets_nothing(code: str, state: str, linh: StaffMember, inbox: Inbox) -> None:
    wanted = (("promotions", "email", "granted"),)
    keys = live([Life(emails=(state,), words=wanted), Life(emails=("active",), words=wanted)])
    held, used = (Customer.objects.get(pk=key) for key in keys)
    with pytest.raises(Refused) as no:
        write(held, purpose(code), "email", by=linh, subject=SUBJECT, text=TEXT)
    assert (no.value.why, ContactRefusal.objects.get().why, inbox.raw) == (state, state, [])
    assert write(used, purpose(code), "email", by=linh, subject=SUBJECT, text=TEXT).left


def test_an_address_that_is_suspended_while_the_message_is_under_way_gets_nothing(
    linh: StaffMember, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*args: Any) -> str:
        suspend(point(), by=linh, reason="reported", ticket="T-2")
        return SITE

    monkeypatch.setattr("consent.outreach.send.link_for", meanwhile)
    written = say(linh)
    assert (written.left, MessageOutcome.objects.get().why, inbox.raw) == (False, "suspended", [])


def test_an_address_that_goes_out_of_use_while_the_message_is_under_way_gets_nothing(
    linh: StaffMember, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*args: Any) -> str:
        retire(point(), by=linh)
        return SITE

    monkeypatch.setattr("consent.outreach.send.link_for", meanwhile)
    assert (say(linh).left, MessageOutcome.objects.get().why) == (False, "retired")


def test_after_an_opt_out_news_are_stopped_and_the_contract_is_not(linh: StaffMember, inbox: Inbox) -> None:
    assert say(linh).left
    opt_out(hoa(), [purpose()], by=linh, evidence=Evidence("phone"), confirm=False)
    with pytest.raises(Refused, match="opted out"):
        say(linh)
    assert ContactRefusal.objects.get().why == "objected"
    assert say(linh, "renewal_notice").left
    assert len(inbox.raw) == 2


def test_a_retired_address_gives_way_to_another_in_use(linh: StaffMember, inbox: Inbox) -> None:
    with recording(by=factories.system()):
        factories.note()
        ContactPoint(customer=hoa(), channel="email", email="b@example.org", source="import", state="active").save()
    retire(hoa().contact_points.order_by("pk")[0], by=linh)
    inbox.raw.clear()
    assert say(linh, "support").left
    assert [letter["To"] for letter in inbox.mails] == ["b@example.org"]


# --- a server that says no -----------------------------------------------------------------------------------------


def test_a_mailbox_that_does_not_exist_makes_the_address_a_bounced_one(linh: StaffMember, inbox: Inbox) -> None:
    inbox.says = NO_SUCH_MAILBOX
    size = Leaf.objects.count()
    written = say(linh)
    outcome = MessageOutcome.objects.get()
    assert (written.left, outcome.left, outcome.why, point().state) == (False, False, "no_such_mailbox", "bounced")
    assert kinds(size) == ["message", "message_outcome", "contact_point_move"]
    with pytest.raises(Refused, match="mail bounces"):
        say(linh)


def test_a_server_that_says_later_leaves_the_address_in_use(linh: StaffMember, inbox: Inbox) -> None:
    inbox.says = TRY_LATER
    assert say(linh).left is False
    assert (MessageOutcome.objects.get().why, point().state, inbox.raw) == ("mail_server", "active", [])
    inbox.says = "250 fine"
    assert say(linh).left


def test_with_the_server_away_it_is_on_record_that_the_message_did_not_leave(
    linh: StaffMember, inbox: Inbox, settings: LazySettings
) -> None:
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    assert say(linh).left is False
    assert (MessageOutcome.objects.get().why, point().state, Message.objects.count()) == ("mail_server", "active", 1)
    settings.EMAIL_PORT = there
    assert say(linh).left
    assert len(inbox.raw) == 1


# --- at once -------------------------------------------------------------------------------------------------------


def test_of_an_opt_out_and_messages_at_once_no_message_is_recorded_after_the_opt_out(
    own_database: str, inbox: Inbox
) -> None:
    linh, ha = open_house(), factories.person("ha", "Support agent")
    customers = [factories.customer(email=f"c{each}@example.org") for each in range(3)]
    for customer in customers:
        consented(customer, linh)

        def out(customer: Customer = customer) -> None:
            opt_out(customer, [purpose()], by=linh, evidence=Evidence("phone"), confirm=False)

        def news(customer: Customer = customer) -> None:
            write(customer, purpose(), "email", by=ha, subject="Tin", text="Tin mới")

        told = at_once(news, out, news)
        assert {each.partition(":")[0] for each in told} <= {"Refused"}
        stopped = ConsentEvent.objects.get(customer=customer, what="objected")
        after = Leaf.objects.get(kind="consent_event", row_key=str(stopped.pk)).seq
        sent = Leaf.objects.filter(kind="message", row_key__in=[str(m.pk) for m in customer.contact_messages.all()])
        assert [leaf.seq for leaf in sent if leaf.seq > after] == []
        assert len(sent) + len(told) == 2
        with pytest.raises(Refused):
            news()
    assert len(inbox.raw) == Message.objects.count()
