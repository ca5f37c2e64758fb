"""Somebody who uses the keyboard alone: Tab from stop to stop, Enter, Space, arrows and typing."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

MOST_STOPS = 120

UNSEEN = """() => {
  const at = document.activeElement;
  const shown = at.closest(".chip") ? at.nextElementSibling : at;
  const style = getComputedStyle(shown), place = shown.getBoundingClientRect();
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const there = place.width > 0 && place.bottom > 0 && place.top < innerHeight;
  return at === document.body || (seen && there) ? "" : at.outerHTML.slice(0, 160);
}"""

UNSEEN_OR_FORCED = """(unseen) => {
  const looks = (box) => {
    const style = getComputedStyle(box.closest(".chip") ? box.nextElementSibling : box);
    return style.outlineStyle + style.outlineWidth + style.boxShadow;
  };
  const stops = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const found = [];
  for (const box of document.querySelectorAll(stops)) {
    if (box.tabIndex > 0) found.push(`tabindex ${box.tabIndex}: ${box.outerHTML.slice(0, 120)}`);
    if (box.tabIndex < 0 || box.disabled || !box.checkVisibility()) continue;
    box.blur();
    const before = looks(box);
    box.focus();
    if (document.activeElement !== box) found.push(`takes no focus: ${box.outerHTML.slice(0, 120)}`);
    else if (looks(box) === before) found.push(`focus unseen: ${box.outerHTML.slice(0, 120)}`);
  }
  return found;
}"""


def faults(page: Page) -> list[str]:
    """Stops whose focus cannot be seen, and such as would come out of their turn."""
    page.keyboard.press("Tab")  # who came by keyboard is shown where the focus is
    found: list[str] = page.evaluate(UNSEEN_OR_FORCED)
    return found


class Keys:
    """One person's keyboard. Fails where a stop on the way cannot be seen, or where none leads to the place."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, place: Locator) -> None:
        """Tab until the focus is there."""
        place.wait_for(state="attached")
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            unseen = self.page.evaluate(UNSEEN)
            if unseen:
                pytest.fail(f"The focus is not seen at {unseen}")
            if place.evaluate("(it) => it === document.activeElement"):
                return
        pytest.fail(f"No key leads to {place}.")

    def press(self, place: Locator) -> None:
        """Follow a link, push a button, open what is folded."""
        self.to(place)
        self.page.keyboard.press("Enter")

    def tick(self, place: Locator) -> None:
        """Tick a box."""
        self.to(place)
        self.page.keyboard.press("Space")
        assert place.is_checked()

    def choose(self, chip: Locator) -> None:
        """One of several: by Tab to the group, by arrows to the chip."""
        name = chip.get_attribute("name")
        group = self.page.locator(f"input[type=radio][name='{name}']")
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("(name) => document.activeElement.name === name", name):
                break
        self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if chip.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"No key chooses {chip}.")

    def type(self, place: Locator, text: str) -> None:
        """Fill a field in."""
        self.to(place)
        self.page.keyboard.insert_text(text)


def jumps(page: Page, inside: str) -> list[Any]:
    """Where Tab, inside a part of the page, goes back: upwards, or to the left in the same line."""
    places: list[tuple[float, float, float]] = page.eval_on_selector_all(
        f"{inside} :is(a[href], button, input:not([type=hidden]))",
        """(stops) => stops.filter((it) => it.tabIndex >= 0 && it.checkVisibility()).map((it) => {
          const at = it.getBoundingClientRect();
          return [at.top, at.bottom, at.left];
        })""",
    )
    assert len(places) > 10
    steps = itertools.pairwise(places)
    return [(one, next_) for one, next_ in steps if next_[0] < one[1] and (next_[1] <= one[0] or next_[2] < one[2])]
