"""Lists of casework: what officers and leads should review, the queues of requests, and their counts for one person."""

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
"""Longest part of a list."""
DAYS = timedelta(days=30)
"""How long a confirmed fraud stays on the list."""


@dataclass(frozen=True)
class Aged:
    """A hold past its review deadline, and when that was."""

    hold: Hold
    due: datetime


@dataclass(frozen=True)
class WorkWatch:
    """What one reader should review: the oldest first in each part, but the newest fraud first."""

    aged: list[Aged]
    frauds: list[Hold]
    handed_over: list[CustomerRequest]
    for_officer: list[Correction]


def work_watch(person: StaffMember) -> WorkWatch:
    """Holds past their review deadline, fraud of the last 30 days, and requests and corrections with an officer.

    Limited to customers the reader sees (the last two: decides for); auditors, who see none, get empty lists.
    """
    visible = holds_visible_to(person)
    aged = too_old(visible).select_related("customer__team", "opened_by", "contact_point")[:MOST]
    with_people = visible.select_related("customer__team", "closed_by", "contact_point")
    frauds = with_people.filter(state=Hold.State.FRAUD, state_since__gte=timezone.now() - DAYS)
    officers = customers_escalated_to(person)
    requests = CustomerRequest.objects.filter(state=CustomerRequest.State.WITH_OFFICER, customer__in=officers)
    corrections = Correction.objects.filter(state=Correction.State.WITH_OFFICER, customer__in=officers)
    return WorkWatch(
        aged=[Aged(hold, review_by(hold)) for hold in aged],
        frauds=list(
            frauds.select_related("customer__team", "closed_by", "contact_point").order_by("-state_since")[:MOST]
        ),
        handed_over=list(requests.select_related("customer__team", "worker").order_by("due_at")[:MOST]),
        for_officer=list(corrections.select_related("customer__team", "proposed_by").order_by("proposed_at")[:MOST]),
    )


def in_queue(rows: QuerySet[CustomerRequest], name: str, person: StaffMember) -> QuerySet[CustomerRequest]:
    """The requests of one queue; the filter of the list and the counts of the first page both use it.

    Names: ``mine``, ``nobody`` (no active worker), ``parked``, ``officer`` (handed over), ``overdue``, ``over``
    (finished), ``all`` (unfinished; also for any other name).
    """
    if name == "overdue":
        return RequestQuerySet.overdue(rows)  # type: ignore[arg-type]
    if name == "over":
        return rows.exclude(state__in=CustomerRequest.UNFINISHED)
    conditions = {
        "mine": Q(worker=person.pk),
        "nobody": Q(worker=None) | Q(worker__is_active=False),
        "parked": Q(state=CustomerRequest.State.PARKED),
        "officer": Q(state=CustomerRequest.State.WITH_OFFICER),
    }
    return RequestQuerySet.unfinished(rows).filter(conditions.get(name, Q()))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Waiting:
    """Counts of what waits for one person, each equal to the length of the list of that name."""

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
    """Counts for the customers whom a person sees; None for a person who sees no customers."""
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
