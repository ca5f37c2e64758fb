"""Plain functions that make what a test needs, through the acts that make it in life."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from config.roles import ROLES
from customers.access.grants import give_grant
from customers.access.name_index import index_names
from customers.casework.deadlines import provide
from customers.evidence.recording import recording
from customers.models import AccessGrant, ContactPoint, Customer, ImportBatch, Role, ServiceAccess, StaffMember, Team
from customers.staff import accounts, teams

PASSWORD = "correct horse battery"
_numbers = count(1)


def system() -> StaffMember:
    """The reserved account."""
    return StaffMember.objects.get(username="system")


def roles() -> None:
    """The roles of the house, in the database."""
    teams.sync_roles(ROLES, by=system())


def deadlines() -> None:
    """The deadlines a house begins with."""
    provide(by=system())


def team(name: str = "Hanoi") -> Team:
    """A team of that name, made where it is missing."""
    return Team.objects.filter(name=name).first() or teams.create_team(name, by=system())


def person(username: str, role: str = "", team_name: str = "Hanoi", *, email: str = "") -> StaffMember:
    """A member of staff, with a role if one is named (for that team where the role is held team by team)."""
    made = accounts.add_person(username, by=system(), password=PASSWORD, first_name=username.title(), email=email)
    if role:
        if not Role.objects.exists():
            roles()
        held = Role.objects.get(name=role)
        accounts.give_role(made, held, None if held.all_teams else team(team_name), by=system())
    return made


def note(references: list[str] | None = None) -> ImportBatch:
    """A record for acts that a test makes up: an import batch."""
    row = ImportBatch(file_sha256="0" * 64, rows=[], references=references or [])
    row.save()
    return row


def customer(
    reference: str = "",
    *,
    team_name: str = "Hanoi",
    email: str = "hoa.nguyen@mail.example.com",
    phone: str = "+84912345612",
    login: str = "hoa",
    secret: str = "s3cret-value",
    **columns: Any,
) -> Customer:
    """A customer with an address, a number and one service, on record."""
    values: dict[str, Any] = {
        "full_name": "Nguyễn Thị Hoa",
        "company": "Mai Công ty TNHH",
        "locale": "vi",
        "status": "connected",
        "registered_at": timezone.now(),
        **columns,
    }
    home = team(team_name)
    with recording(by=system()):
        made = Customer(reference=reference or f"BZ{next(_numbers):07d}", team=home, **values)
        made.save()
        index_names([(made, values["full_name"])])
        ContactPoint(customer=made, channel="email", email=email, source="import", state="active").save()
        ContactPoint(customer=made, channel="phone", phone=phone, source="import", state="active").save()
        ServiceAccess(customer=made, service="Cloud Server", login=login, secret=secret).save()
        note([made.reference])
    return made


def grant(
    customer: Customer, person: StaffMember, rights: Iterable[str] = ("see_customers",), **columns: Any
) -> AccessGrant:
    """A personal grant for an hour, by an officer."""
    officer = StaffMember.objects.filter(username="giver").first() or make_giver()
    until = timezone.now() + timedelta(hours=1)
    return give_grant(customer, person, rights, by=officer, **{"reason": "cover", "ends_at": until, **columns})


def make_giver() -> StaffMember:
    """An officer who gives grants."""
    return person("giver", "Compliance officer")


def move_to_team(customer: Customer, team_name: str) -> None:
    """Put a customer into another team."""
    home = team(team_name)
    with recording(by=system()):
        customer.team = home
        customer.save(update_fields=["team"])
        note([customer.reference])
