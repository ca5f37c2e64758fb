"""Every way a value goes in or comes out, at every place it lies: it works or is refused, and nothing leaks."""

from __future__ import annotations

import logging

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.customers.vault import ways_asked, ways_dumped, ways_in, ways_misused, ways_out, ways_shown, ways_versions
from tests.customers.vault.leaks import stains, traces
from tests.customers.vault.spots import Spot, Stock
from tests.customers.vault.ways import WAYS, Way

LISTS = (ways_in, ways_misused, ways_out, ways_dumped, ways_asked, ways_shown, ways_versions)
CELLS = [pytest.param(way, spot, id=f"{way.name} - {spot.name}") for way in WAYS for spot in way.spots]


@pytest.mark.parametrize(("way", "spot"), CELLS)
def test_a_value_comes_out_masked_or_not_at_all(
    way: Way, spot: Spot, stock: Stock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with CaptureQueriesContext(connection) as asked:
        shown = run(way, stock, spot)
    statements = [str(query["sql"]) for query in asked.captured_queries]
    assert traces("\n".join([shown, caplog.text, *statements])) == []
    assert stains() == []


def run(way: Way, stock: Stock, spot: Spot) -> str:
    """What a person could see of it: the outcome, or the sentence it is refused with."""
    if not way.refused:
        outcome = way.act(stock, spot)
        return f"{outcome!r} {outcome!s}"
    with pytest.raises(way.refused) as error, may_break_the_transaction(way):
        way.act(stock, spot)
    said = str(error.value)
    assert " " in said, "a refusal is a sentence"
    return said


def may_break_the_transaction(way: Way) -> transaction.Atomic:
    """PostgreSQL wants a savepoint around what its own constraints refuse; acts of ours must not be inside one."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # so that a durable block may stand in it, as in any test
    return atomic


@pytest.mark.one_engine("it looks at the list of ways")
def test_every_list_of_ways_is_run() -> None:
    assert {way.act.__module__ for way in WAYS} == {module.__name__ for module in LISTS}
    assert len({way.name for way in WAYS}) == len(WAYS)
