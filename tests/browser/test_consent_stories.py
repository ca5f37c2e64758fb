"""Opting out, writing, a policy taking effect, and the one click out of news, told in real browsers."""

from __future__ import annotations

import email
import re
import socket
from collections.abc import Iterator
from email.message import Message as Mail
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.conf import LazySettings
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Page, expect

from consent.choices.consents import Evidence, grant
from consent.gate import limits, purposes
from consent.gate.gate import may_contact
from consent.models import ConsentEvent, ContactRefusal, Purpose
from consent.policies.versions import in_force
from customers.models import Customer, StaffMember
from tests import factories
from tests.browser.conftest import Visitor
from tests.browser.steps import Steps
from tests.browser.telling import Look
from tests.customers.evidence.logs import verify as verify_evidence

POLICY = "Chính sách bảo mật\n\n1. Dữ liệu được niêm phong."
SITES = {"bizflycloud.vn": "The main site", "docs.bizflycloud.vn": "The documentation"}
ON_ONE_ENGINE = pytest.mark.one_engine("a story of its kind is told on both; its acts are tested on both")


@pytest.fixture
def hoa(own_database: str) -> Customer:
    """A customer of Hanoi's, an agent, an officer; purposes and limits as the house begins with."""
    mail.outbox = []
    factories.deadlines()
    purposes.provide(by=factories.system())
    limits.provide(by=factories.system())
    factories.person("linh", "Support agent")
    factories.person("an", "Compliance officer")
    return factories.customer("BZ0000001")


class Inbox:
    """Takes whatever an SMTP client hands over."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[attr-defined]
        return "250 taken"


@pytest.fixture
def inbox(settings: LazySettings) -> Iterator[Inbox]:
    """A mail server on loopback, and what arrived there."""
    held = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(held, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield held
    controller.stop()


def open_customer(page: Page) -> None:
    page.get_by_role("searchbox").fill("BZ0000001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="May we contact this customer?")).to_be_visible()


def cells(page: Page, purpose: str) -> list[str]:
    """What the gate says about a purpose: e-mail, text message, call."""
    row = page.get_by_role("row").filter(has_text=purpose)
    return row.locator(".gate").all_inner_texts()


def whole() -> bool:
    """Whether the log, as it stands, is verified."""
    call_command("checkpoint")
    return verify_evidence().exit == 0


def write(page: Page, purpose: str, subject: str, text: str) -> None:
    page.get_by_role("link", name="Write to the customer").click()
    page.get_by_label(purpose, exact=True).check()
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Send").click()


def test_a_caller_opts_out_and_still_gets_renewal_notices(visitor: Visitor, hoa: Customer, look: Look) -> None:
    agent = visitor("linh")
    open_customer(agent)
    assert cells(agent, "Promotions and other news") == [look.say("no consent on record")] * 3
    steps = Steps(agent)
    steps.click(agent.get_by_role("link", name="Opt out…"))
    steps.click(agent.get_by_role("button", name="Opt out"))
    expect(agent.get_by_text("The customer has opted out. It holds from now on.")).to_be_visible()
    assert steps.cost <= (2, 3)
    assert cells(agent, "Promotions and other news") == [look.say("opted out")] * 3
    assert cells(agent, "Renewal notice") == [look.say("yes")] * 3
    assert [str(letter.subject) for letter in mail.outbox] == ["Xác nhận từ chối nhận tin"]

    write(agent, "Promotions and other news", "Offer", "More storage.")
    expect(agent.get_by_text("Not sent:").filter(has_text="opted out")).to_be_visible()
    assert ContactRefusal.objects.get().why == "objected"
    open_customer(agent)
    write(agent, "Renewal notice", "Renewal", "Your service ends soon.")
    expect(agent.get_by_text("The message has left.")).to_be_visible()
    assert [str(letter.subject) for letter in mail.outbox[1:]] == ["Renewal"]

    officer = visitor("an")
    officer.get_by_role("link", name="Consent", exact=True).click()
    expect(officer.get_by_role("link", name="1 opted out")).to_be_visible()
    assert whole()


def see_on(officer: Page, site: str, text: str) -> None:
    officer.get_by_role("link", name="Seen on a site…").click()
    officer.get_by_label(SITES[site]).check()
    officer.get_by_label("Address of the page").fill(f"https://{site}/privacy-policy")
    officer.get_by_label("The text that is there now").fill(text)
    officer.get_by_role("button", name="Confirm").click()


@ON_ONE_ENGINE
def test_a_policy_version_takes_effect_once_both_sites_have_shown_it(visitor: Visitor, hoa: Customer) -> None:
    officer = visitor("an")
    officer.get_by_role("link", name="Consent", exact=True).click()
    officer.get_by_role("link", name="Policy", exact=True).click()
    officer.get_by_role("link", name="New version").click()
    officer.get_by_label("Version").fill("2026-03")
    officer.get_by_label("What changes").fill("First version")
    officer.get_by_label("Text in Vietnamese").fill(POLICY)
    officer.get_by_role("button", name="Put it on file").click()
    expect(officer.get_by_text("It takes effect once both sites have shown it.")).to_be_visible()
    see_on(officer, "bizflycloud.vn", POLICY)
    expect(officer.get_by_text("It takes effect once the other site is confirmed too.")).to_be_visible()
    see_on(officer, "docs.bizflycloud.vn", POLICY + "\nKhác")
    expect(officer.get_by_text("its SHA-256 is another")).to_be_visible()
    assert in_force() is None
    officer.get_by_label("The text that is there now").fill(POLICY)
    officer.get_by_role("button", name="Confirm").click()
    expect(officer.get_by_text("With this the version is in effect.")).to_be_visible()
    version = in_force()
    assert version is not None
    assert version.label == "2026-03"

    agent = visitor("linh")
    open_customer(agent)
    expect(agent.get_by_text("has not accepted the policy that is in effect")).to_be_visible()
    agent.get_by_role("link", name="History and receipts").click()
    agent.get_by_role("link", name="Accepted the policy…").click()
    agent.get_by_label("By using the service").check()
    agent.get_by_role("button", name="Put it on record").click()
    expect(agent.get_by_text("The acceptance is on record.")).to_be_visible()
    officer.get_by_role("link", name="Policy", exact=True).click()
    officer.get_by_role("link", name="Acceptances", exact=True).click()
    expect(officer.get_by_text("1 accepted by using the service alone")).to_be_visible()
    assert whole()


@ON_ONE_ENGINE
def test_a_customer_leaves_by_the_link_in_a_real_mail(
    visitor: Visitor, hoa: Customer, inbox: Inbox, server: str, settings: LazySettings
) -> None:
    settings.SITE_URL = server
    promotions, linh = Purpose.objects.get(code="promotions"), StaffMember.objects.get(username="linh")
    grant(hoa, promotions, "email", by=linh, evidence=Evidence("ticket", "T-1"))
    agent = visitor("linh")
    open_customer(agent)
    write(agent, "Promotions and other news", "Ưu đãi tháng này", "Thêm dung lượng với giá cũ.")
    expect(agent.get_by_text("The message has left.")).to_be_visible()

    letter = inbox.mails[0]
    body = letter.get_content()  # type: ignore[attr-defined]
    assert "Thêm dung lượng với giá cũ." in body
    link = str(letter["List-Unsubscribe"]).strip(" <>")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in body
    assert not re.search(r"BZ0000001|hoa|mail\.example|9123456", link, re.IGNORECASE)
    page = visitor(locale="en-GB")
    page.goto(link)
    expect(page.get_by_role("heading", name="Không nhận tin này nữa?")).to_be_visible()
    assert may_contact(hoa, "promotions", "email")
    page.get_by_role("button", name="Ngừng nhận").click()
    expect(page.get_by_role("heading", name="Chúng tôi đã ngừng gửi")).to_be_visible()
    assert not may_contact(hoa, "promotions", "email")
    assert ConsentEvent.objects.latest("pk").through == "web"
    assert whole()
