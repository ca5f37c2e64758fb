"""Finding, verifying, breaking glass, grants, budgets and staff, told in real browsers; clicks are counted."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Page, expect

from customers.models import AccessGrant, Leaf, Role, Verification
from tests import factories
from tests.browser.conftest import Visitor
from tests.customers.evidence.logs import verify as verify_evidence
from tests.signing import code

pytestmark = pytest.mark.one_engine(
    "its acts are tested on both engines; no page, key or click is another on one of them"
)


class Clicks:
    """How often somebody clicked, or pressed Enter to send."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, what) -> None:
        self.count += 1
        what.click()

    def enter(self, page: Page) -> None:
        self.count += 1
        page.keyboard.press("Enter")


@pytest.fixture
def people(own_database: str) -> None:
    """A customer of each team's, agents of both, Hanoi's lead, an officer, an administrator."""
    factories.customer("BZ0000001", email="hoa.nguyen@mail.example.com", phone="+84912345612")
    factories.customer(
        "BZ0000002", team_name="Da Nang", full_name="Trần Văn Nam", email="nam.tran@post.example.com",
        phone="+84912345699",
    )  # fmt: skip
    for username, role, team in (
        ("linh", "Support agent", "Hanoi"),
        ("minh", "Support agent", "Da Nang"),
        ("thao", "Support lead", "Hanoi"),
        ("an", "Compliance officer", ""),
        ("quang", "Administrator", ""),
    ):
        factories.person(username, role, team)


def look_for(page: Page, text: str, clicks: Clicks) -> None:
    page.get_by_role("searchbox").fill(text)
    clicks.enter(page)


def test_a_caller_is_found_verified_and_called_back(visitor: Visitor, people: None) -> None:
    page, clicks = visitor("linh"), Clicks()
    look_for(page, "091 234 56 12", clicks)
    expect(page.get_by_text("BZ0000001").first).to_be_visible()
    page.get_by_label("Full name").fill("nguyen thi hoa")
    page.get_by_label("E-mail", exact=True).fill("hoa.nguyen@mail.example.com")
    clicks.on(page.get_by_role("button", name="Verify"))
    expect(page.get_by_text("Name: match", exact=True)).to_be_visible()
    expect(page.get_by_text("E-mail: match", exact=True)).to_be_visible()
    assert (clicks.count, Verification.objects.get().missed) == (2, [])
    clicks.on(page.locator("summary").filter(has_text="+84 •• ••• •12"))
    clicks.on(page.get_by_role("button", name="Reveal for").locator("visible=true"))
    expect(page.get_by_text("+84912345612")).to_be_visible()
    assert clicks.count == 4
    page.get_by_role("link", name="Close now").click()
    expect(page.get_by_text("39 reveals left today")).to_be_visible()


def test_glass_is_broken_an_officer_sees_it_and_closes_it(visitor: Visitor, people: None) -> None:
    agent, clicks = visitor("linh"), Clicks()
    look_for(agent, "nam.tran@post.example.com", clicks)
    expect(agent.get_by_text("Da Nang team")).to_be_visible()
    expect(agent.get_by_text("T. V. Nam")).to_have_count(0)
    clicks.on(agent.get_by_role("link", name="Break glass… BZ0000002"))
    agent.get_by_label("Suspected fraud").check()
    clicks.on(agent.get_by_role("button", name="Break glass for 60 minutes"))
    expect(agent.get_by_text("You broke glass")).to_be_visible()
    assert clicks.count == 3
    agent.locator("summary").filter(has_text="n•••@p•••.com").click()
    agent.get_by_role("button", name="Reveal for").locator("visible=true").click()
    expect(agent.get_by_text("nam.tran@post.example.com")).to_be_visible()
    agent.get_by_role("link", name="Close now").click()

    officer = visitor("an")
    officer.get_by_role("link", name="Access", exact=True).click()
    expect(officer.get_by_text("linh · BZ0000002")).to_be_visible()
    officer.get_by_role("link", name="All of them").first.click()
    officer.get_by_role("link", name="End linh, BZ0000002").click()
    officer.get_by_role("button", name="End it now").click()
    expect(officer.get_by_text("The grant is ended")).to_be_visible()
    expect(officer.get_by_text("ended by an")).to_be_visible()

    agent.reload()
    expect(agent.get_by_role("heading", name="Not found")).to_be_visible()
    call_command("checkpoint")
    assert verify_evidence().exit == 0


def test_a_lead_gives_a_colleague_of_another_team_a_grant(visitor: Visitor, people: None) -> None:
    lead, clicks = visitor("thao"), Clicks()
    look_for(lead, "BZ0000001", clicks)
    clicks.on(lead.get_by_role("link", name="Give one"))
    lead.get_by_label("Who", exact=True).select_option("minh")
    lead.get_by_label("Reveal service access").check()
    lead.get_by_label("A specialist is needed").check()
    clicks.on(lead.get_by_role("button", name="Give the grant"))
    expect(lead.get_by_text("The grant is given and on record.")).to_be_visible()
    assert clicks.count == 3
    guest = visitor("minh")
    guest.get_by_role("link", name="Customers", exact=True).click()
    guest.get_by_role("link", name="N. T. Hoa").click()
    guest.get_by_text("Secret", exact=True).click()
    guest.get_by_role("button", name="Reveal for").locator("visible=true").click()
    expect(guest.get_by_text("s3cret-value")).to_be_visible()
    assert AccessGrant.objects.get().person.username == "minh"


def test_an_agent_without_reveals_left_is_told_and_the_lead_allows_ten(
    visitor: Visitor, people: None, settings
) -> None:
    settings.REVEALS_A_DAY = 0
    agent = visitor("linh")
    expect(agent.get_by_text("0 reveals left today")).to_be_visible()
    look_for(agent, "BZ0000001", Clicks())
    agent.get_by_text("h•••@m•••.com").click()
    agent.get_by_role("button", name="Reveal for").locator("visible=true").click()
    expect(agent.get_by_text("your lead can allow")).to_be_visible()
    lead, clicks = visitor("thao"), Clicks()
    clicks.on(lead.get_by_role("link", name="Access", exact=True))
    clicks.on(lead.get_by_role("button", name="Allow 10 more today"))
    expect(lead.get_by_text("10 more allowed by thao")).to_be_visible()
    assert clicks.count == 2
    agent.go_back()
    agent.get_by_text("h•••@m•••.com").click()
    agent.get_by_role("button", name="Reveal for").locator("visible=true").click()
    expect(agent.get_by_text("hoa.nguyen@mail.example.com")).to_be_visible()


def first_sign_in(page: Page, username: str, password: str) -> None:
    """With the password, and an authenticator app that is set up on the way."""
    page.goto("/")
    page.locator("[name=login]").fill(username)
    page.locator("[name=password]").fill(password)
    page.locator("main form .button.primary").first.click()
    secret = re.sub(r"\s", "", page.locator("code.hash").inner_text())
    page.locator("[name=code]").fill(code(secret))
    page.locator("form .button.primary").click()
    page.locator("a.button.primary").click()


def test_somebody_is_added_signs_in_by_the_link_and_is_ended_at_once(visitor: Visitor, people: None) -> None:
    administrator = visitor("quang")
    administrator.get_by_role("link", name="Add a person").click()
    administrator.get_by_label("Username").fill("hue")
    administrator.get_by_label("First name", exact=True).fill("Huệ")
    administrator.get_by_label("E-mail at work").fill("hue@example.com")
    administrator.get_by_role("button", name="Add and send the link").click()
    expect(administrator.get_by_text("A link to choose a password is on its way to hue.")).to_be_visible()
    administrator.get_by_role("link", name="Give a role").click()
    administrator.get_by_label("Role").select_option(str(Role.objects.get(name="Support agent").pk))
    administrator.get_by_label("Team").select_option("Hanoi")
    administrator.get_by_role("button", name="Give the role").click()

    newcomer = visitor()
    link = re.search(r"http://\S+", mail.outbox[-1].body)
    assert link
    newcomer.goto(link[0])
    newcomer.get_by_role("link", name="Go on").click()
    newcomer.get_by_label("New password", exact=True).fill("quite another battery")
    newcomer.get_by_label("New password confirmation").fill("quite another battery")
    newcomer.get_by_role("button", name="Keep this password").click()
    first_sign_in(newcomer, "hue", "quite another battery")
    newcomer.get_by_role("link", name="Customers", exact=True).click()
    expect(newcomer.get_by_text("N. T. Hoa")).to_be_visible()

    administrator.get_by_role("link", name="End access…").click()
    administrator.get_by_role("button", name="End access now").click()
    expect(administrator.get_by_text("access ended").first).to_be_visible()
    newcomer.reload()
    expect(newcomer.locator("[name=password]")).to_be_visible()
    assert Leaf.objects.filter(kind="access_change").count() > 0
