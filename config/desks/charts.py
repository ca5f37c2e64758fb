"""Bar charts, computed on the server: each bar is in a row of a table that has the same numbers as text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from config.desks.tiles import listed
from customers.validation.calendar import today
from disclosures.models import Disclosure, DisclosureRequest, RecipientKind
from disclosures.reviews.periods import Month
from disclosures.templatetags.reviewing import month_name

MONTHS = 12
"""How many months the charts show, the current one included."""
HATCHED = frozenset({str(RecipientKind.REGULATOR), str(RecipientKind.NAMED)})
"""Kinds of recipient whose bars are hatched, so that colour is not the only difference."""
Outcome = DisclosureRequest.Outcome


@dataclass(frozen=True)
class Bar:
    """A part of a row's bar: its kind (a CSS class), start and width in percent, and the number it shows."""

    kind: str
    x: str
    width: str
    number: int


@dataclass(frozen=True)
class ChartRow:
    """A row of a chart: its label, its bars in the order of the legend, their sum, and the list behind it."""

    label: str
    bars: list[Bar]
    total: int
    url: str


@dataclass(frozen=True)
class Chart:
    """A chart: its legend (kind, label) and rows. ``number`` is the sum of all rows; 0 where nothing is to be drawn."""

    legend: list[tuple[str, str]]
    rows: list[ChartRow]
    number: int
    hatched: frozenset[str] = HATCHED


def by_recipient() -> Chart:
    """Disclosures month by month, by the kind of recipient; one query, by time."""
    months = last_months()
    kinds = [str(kind) for kind in RecipientKind.values]
    month = TruncMonth("at", tzinfo=timezone.get_default_timezone())
    disclosures = Disclosure.objects.filter(at__gte=months[0].began).order_by().annotate(month=month)
    counts = {
        (str(Month.of(began)), kind): times
        for began, kind, times in disclosures.values_list("month", "recipient_kind").annotate(Count("pk"))
    }
    numbers_by_month = [
        (chart_month, [counts.get((str(chart_month), kind), 0) for kind in kinds]) for chart_month in months
    ]
    most = max(sum(parts) for _month, parts in numbers_by_month) or 1
    rows = [
        ChartRow(
            label=capfirst(month_name(chart_month)),
            bars=_bars(kinds, parts, most),
            total=sum(parts),
            url=listed("disclosures_disclosure", f"month={chart_month}") if any(parts) else "",
        )
        for chart_month, parts in numbers_by_month
    ]
    legend = [(kind, str(RecipientKind(kind).label)) for kind in kinds]
    return Chart(legend, rows, sum(row.total for row in rows))


def by_outcome() -> Chart:
    """The outcomes of the requests that came in during these months; one query.

    It filters by ``reply_by`` too, for the index: a deadline is later than the receipt of its request.
    """
    since = last_months()[0].began
    requests = DisclosureRequest.objects.filter(state__in=DisclosureRequest.State.values, reply_by__gte=since)
    counted_outcomes = requests.filter(received_at__gte=since).order_by().values_list("outcome").annotate(Count("pk"))
    counts = Counter(dict(counted_outcomes))
    most = max(counts.values(), default=1)
    words = {"": _("still open"), **{str(code): str(label) for code, label in Outcome.choices}}
    rows = [
        ChartRow(capfirst(label), _bars(["outcome"], [counts[code]], most), counts[code], "")
        for code, label in words.items()
    ]
    return Chart([("outcome", _("requests"))], rows, sum(counts.values()))


def last_months() -> list[Month]:
    """The months that the charts show, the oldest first."""
    current = Month.of(today())
    newest = current.year * 12 + current.number - 1
    return [Month(index // 12, index % 12 + 1) for index in range(newest - MONTHS + 1, newest + 1)]


def _bars(kinds: list[str], parts: list[int], most: int) -> list[Bar]:
    """The bars of one row, side by side; numbers in CSS notation, whatever the reader's language."""
    bars, x = [], 0.0
    for kind, number in zip(kinds, parts, strict=True):
        width = 100 * number / most
        bars.append(Bar(kind, f"{x:.2f}%", f"{width:.2f}%", number))
        x += width
    return bars
