"""Who decides about other people's access to customers, and who reads of it."""

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
    """True where the person may allow this other one more for a day."""
    return other.pk is not None and people_decided_by(person).filter(pk=other.pk).exists()


def people_decided_by(person: Person) -> QuerySet[StaffMember]:
    """Whom a person may allow more: who has a role in a team of theirs; for a role held for all teams, everybody.

    Never oneself, never the reserved account.
    """
    if not person.is_active or not isinstance(person, StaffMember):
        return StaffMember.objects.none()
    deciding = {role.pk: role for role in Role.objects.filter(memberships__person=person) if _decides(role)}
    held = Membership.objects.filter(person=person, role__in=deciding)
    others = StaffMember.objects.filter(is_active=True, is_staff=True).exclude(pk=person.pk or 0)
    if any(role.all_teams for role in deciding.values()):
        return others
    return others.filter(pk__in=Membership.objects.filter(team__in=held.values("team")).values("person"))


def _decides(role: Role) -> bool:
    return "decide_access" in role.rights


def people_watched_by(person: Person) -> QuerySet[StaffMember]:
    """Of whom a person may read how they found and revealed: of all for those who review, else whom they decide for."""
    return StaffMember.objects.filter(is_staff=True) if can_review_access(person) else people_decided_by(person)


def people_grantable_by(person: Person) -> QuerySet[StaffMember]:
    """To whom a person who decides about customers may give a grant: whose role takes grants, but oneself."""
    if not holds_at_desk(person, "decide_access"):
        return StaffMember.objects.none()
    taking = [role.pk for role in Role.objects.all() if "take_grants" in role.rights]
    others = StaffMember.objects.filter(is_active=True, is_staff=True).exclude(pk=person.pk or 0)
    return others.filter(memberships__role__in=taking).distinct().order_by("username")


def can_see_grant(person: Person, grant: AccessGrant) -> bool:
    """True where the person may read of this grant."""
    return grants_visible_to(person).filter(pk=grant.pk).exists()


def grants_visible_to(person: Person) -> QuerySet[AccessGrant]:
    """The grants a person may read of: all for those who review, else those on customers they decide about."""
    if can_review_access(person):
        return AccessGrant.objects.all()
    return AccessGrant.objects.filter(customer__in=customers_decidable_by(person))


def refusals_visible_to(person: Person) -> QuerySet[Refusal]:
    """The refusals a person may read of: all for those who review, else those of the people they decide about.

    Whose customer a refusal was about is told only where the reader sees that customer.
    """
    if can_review_access(person):
        return Refusal.objects.all()
    return Refusal.objects.filter(by__in=list(people_decided_by(person).values_list("pk", flat=True)))


def with_customers_told(person: Person, refusals: Iterable[Refusal]) -> list[tuple[Refusal, Customer | None]]:
    """Each refusal with its customer, or None where the reader may not know which one it was; one query."""
    told = None if can_review_access(person) else standing_of(person, "see_customers")
    return [
        (each, each.customer if each.customer and (not told or told.holds("see_customers", each.customer)) else None)
        for each in refusals
    ]


def closures_visible_to(person: Person) -> QuerySet[VerificationClosure]:
    """The closures of verification a person may read of: as for grants."""
    if can_review_access(person):
        return VerificationClosure.objects.all()
    return VerificationClosure.objects.filter(customer__in=customers_decidable_by(person))


def allowances_visible_to(person: Person) -> QuerySet[BudgetAllowance]:
    """The allowances a person may read of: as for refusals."""
    if can_review_access(person):
        return BudgetAllowance.objects.all()
    return BudgetAllowance.objects.filter(person__in=people_decided_by(person))


def can_review_access(person: Person) -> bool:
    """True where the person reads the officers' list: break-glass uses, refusals, budgets, for all teams."""
    return holds_at_desk(person, "review_access")


def can_watch_access(person: Person) -> bool:
    """True where the person has such a list at all, of all teams or of their own."""
    return bool(rights_at_desk(person) & {"review_access", "decide_access"})
