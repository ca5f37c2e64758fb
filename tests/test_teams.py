"""Two at once change who may do what: one does it, the other is told, and no right is lost between them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from config.roles import ROLES
from customers import people, permissions, teams
from customers.models import AccessChange, Membership, Role, StaffMember, Team
from customers.refusals import Unusable
from tests import making
from tests.racing import at_once

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of two acts waits for the other before its record, as far as the database lets both come there."""
    barrier, save = threading.Barrier(2), AccessChange.save

    def late(self: AccessChange, *args: Any, **kwargs: Any) -> None:
        try:
            barrier.wait(1)
        except threading.BrokenBarrierError:
            barrier.reset()
        save(self, *args, **kwargs)

    monkeypatch.setattr(AccessChange, "save", late)


def test_a_role_for_all_teams_given_while_a_team_is_made_reaches_that_team(request: pytest.FixtureRequest) -> None:
    making.roles()
    by, officer, role = making.system(), making.person("an"), Role.objects.get(name="Compliance officer")
    request.getfixturevalue("meet")
    assert at_once(lambda: people.give_role(officer, role, None, by=by), lambda: teams.create_team("Hue", by=by)) == []
    assert [team.name for team in permissions.teams_where(officer, "see_customers")] == ["Hue"]


def test_rights_written_while_a_team_is_made_reach_that_team(request: pytest.FixtureRequest) -> None:
    making.roles()
    by, agent, role = making.system(), making.person("linh"), Role.objects.get(name="Support agent")
    more = {**ROLES, "Support agent": {"all_teams": False, "rights": ["see_customers", "reveal_service_access"]}}
    request.getfixturevalue("meet")
    assert at_once(lambda: teams.sync_roles(more, by=by), lambda: teams.create_team("Hue", by=by)) == []
    people.give_role(agent, role, Team.objects.get(), by=by)
    assert permissions.teams_where(agent, "reveal_service_access").exists()


ONCE: dict[str, Callable[[StaffMember], Any]] = {
    "a team is made": lambda by: teams.create_team("Hue", by=by),
    "a person is added": lambda by: people.add_person("linh", by=by, password=making.PASSWORD),
    "a role is given": lambda by: people.give_role(
        StaffMember.objects.get(username="an"), Role.objects.get(name="Auditor"), None, by=by
    ),
    "a role is written": lambda by: teams.sync_roles({**ROLES, "New": {"all_teams": True, "rights": []}}, by=by),
}


@pytest.mark.parametrize("what", ONCE)
def test_of_two_at_once_one_does_it_and_the_other_is_told(what: str, request: pytest.FixtureRequest) -> None:
    making.person("an")
    making.roles()
    by, before = making.system(), AccessChange.objects.count()
    request.getfixturevalue("meet")
    told = at_once(lambda: ONCE[what](by), lambda: ONCE[what](by))
    assert AccessChange.objects.count() == before + 1
    assert [sentence.partition(":")[0] for sentence in told] in ([], ["Unusable"])
    assert told or what == "a role is written"  # whoever comes later finds the role as it should be


def test_what_is_there_already_is_told_in_a_sentence() -> None:
    making.roles()
    linh = making.person("linh", "Support agent")
    with pytest.raises(Unusable, match="holds this role already"):
        people.give_role(linh, Role.objects.get(name="Support agent"), making.team(), by=making.system())
    with pytest.raises(Unusable, match="of this name already"):
        teams.create_team("Hanoi", by=making.system())
    assert Membership.objects.count() == 1
