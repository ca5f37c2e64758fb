"""When the house is at work."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.checks import run_checks
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from customers.access.office_hours import is_out_of_hours, spans_out_of_hours

pytestmark = pytest.mark.one_engine("hours and holidays are counted without a database")


def vietnams(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text), timezone.get_default_timezone())


@pytest.mark.parametrize(
    ("at", "out"),
    [
        ("2031-03-03T08:00", False),
        ("2031-03-03T07:59", True),
        ("2031-03-03T17:59", False),
        ("2031-03-03T18:00", True),
        ("2031-03-01T10:00", True),  # a Saturday
        ("2031-03-02T10:00", True),
        ("2031-09-02T10:00", True),  # National Day, a Tuesday
    ],
)
def test_out_of_hours_is_by_the_clock_and_the_calendar_of_vietnam(at: str, out: bool) -> None:
    assert is_out_of_hours(vietnams(at).astimezone(ZoneInfo("UTC"))) is out


@settings(deadline=None)  # the first of each year reads its calendar
@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2040, 1, 1)),
    st.integers(min_value=0, max_value=10 * 24 * 60),
    st.floats(min_value=0, max_value=1, exclude_max=True),
)
def test_a_moment_is_out_of_hours_where_a_span_holds_it(began: datetime, minutes: int, part: float) -> None:
    since = began.replace(tzinfo=ZoneInfo("UTC"))
    until = since + timedelta(minutes=minutes + 1)
    at = since + timedelta(seconds=int((until - since).total_seconds() * part))
    spans = spans_out_of_hours(since, until)
    assert any(start <= at < end for start, end in spans) == is_out_of_hours(at)
    assert all(since <= start < end <= until for start, end in spans)


@pytest.mark.parametrize("text", ["", "8-18", "18:00-08:00", "08:00-08:00", "08:00-24:00", "08:00-18:00 "])
def test_hours_that_are_none_are_told_before_the_server_starts(text: str, settings: Settings) -> None:
    def told() -> list[str | None]:
        return [each.id for each in run_checks() if each.id == "desk.E007"]

    assert told() == []
    settings.OFFICE_HOURS = text
    assert told() == ["desk.E007"]


def test_other_hours_are_a_setting(settings: Settings) -> None:
    evening = vietnams("2031-03-03T19:30")
    assert is_out_of_hours(evening)
    settings.OFFICE_HOURS = "07:30-20:00"
    assert not is_out_of_hours(evening)
