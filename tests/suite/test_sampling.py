"""Six runs see all, each of them a part, and the deep run sees all at once."""

from __future__ import annotations

from collections import Counter

import pytest

from tests import sampling
from tests.sampling import PARTS, deep, rounds, sixth, slice_of_six, turn_of

pytestmark = pytest.mark.one_engine("sampling asks no database")

ITEMS = [f"case {number}" for number in range(50)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the deep run, and no part drawn, whatever this run is."""
    monkeypatch.delenv("TEST_DEEP", raising=False)
    monkeypatch.delenv("TEST_SIXTH", raising=False)


def slices(monkeypatch: pytest.MonkeyPatch, items: list[str], **more: object) -> list[list[str]]:
    """What each of six runs takes."""
    found = []
    for number in range(PARTS):
        monkeypatch.setenv("TEST_SIXTH", str(number))
        found.append(slice_of_six(items, **more))  # type: ignore[arg-type]
    return found


def test_six_runs_see_every_item_once_and_each_run_a_sixth(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = slices(monkeypatch, ITEMS)
    assert Counter(item for part in taken for item in part) == dict.fromkeys(ITEMS, 1)
    assert sorted(map(len, taken)) == [8, 8, 8, 8, 9, 9]


@pytest.mark.parametrize("many", range(1, 7))
def test_of_fewer_than_six_each_run_takes_one_and_six_runs_take_all(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = slices(monkeypatch, ITEMS[:many])
    assert [len(part) for part in taken] == [1] * PARTS
    assert {item for part in taken for item in part} == set(ITEMS[:many])


def test_each_group_is_seen_in_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = slices(monkeypatch, ITEMS, group=lambda item: item[-1])
    assert {item for part in taken for item in part} == set(ITEMS)
    assert [{item[-1] for item in part} for part in taken] == [set("0123456789")] * PARTS


def test_which_items_go_together_does_not_hang_on_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SIXTH", "3")
    assert slice_of_six(ITEMS) == slice_of_six(ITEMS[::-1])[::-1]
    assert slice_of_six([]) == []


def test_the_deep_run_takes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (deep(), len(slice_of_six(ITEMS)) < len(ITEMS)) == (False, True)
    monkeypatch.setenv("TEST_DEEP", "1")
    assert (deep(), slice_of_six(ITEMS)) == (True, ITEMS)


@pytest.mark.parametrize("ways", ["ab", "abc"])
def test_each_way_of_looking_has_its_turn_as_often_and_not_all_at_once(
    ways: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: dict[str, list[str]] = {item: [] for item in ITEMS}
    for number in range(PARTS):
        monkeypatch.setenv("TEST_SIXTH", str(number))
        for item in ITEMS:
            taken[item] += turn_of(item, ways)
    assert [sorted(each) for each in taken.values()] == [sorted(ways * (PARTS // len(ways)))] * len(ITEMS)
    assert {each[0] for each in taken.values()} == set(ways)
    monkeypatch.setenv("TEST_DEEP", "1")
    assert turn_of("case 1", ways) == list(ways)


@pytest.mark.parametrize("number", ["6", "-1", "two"])
def test_a_part_that_there_is_not_is_refused(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sixth() == 0
    monkeypatch.setenv("TEST_SIXTH", number)
    with pytest.raises(ValueError, match=number):
        sixth()


def test_a_deep_run_repeats_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rounds(3, 200) == 3
    monkeypatch.setenv("TEST_DEEP", "1")
    assert (rounds(3, 200), sampling.said()) == (200, "deep run: nothing was sampled")


def test_a_sixth_that_was_asked_for_is_taken_and_else_one_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SIXTH", "4")
    sampling.begin(deep=False)
    assert "TEST_SIXTH=4" in sampling.said()
    monkeypatch.delenv("TEST_SIXTH")
    sampling.begin(deep=False)
    assert sixth() in range(PARTS)
