"""Six quick runs see what a deep run sees."""

from __future__ import annotations

import pytest

from tests import sampling

pytestmark = pytest.mark.one_engine("sampling asks no database")

CASES = [f"case {number}" for number in range(600)]


def test_six_sixths_are_everything_and_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DEEP", raising=False)
    seen = []
    for sixth in range(sampling.PARTS):
        monkeypatch.setenv("TEST_SIXTH", str(sixth))
        part = sampling.slice_of_six(CASES)
        assert 50 < len(part) < 150
        seen += part
    assert sorted(seen) == sorted(CASES)


def test_a_deep_run_sees_everything_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DEEP", "1")
    assert sampling.slice_of_six(CASES) == CASES
    assert (sampling.rounds(3, 200), sampling.said()) == (200, "deep run: nothing was sampled")
    monkeypatch.delenv("TEST_DEEP")
    assert sampling.rounds(3, 200) == 3


def test_a_sixth_that_was_asked_for_is_taken_and_else_one_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DEEP", raising=False)
    monkeypatch.setenv("TEST_SIXTH", "4")
    sampling.begin(deep=False)
    assert "TEST_SIXTH=4" in sampling.said()
    monkeypatch.delenv("TEST_SIXTH")
    sampling.begin(deep=False)
    assert sampling.sixth() in range(sampling.PARTS)
