"""Who works on requests, corrections and suspended addresses, and who approves what a colleague proposes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.models import Correction, Customer, CustomerRequest, Hold, StaffMember, TeamGroupPermission
from customers.permissions.customers import customers_visible_to
from customers.permissions.standing import Standing, customers_where, rights_at_desk, standing_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Person = StaffMember | AnonymousUser

WORK, APPROVE, DECIDE = "work_on_requests", "approve_corrections", "decide_escalated"
ENDED = Customer.Status.ENDED


def works_on(standing: Standing, customer: Customer) -> bool:
    """True where a person of that standing may work on this customer's requests, corrections and suspended addresses.

    For a customer whose contract has ended, officers may too.
    """
    return standing.holds(WORK, customer) or (customer.status == ENDED and standing.by_role(DECIDE, customer))


def can_work_on(person: Person, customer: Customer) -> bool:
    """True where the person may work on this customer's requests, corrections and suspended addresses."""
    return works_on(standing_of(person, WORK, DECIDE), customer)


def customers_worked_on_by(person: Person) -> QuerySet[Customer]:
    """The customers on whose requests a person may work."""
    standing = standing_of(person, WORK, DECIDE)
    ended = Q(status=ENDED, team_id__in=sorted(standing.teams.get(DECIDE, frozenset())))
    return Customer.objects.filter(standing.reach(WORK) | ended)


def can_decide_escalated(person: Person, customer: Customer) -> bool:
    """True where the person decides on what is handed over to officers, on fraud, and after a contract has ended."""
    return standing_of(person, DECIDE).by_role(DECIDE, customer)


def customers_escalated_to(person: Person) -> QuerySet[Customer]:
    """The customers on whose cases a person decides once they are handed over."""
    return Customer.objects.filter(team_id__in=sorted(standing_of(person, DECIDE).teams.get(DECIDE, frozenset())))


def can_handle(person: Person, customer: Customer) -> bool:
    """True where the person works on the customer's requests, or decides on those that are handed over."""
    standing = standing_of(person, WORK, DECIDE)
    return standing.holds(WORK, customer) or standing.by_role(DECIDE, customer)


def customers_handled_by(person: Person) -> QuerySet[Customer]:
    """The customers on whose requests a person works, or decides once they are handed over."""
    standing = standing_of(person, WORK, DECIDE)
    escalated = Q(team_id__in=sorted(standing.teams.get(DECIDE, frozenset())))
    return Customer.objects.filter(standing.reach(WORK) | escalated)


def can_approve(person: Person, correction: Correction) -> bool:
    """True where the person may approve or refuse this correction: never one's own proposal.

    A lead of the customer's team may, or an officer where a lead proposed it. Where the correction waits for an
    officer, or the customer's contract has ended, only an officer may.
    """
    if correction.proposed_by_id == person.pk:
        return False
    standing, customer = standing_of(person, APPROVE, DECIDE), correction.customer
    if correction.state == Correction.State.WITH_OFFICER or customer.status == ENDED:
        return standing.by_role(DECIDE, customer)
    by_lead = standing_of(correction.proposed_by, APPROVE).by_role(APPROVE, customer)
    return standing.by_role(APPROVE, customer) or (by_lead and standing.by_role(DECIDE, customer))


def corrections_approvable_by(person: Person) -> QuerySet[Correction]:
    """The waiting corrections that this person may approve or refuse."""
    standing = standing_of(person, APPROVE, DECIDE)
    leads = Q(customer__team_id__in=sorted(standing.teams.get(APPROVE, frozenset())))
    officers = Q(customer__team_id__in=sorted(standing.teams.get(DECIDE, frozenset())))
    states = Correction.State
    by_lead = Exists(
        TeamGroupPermission.objects.filter(
            permission__codename=APPROVE,
            content_object=OuterRef("customer__team"),
            group__user=OuterRef("proposed_by"),
            group__user__is_active=True,
        )
    )
    ended = Q(customer__status=ENDED)
    by_team = Q(state=states.PROPOSED) & ~ended & (leads | (officers & by_lead))
    by_officer = (Q(state=states.WITH_OFFICER) | (Q(state=states.PROPOSED) & ended)) & officers
    waiting = by_team | by_officer
    return Correction.objects.filter(waiting).exclude(proposed_by=person.pk or 0)


def can_set_access(person: Person, customer: Customer) -> bool:
    """True where the person may set what opens this customer's services."""
    return standing_of(person, "set_service_access").holds("set_service_access", customer)


def customers_whose_access_is_set_by(person: Person) -> QuerySet[Customer]:
    """The customers whose service access a person may set."""
    return customers_where(person, "set_service_access")


def can_keep_rules(person: Person) -> bool:
    """True where the person may set the legal deadlines, and the links that letters may have."""
    return DECIDE in rights_at_desk(person)


def requests_visible_to(person: Person) -> QuerySet[CustomerRequest]:
    """The requests of the customers a person sees."""
    return CustomerRequest.objects.filter(customer__in=customers_visible_to(person))


def corrections_visible_to(person: Person) -> QuerySet[Correction]:
    """The corrections of the customers a person sees."""
    return Correction.objects.filter(customer__in=customers_visible_to(person))


def holds_visible_to(person: Person) -> QuerySet[Hold]:
    """The suspended addresses of the customers a person sees."""
    return Hold.objects.filter(customer__in=customers_visible_to(person))
