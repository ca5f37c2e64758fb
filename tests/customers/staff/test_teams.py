"""Two at once change who may do what: one does it, the other is told, and no right is lost between them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db.models import Model

from config.roles import ROLES
from customers.models import AccessChange, Membership, Role, StaffMember, Team
from customers.permissions.standing import teams_where
from customers.staff import accounts, teams
from customers.validation.errors import InvalidInput
from tests import factories
from tests.concurrency import assert_told, meet

pytestmark = pytest.mark.usefixtures("own_database")


def administrators() -> tuple[StaffMember, StaffMember]:
    """Two who look after staff: of one person's two acts one waits for the other anyway."""
    return factories.person("quan", "Administrator"), factories.person("quang", "Administrator")


def test_a_role_for_all_teams_given_while_a_team_is_made_reaches_that_team() -> None:
    one, other = administrators()
    officer, role = factories.person("an"), Role.objects.get(name="Compliance officer")
    giving = partial(accounts.give_role, officer, role, None, by=one)
    making_one = partial(teams.create_team, "Hue", by=other)
    assert_told(meet(giving, making_one, behind="give_role", table=Team), "")
    assert [team.name for team in teams_where(officer, "see_customers")] == ["Hue"]


def test_rights_written_while_a_team_is_made_reach_that_team() -> None:
    one, other = administrators()
    agent, role = factories.person("linh"), Role.objects.get(name="Support agent")
    more = {**ROLES, "Support agent": {"all_teams": False, "rights": ["see_customers", "reveal_service_access"]}}
    writing, making_one = partial(teams.sync_roles, more, by=one), partial(teams.create_team, "Hue", by=other)
    assert_told(meet(writing, making_one, behind="sync_roles", table=Team), "")
    accounts.give_role(agent, role, Team.objects.get(), by=one)
    assert teams_where(agent, "reveal_service_access").exists()


Act = Callable[[StaffMember], Any]
ONCE: dict[str, tuple[Act, type[Model], int]] = {
    "create_team": (lambda by: teams.create_team("Hue", by=by), Team, 1),
    "add_person": (lambda by: accounts.add_person("linh", by=by, password=factories.PASSWORD), StaffMember, 1),
    "give_role": (
        lambda by: accounts.give_role(
            StaffMember.objects.get(username="an"), Role.objects.get(name="Auditor"), None, by=by
        ),
        Membership,
        1,
    ),
    "sync_roles": (
        lambda by: teams.sync_roles({**ROLES, "New": {"all_teams": True, "rights": []}}, by=by), Role, 2,
    ),
}  # fmt: skip
"""Act → what it does, and the statement that tells it whether somebody has done it before."""


@pytest.mark.parametrize("what", ONCE)
def test_of_two_at_once_one_does_it_and_the_other_is_told(what: str) -> None:
    factories.person("an")
    one, other = administrators()
    before = AccessChange.objects.count()
    act, table, nth = ONCE[what]
    assert_told(meet(partial(act, one), partial(act, other), behind=what, table=table, nth=nth), "InvalidInput: ")
    assert AccessChange.objects.count() == before + 1


def test_what_is_there_already_is_told_in_a_sentence() -> None:
    factories.roles()
    linh = factories.person("linh", "Support agent")
    with pytest.raises(InvalidInput, match="holds this role already"):
        accounts.give_role(linh, Role.objects.get(name="Support agent"), factories.team(), by=factories.system())
    with pytest.raises(InvalidInput, match="of this name already"):
        teams.create_team("Hanoi", by=factories.system())
    assert Membership.objects.count() == 1
