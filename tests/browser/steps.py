"""What a story costs a person: how many screens it takes, and how many clicks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page


class Steps:
    """Counted from the page one stands on; a screen that one comes back to is not counted again.

    Typing is no click; choosing a chip is one.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.screens = {urlsplit(page.url).path}
        page.on("framenavigated", lambda frame: self.screens.add(urlsplit(frame.url).path))

    def click(self, what: Any) -> None:
        """Click a link or a button."""
        self.clicks += 1
        what.click()

    def choose(self, label: str, *, exact: bool = True) -> None:
        """Choose a chip, unless it is chosen already."""
        chip = self.page.get_by_label(label, exact=exact)
        if not chip.is_checked():
            self.clicks += 1
            chip.check()

    @property
    def cost(self) -> tuple[int, int]:
        """Screens and clicks so far."""
        return len(self.screens), self.clicks
