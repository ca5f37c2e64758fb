"""What of the daily work is worth an officer's or a lead's look, and what waits for whoever has just sat down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from customers.holds import review_by, too_old
from customers.models import Correction, CustomerRequest, Hold, StaffMember
from customers.permissions import (
    can_see_customers,
    corrections_approvable_by,
    customers_escalated_to,
    customers_worked_on_by,
    holds_visible_to,
    requests_visible_to,
)

MOST = 20
DAYS = timedelta(days=30)
"""How long a confirmed fraud stays on the list."""


@dataclass(frozen=True)
class Aged:
    """An address that has been suspended for too long: since when it was to be looked at."""

    hold: Hold
    due: datetime


@dataclass(frozen=True)
class WorkWatch:
    """The list of one reader, the oldest first in every part."""

    aged: list[Aged]
    frauds: list[Hold]
    handed_over: list[CustomerRequest]
    for_officer: list[Correction]


def work_watch(person: StaffMember) -> WorkWatch:
    """Suspensions older than their deadline, fraud of the last days, and what was handed to the officers.

    Of the customers the reader sees; those who see none (auditors) get none.
    """
    visible = holds_visible_to(person)
    keys = set(visible.filter(state=Hold.State.OPEN).values_list("pk", flat=True))
    beside = visible.select_related("customer__team", "closed_by", "contact_point")
    frauds = beside.filter(state=Hold.State.FRAUD, state_since__gte=timezone.now() - DAYS)
    officers = customers_escalated_to(person)
    handed = CustomerRequest.objects.filter(state=CustomerRequest.State.WITH_OFFICER, customer__in=officers)
    waiting = Correction.objects.filter(state=Correction.State.WITH_OFFICER, customer__in=officers)
    return WorkWatch(
        aged=[Aged(hold, review_by(hold)) for hold in too_old() if hold.pk in keys][:MOST] if keys else [],
        frauds=list(
            frauds.select_related("customer__team", "closed_by", "contact_point").order_by("-state_since")[:MOST]
        ),
        handed_over=list(handed.select_related("customer__team", "worker").order_by("due_at")[:MOST]),
        for_officer=list(waiting.select_related("customer__team", "proposed_by").order_by("proposed_at")[:MOST]),
    )


@dataclass(frozen=True)
class Waiting:
    """How much waits for one person just now, and what is due first."""

    mine: int
    overdue: int
    parked: int
    for_my_word: int
    handed_over: int
    suspended: int
    next: list[CustomerRequest]


def waiting_for(person: StaffMember) -> Waiting | None:
    """What waits for a person who works on requests or decides on them; None for anybody else."""
    if not can_see_customers(person):
        return None
    visible = requests_visible_to(person)
    mine = CustomerRequest.objects.filter(pk__in=visible.filter(worker=person).values("pk")).unfinished()
    own = visible.filter(customer__in=customers_worked_on_by(person))
    handed = visible.filter(state=CustomerRequest.State.WITH_OFFICER, customer__in=customers_escalated_to(person))
    return Waiting(
        mine=mine.count(),
        overdue=CustomerRequest.objects.filter(Q(pk__in=own.values("pk")) | Q(pk__in=handed.values("pk")))
        .overdue()
        .count(),
        parked=own.filter(state=CustomerRequest.State.PARKED).count(),
        for_my_word=corrections_approvable_by(person).count(),
        handed_over=handed.count(),
        suspended=holds_visible_to(person).filter(state=Hold.State.OPEN).count(),
        next=list(mine.select_related("customer").order_by("due_at")[:5]),
    )
