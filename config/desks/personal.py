"""What is a person's own on the first page: what one did last, what one may do, and how much more of it."""

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
    """One act of one's own: what, about whom (None where one no longer sees the customer), when, which entry."""

    what: str
    why: str
    is_about_one: bool
    customer: Customer | None
    at: datetime
    seq: int | None


@dataclass(frozen=True)
class Allowed:
    """A right and the teams it is held on."""

    right: str
    teams: list[str]


def greeting(person: StaffMember) -> str:
    """Good morning, by Vietnam's clock."""
    name = {"name": person.first_name or person.username}
    hour = timezone.localtime().hour
    if hour < NOON:
        return _("Good morning, %(name)s") % name
    return (_("Good afternoon, %(name)s") if hour < EVENING else _("Good evening, %(name)s")) % name


def last_acts(person: StaffMember) -> list[Done]:
    """The newest reveals and refusals of one's own, newest first."""
    rows: list[Reveal | Refusal] = [
        *Reveal.objects.filter(by=person).select_related("customer").order_by("-pk")[:MOST],
        *Refusal.objects.filter(by=person).select_related("customer").order_by("-pk")[:MOST],
    ]
    rows = sorted(rows, key=lambda row: row.at, reverse=True)[:MOST]
    seen = set(
        customers_visible_to(person).filter(pk__in=[row.customer_id for row in rows]).values_list("pk", flat=True)
    )
    entries = _entries(rows)
    return [
        Done(
            what=_what(row),
            why=_why(row),
            is_about_one=row.customer_id is not None,
            customer=row.customer if row.customer_id in seen else None,
            at=row.at,
            seq=entries.get((row._meta.db_table, str(row.pk))),
        )
        for row in rows
    ]


def _entries(rows: list[Reveal | Refusal]) -> dict[tuple[str, str], int]:
    """The log's entry numbers of these rows: one query for each kind of record, found by its index."""
    keys: dict[str, list[str]] = {Reveal._meta.db_table: [], Refusal._meta.db_table: []}
    for row in rows:
        keys[row._meta.db_table].append(str(row.pk))
    found = chain.from_iterable(
        Leaf.objects.filter(table_name=table, row_key__in=of_table).values_list("table_name", "row_key", "seq")
        for table, of_table in keys.items()
    )
    return {(table, key): seq for table, key, seq in found}


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
    """Each right held on teams, with their names; the words are the rights' own."""
    words = dict(Team._meta.permissions)
    standing, names = standing_of(person), dict(Team.objects.values_list("pk", "name"))
    held = [(right, [names[team] for team in standing.teams.get(right, ())]) for right in RIGHTS]
    return [Allowed(str(words[right]), sorted(teams)) for right, teams in held if teams]


def own_grants(person: StaffMember) -> list[AccessGrant]:
    """The grants that are in force for the person, or to come, the first to end first."""
    open_now = AccessGrant.objects.open().filter(person=person, given__ends_at__gt=timezone.now())
    return list(open_now.select_related("customer").distinct().order_by("ends_at")[:MOST])


@dataclass(frozen=True)
class Left:
    """How much of a budget is left, in an hour or for today."""

    label: str
    left: int
    number: int
    a_day: bool

    @property
    def is_few(self) -> bool:
        """True where an eighth or less is left."""
        return self.left * 8 <= self.number


def budgets_left(person: StaffMember, rights: Collection[str], reveals_left: int | None) -> list[Left]:
    """What of each budget the person may still use; of those acts alone that the person may do at all."""
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
