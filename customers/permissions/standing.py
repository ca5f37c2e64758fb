"""A person's rights at one moment, combined from roles, teams and grants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import DateTimeField, F, Q, QuerySet, Value
from django.utils import timezone

from customers.models import Customer, CustomerUserPermission, Role, StaffMember, Team, TeamGroupPermission

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Person = StaffMember | AnonymousUser

SUPERUSERS_ROLE = "Administrator"
"""The role whose rights about the desk a superuser has, and no others: without a role they see no customer."""


@dataclass(frozen=True)
class Standing:
    """What one person may do with customers, at the moment it was read.

    ``teams``: right → keys of the teams it is held on, through a role; it reaches their customers. ``customers``:
    right → key of a customer → when the grant of it ends (UTC).
    """

    teams: Mapping[str, frozenset[int]] = field(default_factory=dict)
    customers: Mapping[str, Mapping[int, datetime]] = field(default_factory=dict)

    def holds(self, right: str, customer: Customer) -> bool:
        """True where the right is held on this customer, through a role or by a grant in force."""
        return self.by_role(right, customer) or customer.pk in self.customers.get(right, {})

    def reaches(self, right: str) -> bool:
        """True where the right is held on any team or customer."""
        return bool(self.teams.get(right) or self.customers.get(right))

    def by_role(self, right: str, customer: Customer) -> bool:
        """True where the right is held on the customer's team."""
        return customer.team_id in self.teams.get(right, ())

    def reach(self, right: str) -> Q:
        """The condition on customers for which ``holds`` is true."""
        teams, grants = self.teams.get(right, frozenset()), self.customers.get(right, {})
        of_teams, of_grants = Q(team_id__in=sorted(teams)), Q(pk__in=sorted(grants))
        return of_teams | of_grants if teams and grants else of_grants if grants else of_teams

    def until(self, right: str, customer: Customer) -> datetime | None:
        """When the right on this customer ends; None where a role gives it and no end is known."""
        return None if self.by_role(right, customer) else self.customers.get(right, {}).get(customer.pk)


def standing_of(person: Person, *rights: str) -> Standing:
    """A person's standing, of all rights or of those named; one query. Superusers get no right without a role.

    A grant holds from its start until, and not including, its end; an ended one gives nothing, even while its rows
    are still there.
    """
    if not person.is_active or not isinstance(person, StaffMember):
        return Standing()
    now = timezone.now()
    named = Q(permission__codename__in=rights) if rights else Q()
    grants = CustomerUserPermission.objects.filter(named, user=person, starts_at__lte=now, ends_at__gt=now)
    team_rights = TeamGroupPermission.objects.filter(named, group__user=person).annotate(
        until=Value(None, output_field=DateTimeField())
    )
    teams: dict[str, set[int]] = {}
    customers: dict[str, dict[int, datetime]] = {}
    columns = ("permission__codename", "content_object_id", "until")
    for right, key, until in team_rights.values_list(*columns).union(
        grants.annotate(until=F("ends_at")).values_list(*columns), all=True
    ):
        if until is None:
            teams.setdefault(right, set()).add(key)
        else:
            ends = customers.setdefault(right, {})
            ends[key] = max(until, ends.get(key, until))
    return Standing({right: frozenset(keys) for right, keys in teams.items()}, customers)


def teams_where(person: Person, right: str) -> QuerySet[Team]:
    """The teams on which a person holds a right through a role."""
    return Team.objects.filter(pk__in=standing_of(person, right).teams.get(right, frozenset()))


def customers_where(person: Person, right: str) -> QuerySet[Customer]:
    """The customers on which a person holds a right: the twin of ``standing_of(person).holds(right, customer)``."""
    return Customer.objects.filter(standing_of(person, right).reach(right))


def holds_at_desk(person: Person, right: str) -> bool:
    """True where one of the person's roles carries a right about the desk as a whole."""
    return right in rights_at_desk(person)


def rights_at_desk(person: Person) -> set[str]:
    """The rights that a person's roles carry; one query. Those held on teams are among them, without their teams."""
    if not person.is_active or not isinstance(person, StaffMember):
        return set()
    condition = Q(memberships__person=person)
    if person.is_superuser:
        condition |= Q(name=SUPERUSERS_ROLE)
    return {right for rights in Role.objects.filter(condition).values_list("rights", flat=True) for right in rights}
