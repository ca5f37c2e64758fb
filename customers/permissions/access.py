"""Who decides about other people's access to customers, and who may read the records of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from customers.models import (
    AccessGrant,
    BudgetAllowance,
    Customer,
    Membership,
    Refusal,
    Role,
    StaffMember,
    VerificationClosure,
)
from customers.permissions.standing import holds_at_desk, rights_at_desk, standing_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Person = StaffMember | AnonymousUser


def can_decide_access(person: Person, customer: Customer) -> bool:
    """True where the person may give and end personal grants on this customer. A grant does not give this right."""
    return standing_of(person, "decide_access").by_role("decide_access", customer)


def customers_decidable_by(person: Person) -> QuerySet[Customer]:
    """The customers on whom a person may give and end personal grants."""
    return Customer.objects.filter(team_id__in=standing_of(person, "decide_access").teams.get("decide_access", ()))


def can_decide_for(person: Person, other: StaffMember) -> bool:
    """True where the person may allow this other one more of an act than a budget, for a day."""
    return other.pk is not None and people_decided_by(person).filter(pk=other.pk).exists()


def people_decided_by(person: Person) -> QuerySet[StaffMember]:
    """The staff whom a person may allow more: who has a role in a team for which the person holds ``decide_access``.

    All staff where that role is held for all teams; never oneself, and never the reserved account.
    """
    if not person.is_active or not isinstance(person, StaffMember):
        return StaffMember.objects.none()
    deciding = {role.pk: role for role in Role.objects.filter(memberships__person=person) if _decides(role)}
    memberships = Membership.objects.filter(person=person, role__in=deciding)
    others = StaffMember.objects.filter(is_active=True, is_staff=True).exclude(pk=person.pk or 0)
    if any(role.all_teams for role in deciding.values()):
        return others
    return others.filter(pk__in=Membership.objects.filter(team__in=memberships.values("team")).values("person"))


def _decides(role: Role) -> bool:
    return "decide_access" in role.rights


def people_watched_by(person: Person) -> QuerySet[StaffMember]:
    """The staff whose finds and reveals a person may see: all, for those who review; else whom they decide for."""
    return StaffMember.objects.filter(is_staff=True) if can_review_access(person) else people_decided_by(person)


def people_grantable_by(person: Person) -> QuerySet[StaffMember]:
    """The staff to whom a person who decides on access may give a grant: whose role takes grants, but oneself."""
    if not holds_at_desk(person, "decide_access"):
        return StaffMember.objects.none()
    role_keys = [role.pk for role in Role.objects.all() if "take_grants" in role.rights]
    others = StaffMember.objects.filter(is_active=True, is_staff=True).exclude(pk=person.pk or 0)
    return others.filter(memberships__role__in=role_keys).distinct().order_by("username")


def can_see_grant(person: Person, grant: AccessGrant) -> bool:
    """True where the person may see this grant."""
    return grants_visible_to(person).filter(pk=grant.pk).exists()


def grants_visible_to(person: Person) -> QuerySet[AccessGrant]:
    """The grants a person may see: all, for those who review; else those on customers they decide about."""
    if can_review_access(person):
        return AccessGrant.objects.all()
    return AccessGrant.objects.filter(customer__in=customers_decidable_by(person))


def refusals_visible_to(person: Person) -> QuerySet[Refusal]:
    """The refusals a person may see: all, for those who review; else those of the staff they decide about.

    Which customer a refusal was about is shown only where the reader may see that customer (``with_customers_told``).
    """
    if can_review_access(person):
        return Refusal.objects.all()
    return Refusal.objects.filter(by__in=list(people_decided_by(person).values_list("pk", flat=True)))


def with_customers_told(person: Person, refusals: Iterable[Refusal]) -> list[tuple[Refusal, Customer | None]]:
    """Each refusal with its customer, or None where the reader may not see that customer; one query."""
    standing = None if can_review_access(person) else standing_of(person, "see_customers")
    return [
        (
            row,
            row.customer if row.customer and (not standing or standing.holds("see_customers", row.customer)) else None,
        )
        for row in refusals
    ]


def closures_visible_to(person: Person) -> QuerySet[VerificationClosure]:
    """The closures of verification a person may see: all, for those who review; else of customers they decide about."""
    if can_review_access(person):
        return VerificationClosure.objects.all()
    return VerificationClosure.objects.filter(customer__in=customers_decidable_by(person))


def allowances_visible_to(person: Person) -> QuerySet[BudgetAllowance]:
    """The allowances a person may see: all, for those who review; else those of the staff they decide about."""
    if can_review_access(person):
        return BudgetAllowance.objects.all()
    return BudgetAllowance.objects.filter(person__in=people_decided_by(person))


def can_review_access(person: Person) -> bool:
    """True where the person may see the records of access of all teams: break-glass uses, refusals, budgets."""
    return holds_at_desk(person, "review_access")


def can_watch_access(person: Person) -> bool:
    """True where the person may see records of access, of all teams or of their own."""
    return bool(rights_at_desk(person) & {"review_access", "decide_access"})
