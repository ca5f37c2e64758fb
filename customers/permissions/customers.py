"""Who sees, verifies, reveals and finds customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from customers.models import Customer, StaffMember
from customers.permissions.standing import customers_where, holds_at_desk, standing_of
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
    Kind.REQUEST: "read_requests",
    Kind.LETTER: "read_requests",
}
"""Kind of datum → the right to reveal it. A kind that is not here is revealed to nobody."""


def can_see(person: Person, customer: Customer) -> bool:
    """True where the person may see this customer, masked."""
    return standing_of(person, "see_customers").holds("see_customers", customer)


def customers_visible_to(person: Person) -> QuerySet[Customer]:
    """The customers a person may see, masked."""
    return customers_where(person, "see_customers")


def customers_hidden_from(person: Person) -> QuerySet[Customer]:
    """The customers a person may not see. Only an exact find shows that they exist; breaking glass opens one."""
    return Customer.objects.exclude(standing_of(person, "see_customers").reach("see_customers"))


def can_see_customers(person: Person) -> bool:
    """True where there are teams or customers the person may see."""
    return standing_of(person, "see_customers").reaches("see_customers")


def can_verify(person: Person, customer: Customer) -> bool:
    """True where the person may compare what a caller says with what is on file."""
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
