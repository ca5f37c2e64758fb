"""What axe-core finds serious or critical on a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
IN_ANY_COLOURS: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
"""Every rule. ``preload`` fetches all style sheets and media anew, which no grave rule that is run here looks into."""
ONLY_COLOURS = {**IN_ANY_COLOURS, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
RUN = "(options) => axe.run(document, options).then((found) => found.violations)"


def bring_axe(page: Page) -> None:
    """Have the script in every page that this one comes to.

    It gets in by the browser's debugging door, past the pages' own content policy and without lifting it.
    """
    page.add_init_script(Axe().axe_script)


def grave(page: Page, options: dict[str, Any]) -> list[str]:
    """Each grave finding: the rule, and where it is broken first."""
    found: list[Any] = page.evaluate(RUN, options)
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found if each["impact"] in GRAVE]


def grave_by_day(page: Page, options: dict[str, Any] = IN_ANY_COLOURS) -> list[str]:
    """What is grave in the light theme, by every rule."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # no colour is on its way to another
    return [f"light, {each}" for each in grave(page, options)]


def grave_by_night(page: Page, options: dict[str, Any] = ONLY_COLOURS) -> list[str]:
    """What is grave in the dark theme, by the rules about colours, as nothing else changes."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return [f"dark, {each}" for each in grave(page, options)]
