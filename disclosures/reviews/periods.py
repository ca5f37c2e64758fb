"""Calendar months and quarters in Vietnam's time zone, as the reviews use them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

DAY_DUE = 10
"""The day of the next month by the end of which a month's review has to be signed off."""
MONTH = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])")
QUARTER = re.compile(r"([12][0-9]{3})-Q([1-4])")


def _began(year: int, month: int) -> datetime:
    """The first moment of a month in Vietnam."""
    return timezone.make_aware(datetime(year, month, 1), timezone.get_default_timezone())


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in Vietnam; ``str()`` gives ``2026-10``."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Month | None:
        """The month of a name like ``2026-10``, or None."""
        match = MONTH.fullmatch(text)
        return cls(int(match[1]), int(match[2])) if match else None

    @classmethod
    def of(cls, at: datetime | date) -> Month:
        """The month of a date, or of a time as dated in Vietnam."""
        if isinstance(at, datetime):
            at = timezone.localdate(at, timezone=timezone.get_default_timezone())
        return cls(at.year, at.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def next(self) -> Month:
        """The month after this one."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def began(self) -> datetime:
        """The first moment of the month."""
        return _began(self.year, self.number)

    @property
    def ended(self) -> datetime:
        """The first moment after the month."""
        return self.next.began

    @property
    def first_day(self) -> date:
        """The first day, for pages to format as a month's name."""
        return date(self.year, self.number, 1)

    @property
    def last_day_to_sign(self) -> date:
        """The last day on which signing off its review is in time."""
        return date(self.next.year, self.next.number, DAY_DUE)

    @property
    def due_at(self) -> datetime:
        """The first moment at which its review is late."""
        return self.ended + timedelta(days=DAY_DUE)


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter in Vietnam; ``str()`` gives ``2026-Q4``."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter | None:
        """The quarter of a name like ``2026-Q4``, or None."""
        match = QUARTER.fullmatch(text)
        return cls(int(match[1]), int(match[2])) if match else None

    @classmethod
    def of(cls, at: datetime | date) -> Quarter:
        """The quarter of a date, or of a time as dated in Vietnam."""
        month = Month.of(at)
        return cls(month.year, (month.number + 2) // 3)

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"

    @property
    def next(self) -> Quarter:
        """The quarter after this one."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def last_day(self) -> date:
        """The last day of the quarter, which is also the last day for its review."""
        return date(self.next.year, self.next.number * 3 - 2, 1) - timedelta(days=1)


def months_between(first: Month, last: Month) -> list[Month]:
    """The months from the first to the last, both included, oldest first."""
    months = []
    while first <= last:
        months.append(first)
        first = first.next
    return months
