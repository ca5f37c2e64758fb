"""Every page of the site, walked by each role: it shows what it should, and no planted value besides."""

import pytest

from tests.canary.walk import walk
from tests.canary.world import ROLES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("actor", ROLES)
def test_nothing_planted_comes_out_and_every_page_answers_as_it_should_for(actor: str) -> None:
    assert "\n".join(walk(actor)) == ""
