"""What is worth a look about access: broken glass, closed verifying, refusals, and budgets that were used up."""

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
LOOKS_BACK = timedelta(days=7)
"""For how long work out of hours stays on the list."""
DAYS = 30
"""How far the list of refusals goes back; all of them are on a page of their own."""


@dataclass(frozen=True)
class Short:
    """Somebody who has used up a budget today: how often refused since, and what was allowed beyond it (or None)."""

    person: StaffMember
    budget: str
    act: str
    refused: int
    last_at: datetime
    allowance: BudgetAllowance | None
    decided_here: bool


@dataclass(frozen=True)
class Late:
    """Who looked for customers or revealed values while the house was not at work, how often, and when last."""

    person: StaffMember
    reveals: int
    finds: int
    last_at: datetime


@dataclass(frozen=True)
class RefusalCount:
    """What somebody was refused for one reason in the last days, how often, and when last."""

    by: StaffMember
    newest: Refusal
    times: int
    last_at: datetime


@dataclass(frozen=True)
class AccessAnomalies:
    """The list of one reader, newest first in every part."""

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
    """What a person may read of: all teams for those who review, the own ones for a lead."""
    grants = grants_visible_to(person).filter(how=AccessGrant.How.BREAK_GLASS)
    broken_glass = list(grants.select_related("customer__team", "person", "end").order_by("-pk")[:MOST])
    closures = list(closures_visible_to(person).select_related("customer__team", "by").order_by("-pk")[:MOST])
    named = {each.customer_id for each in broken_glass} | {each.customer_id for each in closures}
    reviews = can_review_access(person)
    return AccessAnomalies(
        short=_short(person),
        broken_glass=broken_glass,
        closures=closures,
        late=out_of_hours(person),
        refused=_refused(person),
        roles=_roles() if reviews else [],
        of_all_teams=reviews,
        seen=set(customers_visible_to(person).filter(pk__in=named).values_list("pk", flat=True)),
    )


@dataclass(frozen=True)
class Counts:
    """How many of each there are just now, for the first page."""

    broken_glass: int
    short: int
    closures: int
    late: int


def counts(person: StaffMember) -> Counts:
    """Broken glass still open, people over budget today, customers closed to verifying."""
    open_glass = grants_visible_to(person).filter(how=AccessGrant.How.BREAK_GLASS, end=None, ends_at__gt=timezone.now())
    return Counts(
        open_glass.count(),
        out_of_budget(refusals_visible_to(person)).filter(act__in=Budget.values).values("by", "act").distinct().count(),
        closures_visible_to(person).filter(until__gt=timezone.now()).count(),
        len(out_of_hours(person)),
    )


def out_of_hours(person: StaffMember) -> list[Late]:
    """Who of those a reader watches worked out of hours in the last days, whoever did last on top."""
    now = timezone.now()
    since = now - LOOKS_BACK
    watched = list(people_watched_by(person).values_list("pk", flat=True))
    within = reduce(or_, (Q(at__gte=start, at__lt=end) for start, end in spans_out_of_hours(since, now)), Q(pk__in=()))
    found: dict[int, list[tuple[str, int, datetime]]] = {}
    for model in (Reveal, Find):
        rows = model._default_manager.filter(within, by__in=watched, at__gte=since).order_by()
        for key, times, last in rows.values_list("by").annotate(Count("pk"), Max("at")):
            found.setdefault(key, []).append((model.kind, times, last))
    people = {each.pk: each for each in StaffMember.objects.filter(pk__in=[0, *found])}  # always one query
    late = [
        Late(
            people[key],
            reveals=sum(times for kind, times, _last in each if kind == Reveal.kind),
            finds=sum(times for kind, times, _last in each if kind == Find.kind),
            last_at=max(last for _kind, _times, last in each),
        )
        for key, each in found.items()
    ]
    return sorted(late, key=lambda each: each.last_at, reverse=True)


def _short(person: StaffMember) -> list[Short]:
    refused = out_of_budget(refusals_visible_to(person)).values("by", "act").annotate(n=Count("pk"), last=Max("at"))
    rows = [row for row in refused.order_by("-last") if row["act"] in Budget.values]
    people = StaffMember.objects.in_bulk([row["by"] for row in rows])
    decided = set(people_decided_by(person).filter(pk__in=people).values_list("pk", flat=True))
    allowed = _by_budget(allowances_visible_to(person).filter(day=today()).select_related("by"))
    return [
        Short(
            person=people[row["by"]],
            budget=row["act"],
            act=str(Budget(row["act"]).label),
            refused=row["n"],
            last_at=row["last"],
            allowance=allowed.get((row["by"], row["act"])),
            decided_here=row["by"] in decided,
        )
        for row in rows
    ]


def _refused(person: StaffMember) -> list[RefusalCount]:
    """Repeats stand as one line: nobody pushes another's off the page."""
    since = timezone.now() - timedelta(days=DAYS)
    rows = refusals_visible_to(person).exclude(why=OVER).filter(at__gte=since)
    grouped = rows.values("by", "act", "datum", "why").annotate(n=Count("pk"), last=Max("at"), newest=Max("pk"))
    found = list(grouped.order_by("-newest")[:MOST])
    newest = Refusal.objects.select_related("by").in_bulk([row["newest"] for row in found])
    return [RefusalCount(newest[row["newest"]].by, newest[row["newest"]], row["n"], row["last"]) for row in found]


def _roles() -> list[Line]:
    """Who was added, given a role or taken one, by whom: nobody else looks over an administrator's shoulder."""
    return lines(Leaf.objects.filter(kind=AccessChange.kind).order_by("-seq")[: MOST // 2])


def _by_budget(allowances: Iterable[BudgetAllowance]) -> dict[tuple[int, str], BudgetAllowance]:
    return {(allowance.person_id, allowance.budget): allowance for allowance in allowances}
