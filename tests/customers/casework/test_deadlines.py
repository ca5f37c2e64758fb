"""How long something may take: counted in Vietnam's days, by rows that officers put in place of each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from customers.acts.refusals import Refused
from customers.casework.deadlines import FIRST, began_before, due, provide, rule, rules, set_deadline
from customers.casework.requests import extend
from customers.models import CustomerRequest, LegalDeadline, StaffMember
from customers.models.requests import Right
from customers.staff import accounts
from customers.validation.calendar import is_working_day
from customers.validation.errors import InvalidInput
from tests import factories
from tests.assertions import nothing_done
from tests.concurrency import at_once
from tests.customers.evidence.logs import newest
from tests.factories_casework import request_of
from tests.worlds import shared

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)

ANNOUNCED = """
2024-01-01 2024-02-08 2024-02-09 2024-02-12 2024-02-13 2024-02-14 2024-04-18 2024-04-29 2024-04-30 2024-05-01
2024-09-02 2024-09-03 2025-01-01 2025-01-27 2025-01-28 2025-01-29 2025-01-30 2025-01-31 2025-04-07 2025-04-30
2025-05-01 2025-05-02 2025-09-01 2025-09-02
"""
DAYS_OFF = {date.fromisoformat(day) for day in ANNOUNCED.split()}
"""The weekdays that nobody worked in 2024 and 2025, as the government announced them."""
WORKED_SATURDAYS = {date(2024, 5, 4), date(2025, 4, 26)}
"""Worked in return for 29 April 2024 and 2 May 2025."""

moments = st.datetimes(datetime(2024, 1, 1), datetime(2025, 8, 31), timezones=st.just(VIETNAM))
amounts = st.integers(1, 60)


def worked(day: date) -> bool:
    """The same question, asked of the list above."""
    return day in WORKED_SATURDAYS or (day.weekday() < 5 and day not in DAYS_OFF)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def last_day(end: datetime) -> date:
    """The day that a clock which runs to midnight ends with."""
    there = end.astimezone(VIETNAM)
    assert (there.hour, there.minute, there.second, there.microsecond) == (0, 0, 0, 0)
    return (there - MOMENT).date()


# --- counting -------------------------------------------------------------------------------------------------------


@pytest.mark.one_engine("days are counted without a database")
@pytest.mark.parametrize(
    ("began", "amount", "ends"),
    [
        ("2025-06-11 09:00", 2, "2025-06-13"),
        ("2025-06-13 17:59", 2, "2025-06-17"),
        ("2025-06-14 10:00", 2, "2025-06-17"),
        ("2026-02-13 10:00", 2, "2026-02-24"),
        ("2026-02-18 10:00", 2, "2026-02-24"),
        ("2025-01-24 10:00", 2, "2025-02-04"),
        ("2024-02-07 10:00", 2, "2024-02-16"),
        ("2024-04-26 10:00", 2, "2024-05-03"),
        ("2024-04-26 10:00", 3, "2024-05-04"),
        ("2024-05-03 10:00", 1, "2024-05-04"),
        ("2025-04-25 10:00", 1, "2025-04-26"),
        ("2025-04-29 10:00", 2, "2025-05-06"),
        ("2026-08-21 10:00", 2, "2026-08-24"),
        ("2026-08-28 10:00", 2, "2026-09-04"),
        ("2026-04-24 10:00", 2, "2026-04-29"),
        ("2024-12-31 10:00", 2, "2025-01-03"),
    ],
)
def test_working_days_pass_over_tet_and_substituted_days_and_count_worked_saturdays(
    began: str, amount: int, ends: str
) -> None:
    assert last_day(due(local(began), amount, "working_days")) == date.fromisoformat(ends)


@pytest.mark.one_engine("days are counted without a database")
@pytest.mark.parametrize(("began", "ends"), [("2025-06-12 16:59", "2025-06-13"), ("2025-06-12 17:00", "2025-06-16")])
def test_the_day_it_began_is_vietnam_s_and_not_greenwich_s(began: str, ends: str) -> None:
    assert last_day(due(datetime.fromisoformat(began).replace(tzinfo=UTC), 1, "working_days")) == date.fromisoformat(
        ends
    )


@pytest.mark.one_engine("days are counted without a database")
def test_calendar_days_end_on_a_holiday_and_are_not_put_off() -> None:
    assert last_day(due(local("2026-02-07 23:59"), 10, "calendar_days")) == date(2026, 2, 17)
    assert not is_working_day(date(2026, 2, 17))


@pytest.mark.one_engine("days are counted without a database")
def test_hours_run_through_the_night_and_over_tet() -> None:
    assert due(local("2026-02-14 22:30"), 72, "hours") == local("2026-02-17 22:30")


@pytest.mark.one_engine("days are counted without a database")
@given(moments, st.integers(1, 8784))
def test_hours_are_hours_whatever_day_it_is(began: datetime, amount: int) -> None:
    assert (due(began, amount, "hours") - began).total_seconds() == amount * 3600


@pytest.mark.one_engine("days are counted without a database")
@given(moments, st.integers(1, 366))
def test_calendar_days_are_so_many_midnights_after_the_first(began: datetime, amount: int) -> None:
    assert last_day(due(began, amount, "calendar_days")) == began.date() + amount * DAY


@pytest.mark.one_engine("days are counted without a database")
@given(moments, amounts)
def test_so_many_days_were_worked_from_the_day_after_it_began_to_the_last(began: datetime, amount: int) -> None:
    end = last_day(due(began, amount, "working_days"))
    between = [began.date() + step * DAY for step in range(1, (end - began.date()).days + 1)]
    assume(end < date(2026, 1, 1))
    assert (worked(end), sum(worked(day) for day in between)) == (True, amount)


@pytest.mark.one_engine("days are counted without a database")
@given(moments, moments, amounts, st.sampled_from(LegalDeadline.Unit.values))
def test_what_began_later_is_never_due_sooner(one: datetime, other: datetime, amount: int, unit: str) -> None:
    earlier, later = sorted((one, other))
    assert due(earlier, amount, unit) <= due(later, amount, unit)


@pytest.mark.one_engine("days are counted without a database")
@given(moments, amounts, amounts, st.sampled_from(LegalDeadline.Unit.values))
def test_more_time_is_later(began: datetime, amount: int, more: int, unit: str) -> None:
    assert began < due(began, amount, unit) < due(began, amount + more, unit)


@pytest.mark.one_engine("days are counted without a database")
@given(moments, amounts)
def test_working_days_are_never_shorter_than_calendar_days(began: datetime, amount: int) -> None:
    assert due(began, amount, "working_days") >= due(began, amount, "calendar_days")


# --- the rows that hold ---------------------------------------------------------------------------------------------

NEW: dict[str, Any] = {
    "amount": 7, "unit": "working_days", "third_party": 9, "extension": 3, "source": "Decree 356/2025, article 5",
    "confidence": "settled", "verified": True,
}  # fmt: skip


@shared
def officer() -> StaffMember:
    """An officer, in a house with the deadlines it begins with."""
    factories.deadlines()
    return factories.person("an", "Compliance officer")


def changed(right: str = "access", *, by: StaffMember, **different: Any) -> LegalDeadline:
    return set_deadline(right, by=by, **{**NEW, **different})


def test_a_house_begins_with_a_deadline_for_each_right_that_nobody_has_verified(officer: StaffMember) -> None:
    assert [row.right for row in rules()] == Right.values
    assert {row.verified_by for row in rules()} == {None}
    acknowledge = rule("acknowledge")
    assert (acknowledge.amount, acknowledge.unit) == (2, "working_days")
    assert {right: (rule(right).amount, rule(right).unit) for right in ("access", "correction", "deletion")} == (
        dict.fromkeys(("access", "correction", "deletion"), (10, "calendar_days"))
    )
    for right in ("opt_out", "restriction", "objection"):
        row = rule(right)
        assert (row.amount, row.third_party, row.extension, row.unit) == (15, 20, 15, "calendar_days")


def test_the_first_rows_are_written_once_and_never_over_an_officer_s(officer: StaffMember) -> None:
    changed(by=officer)
    with nothing_done():
        assert provide(by=factories.system()) == 0
    assert rule("access").amount == 7


@pytest.mark.bare
def test_without_any_row_the_sentence_says_what_to_run(db: None) -> None:
    with pytest.raises(InvalidInput, match="sync_roles"):
        rule("access")
    factories.deadlines()
    assert rule("access").amount == 10


def test_an_officer_puts_a_row_in_place_of_another_and_the_older_stays(officer: StaffMember) -> None:
    before = rule("access")
    row = changed(by=officer, source="  Decree 356/2025,\n article 5 ")
    assert rule("access") == row
    assert (row.verified_by, row.source, row.amount) == (officer, "Decree 356/2025, article 5", 7)
    assert LegalDeadline.objects.get(pk=before.pk).amount == 10
    entry = newest()
    assert (entry["kind"], entry["by"], entry["columns"]["amount"]) == ("legal_deadline", "an", 7)
    assert changed(by=officer, verified=False, confidence="likely").verified_by is None


def test_an_officer_s_row_for_one_right_leaves_the_others(officer: StaffMember) -> None:
    before = {row.right: row.pk for row in rules()}
    changed("deletion", by=officer)
    after = {row.right: row.pk for row in rules()}
    assert {right for right in after if after[right] != before[right]} == {"deletion"}


@pytest.mark.parametrize(
    "role", ["Support agent", "Support lead", "Disclosure approver", "Administrator", "Auditor", ""]
)
def test_only_officers_say_how_long_something_may_take(role: str, officer: StaffMember) -> None:
    other = factories.person("other", role)
    with nothing_done(refused=1), pytest.raises(Refused, match="Officers say") as refused:
        changed(by=other)
    assert refused.value.why == "no_right"


def test_an_officer_whose_access_has_ended_is_refused(officer: StaffMember) -> None:
    stale = StaffMember.objects.get(pk=officer.pk)
    accounts.end_person(officer, by=factories.system())
    with nothing_done(refused=1), pytest.raises(Refused) as refused:
        changed(by=stale)
    assert refused.value.why == "ended"


@pytest.mark.parametrize(
    "different",
    [
        {"right": "sleep"},
        {"unit": "weeks"},
        {"confidence": "sure"},
        {"amount": 0},
        {"amount": -3},
        {"amount": 367},
        {"amount": 8785, "unit": "hours", "third_party": 0},
        {"third_party": 6},
        {"third_party": -1},
        {"third_party": 367},
        {"extension": -1},
        {"extension": 367},
        {"source": " "},
        {"source": "x" * 201},
        {"source": "x" * 1_000_000},
        {"source": "law\x00yer"},
        {"source": "law \u202eyer"},
        {"source": "lawyer@firm.example.com"},
        {"source": "call 091 234 5612"},
        {"verified": False},
    ],
    ids=lambda different: " ".join(f"{name}={str(value)[:12]!a}" for name, value in different.items()),
)
def test_a_row_that_makes_no_sense_is_told(different: dict[str, Any], officer: StaffMember) -> None:
    with nothing_done(), pytest.raises(InvalidInput):
        changed(**{"right": "access", "by": officer, **different})


@pytest.mark.parametrize(
    "different",
    [
        {"amount": 1},
        {"amount": 366, "third_party": 366},
        {"amount": 8784, "unit": "hours", "third_party": 0},
        {"third_party": 0},
        {"third_party": 7},
        {"extension": 0},
        {"extension": 366},
        {"source": "x" * 200},
    ],
    ids=str,
)
def test_the_bounds_are_within(different: dict[str, Any], officer: StaffMember) -> None:
    assert rule("access") != changed(by=officer, **different) == rule("access")


@pytest.mark.parametrize("unit", ["working_days", "calendar_days", "hours"])
def test_a_clock_that_runs_keeps_the_rule_it_began_with(unit: str, officer: StaffMember) -> None:
    agent, customer = factories.person("linh", "Support agent"), factories.customer()
    changed(by=officer, unit=unit, third_party=0, extension=4)
    running = request_of(customer, "access", by=agent)
    told = running.complete_by
    changed(by=officer, amount=1, third_party=0, extension=0)
    running.refresh_from_db()
    assert running.complete_by == told == due(running.received_at, 7, unit)
    extend(running, by=agent, why="complex")
    running.refresh_from_db()
    assert running.complete_by > told

    fresh = request_of(customer, "access", by=agent)
    assert fresh.complete_by == due(fresh.received_at, 1, "working_days")
    with pytest.raises(InvalidInput, match="cannot be extended"):
        extend(fresh, by=agent, why="complex")


def test_a_request_with_a_third_party_gets_the_longer_time_where_there_is_one(officer: StaffMember) -> None:
    agent, customer = factories.person("linh", "Support agent"), factories.customer()
    opt_out = request_of(customer, "opt_out", by=agent, third_party=True)
    access = request_of(customer, "access", by=agent, third_party=True)
    assert opt_out.complete_by == due(opt_out.received_at, 20, "calendar_days")
    assert access.complete_by == due(access.received_at, 10, "calendar_days")


def test_two_that_set_up_the_house_at_once_write_each_row_once(own_database: str) -> None:
    system = factories.system()
    told = at_once(*[lambda: provide(by=system)] * 4)
    assert (told, sorted(row.right for row in LegalDeadline.objects.all())) == (
        [],
        sorted(str(right) for right in FIRST),
    )


def test_two_officers_at_once_are_both_on_record_and_one_row_holds(own_database: str) -> None:
    factories.deadlines()
    first, second = factories.person("an", "Compliance officer"), factories.person("binh", "Compliance officer")
    told = at_once(lambda: changed(by=first, amount=5), lambda: changed(by=second, amount=6))
    rows = LegalDeadline.objects.filter(right="access").order_by("pk")
    assert (told, rows.count(), rule("access")) == ([], 3, rows[2])
    assert CustomerRequest.objects.count() == 0


@pytest.mark.one_engine("days are counted without a database")
@settings(deadline=None)  # the first of each year reads its calendar
@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1)),
    st.integers(min_value=0, max_value=40 * 24 * 60),
    st.integers(min_value=1, max_value=20),
    st.sampled_from(["hours", "calendar_days", "working_days"]),
)
def test_what_began_before_that_is_overdue_and_what_began_later_is_not(
    at: datetime, minutes: int, amount: int, unit: str
) -> None:
    now = at.replace(tzinfo=ZoneInfo("UTC"))
    began = now - timedelta(minutes=minutes)
    assert (began < began_before(now, amount, unit)) == (due(began, amount, unit) < now)
