"""Who may. Each predicate has its queryset twin beside it; ``Standing`` is where role, team and grant are decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import DateTimeField, F, Model, Q, QuerySet, Value
from django.utils import timezone

from customers.models import (
    AccessGrant,
    BudgetAllowance,
    ContactPoint,
    Customer,
    CustomerUserPermission,
    Leaf,
    Membership,
    Refusal,
    Role,
    ServiceAccess,
    StaffMember,
    Team,
    TeamGroupPermission,
    VerificationClosure,
)
from customers.vault.kinds import Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Person = StaffMember | AnonymousUser

RIGHT_TO_REVEAL: dict[Kind, str] = {
    Kind.NAME: "reveal_name",
    Kind.COMPANY: "reveal_name",
    Kind.EMAIL: "reveal_email",
    Kind.PHONE: "reveal_phone",
    Kind.SERVICE_ACCESS: "reveal_service_access",
}
"""Which right opens which kind. A kind that is not here is revealed to nobody."""

SUPERUSERS_ROLE = "Administrator"
"""Whose rights about the desk a superuser has, and no more: a superuser sees no customer without a role."""


# --- where rights are decided ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What one person may do with customers, as it stood at one moment.

    ``teams``: right → keys of the teams it is held on, through a role; it reaches their customers. ``customers``:
    right → key of a customer → when the grant of it ends (UTC).
    """

    teams: Mapping[str, frozenset[int]] = field(default_factory=dict)
    customers: Mapping[str, Mapping[int, datetime]] = field(default_factory=dict)

    def holds(self, right: str, customer: Customer) -> bool:
        """True where the right is held on this customer, through a role or by a grant in force."""
        return self.by_role(right, customer) or customer.pk in self.customers.get(right, {})

    def reaches(self, right: str) -> bool:
        """True where there is a team or a customer that the right is held on."""
        return bool(self.teams.get(right) or self.customers.get(right))

    def by_role(self, right: str, customer: Customer) -> bool:
        """True where the right is held on the customer's team."""
        return customer.team_id in self.teams.get(right, ())

    def reach(self, right: str) -> Q:
        """``holds`` as a condition on customers."""
        teams, granted = self.teams.get(right, frozenset()), self.customers.get(right, {})
        of_teams, of_grants = Q(team_id__in=sorted(teams)), Q(pk__in=sorted(granted))
        return of_teams | of_grants if teams and granted else of_grants if granted else of_teams

    def until(self, right: str, customer: Customer) -> datetime | None:
        """When the right on this customer ends; None where a role gives it and no end is known."""
        return None if self.by_role(right, customer) else self.customers.get(right, {}).get(customer.pk)


def standing_of(person: Person, *rights: str) -> Standing:
    """A person's standing, of all rights or of those named; one query. Superusers get nothing for free.

    A grant holds from its start until, and not including, its end: an ended one gives nothing, whether or not
    anything was cleaned up.
    """
    if not person.is_active or not isinstance(person, StaffMember):
        return Standing()
    now = timezone.now()
    named = Q(permission__codename__in=rights) if rights else Q()
    granted = CustomerUserPermission.objects.filter(named, user=person, starts_at__lte=now, ends_at__gt=now)
    held = TeamGroupPermission.objects.filter(named, group__user=person).annotate(
        until=Value(None, output_field=DateTimeField())
    )
    teams: dict[str, set[int]] = {}
    customers: dict[str, dict[int, datetime]] = {}
    columns = ("permission__codename", "content_object_id", "until")
    for right, key, until in held.values_list(*columns).union(
        granted.annotate(until=F("ends_at")).values_list(*columns), all=True
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
    held = Q(memberships__person=person)
    if person.is_superuser:
        held |= Q(name=SUPERUSERS_ROLE)
    return {right for rights in Role.objects.filter(held).values_list("rights", flat=True) for right in rights}


# --- customers -----------------------------------------------------------------------------------------------


def can_see(person: Person, customer: Customer) -> bool:
    """True where the person may see this customer, masked."""
    return standing_of(person, "see_customers").holds("see_customers", customer)


def customers_visible_to(person: Person) -> QuerySet[Customer]:
    """The customers a person may see, masked."""
    return customers_where(person, "see_customers")


def customers_hidden_from(person: Person) -> QuerySet[Customer]:
    """All the others. Only an exact find tells that they exist, and breaking glass opens one of them."""
    return Customer.objects.exclude(standing_of(person, "see_customers").reach("see_customers"))


def can_see_customers(person: Person) -> bool:
    """True where there are teams or customers the person may see."""
    return standing_of(person, "see_customers").reaches("see_customers")


def can_verify(person: Person, customer: Customer) -> bool:
    """True where the person may hold what a caller says against what is on file."""
    return standing_of(person, "verify_customers").holds("verify_customers", customer)


def customers_verifiable_by(person: Person) -> QuerySet[Customer]:
    """The customers a person may verify."""
    return customers_where(person, "verify_customers")


def can_reveal(person: Person, customer: Customer, kind: Kind) -> bool:
    """True where the person may open this kind of datum of this customer."""
    return kind in kinds_revealable_by(person, customer)


def customers_revealable_by(person: Person, kind: Kind) -> QuerySet[Customer]:
    """The customers of whom a person may open this kind of datum."""
    right = RIGHT_TO_REVEAL.get(kind)
    return customers_where(person, right) if right else Customer.objects.none()


def kinds_revealable_by(person: Person, customer: Customer) -> set[Kind]:
    """The kinds of datum of a customer that a person may open: one query, for the page that shows them all."""
    standing = standing_of(person, *RIGHT_TO_REVEAL.values())
    return {kind for kind, right in RIGHT_TO_REVEAL.items() if standing.holds(right, customer)}


def can_find(person: Person) -> bool:
    """True where the person may look for customers."""
    return holds_at_desk(person, "find")


def can_break_glass(person: Person) -> bool:
    """True where the person may take an hour's rights on another team's customer, found by an exact value."""
    return holds_at_desk(person, "break_glass")


# --- grants and budgets: who decides about others ---------------------------------------------------------------


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


# --- staff --------------------------------------------------------------------------------------------------------


def can_manage_staff(person: Person) -> bool:
    """True for administrators, and for the reserved account: whoever runs a command has the server itself."""
    return (isinstance(person, StaffMember) and person.is_reserved) or holds_at_desk(person, "manage_staff")


def staff_visible_to(person: Person) -> QuerySet[StaffMember]:
    """The people an administrator looks after, ended ones too; nobody for anybody else."""
    everybody = StaffMember.objects.filter(is_staff=True)
    return everybody if can_manage_staff(person) else everybody.none()


def teams_visible_to(person: Person) -> QuerySet[Team]:
    """All teams for administrators, else those one holds a right on."""
    if can_manage_staff(person):
        return Team.objects.all()
    keys: set[int] = set().union(*standing_of(person).teams.values())
    return Team.objects.filter(pk__in=keys)


# --- evidence --------------------------------------------------------------------------------------------------


def can_read_evidence(person: Person) -> bool:
    """True where the person may read the log."""
    return holds_at_desk(person, "read_evidence")


def leaves_visible_to(person: Person) -> QuerySet[Leaf]:
    """The whole log, or nothing of it."""
    return Leaf.objects.all() if can_read_evidence(person) else Leaf.objects.none()


# --- every table by its twin --------------------------------------------------------------------------------------

TWINS: dict[type[Model], Callable[[Any], QuerySet[Any]]] = {
    Customer: customers_visible_to,
    ContactPoint: lambda person: ContactPoint.objects.filter(customer__in=customers_visible_to(person)),
    ServiceAccess: lambda person: ServiceAccess.objects.filter(customer__in=customers_visible_to(person)),
    AccessGrant: grants_visible_to,
    Refusal: refusals_visible_to,
    VerificationClosure: closures_visible_to,
    BudgetAllowance: allowances_visible_to,
    StaffMember: staff_visible_to,
    Team: teams_visible_to,
    Leaf: leaves_visible_to,
}
"""Which rows of a table a person may see. The floors above add their own tables' twins."""


def visible_to(model: type[Model], person: Person) -> QuerySet[Any]:
    """The rows of a table that a person may see; none of a table without a twin."""
    twin = TWINS.get(model)
    return twin(person) if twin else model._default_manager.none()


# --- Django's door ---------------------------------------------------------------------------------------------


class DeskBackend(ModelBackend):
    """Signs staff in, and answers ``has_perm`` from the predicates above instead of model permissions."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Active people with a usable password; the reserved account has none."""
        return bool(super().user_can_authenticate(user) and user.is_staff)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """None by model: rights are held on teams and customers."""
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """``customers.<right>`` on a customer (by role or grant) or on a team (by role)."""
        app, _, right = perm.partition(".")
        if app != "customers" or not isinstance(obj, Customer | Team):
            return False
        standing = standing_of(user_obj, right)
        return standing.holds(right, obj) if isinstance(obj, Customer) else obj.pk in standing.teams.get(right, ())

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether the app's pages are offered at all."""
        offered = {"read_evidence", "review_access", "decide_access", "manage_staff"}
        return app_label == "customers" and (can_see_customers(user_obj) or bool(rights_at_desk(user_obj) & offered))
