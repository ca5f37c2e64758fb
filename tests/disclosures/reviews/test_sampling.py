"""What of a month is looked at: what must be seen, and a lot that nobody can choose and everybody can draw again."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.access.office_hours import is_out_of_hours
from disclosures.models import Disclosure
from disclosures.reviews.periods import Month, Quarter, months_between
from disclosures.reviews.sampling import Split, draw, over_budget, reasons, seed_of, split
from tests.conftest import Clock
from tests.disclosures.looking_back import (
    MARCH,
    MONDAY,
    House,
    a_house,
    allowance,
    entries,
    entry,
    fields,
    glass,
    refusals,
)
from tests.disclosures.outside import authority
from tests.worlds import shared

KEYS = st.sets(st.integers(min_value=1, max_value=10**9), max_size=60)
SIZES = st.integers(min_value=1, max_value=20)
SEEDS = st.binary(min_size=32, max_size=32).map(bytes.hex)


@pytest.mark.one_engine("a lot is drawn without a database")
@given(KEYS, SEEDS, SIZES)
def test_so_many_are_drawn_as_were_asked_for_or_all_there_are(keys: set[int], seed: str, size: int) -> None:
    drawn = draw(keys, seed, size)
    assert len(drawn) == len(set(drawn)) == min(size, len(keys))
    assert set(drawn) <= keys


@pytest.mark.one_engine("a lot is drawn without a database")
@given(KEYS, SEEDS, SIZES)
def test_whoever_has_the_seed_draws_the_same_in_whatever_order_the_entries_come(
    keys: set[int], seed: str, size: int
) -> None:
    by_hand = sorted(keys, key=lambda key: sha256(f"{seed}:{key}".encode()).hexdigest())[:size]
    assert draw(sorted(keys), seed, size) == draw(sorted(keys, reverse=True), seed, size) == sorted(by_hand)


@pytest.mark.one_engine("a lot is drawn without a database")
def test_another_root_or_another_month_draws_others() -> None:
    keys = range(1, 1001)
    seeds = [seed_of(bytes([n]) * 32, month) for n in range(5) for month in (MARCH, MARCH.next)]
    assert len({tuple(draw(keys, seed, 10)) for seed in seeds}) == len(seeds) == 10
    drawn = [key for seed in seeds for key in draw(keys, seed, 10)]
    assert min(drawn) < 200
    assert max(drawn) > 800


@pytest.mark.one_engine("a lot is drawn without a database")
def test_the_seed_is_the_hash_of_root_and_month() -> None:
    root = bytes(range(32))
    assert seed_of(root, MARCH) == sha256(root + b"2031-03").hexdigest()


@pytest.mark.one_engine("a lot is drawn without a database")
@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2040, 1, 1)),
    st.sampled_from(["ordinary", "emergency"]),
    st.integers(min_value=1, max_value=8),
    st.booleans(),
)
def test_an_entry_goes_into_the_lot_only_where_nothing_about_it_is_out_of_the_ordinary(
    at: datetime, urgency: str, many: int, first_time: bool
) -> None:
    aware = at.replace(tzinfo=ZoneInfo("UTC"))
    whys = reasons(aware, urgency, fields(many), first_time=first_time, many_fields=5)
    plain = urgency == "ordinary" and many < 5 and not first_time and not is_out_of_hours(aware)
    assert (whys == []) == plain


@pytest.mark.one_engine("a lot is drawn without a database")
@given(st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2900, 1, 1)))
def test_every_moment_is_in_exactly_one_month_of_vietnams(at: datetime) -> None:
    aware = at.replace(tzinfo=ZoneInfo("UTC"))
    month = Month.of(aware)
    assert month.began <= aware < month.ended
    assert month.ended == month.next.began
    assert Month.parse(str(month)) == month
    assert Quarter.parse(str(Quarter.of(aware))) == Quarter.of(aware)
    assert Quarter.of(month.first_day) == Quarter.of(aware)


@pytest.mark.one_engine("a lot is drawn without a database")
def test_the_month_turns_at_midnight_in_vietnam() -> None:
    turn = datetime(2031, 3, 31, 17, tzinfo=ZoneInfo("UTC"))
    assert (Month.of(turn - timedelta(microseconds=1)), Month.of(turn)) == (MARCH, Month(2031, 4))
    assert str(Month(2031, 12).next) == "2032-01"
    assert [str(month) for month in months_between(Month(2031, 11), Month(2032, 1))] == [
        "2031-11",
        "2031-12",
        "2032-01",
    ]
    assert (Quarter(2031, 4).next, str(Quarter(2031, 1).last_day)) == (Quarter(2032, 1), "2031-03-31")


@pytest.mark.one_engine("a lot is drawn without a database")
@pytest.mark.parametrize("text", ["", "2031-13", "2031-3", "2031-00", "2031-03-01", "٢٠٣١-٠٣", "9031-03", "2031-03\n"])
def test_what_is_no_month_is_none(text: str) -> None:
    assert Month.parse(text) is None
    assert Quarter.parse(text) is None
    assert Quarter.parse(f"2031-Q{text}") is None


# --- a month of the log ---------------------------------------------------------------------------------------------


@shared
def house(clock: Clock) -> House:
    """It is March."""
    return a_house(clock)


def looked_at(seed: str = "0" * 64, size: int = 3) -> Split:
    return split(MARCH, seed=seed, many_fields=5, sample_size=size)


def test_what_must_be_seen_says_why_and_the_rest_goes_into_the_lot(house: House) -> None:
    new = authority(house.officer, name="Another authority")
    ordinary = entries(house, 6)
    first = entry(house, recipient=new)
    again = entry(house, recipient=new)
    emergency = entry(house, urgency="emergency")
    night = entry(house, at=MONDAY.replace(hour=22), fields=fields(5))
    found = looked_at()
    assert found.must_see == [
        ("disclosure", first.pk, ["first_time"]),
        ("disclosure", emergency.pk, ["emergency"]),
        ("disclosure", night.pk, ["out_of_hours", "many_fields"]),
    ]
    assert found.entries == 10
    assert len(found.sampled) == 3
    assert set(found.sampled) <= {row.pk for row in [*ordinary, again]}
    assert looked_at(size=100).sampled == sorted(row.pk for row in [*ordinary, again])


def test_the_same_seed_draws_the_same_and_another_one_others(house: House) -> None:
    entries(house, 40)
    assert looked_at("ab").sampled == looked_at("ab").sampled
    assert len({tuple(looked_at(seed).sampled) for seed in ("ab", "cd", "ef")}) == 3


def test_only_the_month_counts_to_the_microsecond(house: House) -> None:
    moment = timedelta(microseconds=1)
    for at in (MARCH.began - moment, MARCH.began, MARCH.ended - moment, MARCH.ended):
        entry(house, at=at)
    within = Disclosure.objects.filter(at__gte=MARCH.began, at__lt=MARCH.ended).order_by("pk")
    found = looked_at(size=100)
    assert found.entries == 2
    assert [key for _what, key, _why in found.must_see] == [row.pk for row in within]  # both at night


def test_broken_glass_and_budgets_that_were_used_up_are_things_of_their_own(house: House) -> None:
    taken, more = glass(house), allowance(house)
    first, second, _third, next_day = refusals(
        house, [MONDAY, MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=2), MONDAY + timedelta(days=1)]
    )
    glass(house, MARCH.ended)
    refusals(house, [MARCH.began - timedelta(hours=1)])
    found = looked_at()
    assert found.must_see == [
        ("break_glass", taken.pk, ["break_glass"]),
        ("over_budget", first.pk, ["over_budget"]),
        ("over_budget", next_day.pk, ["over_budget"]),
        ("allowance", more.pk, ["over_budget"]),
    ]
    assert over_budget(MARCH) == [(first.pk, 3), (next_day.pk, 1)]
    assert second.pk not in {key for _what, key, _why in found.must_see}


def test_other_refusals_are_not_looked_at(house: House) -> None:
    refusals(house, [MONDAY], why="no_right")
    refusals(house, [MONDAY], act="find")
    assert looked_at().must_see == []
    refusals(house, [MONDAY])
    assert [what for what, _key, _why in looked_at().must_see] == ["over_budget"]


def test_a_month_of_many_entries_is_drawn_from_without_holding_them(house: House, monkeypatch) -> None:
    """Rows come in chunks, of five columns; what is kept is the lot."""
    from disclosures.reviews import sampling

    entries(house, 30)
    monkeypatch.setattr(sampling, "CHUNK", 7)
    held: list[int] = []
    real = sampling.draw
    monkeypatch.setattr(sampling, "draw", lambda keys, seed, size: real(_counted(keys, held), seed, size))
    found = looked_at()
    assert (found.entries, len(held), len(found.sampled)) == (30, 30, 3)


def _counted(keys, held):
    for key in keys:
        held.append(key)
        yield key
