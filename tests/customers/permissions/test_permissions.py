"""Who may see, verify, reveal and decide: each predicate and its queryset twin say the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from guardian.shortcuts import assign_perm

from config.roles import ROLES
from consent.permissions import TWINS as CONSENT_TWINS
from consent.permissions import (
    can_keep_policies,
    can_record_consent,
    can_write_to,
    customers_with_consent_recorded_by,
    customers_written_to_by,
)
from customers.access.grants import GRANTABLE
from customers.evidence.errors import NotRecording
from customers.evidence.recording import recording
from customers.models import AccessGrant, Customer, CustomerUserPermission, StaffMember
from customers.permissions.access import (
    can_decide_access,
    can_decide_for,
    can_see_grant,
    customers_decidable_by,
    grants_visible_to,
    people_decided_by,
)
from customers.permissions.casework import (
    can_decide_escalated,
    can_handle,
    can_set_access,
    can_work_on,
    customers_escalated_to,
    customers_handled_by,
    customers_whose_access_is_set_by,
    customers_worked_on_by,
)
from customers.permissions.customers import (
    RIGHT_TO_REVEAL,
    can_reveal,
    can_see,
    can_verify,
    customers_revealable_by,
    customers_verifiable_by,
    customers_visible_to,
    kinds_revealable_by,
)
from customers.permissions.querysets import visible_to
from customers.permissions.standing import customers_where, standing_of
from customers.vault.kinds import Kind
from tests import factories
from tests.customers.evidence.desk_consent import desk_consent

pytestmark = pytest.mark.django_db

CONTACT = {Kind.NAME, Kind.COMPANY, Kind.EMAIL, Kind.PHONE, Kind.REQUEST, Kind.LETTER}
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
    return [factories.customer("BZ-hanoi", team_name="Hanoi"), factories.customer("BZ-danang", team_name="Da Nang")]


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_a_role_sees_and_opens_what_its_row_says_and_no_more(role: str) -> None:
    customers, person = two_customers(), factories.person("someone", role)
    seen, kinds = SEES[role]
    assert {c.reference for c in customers_visible_to(person)} == seen
    for customer in customers:
        assert can_see(person, customer) is (customer.reference in seen)
        expected = kinds if customer.reference in seen else set()
        assert {k for k in Kind if can_reveal(person, customer, k)} == expected
        assert kinds_revealable_by(person, customer) == expected
        assert person.has_perm("customers.see_customers", customer) is (customer.reference in seen)


def test_a_role_given_before_a_team_existed_reaches_it_when_it_is_held_for_all_teams() -> None:
    officer, agent = factories.person("an", "Compliance officer"), factories.person("linh", "Support agent")
    late = factories.customer(team_name="Hue")
    assert (can_see(officer, late), can_see(agent, late)) == (True, False)


def test_a_superuser_without_a_role_sees_no_customer() -> None:
    customers = two_customers()
    root = StaffMember.objects.create(username="root", is_superuser=True, is_staff=True)
    assert not customers_visible_to(root).exists()
    assert not root.has_perm("customers.see_customers", customers[0])


@pytest.mark.bare
def test_a_superuser_without_a_role_gets_no_right_the_asynchronous_way_either() -> None:
    customer, root = factories.customer(), factories.person("root")
    root.is_superuser = True
    ask = async_to_sync(root.ahas_perm)
    assert not ask("customers.see_customers", customer)
    assert not async_to_sync(root.ahas_module_perms)("customers")


def test_somebody_who_has_left_and_somebody_unknown_see_nothing() -> None:
    customers, agent = two_customers(), factories.person("linh", "Support agent")
    assert can_see(agent, customers[0])
    agent.is_active = False
    for person in (agent, AnonymousUser()):
        assert not customers_visible_to(person).exists()
        assert not can_reveal(person, customers[0], Kind.EMAIL)
        assert kinds_revealable_by(person, customers[0]) == set()


def test_a_right_taken_from_a_role_is_gone_from_every_team() -> None:
    customers, agent = two_customers(), factories.person("linh", "Support agent")
    assert can_reveal(agent, customers[0], Kind.EMAIL)
    lesser = {**ROLES, "Support agent": {"all_teams": False, "rights": ["see_customers"]}}
    assert factories.teams.sync_roles(lesser, by=factories.system()) == 1
    assert can_see(agent, customers[0])
    assert not can_reveal(agent, customers[0], Kind.EMAIL)


# --- a predicate and its twin -------------------------------------------------------------------------------------

GRANTS = ["no grant", "a live grant", "an ended grant", "a grant to come"]
PAIRS: dict[str, tuple[Callable[..., bool], Callable[[Any], QuerySet[Customer]]]] = {
    "see": (can_see, customers_visible_to),
    "verify": (can_verify, customers_verifiable_by),
    "decide": (can_decide_access, customers_decidable_by),
    "work": (can_work_on, customers_worked_on_by),
    "handle": (can_handle, customers_handled_by),
    "escalated": (can_decide_escalated, customers_escalated_to),
    "set access": (can_set_access, customers_whose_access_is_set_by),
    "record consent": (can_record_consent, customers_with_consent_recorded_by),
    "write": (can_write_to, customers_written_to_by),
    **{
        f"reveal {kind}": (
            lambda person, customer, kind=kind: can_reveal(person, customer, kind),
            lambda person, kind=kind: customers_revealable_by(person, kind),
        )
        for kind in Kind
    },
}


def granted(person: StaffMember, customer: Customer, state: str) -> AccessGrant | None:
    """A personal grant of everything that can be granted, in one of those states, whoever the person is."""
    if state == "no grant":
        return None
    grant = factories.grant(customer, factories.person("taker", "Support agent", "Hue"), list(GRANTABLE))
    now = timezone.now()
    times: dict[str, dict[str, Any]] = {
        "a live grant": {},
        "an ended grant": {"starts_at": now - timedelta(hours=2), "ends_at": now},
        "a grant to come": {"starts_at": now + timedelta(minutes=5)},
    }
    with recording(by=factories.system()):
        grant.given.update(user=person, **times[state])
        factories.note()
    return grant


@pytest.mark.parametrize("state", GRANTS)
@pytest.mark.parametrize("role", [*ROLES, "", "superuser"])
def test_a_predicate_and_its_twin_agree_for_every_role_team_grant_and_kind(role: str, state: str) -> None:
    customers = [*two_customers(), factories.customer("BZ-hue", team_name="Hue")]
    person = factories.person("someone", role.replace("superuser", ""))
    if role == "superuser":
        StaffMember.objects.filter(pk=person.pk).update(is_superuser=True)
        person.refresh_from_db()
    granted(person, customers[1], state)
    seen, kinds = SEES.get(role, (set(), set()))
    for name, (can, twin) in PAIRS.items():
        allowed = {customer.reference for customer in customers if can(person, customer)}
        assert allowed == set(twin(person).values_list("reference", flat=True)), name
    for kind in Kind:
        everywhere = {"BZ-hanoi", "BZ-danang", "BZ-hue"} if seen - {"BZ-hanoi"} else seen
        by_role = everywhere if kind in kinds else set()
        by_grant = {"BZ-danang"} if state == "a live grant" and kind in RIGHT_TO_REVEAL else set()
        revealable = customers_revealable_by(person, kind).values_list("reference", flat=True)
        assert set(revealable) == by_role | by_grant
    for right in (*GRANTABLE, "decide_access"):
        for customer in customers:
            holds = person.has_perm(f"customers.{right}", customer)
            assert holds is customers_where(person, right).filter(pk=customer.pk).exists()


OF_CUSTOMERS, FOR_KEEPERS = {"ConsentEvent", "Message"}, {"PolicyAcceptance", "ContactRefusal"}
AT_THE_DESK = {"Purpose", "PolicyVersion", "ContactLimit", "MessageTemplate"}


@pytest.mark.parametrize("state", GRANTS)
@pytest.mark.parametrize("role", [*ROLES, "", "superuser"])
def test_what_one_reads_of_consent_hangs_on_the_customer_the_keeping_or_the_desk(role: str, state: str) -> None:
    customers, person = two_customers(), factories.person("someone", role.replace("superuser", ""))
    for customer in customers:
        desk_consent(customer)
    if role == "superuser":
        StaffMember.objects.filter(pk=person.pk).update(is_superuser=True)
        person.refresh_from_db()
    granted(person, customers[1], state)
    keeps = role == "Compliance officer"
    assert can_keep_policies(person) is keeps
    assert {model.__name__ for model in CONSENT_TWINS} == OF_CUSTOMERS | FOR_KEEPERS | AT_THE_DESK
    for model in CONSENT_TWINS:
        every = set(model._default_manager.all())
        of_seen = {row for row in every if can_see(person, getattr(row, "customer", customers[0]))}
        open_to_desk = every if role else set()
        right = of_seen if model.__name__ in OF_CUSTOMERS else every if keeps else set()
        assert set(visible_to(model, person)) == (open_to_desk if model.__name__ in AT_THE_DESK else right), model
        assert every


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_whom_one_decides_for_and_which_grants_one_reads_of_agree_too(role: str) -> None:
    hanoi, danang = two_customers()
    person, near = factories.person("someone", role), factories.person("near", "Support agent", "Hanoi")
    far, officer = factories.person("far", "Support agent", "Da Nang"), factories.person("an", "Compliance officer")
    decided = {"Support lead": {"near"}, "Compliance officer": {"near", "far", "an"}}.get(role, set())
    people = people_decided_by(person)
    named = {each.username for each in people if each.username in ("near", "far", "an", "someone")}
    assert named == decided
    for other in (near, far, officer, person):
        assert can_decide_for(person, other) is (other.username in decided)
    grants = {"Hanoi": factories.grant(hanoi, far), "Da Nang": factories.grant(danang, near)}
    read = {"Support lead": {"Hanoi"}}.get(role, {"Hanoi", "Da Nang"} if "review_access" in rights_of(role) else set())
    assert {team for team, grant in grants.items() if can_see_grant(person, grant)} == read
    assert set(grants_visible_to(person)) == {grants[team] for team in read}


def rights_of(role: str) -> list[str]:
    return ROLES[role]["rights"] if role else []


def test_a_grant_gives_nothing_from_its_last_second_on_and_everything_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    customer, person = factories.customer(team_name="Da Nang"), factories.person("linh", "Support agent")
    grant = factories.grant(customer, person, ["reveal_email"])
    moments = {
        grant.starts_at - timedelta(microseconds=1): False,
        grant.starts_at: True,
        grant.ends_at - timedelta(microseconds=1): True,
        grant.ends_at: False,
    }
    for moment, holds in moments.items():
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert can_see(person, customer) is holds
        assert can_reveal(person, customer, Kind.EMAIL) is holds
        assert customers_visible_to(person).filter(pk=customer.pk).exists() is holds


def test_a_customer_moved_to_another_team_takes_rights_along_and_grants_stay() -> None:
    customer, agent = factories.customer(), factories.person("linh", "Support agent")
    guest = factories.person("guest", "Support agent", "Hue")
    factories.grant(customer, guest, ["see_customers"])
    factories.move_to_team(customer, "Da Nang")
    assert (can_see(agent, customer), can_see(guest, customer)) == (False, True)


def test_two_queries_decide_a_list_of_100_and_each_kind_on_it() -> None:
    customers = [factories.customer(email=f"hoa.nguyen{n}@mail.example.com") for n in range(100)]
    person = factories.person("linh", "Support agent")
    factories.grant(factories.customer(team_name="Da Nang"), person, ["reveal_email"])
    with CaptureQueriesContext(connection) as asked:
        seen = list(customers_visible_to(person)[:100])
    assert (len(seen), len(asked)) == (100, 2)
    with CaptureQueriesContext(connection) as asked:
        standing = standing_of(person)
        held = [
            right for customer in customers for right in RIGHT_TO_REVEAL.values()
            if standing.holds(right, customer)
        ]  # fmt: skip
    assert (len(held), len(asked)) == (600, 1)


def test_guardian_s_own_doors_write_no_right() -> None:
    customer, person = factories.customer(), factories.person("linh", "Support agent", "Da Nang")
    with pytest.raises((NotRecording, AttributeError)):
        assign_perm("customers.reveal_email", person, customer)
    with pytest.raises((NotRecording, AttributeError)):
        assign_perm("customers.see_customers", person.groups.first(), customer.team)
    assert not hasattr(person, "add_obj_perm")
    assert not CustomerUserPermission.objects.exists()
    assert not can_see(person, customer)


def test_a_grant_gives_no_right_to_decide_about_others() -> None:
    customer, person = factories.customer(team_name="Da Nang"), factories.person("linh", "Support agent")
    factories.grant(customer, person, list(GRANTABLE))
    assert can_see(person, customer)
    assert not can_decide_access(person, customer)
    assert "decide_access" not in GRANTABLE
