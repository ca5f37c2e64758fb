"""Days by Vietnam's time and calendar: today, when a day began, and which are working days."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

import holidays
from django.utils import timezone


def is_working_day(day: date) -> bool:
    """True on Monday to Friday but for Vietnam's public holidays, and on Saturdays that are worked in exchange."""
    return _calendar(day.year).is_working_day(day)


@lru_cache(maxsize=8)
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("VN", years=year)


def today() -> date:
    """The current date in Vietnam (``settings.TIME_ZONE``)."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def day_began(day: date | None = None) -> datetime:
    """When a day began in Vietnam, as an aware datetime; by default today."""
    return datetime.combine(day or today(), datetime.min.time(), timezone.get_default_timezone())
