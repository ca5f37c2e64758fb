"""On every kind of page: axe-core finds nothing serious or critical in light or dark, and the focus is always seen."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.browser.axe import grave_in_both_themes
from tests.browser.conftest import Visitor
from tests.browser.keyboard import faults
from tests.browser.kinds import examples


def test_axe_finds_nothing_serious_and_the_focus_is_seen_on_any_page(own_database: str, visitor: Visitor) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("No page looks different on another database; the run on SQLite has looked.")
    pages, found = examples(), []
    assert len(pages) > 150
    for username in sorted({each.username for each in pages}):
        page = visitor(username)
        for each in (each for each in pages if each.username == username):
            answer = page.goto(each.url)
            assert answer is not None
            assert answer.status == 200, each
            found += [f"{each} {what}" for what in grave_in_both_themes(page) + faults(page)]
    if found:
        pytest.fail("\n".join(found))


def test_what_axe_finds_would_be_told_in_either_theme(own_database: str, visitor: Visitor) -> None:
    page = visitor()
    page.goto("/login/")
    assert grave_in_both_themes(page) == []
    page.evaluate("document.querySelector('h1').style.color = 'light-dark(#eee, #222)'")
    assert [what[:21] for what in grave_in_both_themes(page)] == ["light, color-contrast", "dark, color-contrast:"]
    page.evaluate("document.querySelector('h1').style.color = ''")
    page.evaluate("document.querySelector('[name=login]').labels[0].remove()")
    assert [what[:12] for what in grave_in_both_themes(page)] == ["light, label"]


def test_a_focus_that_is_not_seen_or_comes_out_of_turn_would_be_told(own_database: str, visitor: Visitor) -> None:
    page = visitor()
    page.goto("/login/")
    assert faults(page) == []
    page.evaluate("document.querySelector('[name=login]').style.cssText = 'outline: none; box-shadow: none'")
    page.evaluate("document.querySelector('[name=password]').tabIndex = 1")
    assert sorted(what[:12] for what in faults(page)) == ["focus unseen", "tabindex 1: "]
