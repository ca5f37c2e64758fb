"""Days as Vietnam counts them: today, when a day began, and which days are worked."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

import holidays
from django.utils import timezone


def is_working_day(day: date) -> bool:
    """As Vietnam's calendar has it: Monday to Friday but for holidays, and the Saturdays that are worked in return."""
    return _calendar(day.year).is_working_day(day)


@lru_cache(maxsize=8)
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("VN", years=year)


def today() -> date:
    """The day it is in Vietnam."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def day_began(day: date | None = None) -> datetime:
    """When a day of Vietnam's began; today, unless one is named."""
    return datetime.combine(day or today(), datetime.min.time(), timezone.get_default_timezone())
