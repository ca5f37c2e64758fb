"""Who may see and reveal: each predicate and its queryset twin say the same."""

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser

from config.roles import ROLES
from customers import permissions
from customers.models import Customer, StaffMember
from customers.vault.kinds import Kind
from tests import making

pytestmark = pytest.mark.django_db

CONTACT = {Kind.NAME, Kind.COMPANY, Kind.EMAIL, Kind.PHONE}
SEES = {
    "Support agent": ({"BZ-hanoi"}, CONTACT),
    "Support lead": ({"BZ-hanoi"}, CONTACT | {Kind.SERVICE_ACCESS}),
    "Compliance officer": ({"BZ-hanoi", "BZ-danang"}, CONTACT),
    "Disclosure approver": ({"BZ-hanoi", "BZ-danang"}, set()),
    "Administrator": (set(), set()),
    "Auditor": (set(), set()),
    "": (set(), set()),
}
"""Role for Hanoi (or for all teams): the customers it sees, and the kinds it opens of those (CONTRACT's table)."""


def two_customers() -> list[Customer]:
    return [making.customer("BZ-hanoi", team_name="Hanoi"), making.customer("BZ-danang", team_name="Da Nang")]


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_a_role_sees_and_opens_what_its_row_says_and_no_more(role: str) -> None:
    customers, person = two_customers(), making.person("someone", role)
    seen, kinds = SEES[role]
    assert {c.reference for c in permissions.customers_visible_to(person)} == seen
    for customer in customers:
        assert permissions.can_see(person, customer) is (customer.reference in seen)
        expected = kinds if customer.reference in seen else set()
        assert {k for k in Kind if permissions.can_reveal(person, customer, k)} == expected
        assert permissions.kinds_revealable_by(person, customer) == expected
        assert person.has_perm("customers.see_customers", customer) is (customer.reference in seen)


def test_a_role_given_before_a_team_existed_reaches_it_when_it_is_held_for_all_teams() -> None:
    officer, agent = making.person("an", "Compliance officer"), making.person("linh", "Support agent")
    late = making.customer(team_name="Hue")
    assert (permissions.can_see(officer, late), permissions.can_see(agent, late)) == (True, False)


def test_a_superuser_without_a_role_sees_no_customer() -> None:
    customers = two_customers()
    root = StaffMember.objects.create(username="root", is_superuser=True, is_staff=True)
    assert not permissions.customers_visible_to(root).exists()
    assert not root.has_perm("customers.see_customers", customers[0])


def test_a_superuser_without_a_role_gets_no_right_the_asynchronous_way_either() -> None:
    customer, root = making.customer(), making.person("root")
    root.is_superuser = True
    ask = async_to_sync(root.ahas_perm)
    assert not ask("customers.see_customers", customer)
    assert not async_to_sync(root.ahas_module_perms)("customers")


def test_somebody_who_has_left_and_somebody_unknown_see_nothing() -> None:
    customers, agent = two_customers(), making.person("linh", "Support agent")
    assert permissions.can_see(agent, customers[0])
    agent.is_active = False
    for person in (agent, AnonymousUser()):
        assert not permissions.customers_visible_to(person).exists()
        assert not permissions.can_reveal(person, customers[0], Kind.EMAIL)
        assert permissions.kinds_revealable_by(person, customers[0]) == set()


def test_a_right_taken_from_a_role_is_gone_from_every_team() -> None:
    customers, agent = two_customers(), making.person("linh", "Support agent")
    assert permissions.can_reveal(agent, customers[0], Kind.EMAIL)
    lesser = {**ROLES, "Support agent": {"all_teams": False, "rights": ["see_customers"]}}
    assert making.teams.sync_roles(lesser, by=making.system()) == 1
    assert permissions.can_see(agent, customers[0])
    assert not permissions.can_reveal(agent, customers[0], Kind.EMAIL)
