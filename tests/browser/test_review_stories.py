"""A month of the log is looked back at and signed off; a quarter's access is looked through: in real browsers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from disclosures.models import AccessReview, AccessVerdict, MonthReview, ReviewVerdict
from tests import factories
from tests.browser.conftest import Visitor
from tests.browser.steps import Steps
from tests.browser.test_consent_stories import whole
from tests.conftest import Clock
from tests.disclosures.looking_back import AFTER, MONDAY, House, a_house, entries, entry, glass, own_anchors

__all__ = ["own_anchors"]

pytestmark = pytest.mark.one_engine(
    "its acts are tested on both engines; no page, key or click is another on one of them"
)


@pytest.fixture
def house(own_database: str, clock: Clock) -> House:
    """March is over: six disclosures, one of them at night, and glass was broken once."""
    house = a_house(clock)
    entries(house, 6)
    entry(house, at=MONDAY.replace(hour=22))
    glass(house)
    clock.now = AFTER
    return house


def choose(page: Page, steps: Steps, label: str, which: int) -> None:
    """A chip beside the entry at that place."""
    chip = page.locator(".judging li").nth(which).get_by_label(label, exact=True)
    steps.clicks += 1
    chip.check()


def test_a_month_is_signed_off_in_two_clicks_more_than_it_has_entries(visitor: Visitor, house: House) -> None:
    chi = visitor("chi")
    expect(chi.get_by_role("heading", name="To look back at")).to_be_visible()
    steps = Steps(chi)
    steps.click(chi.get_by_role("button", name="Review March 2031"))
    expect(chi.get_by_role("heading", name="Review of March 2031")).to_be_visible()
    many = chi.locator(".judging li").count()
    assert many == 8
    assert chi.locator(".judging input:checked").count() == 0
    words = chi.locator(".judging li").nth(0).get_by_label("What is questioned")
    expect(words).to_be_hidden()
    choose(chi, steps, "Questioned", 0)
    expect(words).to_be_visible()
    words.fill("Sao lại ban đêm?")
    for place in range(1, many):
        choose(chi, steps, "Right", place)
    steps.click(chi.get_by_role("button", name="Sign the month off"))
    expect(chi.get_by_text("Signed off, and anchored outside the database.")).to_be_visible()
    assert steps.clicks == many + 2
    assert len(steps.screens - {"/"}) == 1
    review = MonthReview.objects.get()
    assert (len(review.looked_at), review.questioned) == (many, 1)
    chi.get_by_role("button", name="Read what was questioned").click()
    expect(chi.get_by_text("Sao lại ban đêm?")).to_be_visible()
    chi.get_by_role("link", name="Close").click()
    chi.get_by_role("link", name="Reviews", exact=True).first.click()
    expect(chi.get_by_text("signed off", exact=True)).to_be_visible()
    assert whole()


def test_a_review_is_left_and_gone_on_with_by_somebody_else(visitor: Visitor, house: House) -> None:
    factories.person("dung", "Compliance officer")
    chi, dung = visitor("chi"), visitor("dung")
    chi.get_by_role("button", name="Review March 2031").click()
    chi.locator(".judging li").nth(0).get_by_label("Right", exact=True).check()
    chi.get_by_role("button", name="Save for now").click()
    expect(chi.get_by_text("Your verdicts are on record.")).to_be_visible()
    dung.reload()
    dung.get_by_role("link", name="March 2031", exact=True).click()
    expect(dung.locator(".judging li")).to_have_count(7)
    dung.get_by_role("button", name="Sign the month off").click()
    expect(dung.get_by_text("Choose one.").first).to_be_visible()
    for place in range(7):
        dung.locator(".judging li").nth(place).get_by_label("Right", exact=True).check()
    dung.get_by_role("button", name="Sign the month off").click()
    expect(dung.get_by_text("Signed off, and anchored outside the database.")).to_be_visible()
    assert set(ReviewVerdict.objects.values_list("by__username", flat=True)) == {"chi", "dung"}


def test_who_holds_what_is_looked_through_and_a_role_is_taken_away(visitor: Visitor, house: House) -> None:
    factories.person("quang", "Administrator")
    chi, binh, quang = visitor("chi"), visitor("binh"), visitor("quang")
    steps = Steps(chi)
    steps.click(chi.get_by_role("link", name="Who holds what"))
    rows = chi.locator(".judging li")
    many = rows.count()
    for place in range(many):
        steps.clicks += 1
        ends = "linh" in rows.nth(place).inner_text()
        rows.nth(place).get_by_label("End" if ends else "Keep", exact=True).check()
    steps.click(chi.get_by_role("button", name="Put it on record"))
    expect(chi.get_by_text("Your verdicts are on record.")).to_be_visible()
    assert steps.clicks == many + 2
    binh.get_by_role("link", name="Who holds what").click()
    binh.locator(".judging li").get_by_label("Keep", exact=True).check()
    binh.get_by_role("button", name="Sign the quarter off").click()
    expect(binh.get_by_text("Signed off.", exact=True)).to_be_visible()
    assert AccessReview.objects.get().ended == AccessVerdict.objects.filter(verdict="end").count() == 1
    quang.reload()
    quang.get_by_role("link", name="Take away linh").click()
    quang.get_by_role("button", name="Take it away").click()
    quang.goto("/")
    expect(quang.get_by_text("To take away, by the access review")).to_have_count(0)
