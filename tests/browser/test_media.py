"""On paper, with forced colours, and for whoever wants nothing to move."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests import factories
from tests.browser.conftest import Visitor

COLOUR = "getComputedStyle(document.querySelector('{}')).{}"

pytestmark = pytest.mark.one_engine("no page looks different on another database")


@pytest.fixture
def customers_page(own_database: str, visitor: Visitor) -> Page:
    """A customer's page, in the dark."""
    customer = factories.customer("BZ0000001")
    factories.person("an", "Compliance officer")
    page = visitor("an", at=f"/customers/customer/{customer.pk}/")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return page


def lightness(page: Page, of: str, what: str) -> int:
    """From 0 to 255."""
    return max(int(part) for part in re.findall(r"\d+", page.evaluate(COLOUR.format(of, what)))[:3])


def test_paper_gets_dark_ink_and_no_buttons_whichever_theme_the_screen_has(customers_page: Page) -> None:
    assert lightness(customers_page, "body", "color") > 200
    assert customers_page.locator("header.top").is_visible()
    customers_page.emulate_media(media="print", color_scheme="dark")
    assert lightness(customers_page, "body", "color") < 80
    assert not customers_page.locator("header.top").is_visible()
    assert not customers_page.locator(".acts").first.is_visible()
    assert customers_page.get_by_text("h•••@m•••.com").first.is_visible()


def test_with_forced_colours_only_the_place_where_one_is_is_underlined(customers_page: Page) -> None:
    customers_page.emulate_media(forced_colors="active", color_scheme="light")
    edge = "borderBottomColor"
    here, elsewhere = ".places a[aria-current]", ".places a:not([aria-current])"
    ground = customers_page.evaluate(COLOUR.format("body", "backgroundColor"))
    assert customers_page.evaluate(COLOUR.format(here, edge)) != ground
    assert customers_page.evaluate(COLOUR.format(elsewhere, edge)) == ground


def test_nothing_moves_for_who_wants_it_so(customers_page: Page) -> None:
    moving = "transitionDuration"
    customers_page.emulate_media(reduced_motion="no-preference")
    assert customers_page.evaluate(COLOUR.format(".places a", moving)) != "0s"
    customers_page.emulate_media(reduced_motion="reduce")
    assert customers_page.evaluate(COLOUR.format(".places a", moving)) == "0s"
