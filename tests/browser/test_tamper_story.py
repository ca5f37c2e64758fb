"""The tamper check in real browsers: one screen and one click; frozen, and lifted by two officers."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from disclosures.models import TamperCheck
from disclosures.tamper_check.tamper_check import is_frozen
from tests.browser.conftest import Visitor
from tests.browser.steps import Steps
from tests.disclosures.tampered import House, a_house, anchors, edit_column

__all__ = ["anchors"]
LIST = "/disclosures/tampercheck/"

pytestmark = pytest.mark.one_engine(
    "its acts are tested on both engines; no page, key or click is another on one of them"
)


@pytest.fixture
def house(own_database: str, anchors: Path) -> House:
    """The people, and a log with an anchor."""
    mail.outbox = []
    return a_house()


def at_the_check(page: Page) -> Steps:
    expect(page.get_by_role("heading", name="Is the log whole?")).to_be_visible()
    return Steps(page)


def test_a_check_takes_one_screen_and_one_click(house: House, visitor: Visitor) -> None:
    page = visitor("an", at=LIST)
    steps = at_the_check(page)
    steps.click(page.get_by_role("button", name="Check now"))
    expect(page.get_by_role("heading", name="Whole when it was last checked")).to_be_visible()
    assert (steps.cost, TamperCheck.objects.get().whole) == ((1, 1), True)


def test_tampering_is_named_and_two_officers_lift_the_freeze_in_two_screens_each(
    house: House, visitor: Visitor
) -> None:
    first = edit_column()
    page = visitor("an", at=LIST)
    steps = at_the_check(page)
    steps.click(page.get_by_role("button", name="Check now"))
    expect(page.get_by_role("heading", name="Disclosing is frozen")).to_be_visible()
    expect(page.get_by_text(f"Entry #{first} is the first that is not as it was written.").first).to_be_visible()
    assert steps.cost == (1, 1)
    for officer, after in (("an", "Disclosing is frozen"), ("chi", "Tampered with; disclosing goes on")):
        page = visitor(officer, at=LIST)
        steps = at_the_check(page)
        steps.click(page.get_by_role("link", name="Lift the freeze…"))
        page.get_by_label("What was found out, and what was done").fill("Đã khôi phục từ bản sao lưu")
        steps.click(page.get_by_role("button", name="Lift the freeze"))
        expect(page.get_by_role("heading", name=after)).to_be_visible()
        assert steps.cost == (2, 2)
    assert not is_frozen()
