"""What axe-core or the keyboard would find on a page is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.axe import bring_axe, grave_by_day, grave_by_night
from tests.browser.conftest import Visitor
from tests.browser.keyboard import faults

pytestmark = pytest.mark.one_engine("what a browser finds on a page no database changes")


@pytest.fixture
def door(visitor: Visitor) -> Page:
    """The page that asks for the password."""
    page = visitor()
    bring_axe(page)
    page.goto("/login/")
    return page


def test_what_axe_finds_would_be_told_in_either_theme(door: Page) -> None:
    assert grave_by_day(door) + grave_by_night(door) == []
    door.evaluate("document.querySelector('h1').style.color = 'light-dark(#eee, #222)'")
    told = grave_by_day(door) + grave_by_night(door)
    assert [what[:21] for what in told] == ["light, color-contrast", "dark, color-contrast:"]
    door.evaluate("document.querySelector('h1').style.color = ''")
    door.evaluate("document.querySelector('[name=login]').labels[0].remove()")
    assert [what[:12] for what in grave_by_day(door) + grave_by_night(door)] == ["light, label"]


def test_a_focus_that_is_not_seen_or_comes_out_of_turn_would_be_told(door: Page) -> None:
    assert faults(door) == []
    door.evaluate("document.querySelector('[name=login]').style.cssText = 'outline: none; box-shadow: none'")
    door.evaluate("document.querySelector('[name=password]').tabIndex = 1")
    assert sorted(what[:12] for what in faults(door)) == ["focus unseen", "tabindex 1: "]
