"""What of the daily work is worth an officer's or a lead's look, and what waits for whoever has just sat down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from customers.casework.holds import review_by, too_old
from customers.models import Correction, CustomerRequest, Hold, StaffMember
from customers.models.requests import RequestQuerySet
from customers.permissions.casework import (
    corrections_approvable_by,
    customers_escalated_to,
    holds_visible_to,
    requests_visible_to,
)
from customers.permissions.customers import can_see_customers

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
    aged = too_old(visible).select_related("customer__team", "opened_by", "contact_point")[:MOST]
    beside = visible.select_related("customer__team", "closed_by", "contact_point")
    frauds = beside.filter(state=Hold.State.FRAUD, state_since__gte=timezone.now() - DAYS)
    officers = customers_escalated_to(person)
    handed = CustomerRequest.objects.filter(state=CustomerRequest.State.WITH_OFFICER, customer__in=officers)
    waiting = Correction.objects.filter(state=Correction.State.WITH_OFFICER, customer__in=officers)
    return WorkWatch(
        aged=[Aged(hold, review_by(hold)) for hold in aged],
        frauds=list(
            frauds.select_related("customer__team", "closed_by", "contact_point").order_by("-state_since")[:MOST]
        ),
        handed_over=list(handed.select_related("customer__team", "worker").order_by("due_at")[:MOST]),
        for_officer=list(waiting.select_related("customer__team", "proposed_by").order_by("proposed_at")[:MOST]),
    )


def in_queue(rows: QuerySet[CustomerRequest], name: str, person: StaffMember) -> QuerySet[CustomerRequest]:
    """Those of the requests that stand in a queue: what a list shows under that name, and what a desk counts of it.

    ``mine``, ``nobody``, ``parked``, ``officer`` (handed over), ``overdue``, ``over`` (finished), ``all`` that wait.
    """
    if name == "overdue":
        return RequestQuerySet.overdue(rows)  # type: ignore[arg-type]
    if name == "over":
        return rows.exclude(state__in=CustomerRequest.UNFINISHED)
    chosen = {
        "mine": Q(worker=person.pk),
        "nobody": Q(worker=None) | Q(worker__is_active=False),
        "parked": Q(state=CustomerRequest.State.PARKED),
        "officer": Q(state=CustomerRequest.State.WITH_OFFICER),
    }
    return RequestQuerySet.unfinished(rows).filter(chosen.get(name, Q()))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Waiting:
    """How much waits for one person just now: as many as the list of that name shows them."""

    mine: int
    nobodys: int
    all: int
    overdue: int
    parked: int
    for_my_word: int
    handed_over: int
    suspended: int
    aged: int


def waiting_for(person: StaffMember) -> Waiting | None:
    """What waits, of the customers whom a person sees; None for who sees none."""
    if not can_see_customers(person):
        return None
    visible, holds = requests_visible_to(person), holds_visible_to(person)
    return Waiting(
        mine=in_queue(visible, "mine", person).count(),
        nobodys=in_queue(visible, "nobody", person).count(),
        all=in_queue(visible, "all", person).count(),
        overdue=in_queue(visible, "overdue", person).count(),
        parked=in_queue(visible, "parked", person).count(),
        for_my_word=corrections_approvable_by(person).count(),
        handed_over=in_queue(visible, "officer", person).count(),
        suspended=holds.filter(state=Hold.State.OPEN).count(),
        aged=too_old(holds).count(),
    )
