"""Addresses, requests, corrections and suspensions, told in real browsers from sign-in to verified evidence."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Page, expect

from customers.models import ContactPoint, Correction, Customer, CustomerRequest, Hold
from tests import factories
from tests.browser.conftest import Visitor
from tests.browser.steps import Steps
from tests.customers.evidence.desk_work import sent_code
from tests.customers.evidence.logs import verify as verify_evidence

NEW = "hoa.moi@mail.example.com"
ON_ONE_ENGINE = pytest.mark.one_engine("a story of its kind is told on both; its acts are tested on both")


@pytest.fixture
def people(own_database: str) -> Customer:
    """A customer of Hanoi's, two agents, the lead, an officer."""
    mail.outbox = []
    factories.deadlines()
    for username, role in (
        ("linh", "Support agent"),
        ("ha", "Support agent"),
        ("thao", "Support lead"),
        ("an", "Compliance officer"),
    ):
        factories.person(username, role)
    return factories.customer("BZ0000001")


def open_customer(page: Page) -> None:
    page.get_by_role("searchbox").fill("BZ0000001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Addresses and identity")).to_be_visible()


def put_on_file(page: Page, kind: str, by: str, point: str, text: str, about: str = "") -> None:
    """A request, from the customer's page."""
    page.get_by_role("link", name="New request").click()
    page.get_by_role("group", name="What is asked for").get_by_label(kind, exact=True).check()
    if about:
        page.get_by_role("group", name="About which data").get_by_label(about, exact=True).check()
    page.get_by_role("group", name="How it came in").get_by_label(by, exact=True).check()
    if point:
        page.get_by_role("group", name="From", exact=True).get_by_label(point).check()
    page.get_by_label("In the customer’s words").fill(text)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", name=kind)).to_be_visible()


def whole() -> bool:
    """Whether the log, as it stands, is verified."""
    call_command("checkpoint")
    return verify_evidence().exit == 0


def test_a_caller_has_an_email_corrected(visitor: Visitor, people: Customer) -> None:
    agent = visitor("linh")
    open_customer(agent)
    agent.get_by_label("Phone", exact=True).fill("0912345612")
    agent.get_by_role("button", name="Verify").click()
    expect(agent.get_by_text("Phone: match", exact=True)).to_be_visible()
    put_on_file(agent, "Correction", "Phone", "Phone +84 •• ••• •12", "Tôi dùng email mới", about="E-mail")
    open_customer(agent)

    steps = Steps(agent)
    steps.click(
        agent.get_by_role("link", name="Correct", exact=False).filter(has_text=re.compile(": e-?mail", re.IGNORECASE))
    )
    agent.get_by_label("As it should be").fill(NEW)
    steps.choose("Outdated")
    steps.choose("Call with the customer")
    steps.click(agent.get_by_role("button", name="Propose"))
    expect(agent.get_by_text("It waits for a second person")).to_be_visible()
    assert steps.cost <= (3, 6)
    assert Correction.objects.get().state == "proposed"

    lead = visitor("thao")
    lead.get_by_role("link", name="Corrections waiting for your approval").click()
    lead.get_by_role("link", name="Approve", exact=True).click()
    lead.get_by_role("button", name="Approve").click()
    expect(lead.get_by_text("it takes over once the customer confirms")).to_be_visible()
    assert [letter.to for letter in mail.outbox] == [[NEW]]

    open_customer(agent)
    agent.get_by_role("link", name="Type the code").click()
    agent.get_by_label("Code", exact=True).fill(sent_code())
    agent.get_by_role("button", name="Confirm the address").click()
    expect(agent.get_by_text("The code matches")).to_be_visible()
    assert [letter.to for letter in mail.outbox] == [[NEW], ["hoa.nguyen@mail.example.com"]]
    states = {point.state for point in ContactPoint.objects.filter(channel="email")}
    assert (states, Correction.objects.get().state) == ({"active", "retired"}, "done")

    agent.get_by_role("link", name="History", exact=True).click()
    expect(agent.get_by_text("Update · Outdated")).to_be_visible()
    assert whole()


@ON_ONE_ENGINE
def test_the_customer_confirms_by_the_link_in_the_letter(visitor: Visitor, people: Customer) -> None:
    agent = visitor("linh")
    open_customer(agent)
    agent.get_by_role("link", name="Have it confirmed").first.click()
    agent.get_by_role("button", name="Send a code").click()
    expect(agent.get_by_text("A code is on its way")).to_be_visible()
    link = re.search(r"https?://[^/]+(/confirm/\S+)", str(mail.outbox[0].body))
    assert link is not None
    customer = visitor(locale="vi-VN")
    customer.goto(link[1])
    assert ContactPoint.objects.get(channel="email").verified_at is None
    customer.get_by_role("button").click()
    expect(customer.get_by_role("status")).to_be_visible()
    assert ContactPoint.objects.get(channel="email").verified_at is not None
    customer.goto(link[1])
    expect(customer.get_by_role("button")).to_have_count(0)
    assert whole()


@ON_ONE_ENGINE
def test_a_hijacked_mailbox_is_suspended_and_released_by_somebody_else(visitor: Visitor, people: Customer) -> None:
    agent = visitor("linh")
    open_customer(agent)
    put_on_file(agent, "Correction", "E-mail", "E-mail h•••@m•••.com", "Đổi số điện thoại", about="Phone")
    open_customer(agent)

    steps = Steps(agent)
    steps.click(agent.get_by_role("link", name="Suspend").first)
    steps.choose("Odd request")
    agent.get_by_label("What you saw").fill("Giọng văn lạ")
    steps.click(agent.get_by_role("button", name="Suspend it now"))
    expect(agent.get_by_text("Do not act on requests from")).to_be_visible()
    expect(agent.get_by_text("1 request is parked.")).to_be_visible()
    assert steps.cost <= (2, 4)
    assert (CustomerRequest.objects.get().state, mail.outbox) == ("parked", [])

    agent.get_by_role("link", name="Confirm by contact").first.click()
    agent.get_by_label("The customer confirms it was them").check()
    agent.get_by_label("Who was spoken to").fill("bà Hoa")
    agent.get_by_role("button", name="Register").click()
    expect(
        agent.get_by_text("somebody else releases the address").or_(agent.get_by_text("somebody else has to"))
    ).to_be_visible()
    assert Hold.objects.get().state == "open"

    colleague = visitor("ha")
    open_customer(colleague)
    steps = Steps(colleague)
    steps.click(colleague.get_by_role("link", name="Confirm by contact").first)
    steps.choose("The customer confirms it was them")
    colleague.get_by_label("Who was spoken to").fill("bà Hoa")
    steps.click(colleague.get_by_role("button", name="Register"))
    expect(colleague.get_by_text("The address is released")).to_be_visible()
    assert steps.cost[0] <= 2
    assert (CustomerRequest.objects.get().state, Hold.objects.get().state) == ("open", "released")
    assert whole()


@ON_ONE_ENGINE
def test_a_confirmed_fraud_is_refused_and_on_the_officers_list(visitor: Visitor, people: Customer) -> None:
    agent = visitor("linh")
    open_customer(agent)
    put_on_file(agent, "Correction", "E-mail", "E-mail h•••@m•••.com", "Đổi số điện thoại", about="Phone")
    open_customer(agent)
    agent.get_by_role("link", name="Suspend").first.click()
    agent.get_by_label("The customer reported it").check()
    agent.get_by_label("What you saw").fill("Khách báo mất hộp thư")
    agent.get_by_role("button", name="Suspend it now").click()
    agent.get_by_role("link", name="Confirm by contact").first.click()
    agent.get_by_label("The customer says it was not them").check()
    agent.get_by_label("Who was spoken to").fill("bà Hoa")
    agent.get_by_role("button", name="Register").click()
    expect(agent.get_by_text("It was fraud")).to_be_visible()
    assert CustomerRequest.objects.get().state == "refused"
    assert {address for letter in mail.outbox for address in letter.to} == {"84912345612@sms.example.com"}

    officer = visitor("an")
    officer.get_by_role("link", name="Access", exact=True).click()
    expect(officer.get_by_role("heading", name="Fraud confirmed")).to_be_visible()
    assert whole()


@ON_ONE_ENGINE
def test_an_address_is_no_longer_used_and_another_one_asked_for(visitor: Visitor, people: Customer) -> None:
    agent = visitor("linh")
    open_customer(agent)
    steps = Steps(agent)
    steps.click(agent.get_by_role("link", name="No longer used").first)
    steps.click(agent.get_by_role("button", name="No longer used"))
    expect(agent.get_by_text("This address is no longer used.").first).to_be_visible()
    assert steps.cost <= (2, 3)
    assert [letter.to for letter in mail.outbox] == [["84912345612@sms.example.com"]]
    agent.get_by_role("searchbox").fill("hoa.nguyen@mail.example.com")
    agent.keyboard.press("Enter")
    expect(agent.get_by_text("ask for the one in use")).to_be_visible()
    assert whole()


@ON_ONE_ENGINE
def test_more_is_asked_for_and_the_answer_dealt_with(visitor: Visitor, people: Customer) -> None:
    agent = visitor("linh")
    open_customer(agent)
    put_on_file(agent, "Deletion", "Phone", "Phone +84 •• ••• •12", "Xoá dữ liệu của tôi")
    steps = Steps(agent)
    steps.click(agent.get_by_role("link", name="Ask for more"))
    steps.choose("A way to make sure that it is you", exact=False)
    steps.click(agent.get_by_role("button", name="Ask the customer"))
    expect(agent.get_by_text("The customer is asked.")).to_be_visible()
    assert steps.cost <= (2, 3)
    assert (len(mail.outbox), CustomerRequest.objects.get().paused_at is not None) == (1, True)
    agent.get_by_role("link", name="Take the answer").click()
    agent.get_by_label("Confirms what is on file").check()
    agent.get_by_role("button", name="Take it over").click()
    expect(agent.get_by_text("The answer is dealt with")).to_be_visible()
    assert CustomerRequest.objects.get().paused_at is None

    agent.get_by_role("link", name="Hand to an officer").click()
    agent.get_by_label("In your own words").fill("Khách còn hoá đơn")
    agent.get_by_role("button", name="Hand over").click()
    officer = visitor("an")
    officer.get_by_role("link", name="Handed to the officers").click()
    officer.get_by_role("table").get_by_role("link", name="Deletion").click()
    officer.get_by_role("link", name="It is carried out").click()
    officer.get_by_label("In your own words").fill("Đã xoá theo quy trình")
    officer.get_by_role("button", name="Done, tell the customer").click()
    expect(officer.get_by_text("It is done and on record.")).to_be_visible()
    assert whole()


@ON_ONE_ENGINE
def test_a_request_is_refused_with_a_letter_in_the_customers_language(visitor: Visitor, people: Customer) -> None:
    agent = visitor("linh")
    open_customer(agent)
    put_on_file(agent, "Question", "Support system", "", "Hoá đơn sai?")
    agent.get_by_role("link", name="Acknowledge").click()
    agent.get_by_role("button", name="Tell the customer").click()
    expect(agent.get_by_text("It is acknowledged")).to_be_visible()
    agent.get_by_role("link", name="Refuse").click()
    agent.get_by_label("The data is right as it stands").check()
    agent.get_by_role("button", name="Refuse, tell the customer").click()
    expect(agent.get_by_text("It is refused, for the reason given.")).to_be_visible()
    assert "Quý khách" in str(mail.outbox[-1].body)
    assert whole()


@ON_ONE_ENGINE
def test_a_seen_secret_is_rotated_and_a_reset_of_the_password_started(visitor: Visitor, people: Customer) -> None:
    lead = visitor("thao")
    open_customer(lead)
    lead.get_by_text("Secret", exact=True).click()
    lead.get_by_role("button", name="Reveal for").locator("visible=true").click()
    lead.get_by_role("link", name="Close now").click()
    expect(lead.get_by_text("Somebody has seen this secret")).to_be_visible()
    lead.get_by_role("link", name="Rotate the secret").click()
    lead.get_by_role("button", name="Rotate").click()
    expect(lead.get_by_text("The secret is a new one.")).to_be_visible()
    expect(lead.get_by_text("Somebody has seen this secret")).to_have_count(0)
    expect(lead.get_by_role("link", name="Start a reset")).to_have_count(0)

    lead.get_by_role("link", name="Have it confirmed").first.click()
    lead.get_by_role("button", name="Send a code").click()
    lead.get_by_role("link", name="Type the code").first.click()
    lead.get_by_label("Code", exact=True).fill(sent_code())
    lead.get_by_role("button", name="Confirm the address").click()
    lead.get_by_role("link", name="Start a reset").click()
    lead.get_by_role("button", name="Send the link").click()
    expect(lead.get_by_text("The reset is started.")).to_be_visible()
    assert "https://id.example.com/reset" in mail.outbox[-1].body
    assert whole()


@ON_ONE_ENGINE
def test_an_officer_keeps_the_links_that_letters_carry(visitor: Visitor, people: Customer) -> None:
    officer = visitor("an")
    officer.get_by_role("link", name="Rules").click()
    officer.get_by_role("link", name="Links", exact=True).click()
    officer.get_by_role("link", name="Add a link").click()
    officer.get_by_label("Title in Vietnamese").fill("Bảo vệ hộp thư")
    officer.get_by_label("Title in English").fill("Keeping your mailbox safe")
    officer.get_by_label("Address").fill("https://www.example.org/help?who=BZ0000001")
    officer.get_by_role("button", name="Put it into the register").click()
    expect(officer.get_by_text("This address carries a customer’s data")).to_be_visible()
    officer.get_by_role("link", name="Back", exact=True).click()
    officer.get_by_role("link", name="Add a link").click()
    officer.get_by_label("Title in Vietnamese").fill("Bảo vệ hộp thư")
    officer.get_by_label("Title in English").fill("Keeping your mailbox safe")
    officer.get_by_label("Address").fill("https://www.example.org/help")
    officer.get_by_role("button", name="Put it into the register").click()
    expect(officer.get_by_text("The link is in the register.")).to_be_visible()

    agent = visitor("linh")
    open_customer(agent)
    put_on_file(agent, "Question", "Support system", "", "Hộp thư của tôi có an toàn không?")
    agent.get_by_role("link", name="Send links").click()
    agent.get_by_label(re.compile("Bảo vệ hộp thư|Keeping your mailbox safe")).check()
    agent.get_by_role("button", name="Send the links").click()
    expect(agent.get_by_text("The links are sent.")).to_be_visible()
    assert "https://www.example.org/help" in mail.outbox[-1].body
    assert whole()
