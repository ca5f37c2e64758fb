"""Bars that are drawn here, not in the browser: each stands in a row of a table that says the same in figures."""

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
"""How far the charts go back, this month among them."""
HATCHED = frozenset({str(RecipientKind.REGULATOR), str(RecipientKind.NAMED)})
"""Kinds whose bars are hatched: colour alone tells nothing apart."""
Outcome = DisclosureRequest.Outcome


@dataclass(frozen=True)
class Bar:
    """A part of a row's bar: its kind (a class of the stylesheet), where it begins and how long it is, in percent."""

    kind: str
    x: str
    width: str
    number: int


@dataclass(frozen=True)
class ChartRow:
    """A line of a chart: what it counts, its parts in the order of the legend, their sum, and where they are listed."""

    label: str
    bars: list[Bar]
    total: int
    url: str


@dataclass(frozen=True)
class Chart:
    """A chart: legend (kind, words) and rows. ``number`` is the sum of all rows; 0: there is nothing to draw."""

    legend: list[tuple[str, str]]
    rows: list[ChartRow]
    number: int
    hatched: frozenset[str] = HATCHED


def by_recipient() -> Chart:
    """Of how many customers something left, month by month, by the kind of recipient; one query, by time."""
    months = last_months()
    kinds = [str(kind) for kind in RecipientKind.values]
    month = TruncMonth("at", tzinfo=timezone.get_default_timezone())
    left = Disclosure.objects.filter(at__gte=months[0].began).order_by().annotate(month=month)
    found = {
        (str(Month.of(began)), kind): times
        for began, kind, times in left.values_list("month", "recipient_kind").annotate(Count("pk"))
    }
    counted = [(each, [found.get((str(each), kind), 0) for kind in kinds]) for each in months]
    most = max(sum(parts) for _month, parts in counted) or 1
    rows = [
        ChartRow(
            label=capfirst(month_name(each)),
            bars=_bars(kinds, parts, most),
            total=sum(parts),
            url=listed("disclosures_disclosure", f"month={each}") if any(parts) else "",
        )
        for each, parts in counted
    ]
    legend = [(kind, str(RecipientKind(kind).label)) for kind in kinds]
    return Chart(legend, rows, sum(row.total for row in rows))


def by_outcome() -> Chart:
    """What became of the requests that came in since then; one query, by the index of states and clocks.

    A clock runs out after its request came in: those whose clock ran out before are older.
    """
    since = last_months()[0].began
    asked = DisclosureRequest.objects.filter(state__in=DisclosureRequest.State.values, reply_by__gte=since)
    counted = asked.filter(received_at__gte=since).order_by().values_list("outcome").annotate(Count("pk"))
    found = Counter(dict(counted))
    most = max(found.values(), default=1)
    words = {"": _("still open"), **{str(code): str(label) for code, label in Outcome.choices}}
    rows = [
        ChartRow(capfirst(label), _bars(["outcome"], [found[code]], most), found[code], "")
        for code, label in words.items()
    ]
    return Chart([("outcome", _("requests"))], rows, sum(found.values()))


def last_months() -> list[Month]:
    """The months of the charts, the oldest first."""
    now = Month.of(today())
    place = now.year * 12 + now.number - 1
    return [Month(at // 12, at % 12 + 1) for at in range(place - MONTHS + 1, place + 1)]


def _bars(kinds: list[str], parts: list[int], most: int) -> list[Bar]:
    """The parts of one row, one after the other; figures as a browser reads them, whatever the reader's language."""
    found, x = [], 0.0
    for kind, number in zip(kinds, parts, strict=True):
        width = 100 * number / most
        found.append(Bar(kind, f"{x:.2f}%", f"{width:.2f}%", number))
        x += width
    return found
