"""Which months have to be reviewed and signed off, and which of these are late."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from customers.evidence.accounting import parse_time
from customers.models import Installation, Leaf
from customers.validation.calendar import today
from disclosures.models import MonthReview, ReviewBegun
from disclosures.reviews.periods import Month, months_between
from disclosures.reviews.sampling import has_something

AT_ONCE = 24
"""How many months one query of ``with_something`` covers."""


@dataclass(frozen=True)
class ReviewStatus:
    """A month and the status of its review; ``entry`` is the number of the sign-off's entry in the log."""

    month: Month
    running: bool
    begun: bool
    overdue: bool
    signed: MonthReview | None = None
    entry: int | None = None


def unsigned_months(on: date | None = None) -> list[ReviewStatus]:
    """The months that are over, have something to review, and are not signed off, oldest first.

    A month is overdue from the eleventh day of the next month on, in Vietnam.
    """
    on = on or today()
    signed = set(MonthReview.objects.values_list("month", flat=True))
    over = [month for month in _months(on) if month < Month.of(on) and str(month) not in signed]
    begun = set(ReviewBegun.objects.exclude(month__in=signed).values_list("month", flat=True))
    return [_standing(month, on, begun) for month in with_something(over)]


def all_months(on: date | None = None) -> list[ReviewStatus]:
    """Every month with something to review, the running month included, newest first."""
    on = on or today()
    reviews = {review.month: review for review in MonthReview.objects.select_related("by")}
    begun = set(ReviewBegun.objects.values_list("month", flat=True))
    numbers = _entries(reviews.values())
    statuses = []
    for month in reversed(with_something(_months(on))):
        review = reviews.get(str(month))
        entry = numbers.get(str(review.pk)) if review else None
        statuses.append(_standing(month, on, begun, review, entry))
    return statuses


def with_something(months: Sequence[Month]) -> list[Month]:
    """The months among these that have anything to review; one query for each two years."""
    nonempty: list[Month] = []
    for start in range(0, len(months), AT_ONCE):
        batch = months[start : start + AT_ONCE]
        conditions: dict[str, Any] = {
            f"m{index}": reduce(or_, map(Q, has_something(month))) for index, month in enumerate(batch)
        }
        answers = Installation.objects.annotate(**conditions).values_list(*conditions).first() or ()
        nonempty += [month for month, is_nonempty in zip(batch, answers, strict=False) if is_nonempty]
    return nonempty


def log_began() -> Month | None:
    """The month of the log's first entry; None where the log is empty."""
    first = Leaf.objects.order_by("seq").values_list("payload", flat=True).first()
    return None if first is None else Month.of(parse_time(json.loads(bytes(first))["at"]))


def _months(on: date) -> list[Month]:
    """The months from the log's first entry to the running month, oldest first."""
    first = log_began()
    return [] if first is None else months_between(first, Month.of(on))


def _standing(
    month: Month, on: date, begun: set[str], review: MonthReview | None = None, entry: int | None = None
) -> ReviewStatus:
    return ReviewStatus(
        month=month,
        running=month >= Month.of(on),
        begun=str(month) in begun,
        overdue=review is None and on > month.last_day_to_sign,
        signed=review,
        entry=entry,
    )


def _entries(reviews: Iterable[MonthReview]) -> dict[str, int]:
    """The numbers of the sign-offs' entries in the log, by primary key."""
    keys = [str(review.pk) for review in reviews]
    leaves = Leaf.objects.filter(table_name=MonthReview._meta.db_table, row_key__in=keys)
    return dict(leaves.values_list("row_key", "seq"))
