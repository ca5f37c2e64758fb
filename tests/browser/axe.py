"""What axe-core finds serious or critical on a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
AXE = Axe()
IN_ANY_COLOURS = {"resultTypes": ["violations"]}
ONLY_COLOURS = {**IN_ANY_COLOURS, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def grave(page: Page, options: dict[str, object]) -> list[str]:
    """Each grave finding: the rule, and where it is broken first.

    The script gets in by the browser's debugging door, past the page's own content policy and without lifting it.
    """
    found = AXE.run(page, options=options).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found if each["impact"] in GRAVE]


def grave_in_both_themes(page: Page) -> list[str]:
    """By day with every rule; by night with the rules about colours, as nothing else changes."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # no colour is on its way to another
    by_day = [f"light, {each}" for each in grave(page, IN_ANY_COLOURS)]
    page.emulate_media(color_scheme="dark")
    return by_day + [f"dark, {each}" for each in grave(page, ONLY_COLOURS)]
