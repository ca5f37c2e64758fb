"""A world is made once for those who ask; none of them sees what another did, and who asks for none sees none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from customers.models import Customer, Team
from tests import factories
from tests.conftest import Clock
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_engine("the worlds are asked for on PostgreSQL by most modules there"),
]
made: list[Clock] = []


@shared
def home(clock: Clock) -> Customer:
    """A customer, on another day."""
    made.append(clock)
    clock.now += timedelta(days=400)
    return factories.customer("BZ0000001", team_name="Hanoi")


@pytest.mark.parametrize("turn", range(3))
def test_what_a_test_does_to_its_copy_and_to_the_rows_is_undone(turn: int, home: Customer, clock: Clock) -> None:
    assert (home.locale, Customer.objects.get().locale) == ("vi", "vi")
    assert clock.now == made[-1].now
    home.locale = "en"
    clock.now += timedelta(days=1)
    factories.move_to_team(home, "Hue")
    assert Customer.objects.get().team.name == "Hue"


def test_the_world_was_made_once_for_those_who_asked(home: Customer) -> None:
    assert len(made) <= 2  # on one worker; a test that was run elsewhere had it made there
    assert home.team.name == "Hanoi"


def test_who_asks_for_no_world_finds_none() -> None:
    assert (Customer.objects.count(), Team.objects.count()) == (0, 0)


def test_who_asks_after_that_has_it_made_anew(home: Customer) -> None:
    assert Customer.objects.get() == home
