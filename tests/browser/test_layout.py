"""What does not fit on a page is told."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visitor
from tests.browser.layout import misfits

pytestmark = pytest.mark.one_engine("what a browser finds on a page no database changes")


def test_what_sticks_out_or_is_cut_off_would_be_told(visitor: Visitor) -> None:
    page = visitor()
    page.goto("/login/")
    assert misfits(page) == []
    page.evaluate("document.querySelector('h1').style.cssText = 'white-space: nowrap; width: 400px'")
    assert any("px too wide" in what and what.startswith("360") for what in misfits(page))
    page.evaluate("document.querySelector('h1').style.cssText = 'height: 9px; overflow: hidden'")
    assert len([what for what in misfits(page) if "is cut off" in what]) == 4
