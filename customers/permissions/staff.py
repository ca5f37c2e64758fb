"""Who manages staff, and who reads the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from customers.models import Leaf, StaffMember, Team
from customers.permissions.standing import holds_at_desk, standing_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Person = StaffMember | AnonymousUser


def can_manage_staff(person: Person) -> bool:
    """True for administrators, and for the reserved account: whoever runs a command has the server itself."""
    return (isinstance(person, StaffMember) and person.is_reserved) or holds_at_desk(person, "manage_staff")


def staff_visible_to(person: Person) -> QuerySet[StaffMember]:
    """All staff, also those whose access has ended, for administrators; nobody for anybody else."""
    everybody = StaffMember.objects.filter(is_staff=True)
    return everybody if can_manage_staff(person) else everybody.none()


def teams_visible_to(person: Person) -> QuerySet[Team]:
    """All teams for administrators; else those on which the person holds a right."""
    if can_manage_staff(person):
        return Team.objects.all()
    keys: set[int] = set().union(*standing_of(person).teams.values())
    return Team.objects.filter(pk__in=keys)


def can_read_evidence(person: Person) -> bool:
    """True where the person may read the log."""
    return holds_at_desk(person, "read_evidence")


def leaves_visible_to(person: Person) -> QuerySet[Leaf]:
    """The whole log for those who may read it; nothing for anybody else."""
    return Leaf.objects.all() if can_read_evidence(person) else Leaf.objects.none()
