"""What officers and leads should review about access: broken glass, closed verification, refusals, used-up budgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, Max, Q
from django.utils import timezone

from customers.access.office_hours import spans_out_of_hours
from customers.acts.budgets import OVER, out_of_budget
from customers.audit_log.timeline import Line, lines
from customers.models import (
    AccessChange,
    AccessGrant,
    Budget,
    BudgetAllowance,
    Find,
    Leaf,
    Refusal,
    Reveal,
    StaffMember,
    VerificationClosure,
)
from customers.permissions.access import (
    allowances_visible_to,
    can_review_access,
    closures_visible_to,
    grants_visible_to,
    people_decided_by,
    people_watched_by,
    refusals_visible_to,
)
from customers.permissions.customers import customers_visible_to
from customers.validation.calendar import today

MOST = 20
"""Longest part of the list."""
LOOKS_BACK = timedelta(days=7)
"""How long access outside office hours stays on the list."""
DAYS = 30
"""How many days back the list counts refusals; the page of refusals shows all."""


@dataclass(frozen=True)
class Short:
    """A person refused today over a used-up budget: how often, when last, and today's extra allowance (or None)."""

    person: StaffMember
    budget: str
    act: str
    refused: int
    last_at: datetime
    allowance: BudgetAllowance | None
    decided_here: bool


@dataclass(frozen=True)
class Late:
    """A person who found customers or revealed values outside office hours: how often, and when last."""

    person: StaffMember
    reveals: int
    finds: int
    last_at: datetime


@dataclass(frozen=True)
class RefusalCount:
    """Refusals of one act to one person for one reason in the last ``DAYS`` days: how many, and when last."""

    by: StaffMember
    newest: Refusal
    times: int
    last_at: datetime


@dataclass(frozen=True)
class AccessAnomalies:
    """What one reader should review, the newest first in each part."""

    short: list[Short]
    broken_glass: list[AccessGrant]
    closures: list[VerificationClosure]
    late: list[Late]
    refused: list[RefusalCount]
    roles: list[Line]
    of_all_teams: bool
    seen: set[int]
    """The keys of the customers named here whose pages the reader may open."""


def watch(person: StaffMember) -> AccessAnomalies:
    """The anomalies a person may see: of all teams for those who review access, of their own teams for a lead."""
    grants = grants_visible_to(person).filter(how=AccessGrant.How.BREAK_GLASS)
    broken_glass = list(grants.select_related("customer__team", "person", "end").order_by("-pk")[:MOST])
    closures = list(closures_visible_to(person).select_related("customer__team", "by").order_by("-pk")[:MOST])
    customer_keys = {row.customer_id for row in broken_glass} | {row.customer_id for row in closures}
    reviews = can_review_access(person)
    return AccessAnomalies(
        short=_short(person),
        broken_glass=broken_glass,
        closures=closures,
        late=out_of_hours(person),
        refused=_refused(person),
        roles=_roles() if reviews else [],
        of_all_teams=reviews,
        seen=set(customers_visible_to(person).filter(pk__in=customer_keys).values_list("pk", flat=True)),
    )


@dataclass(frozen=True)
class Counts:
    """Counts of current anomalies, for the first page."""

    broken_glass: int
    short: int
    closures: int
    late: int


def counts(person: StaffMember) -> Counts:
    """Count open broken glass, budgets used up today, customers closed to verification, and people out of hours."""
    open_glass = grants_visible_to(person).filter(how=AccessGrant.How.BREAK_GLASS, end=None, ends_at__gt=timezone.now())
    return Counts(
        open_glass.count(),
        out_of_budget(refusals_visible_to(person)).filter(act__in=Budget.values).values("by", "act").distinct().count(),
        closures_visible_to(person).filter(until__gt=timezone.now()).count(),
        len(out_of_hours(person)),
    )


def out_of_hours(person: StaffMember) -> list[Late]:
    """People whom the reader watches and who accessed data outside office hours in ``LOOKS_BACK``, the latest first."""
    now = timezone.now()
    since = now - LOOKS_BACK
    watched = list(people_watched_by(person).values_list("pk", flat=True))
    within = reduce(or_, (Q(at__gte=start, at__lt=end) for start, end in spans_out_of_hours(since, now)), Q(pk__in=()))
    by_person: dict[int, list[tuple[str, int, datetime]]] = {}
    for model in (Reveal, Find):
        rows = model._default_manager.filter(within, by__in=watched, at__gte=since).order_by()
        for key, times, last in rows.values_list("by").annotate(Count("pk"), Max("at")):
            by_person.setdefault(key, []).append((model.kind, times, last))
    members = StaffMember.objects.filter(pk__in=[0, *by_person])  # with key 0 this is one query even for nobody
    people = {member.pk: member for member in members}
    late = [
        Late(
            people[key],
            reveals=sum(times for kind, times, _last in entries if kind == Reveal.kind),
            finds=sum(times for kind, times, _last in entries if kind == Find.kind),
            last_at=max(last for _kind, _times, last in entries),
        )
        for key, entries in by_person.items()
    ]
    return sorted(late, key=lambda line: line.last_at, reverse=True)


def _short(person: StaffMember) -> list[Short]:
    refused = out_of_budget(refusals_visible_to(person)).values("by", "act").annotate(n=Count("pk"), last=Max("at"))
    rows = [row for row in refused.order_by("-last") if row["act"] in Budget.values]
    people = StaffMember.objects.in_bulk([row["by"] for row in rows])
    decidable = set(people_decided_by(person).filter(pk__in=people).values_list("pk", flat=True))
    allowed = _by_budget(allowances_visible_to(person).filter(day=today()).select_related("by"))
    return [
        Short(
            person=people[row["by"]],
            budget=row["act"],
            act=str(Budget(row["act"]).label),
            refused=row["n"],
            last_at=row["last"],
            allowance=allowed.get((row["by"], row["act"])),
            decided_here=row["by"] in decidable,
        )
        for row in rows
    ]


def _refused(person: StaffMember) -> list[RefusalCount]:
    """Repeated refusals are one line, so that one person's repeats do not push others off the page."""
    since = timezone.now() - timedelta(days=DAYS)
    rows = refusals_visible_to(person).exclude(why=OVER).filter(at__gte=since)
    grouped = rows.values("by", "act", "datum", "why").annotate(n=Count("pk"), last=Max("at"), newest=Max("pk"))
    groups = list(grouped.order_by("-newest")[:MOST])
    newest = Refusal.objects.select_related("by").in_bulk([row["newest"] for row in groups])
    return [RefusalCount(newest[row["newest"]].by, newest[row["newest"]], row["n"], row["last"]) for row in groups]


def _roles() -> list[Line]:
    """The latest additions of people and changes of roles: a review of what administrators do."""
    return lines(Leaf.objects.filter(kind=AccessChange.kind).order_by("-seq")[: MOST // 2])


def _by_budget(allowances: Iterable[BudgetAllowance]) -> dict[tuple[int, str], BudgetAllowance]:
    return {(allowance.person_id, allowance.budget): allowance for allowance in allowances}
