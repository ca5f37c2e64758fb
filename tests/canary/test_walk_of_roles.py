"""Every page of the site, walked by each role: it shows what it should, and no planted value besides."""

from collections.abc import Callable

import pytest

from tests.canary.world import ROLES
from tests.sampling import deep


@pytest.mark.skipif(deep(), reason="the deep run leaves nothing out: test_walk_deep.py")
@pytest.mark.parametrize("actor", ROLES)
def test_nothing_planted_comes_out_and_every_page_answers_as_it_should_for(
    actor: str, walk: Callable[..., list[str]]
) -> None:
    assert "\n".join(walk(actor)) == ""
