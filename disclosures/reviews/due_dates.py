"""Which months wait to be signed off, and since when they are late."""

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
"""Of how many months one query asks whether there is anything in them."""


@dataclass(frozen=True)
class ReviewStatus:
    """A month and where its review stands; ``entry``: the sign-off's number in the log."""

    month: Month
    running: bool
    begun: bool
    overdue: bool
    signed: MonthReview | None = None
    entry: int | None = None


def unsigned_months(on: date | None = None) -> list[ReviewStatus]:
    """The months that are over, have something to look at, and are not signed off, the oldest first.

    Late from the eleventh of the next month on, by Vietnam's days.
    """
    on = on or today()
    signed = set(MonthReview.objects.values_list("month", flat=True))
    over = [month for month in _months(on) if month < Month.of(on) and str(month) not in signed]
    begun = set(ReviewBegun.objects.exclude(month__in=signed).values_list("month", flat=True))
    return [_standing(month, on, begun) for month in with_something(over)]


def all_months(on: date | None = None) -> list[ReviewStatus]:
    """Every month with something to look at, the one that runs among them, the newest first."""
    on = on or today()
    reviews = {review.month: review for review in MonthReview.objects.select_related("by")}
    begun = set(ReviewBegun.objects.values_list("month", flat=True))
    numbers = _entries(reviews.values())
    found = []
    for month in reversed(with_something(_months(on))):
        review = reviews.get(str(month))
        entry = numbers.get(str(review.pk)) if review else None
        found.append(_standing(month, on, begun, review, entry))
    return found


def with_something(months: Sequence[Month]) -> list[Month]:
    """Those of the months in which there is anything to look at. One query for two years."""
    found: list[Month] = []
    for start in range(0, len(months), AT_ONCE):
        some = months[start : start + AT_ONCE]
        asked: dict[str, Any] = {f"m{at}": reduce(or_, map(Q, has_something(month))) for at, month in enumerate(some)}
        answers = Installation.objects.annotate(**asked).values_list(*asked).first() or ()
        found += [month for month, there in zip(some, answers, strict=False) if there]
    return found


def log_began() -> Month | None:
    """The month of the log's first entry; None where there is none."""
    first = Leaf.objects.order_by("seq").values_list("payload", flat=True).first()
    return None if first is None else Month.of(parse_time(json.loads(bytes(first))["at"]))


def _months(on: date) -> list[Month]:
    """From the first entry of the log to the month that runs."""
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
    """The sign-offs' numbers in the log, by their keys."""
    keys = [str(review.pk) for review in reviews]
    leaves = Leaf.objects.filter(table_name=MonthReview._meta.db_table, row_key__in=keys)
    return dict(leaves.values_list("row_key", "seq"))
