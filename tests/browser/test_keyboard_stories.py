"""What every desk is there for, done by the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from consent.gate import limits, purposes
from customers.models import Reveal
from disclosures.models import DisclosureRequest, MonthReview
from tests import factories
from tests.browser.conftest import Visitor
from tests.browser.keyboard import Keys, jumps
from tests.browser.telling import Look
from tests.conftest import Clock
from tests.disclosures.looking_back import AFTER, House, a_house, entries, own_anchors
from tests.disclosures.outside import a_desk, proposed

__all__ = ["own_anchors"]

pytestmark = pytest.mark.one_engine("no key leads elsewhere on another database")


def test_a_value_is_found_and_revealed_by_keys(visitor: Visitor) -> None:
    factories.customer("BZ0000001")
    factories.person("linh", "Support agent")
    page = visitor("linh")
    page.locator("main input[type=search]:focus").wait_for()  # where the desk opens
    page.keyboard.insert_text("BZ0000001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Addresses and identity")).to_be_visible()
    keys = Keys(page)
    keys.press(page.locator("summary").filter(has_text="h•••@m•••.com"))
    keys.choose(page.locator("details[open]").get_by_label("Call back", exact=True))
    keys.press(page.locator("details[open]").get_by_role("button", name="Reveal for"))
    expect(page.get_by_text("hoa.nguyen@mail.example.com")).to_be_visible()
    assert Reveal.objects.get().reason == "call_back"
    keys.press(page.get_by_role("link", name="Close now"))
    expect(page.get_by_text("hoa.nguyen@mail.example.com")).to_have_count(0)


def test_a_caller_opts_out_by_keys(visitor: Visitor) -> None:
    factories.deadlines()
    purposes.provide(by=factories.system())
    limits.provide(by=factories.system())
    customer = factories.customer("BZ0000001")
    factories.person("linh", "Support agent")
    page = visitor("linh", at=f"/customers/customer/{customer.pk}/")
    keys = Keys(page)
    keys.press(page.get_by_role("link", name="Opt out…"))
    keys.press(page.get_by_role("button", name="Opt out"))
    expect(page.get_by_text("The customer has opted out. It holds from now on.")).to_be_visible()


def test_a_police_letter_is_approved_and_released_by_keys(visitor: Visitor) -> None:
    desk = a_desk()
    request = proposed(desk)
    approver = visitor("binh")
    keys = Keys(approver)
    keys.press(approver.get_by_role("link", name="Disclosures waiting for your decision"))
    keys.press(approver.get_by_role("link", name=request.number))
    keys.press(approver.get_by_role("button", name="Approve"))
    expect(approver.get_by_text("Approved. An officer can release it now.")).to_be_visible()
    officer = visitor("an", at=f"/disclosures/disclosurerequest/{request.pk}/")
    Keys(officer).press(officer.get_by_role("button", name="Release"))
    expect(officer.get_by_role("button", name="Fetch the package")).to_be_visible()
    assert DisclosureRequest.objects.get().state == "disclosed"


@pytest.fixture
def house(own_database: str, clock: Clock) -> House:
    """March is over: two disclosures."""
    house = a_house(clock)
    entries(house, 2)
    clock.now = AFTER
    return house


def test_a_month_is_signed_off_by_keys(visitor: Visitor, house: House) -> None:
    page = visitor("chi")
    keys = Keys(page)
    keys.press(page.get_by_role("button", name="Review March 2031"))
    expect(page.get_by_role("heading", name="Review of March 2031")).to_be_visible()
    chips = page.locator(".judging li")
    keys.choose(chips.nth(0).get_by_label("Questioned", exact=True))
    keys.type(chips.nth(0).get_by_label("What is questioned"), "Vì sao?")
    keys.choose(chips.nth(1).get_by_label("Right", exact=True))
    keys.press(page.get_by_role("button", name="Sign the month off"))
    expect(page.get_by_text("Signed off, and anchored outside the database.")).to_be_visible()
    assert MonthReview.objects.get().questioned == 1


def test_the_first_stop_leads_past_the_bar_and_the_bar_is_read_line_by_line(visitor: Visitor, look: Look) -> None:
    factories.customer("BZ0000001")
    factories.person("an", "Compliance officer")
    page = visitor("an", at="/customers/customer/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.skip-to-content-link')")
    assert page.locator(".skip-to-content-link").bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert jumps(page, "header.top") == [], width
