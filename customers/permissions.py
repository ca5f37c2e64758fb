"""Who may. Each predicate has its queryset twin beside it; ``teams_where`` is where rights are decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from customers.models import Customer, Membership, StaffMember, Team, TeamGroupPermission
from customers.vault.kinds import Kind

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Person = StaffMember | AnonymousUser

RIGHT_TO_REVEAL: dict[Kind, str] = {
    Kind.NAME: "reveal_contact",
    Kind.COMPANY: "reveal_contact",
    Kind.EMAIL: "reveal_contact",
    Kind.PHONE: "reveal_contact",
    Kind.SERVICE_ACCESS: "reveal_service_access",
}
"""Which right opens which kind. A kind that is not here is revealed to nobody."""


# --- where rights are decided ------------------------------------------------------------------------------


def teams_where(person: Person, right: str) -> QuerySet[Team]:
    """The teams on which a person holds a right, through a role's group. Superusers get nothing for free."""
    if not person.is_active or not isinstance(person, StaffMember):
        return Team.objects.none()
    return Team.objects.filter(
        teamgrouppermission__group__user=person, teamgrouppermission__permission__codename=right
    ).distinct()


def holds_at_desk(person: Person, right: str) -> bool:
    """True where one of the person's roles carries a right about the desk as a whole."""
    if not person.is_active or not isinstance(person, StaffMember):
        return False
    held = Membership.objects.filter(person=person).values_list("role__rights", flat=True)
    return any(right in rights for rights in held)


# --- customers -----------------------------------------------------------------------------------------------


def customers_visible_to(person: Person) -> QuerySet[Customer]:
    """The customers a person may see, masked."""
    teams = list(teams_where(person, "see_customers").values_list("pk", flat=True))
    return Customer.objects.filter(team_id__in=teams)


def can_see(person: Person, customer: Customer) -> bool:
    """True where the person may see this customer, masked."""
    return teams_where(person, "see_customers").filter(pk=customer.team_id).exists()


def can_see_customers(person: Person) -> bool:
    """True where there are customers the person may see."""
    return teams_where(person, "see_customers").exists()


def can_reveal(person: Person, customer: Customer, kind: Kind) -> bool:
    """True where the person may open this kind of datum of this customer."""
    right = RIGHT_TO_REVEAL.get(kind)
    return bool(right) and teams_where(person, right or "").filter(pk=customer.team_id).exists()


def kinds_revealable_by(person: Person, customer: Customer) -> set[Kind]:
    """The kinds of datum of a customer that a person may open: one query, for the page that shows them all."""
    if not person.is_active or not isinstance(person, StaffMember):
        return set()
    of_groups = TeamGroupPermission.objects.filter(content_object=customer.team_id, group__user=person)
    held = set(of_groups.values_list("permission__codename", flat=True))
    return {kind for kind, right in RIGHT_TO_REVEAL.items() if right in held}


# --- evidence --------------------------------------------------------------------------------------------------


def can_read_evidence(person: Person) -> bool:
    """True where the person may read the log."""
    return holds_at_desk(person, "read_evidence")


# --- Django's door ---------------------------------------------------------------------------------------------


class DeskBackend(ModelBackend):
    """Signs staff in, and answers ``has_perm`` from the predicates above instead of model permissions."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Active people with a usable password; the reserved account has none."""
        return bool(super().user_can_authenticate(user) and user.is_staff)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """None by model: rights are held on teams."""
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """``customers.<right>`` on a customer or a team."""
        app, _, right = perm.partition(".")
        if app != "customers" or not isinstance(obj, Customer | Team):
            return False
        team = obj.team_id if isinstance(obj, Customer) else obj.pk
        return teams_where(user_obj, right).filter(pk=team).exists()

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether the app's pages are offered at all."""
        return app_label == "customers" and (can_see_customers(user_obj) or can_read_evidence(user_obj))
