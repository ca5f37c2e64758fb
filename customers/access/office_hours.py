"""Office hours (``OFFICE_HOURS``) in Vietnam's time zone and calendar; access outside them is listed for review."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from customers.validation.calendar import is_working_day

SHAPE = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
DAY = timedelta(days=1)


@lru_cache(maxsize=4)
def hours_of(text: str) -> tuple[time, time]:
    """Parse "08:00-18:00" into opening and closing time. Raises ``ImproperlyConfigured`` for any other text."""
    match = SHAPE.fullmatch(text)
    opens, closes = (
        (time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))) if match else (time(), time())
    )
    if opens >= closes:
        raise ImproperlyConfigured("OFFICE_HOURS: write two times of one day, the earlier one first, as 08:00-18:00.")
    return opens, closes


def is_out_of_hours(at: datetime) -> bool:
    """True outside ``OFFICE_HOURS`` and on days that are not working days."""
    local = timezone.localtime(at, timezone.get_default_timezone())
    opens, closes = hours_of(settings.OFFICE_HOURS)
    return not (opens <= local.time() < closes and is_working_day(local.date()))


def spans_out_of_hours(since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The spans between two times that lie outside office hours, as (start, end) without the end, oldest first."""
    zone = timezone.get_default_timezone()
    opens, closes = hours_of(settings.OFFICE_HOURS)
    spans, began = [], since
    day = timezone.localdate(since, timezone=zone)
    while day <= timezone.localdate(until, timezone=zone):
        if is_working_day(day):
            opened, closed = (datetime.combine(day, at, zone) for at in (opens, closes))
            spans.append((began, min(opened, until)))
            began = max(since, closed)
        day += DAY
    return [(start, end) for start, end in [*spans, (began, until)] if start < end]
