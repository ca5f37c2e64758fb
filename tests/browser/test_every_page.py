"""Every kind of page: it fits, axe-core finds nothing grave, the focus is seen.

A run looks at each page in one of two ways, in English by day or in Vietnamese by night; which one, its sixth decides.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.axe import bring_axe, grave_by_day, grave_by_night
from tests.browser.conftest import Visitor
from tests.browser.keyboard import faults
from tests.browser.kinds import examples
from tests.browser.layout import misfits
from tests.sampling import deep, turn_of

pytestmark = pytest.mark.one_engine("no page looks different on another database")


def in_english(page: Page) -> list[str]:
    """By every rule in the light theme, and stop by stop."""
    found = misfits(page) + grave_by_day(page)
    return found + (grave_by_night(page) if deep() else []) + faults(page)


def in_vietnamese(page: Page) -> list[str]:
    """By the rules about colours in the dark theme: words that are longer stand on the same grounds."""
    return misfits(page) + (grave_by_day(page) if deep() else []) + grave_by_night(page)


@pytest.mark.parametrize(("locale", "looked_at"), [("en", in_english), ("vi", in_vietnamese)], ids=("en", "vi"))
def test_nothing_sticks_out_or_is_grave_or_out_of_reach_on_any_page(
    own_database: str, visitor: Visitor, locale: str, looked_at: Callable[[Page], list[str]]
) -> None:
    every, found = examples(), []
    pages = [each for each in every if locale in turn_of(str(each), ("en", "vi"))]
    assert len(every) > 150
    assert len(pages) > len(every) // 3
    for username in sorted({each.username for each in pages}):
        page = visitor(username, locale=locale)
        bring_axe(page)
        for each in (each for each in pages if each.username == username):
            answer = page.goto(each.url)
            assert answer is not None
            assert answer.status == 200, each
            found += [f"{locale} {each} {what}" for what in looked_at(page)]
    if found:
        pytest.fail("\n".join(found))
