"""The reader's own part of the first page: the last acts, grants, rights, and what is left of each budget."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts import budgets
from customers.acts.refusals import ACTS, WHYS
from customers.evidence.models import Leaf
from customers.models import AccessGrant, Budget, Customer, Refusal, Reveal, StaffMember, Team
from customers.permissions.customers import customers_visible_to
from customers.permissions.standing import standing_of
from customers.vault.kinds import Kind

MOST = 5
RIGHTS = tuple(right for right, _words in Team._meta.permissions)
NOON, EVENING = 12, 18


@dataclass(frozen=True)
class Done:
    """One of the reader's own acts; ``customer`` is None where the reader may no longer see that customer."""

    what: str
    why: str
    is_about_one: bool
    customer: Customer | None
    at: datetime
    seq: int | None


@dataclass(frozen=True)
class Allowed:
    """A right, and the names of the teams it is held on."""

    right: str
    teams: list[str]


def greeting(person: StaffMember) -> str:
    """Good morning, afternoon or evening, by the clock in Vietnam."""
    name = {"name": person.first_name or person.username}
    hour = timezone.localtime().hour
    if hour < NOON:
        return _("Good morning, %(name)s") % name
    return (_("Good afternoon, %(name)s") if hour < EVENING else _("Good evening, %(name)s")) % name


def last_acts(person: StaffMember) -> list[Done]:
    """The person's newest reveals and refusals, newest first."""
    rows: list[Reveal | Refusal] = [
        *Reveal.objects.filter(by=person).select_related("customer").order_by("-pk")[:MOST],
        *Refusal.objects.filter(by=person).select_related("customer").order_by("-pk")[:MOST],
    ]
    rows = sorted(rows, key=lambda row: row.at, reverse=True)[:MOST]
    visible = set(
        customers_visible_to(person).filter(pk__in=[row.customer_id for row in rows]).values_list("pk", flat=True)
    )
    entries = _entries(rows)
    return [
        Done(
            what=_what(row),
            why=_why(row),
            is_about_one=row.customer_id is not None,
            customer=row.customer if row.customer_id in visible else None,
            at=row.at,
            seq=entries.get((row._meta.db_table, str(row.pk))),
        )
        for row in rows
    ]


def _entries(rows: list[Reveal | Refusal]) -> dict[tuple[str, str], int]:
    """The log entry numbers of these rows, by table and key: one query for each table, by its index."""
    keys: dict[str, list[str]] = {Reveal._meta.db_table: [], Refusal._meta.db_table: []}
    for row in rows:
        keys[row._meta.db_table].append(str(row.pk))
    entries = chain.from_iterable(
        Leaf.objects.filter(table_name=table, row_key__in=of_table).values_list("table_name", "row_key", "seq")
        for table, of_table in keys.items()
    )
    return {(table, key): seq for table, key, seq in entries}


def _what(row: Reveal | Refusal) -> str:
    datum = Kind(row.datum).label if row.datum in Kind.values else row.datum
    if isinstance(row, Reveal):
        return _("Revealed: %(kind)s") % {"kind": datum}
    return _("Refused: %(kind)s") % {"kind": datum or ACTS.get(row.act, row.act)}


def _why(row: Reveal | Refusal) -> str:
    if isinstance(row, Reveal):
        return ", ".join(filter(None, [row.get_reason_display(), row.ticket]))
    return str(WHYS.get(row.why, row.why))


def allowed(person: StaffMember) -> list[Allowed]:
    """Each right held on teams, with the teams' names; the labels are those of the permissions."""
    labels = dict(Team._meta.permissions)
    standing, names = standing_of(person), dict(Team.objects.values_list("pk", "name"))
    teams_by_right = [(right, [names[team] for team in standing.teams.get(right, ())]) for right in RIGHTS]
    return [Allowed(str(labels[right]), sorted(teams)) for right, teams in teams_by_right if teams]


def own_grants(person: StaffMember) -> list[AccessGrant]:
    """The person's grants that are in force or begin later, the one that ends first on top."""
    grants = AccessGrant.objects.open().filter(person=person, given__ends_at__gt=timezone.now())
    return list(grants.select_related("customer").distinct().order_by("ends_at")[:MOST])


@dataclass(frozen=True)
class Left:
    """What is left of a budget, for an hour or for today (``a_day``)."""

    label: str
    left: int
    number: int
    a_day: bool

    @property
    def is_few(self) -> bool:
        """True where an eighth or less is left."""
        return self.left * 8 <= self.number


def budgets_left(person: StaffMember, rights: Collection[str], reveals_left: int | None) -> list[Left]:
    """What is left of each budget, for the acts that the person may do."""
    words = {
        Budget.REVEAL: (reveals_left is not None, _("Reveals left today")),
        Budget.FIND: ("find" in rights, _("Finds left this hour")),
        Budget.VERIFY: ("verify_customers" in rights, _("Callers to verify, this hour")),
        Budget.BREAK_GLASS: ("break_glass" in rights, _("Break glass left today")),
    }
    return [
        Left(
            label=label,
            left=reveals_left if budget == Budget.REVEAL and reveals_left is not None else budgets.left(budget, person),
            number=budgets.LIMITS[budget].number,
            a_day=budgets.LIMITS[budget].a_day,
        )
        for budget, (may, label) in words.items()
        if may
    ]
