"""Months and quarters, as Vietnam's calendar has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

DAY_DUE = 10
"""A month is to be signed off by the end of this day of the next one."""
MONTH = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])")
QUARTER = re.compile(r"([12][0-9]{3})-Q([1-4])")


def _began(year: int, month: int) -> datetime:
    """When a month of Vietnam's began."""
    return timezone.make_aware(datetime(year, month, 1), timezone.get_default_timezone())


@dataclass(frozen=True, order=True)
class Month:
    """A month of Vietnam's; ``str()`` is ``2026-10``."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Month | None:
        """The month of that name; None where it is none."""
        found = MONTH.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None

    @classmethod
    def of(cls, at: datetime | date) -> Month:
        """The month in which that time lies."""
        if isinstance(at, datetime):
            at = timezone.localdate(at, timezone=timezone.get_default_timezone())
        return cls(at.year, at.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def next(self) -> Month:
        """The one after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def began(self) -> datetime:
        """Its first moment."""
        return _began(self.year, self.number)

    @property
    def ended(self) -> datetime:
        """The first moment that is no longer in it."""
        return self.next.began

    @property
    def first_day(self) -> date:
        """For pages, which say it in words."""
        return date(self.year, self.number, 1)

    @property
    def last_day_to_sign(self) -> date:
        """The last day on which its review is in time."""
        return date(self.next.year, self.next.number, DAY_DUE)

    @property
    def due_at(self) -> datetime:
        """The moment from which its review is late."""
        return self.ended + timedelta(days=DAY_DUE)


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of Vietnam's; ``str()`` is ``2026-Q4``."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter | None:
        """The quarter of that name; None where it is none."""
        found = QUARTER.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None

    @classmethod
    def of(cls, at: datetime | date) -> Quarter:
        """The quarter in which that time lies."""
        month = Month.of(at)
        return cls(month.year, (month.number + 2) // 3)

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"

    @property
    def next(self) -> Quarter:
        """The one after it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def last_day(self) -> date:
        """Its last day, which is the last one for its review."""
        return date(self.next.year, self.next.number * 3 - 2, 1) - timedelta(days=1)


def months_between(first: Month, last: Month) -> list[Month]:
    """From the first to the last one, both among them, the oldest first."""
    found = []
    while first <= last:
        found.append(first)
        first = first.next
    return found
