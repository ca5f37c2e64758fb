"""The log of disclosures: filtering, CSV export, monthly counts. It names recipients and fields, never a value."""

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
"""First characters that make a spreadsheet read a cell as a formula, full-width forms included."""
COLUMNS = (
    "entry", "at", "request", "customer", "recipient", "kind", "country", "basis", "urgency", "fields", "proposed_by",
    "approved_by", "sent_by", "package_sha256", "commitment", "emergency", "not_told_until",
)  # fmt: skip


def plain_cell(text: str) -> str:
    """The text as a cell that no spreadsheet reads as a formula: where it begins like one, an apostrophe is put first.

    Semicolons become commas, because some spreadsheets separate cells by semicolons.
    """
    text = text.replace(";", ",")
    return f"'{text}" if text.lstrip(" \u00a0\u200b\ufeff").startswith(FORMULA) or text.startswith(FORMULA) else text


def narrowed(asked: Mapping[str, str]) -> tuple[QuerySet[Any], dict[str, str]]:
    """The log's entries filtered by ``FILTERS`` (month, recipient, basis, urgency, officer), and the filters applied.

    Unknown names and malformed values are ignored, so an old bookmark shows more entries and no error.
    """
    rows: QuerySet[Any] = with_secrecy(Disclosure.objects.all())
    rows = rows.select_related(
        "customer", "request", "recipient", "details", "proposed_by", "approved_by", "by", "commitment"
    )
    used: dict[str, str] = {}
    for name, condition in FILTERS.items():
        value = asked.get(name, "")
        query = condition(value) if value else None
        if query is not None:
            rows, used[name] = rows.filter(query), value
    return rows, used


def _in_month(value: str) -> Q | None:
    """Entries of a month in Vietnam, as ``2026-01``."""
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
"""The filters of the log, the same for its page, its export and its report."""


def export(rows: QuerySet[Any], *, by: StaffMember, narrowed: dict[str, str]) -> str:
    """The entries as CSV, after the export is on record with its filters, number of entries and newest entry.

    Raises ``Refused`` (on record) where ``by`` may not read the log.
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
    """A header and one line for each entry; times in UTC, fields by their codes."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in rows.iterator(chunk_size=1000):
        writer.writerow([plain_cell(cell) for cell in _cells(entry)])
    return buffer.getvalue()


def _cells(entry: Any) -> Iterator[str]:
    kept_until = getattr(entry, "kept_until", None)
    yield from (str(entry.pk), entry.at.strftime("%Y-%m-%dT%H:%M:%SZ"), entry.request.number, entry.customer.reference)
    yield from (entry.details.shown, entry.recipient_kind, entry.details.country, entry.basis, entry.urgency)
    yield " ".join(entry.fields)
    yield from (entry.proposed_by.username, entry.approved_by.username if entry.approved_by else "", entry.by.username)
    yield from (entry.package_sha256, str(entry.commitment_id or ""), "yes" if entry.in_emergency else "no")
    yield kept_until.isoformat() if kept_until else ""


def months(most: int) -> list[str]:
    """The newest months with disclosures, at most ``most``, as ``2026-01``, newest first; months of Vietnam."""
    rows = Disclosure.objects.annotate(month=TruncMonth("at", tzinfo=timezone.get_default_timezone())).order_by()
    newest = rows.values_list("month", flat=True).distinct().order_by("-month")[:most]
    return [month.strftime("%Y-%m") for month in newest]


@dataclass(frozen=True)
class MonthlyCounts:
    """A month of a transparency report: requests received, by kind of recipient and by outcome so far.

    ``customers`` counts the log's entries of the month: one for each customer of a request.
    """

    month: str
    came_in: int
    kinds: list[tuple[str, int]]
    outcomes: list[tuple[str, int]]
    customers: int


def by_month(most: int = 24) -> list[MonthlyCounts]:
    """Counts for a transparency report, newest month first; months of Vietnam. Two queries."""
    zone = timezone.get_default_timezone()
    month = TruncMonth("received_at", tzinfo=zone)
    requests = DisclosureRequest.objects.annotate(month=month).order_by()
    rows = list(requests.values_list("month", "recipient__recipient_kind", "outcome", "state"))
    entries = Disclosure.objects.annotate(month=TruncMonth("at", tzinfo=zone)).order_by()
    disclosures = Counter(day.strftime("%Y-%m") for day in entries.values_list("month", flat=True))
    months = sorted({row[0].strftime("%Y-%m") for row in rows} | set(disclosures), reverse=True)[:most]
    return [
        _month(name, [row for row in rows if row[0].strftime("%Y-%m") == name], disclosures[name]) for name in months
    ]


def _month(name: str, rows: Iterable[tuple[Any, str, str, str]], customers: int) -> MonthlyCounts:
    rows = list(rows)
    kinds = Counter(kind for _at, kind, _outcome, _state in rows)
    outcomes = Counter(outcome or "open" for _at, _kind, outcome, _state in rows)
    return MonthlyCounts(
        month=name,
        came_in=len(rows),
        kinds=[(str(RecipientKind(kind).label), count) for kind, count in sorted(kinds.items())],
        outcomes=[(_outcome(code), count) for code, count in sorted(outcomes.items())],
        customers=customers,
    )


def _outcome(code: str) -> str:
    return _("still open") if code == "open" else str(DisclosureRequest.Outcome(code).label)
