"""The log of disclosures: narrowed, counted, exported. It says who got which fields, never a value."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting
from customers.models import StaffMember
from customers.models.acts import RefusalReason
from disclosures.accounting.notifications import with_secrecy
from disclosures.models import Disclosure, DisclosureRequest, LogExport, RecipientKind
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_read_disclosures

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, full-width forms too."""
COLUMNS = (
    "entry", "at", "request", "customer", "recipient", "kind", "country", "basis", "urgency", "fields", "proposed_by",
    "approved_by", "sent_by", "package_sha256", "commitment", "emergency", "not_told_until",
)  # fmt: skip


def plain_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it.

    Where semicolons part cells, one inside would begin another cell: it becomes a comma.
    """
    text = text.replace(";", ",")
    return f"'{text}" if text.lstrip(" \u00a0\u200b\ufeff").startswith(FORMULA) or text.startswith(FORMULA) else text


def narrowed(asked: Mapping[str, str]) -> tuple[QuerySet[Any], dict[str, str]]:
    """The log's entries by month, recipient, basis, urgency and officer, and what it was narrowed by.

    Anything else, or what names nothing, is left out: an old bookmark shows more, never an error.
    """
    rows: QuerySet[Any] = with_secrecy(Disclosure.objects.all())
    rows = rows.select_related(
        "customer", "request", "recipient", "details", "proposed_by", "approved_by", "by", "commitment"
    )
    used: dict[str, str] = {}
    for name, condition in FILTERS.items():
        value = asked.get(name, "")
        found = condition(value) if value else None
        if found is not None:
            rows, used[name] = rows.filter(found), value
    return rows, used


def _in_month(value: str) -> Q | None:
    if not MONTH.fullmatch(value):
        return None
    year, month = int(value[:4]), int(value[5:])
    start = timezone.make_aware(datetime(year, month, 1), timezone.get_default_timezone())
    after = datetime(year + month // 12, month % 12 + 1, 1)
    return Q(at__gte=start, at__lt=timezone.make_aware(after, timezone.get_default_timezone()))


def _by_recipient(value: str) -> Q | None:
    return Q(recipient_id=int(value)) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _by_officer(value: str) -> Q | None:
    return Q(proposed_by__username=value) | Q(approved_by__username=value) | Q(by__username=value)


def _by_basis(value: str) -> Q | None:
    return Q(basis=value) if value in DisclosureRequest.Basis.values else None


def _by_urgency(value: str) -> Q | None:
    return Q(urgency=value) if value in DisclosureRequest.Urgency.values else None


MONTH = re.compile(r"[12][0-9]{3}-(?:0[1-9]|1[0-2])")
FILTERS: dict[str, Callable[[str], Q | None]] = {
    "month": _in_month,
    "recipient": _by_recipient,
    "basis": _by_basis,
    "urgency": _by_urgency,
    "officer": _by_officer,
}
"""By what the log is narrowed, on its page, in its export and in its report alike."""


def export(rows: QuerySet[Any], *, by: StaffMember, narrowed: dict[str, str]) -> str:
    """The entries as CSV, after the export is on record: how many, by which filters, up to which one.

    Raises ``Refused`` (on record) for whoever does not read the log.
    """
    with acting(DisclosureAct.EXPORT_DISCLOSURES, by=by):
        if not can_read_disclosures(by):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("Your role does not read the log of disclosures. The refusal is on record.")
            )
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        LogExport(narrowed=narrowed, entries=len(keys), last=keys[-1] if keys else 0).save()
    return as_csv(rows.filter(pk__in=keys).order_by("pk"))


def as_csv(rows: QuerySet[Any]) -> str:
    """One line for each entry; times in UTC, fields by their codes."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in rows.iterator(chunk_size=1000):
        writer.writerow([plain_cell(cell) for cell in _cells(entry)])
    return held.getvalue()


def _cells(entry: Any) -> Iterator[str]:
    kept_until = getattr(entry, "kept_until", None)
    yield from (str(entry.pk), entry.at.strftime("%Y-%m-%dT%H:%M:%SZ"), entry.request.number, entry.customer.reference)
    yield from (entry.details.shown, entry.recipient_kind, entry.details.country, entry.basis, entry.urgency)
    yield " ".join(entry.fields)
    yield from (entry.proposed_by.username, entry.approved_by.username if entry.approved_by else "", entry.by.username)
    yield from (entry.package_sha256, str(entry.commitment_id or ""), "yes" if entry.in_emergency else "no")
    yield kept_until.isoformat() if kept_until else ""


def months(most: int) -> list[str]:
    """The newest months in which something was disclosed, as ``2026-01``, newest first."""
    found = Disclosure.objects.annotate(month=TruncMonth("at", tzinfo=timezone.get_default_timezone())).order_by()
    held = found.values_list("month", flat=True).distinct().order_by("-month")[:most]
    return [month.strftime("%Y-%m") for month in held]


@dataclass(frozen=True)
class MonthlyCounts:
    """A month of a transparency report: requests that came in by kind of recipient, and what became of them."""

    month: str
    came_in: int
    kinds: list[tuple[str, int]]
    outcomes: list[tuple[str, int]]
    customers: int


def by_month(most: int = 24) -> list[MonthlyCounts]:
    """Counts as a transparency report needs them, newest month first; months are Vietnam's. Three queries."""
    zone = timezone.get_default_timezone()
    month = TruncMonth("received_at", tzinfo=zone)
    asked = DisclosureRequest.objects.annotate(month=month).order_by()
    rows = list(asked.values_list("month", "recipient__recipient_kind", "outcome", "state"))
    left = Disclosure.objects.annotate(month=TruncMonth("at", tzinfo=zone)).order_by()
    given = Counter(each.strftime("%Y-%m") for each in left.values_list("month", flat=True))
    months = sorted({row[0].strftime("%Y-%m") for row in rows} | set(given), reverse=True)[:most]
    return [_month(name, [row for row in rows if row[0].strftime("%Y-%m") == name], given[name]) for name in months]


def _month(name: str, rows: Iterable[tuple[Any, str, str, str]], given: int) -> MonthlyCounts:
    rows = list(rows)
    kinds = Counter(kind for _at, kind, _outcome, _state in rows)
    outcomes = Counter(outcome or "open" for _at, _kind, outcome, _state in rows)
    return MonthlyCounts(
        month=name,
        came_in=len(rows),
        kinds=[(str(RecipientKind(kind).label), count) for kind, count in sorted(kinds.items())],
        outcomes=[(_outcome(code), count) for code, count in sorted(outcomes.items())],
        customers=given,
    )


def _outcome(code: str) -> str:
    return _("still open") if code == "open" else str(DisclosureRequest.Outcome(code).label)
