"""When the house is at work, by Vietnam's clock and calendar; what happens outside that is worth a look."""

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
    """When a day's work begins and when it is over. Raises ``ImproperlyConfigured`` for anything but two such times."""
    found = SHAPE.fullmatch(text)
    opens, closes = (
        (time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))) if found else (time(), time())
    )
    if opens >= closes:
        raise ImproperlyConfigured("OFFICE_HOURS: write two times of one day, the earlier one first, as 08:00-18:00.")
    return opens, closes


def is_out_of_hours(at: datetime) -> bool:
    """True before the hours of ``OFFICE_HOURS``, after them, and on days that are not worked."""
    local = timezone.localtime(at, timezone.get_default_timezone())
    opens, closes = hours_of(settings.OFFICE_HOURS)
    return not (opens <= local.time() < closes and is_working_day(local.date()))


def spans_out_of_hours(since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches between two times in which the house was not at work; each without its end, the oldest first."""
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
