"""In the deep run every page is asked by everybody in every way: what quick walks proved, or left to other turns."""

from collections.abc import Callable

import pytest

from tests.canary.world import OTHERS, ROLES

pytestmark = pytest.mark.deep(only=True)


@pytest.mark.parametrize("actor", [*ROLES, *OTHERS])
def test_no_page_and_no_way_is_left_out_for(actor: str, walk: Callable[..., list[str]]) -> None:
    assert "\n".join(walk(actor)) == ""
