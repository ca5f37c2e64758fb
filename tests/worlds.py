"""What many tests of a module begin from, made once for them: each gets a copy of its own, and what it does is undone.

A function under ``@shared`` is a fixture like any other. What it makes is made when the first test asks for it, inside
a transaction that stays open; each test that asks runs inside that, to a savepoint and back. A test that does not ask
for it finds an empty house: what was made is undone before it begins.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker


@dataclass
class Open:
    """The world that stands now: of which module, made by what, and what time it then was."""

    module: str
    make: Callable[..., Any]
    made: Any
    now: datetime
    around: transaction.Atomic


class Worlds:
    """Makes and undoes worlds in this process's database, one at a time."""

    def __init__(self) -> None:
        self.open: Open | None = None

    def before(self, item: pytest.Item, blocker: DjangoDbBlocker, patched: Callable[[], Any]) -> None:
        """Have the world open that a test asks for, and no other; ``patched`` gives the clock it is made by."""
        make = asked_for(item)
        module = item.nodeid.partition("::")[0]
        if self.open and (self.open.make, self.open.module) == (make, module) and not broken():
            return
        self.close(blocker)
        if make is not None:
            with blocker.unblock():
                self.begin(module, make, patched)

    def begin(self, module: str, make: Callable[..., Any], patched: Callable[[], Any]) -> None:
        """Make a world, in a transaction like the one that Django's own test case opens."""
        around = transaction.atomic()
        around._from_testcase = True  # type: ignore[attr-defined]
        around.__enter__()
        try:
            with patched() as clock:
                made = make(clock) if takes_clock(make) else make()
                self.open = Open(module, make, made, clock.now, around)
        except BaseException:
            undo(around)
            raise

    def close(self, blocker: DjangoDbBlocker) -> None:
        """Undo the world that stands, if one does."""
        if self.open is not None:
            around, self.open = self.open.around, None
            with blocker.unblock():
                undo(around)


def broken() -> bool:
    """Whether the transaction round a world is no longer there: a test closed the connection, or spoilt it."""
    return not connection.in_atomic_block or connection.closed_in_transaction or connection.needs_rollback


def undo(around: transaction.Atomic) -> None:
    """Roll back and leave a transaction that was entered by hand."""
    if connection.in_atomic_block:
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


def takes_clock(make: Callable[..., Any]) -> bool:
    """Whether what makes a world is told what time it is."""
    return "clock" in inspect.signature(make).parameters


def asked_for(item: pytest.Item) -> Callable[..., Any] | None:
    """What makes the world that a test asks for, by whichever fixture; none where it wants a database of its own."""
    given = getattr(item, "_fixtureinfo", None)
    definitions = given.name2fixturedefs.values() if given else ()
    found = {each[-1].func.world for each in definitions if hasattr(each[-1].func, "world")}
    assert len(found) < 2, f"{item.nodeid} asks for two worlds"
    return found.pop() if found else None


WORLDS = Worlds()


def shared(make: Callable[..., Any]) -> Any:
    """A fixture, where it stands above a function: a copy of what that makes once for the tests of a module.

    The function may take ``clock``, which then goes on in each test from where the function left it.
    """

    def copied(db: None) -> Any:
        assert WORLDS.open is not None
        return copy.deepcopy(WORLDS.open.made)

    def copied_and_timed(db: None, clock: Any) -> Any:
        assert WORLDS.open is not None
        clock.now = WORLDS.open.now
        return copy.deepcopy(WORLDS.open.made)

    fixture = copied_and_timed if takes_clock(make) else copied
    fixture.__doc__ = make.__doc__
    fixture.world = make  # type: ignore[attr-defined]
    return pytest.fixture(fixture)
