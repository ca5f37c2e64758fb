"""Every kind of page fits, in both languages, from the narrowest telephone to a wide screen."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.browser.conftest import Visitor
from tests.browser.kinds import examples
from tests.browser.layout import misfits


def test_nothing_sticks_out_or_is_cut_off_on_any_page(own_database: str, visitor: Visitor) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("No page looks different on another database; the run on SQLite has looked.")
    pages, found = examples(), []
    assert len(pages) > 150
    for locale in ("en", "vi"):
        for username in sorted({each.username for each in pages}):
            page = visitor(username, locale=locale)
            for each in (each for each in pages if each.username == username):
                answer = page.goto(each.url)
                assert answer is not None
                assert answer.status == 200, each
                found += [f"{locale} {each} {what}" for what in misfits(page)]
    if found:
        pytest.fail("\n".join(found))


def test_what_sticks_out_or_is_cut_off_would_be_told(own_database: str, visitor: Visitor) -> None:
    page = visitor()
    page.goto("/login/")
    assert misfits(page) == []
    page.evaluate("document.querySelector('h1').style.cssText = 'white-space: nowrap; width: 400px'")
    assert any("px too wide" in what and what.startswith("360") for what in misfits(page))
    page.evaluate("document.querySelector('h1').style.cssText = 'height: 9px; overflow: hidden'")
    assert len([what for what in misfits(page) if "is cut off" in what]) == 4
