"""A guide is one sheet of paper, whoever prints it in whichever language."""

from __future__ import annotations

import re

import pytest

from config.guides import GUIDES
from tests import factories
from tests.browser.conftest import Visitor

pytestmark = pytest.mark.one_engine("no guide is printed otherwise on another database")

READERS = {guide.code: sorted(guide.roles)[-1] for guide in GUIDES}
"""For each guide a role that reads it: of two, the one with the longer list of pages to open."""


def sheets(printed: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b", printed))


@pytest.mark.parametrize("code", READERS)
def test_a_guide_prints_on_one_sheet_in_both_languages(code: str, own_database: str, visitor: Visitor) -> None:
    factories.person("reader", READERS[code])
    page = visitor("reader", at="/help/")
    titles = set()
    for language in ("Tiếng Việt", "English"):
        page.get_by_role("button", name=language).click()
        titles.add(page.get_by_role("article").get_by_role("heading", level=2).inner_text())
        assert sheets(page.pdf(prefer_css_page_size=True)) == 1
    assert len(titles) == 2
    page.get_by_role("article").evaluate("it => it.append(...[1, 2, 3].map(() => it.lastElementChild.cloneNode(true)))")
    assert sheets(page.pdf(prefer_css_page_size=True)) > 1  # more of it would be seen
