"""Several at once, each on a connection of its own: begun together, or met at the very line where one waits.

``at_once`` begins acts together and leaves to chance how they mix: it finds what nobody thought of, now and then.
``meet`` leaves nothing to chance. It stops the first act behind a statement that is named, between what the act read
and what it will write; lets the second begin; sees it wait for the first, or end without having waited; and only then
lets the first go on. A lock that was left out shows every time: the second has not waited, or waited elsewhere, and
both did what only one may do.
"""

from __future__ import annotations

import re
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from django.db import connection, connections
from django.db.models import Model

from tests import databases

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = tuple(f"{ROOT / app}/" for app in ("customers", "consent", "disclosures"))
DOORS = frozenset({"locked", "anew", "lock_installation", "save", "bulk_create"})
"""Functions that read, lock or write for whoever calls them: a place is named after the caller."""
LONGEST = 30.0
"""Seconds after which a meeting that does not come about fails; none takes them."""


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Run acts in threads of their own, begun together; what those that failed were told."""
    told: list[str] = []
    begin = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            begin.wait(10)
            act()
        except Exception as error:
            told.append(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


# --- two that meet ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Meeting:
    """What came of two acts that met. ``waited_in``: the function in which the second waited; "" where it did not."""

    first: str
    second: str
    waited_in: str


def meet(
    first: Callable[[], Any], second: Callable[[], Any], *, behind: str, table: type[Model], nth: int = 1
) -> Meeting:
    """Let ``second`` come while ``first`` stands still behind its ``nth`` statement about ``table`` in that function.

    ``behind`` is the function of the product that sends the statement: best the last one that reads what the act
    decides on. Each act's answer is "" where it was done, else what it was told. Fails where the first never comes to
    that place, or where neither goes on.
    """
    stop = _Stop(behind, table._meta.db_table, nth)
    one, two = _Act(first, stop), _Act(second)
    one.thread.start()
    try:
        _until(lambda: stop.came.is_set() or one.ended.is_set(), "the first act neither came there nor ended")
        assert stop.came.is_set(), f"The first act never came to {behind}: {one.told!r}"
        two.thread.start()
        waited_in = ""

        def settled() -> bool:
            nonlocal waited_in
            waited_in = two.waits_for(one)
            return bool(waited_in) or two.ended.is_set()

        _until(settled, "the second act neither waited nor ended")
    finally:
        stop.go_on.set()
        for act in (one, two):
            if act.thread.ident is not None:
                act.thread.join(LONGEST)
    return Meeting(one.told, two.told, waited_in)


def assert_waited(meeting: Meeting, where: str) -> None:
    """The second waited for the first in that function; on SQLite every act waits for the one before it to end."""
    assert meeting.waited_in == ("write_lock" if connection.vendor == "sqlite" else where), meeting


def assert_told(meeting: Meeting, sentence: str) -> None:
    """The first was done; the second was told what begins so, or done as well where nothing is to be told."""
    assert (meeting.first, meeting.second[: len(sentence) or None]) == ("", sentence), meeting


class _Stop:
    """Wraps the statements of one connection, and stops behind the one that is looked for, once."""

    def __init__(self, function: str, table: str, left: int) -> None:
        self.function, self.about, self.left = function, re.compile(rf"\b{table}\b"), left
        self.came, self.go_on = threading.Event(), threading.Event()

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if self.left and self.about.search(sql) and _function(sys._getframe(1)) == self.function:
            self.left -= 1
            if not self.left:
                self.came.set()
                assert self.go_on.wait(LONGEST), "Nobody let the first act go on."
        return answer


@dataclass
class _Act:
    """One of the two, in a thread and on a connection of its own."""

    act: Callable[[], Any]
    stop: _Stop | None = None
    told: str = ""
    process: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        try:
            connection.ensure_connection()
            if connection.vendor == "postgresql":
                self.process = connection.connection.info.backend_pid
            with connection.execute_wrapper(self.stop) if self.stop else nullcontext():
                self.act()
        except Exception as error:
            self.told = f"{type(error).__name__}: {error}"
        finally:
            connections.close_all()
            self.ended.set()

    def waits_for(self, other: _Act) -> str:
        """The function of the product in which this act waits for the other one just now; "" where it does not."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT %s = ANY(pg_blocking_pids(%s))", [other.process, self.process])
                if not cursor.fetchone()[0]:
                    return ""
        place = _function(sys._current_frames().get(self.thread.ident or 0))  # where it stands still by now
        return place if connection.vendor == "postgresql" or place == "write_lock" else ""


def _function(frame: FrameType | None) -> str:
    """The innermost function of the product that is at work there, doors aside; "" where there is none."""
    while frame is not None:
        code = frame.f_code
        of_product = code.co_filename.startswith(PRODUCT) and not code.co_name.startswith("<")
        if of_product and code.co_name not in DOORS:
            return "write_lock" if code.co_name == "_taken" else code.co_name
        frame = frame.f_back
    return ""


def _until(true: Callable[[], bool], otherwise: str) -> None:
    """Ask again and again, for a moment each, until something is true."""
    deadline = time.monotonic() + LONGEST
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, otherwise
        pause.wait(0.002)


# --- a database for many meetings ----------------------------------------------------------------------------------


@contextmanager
def committed_copy(folder: Path) -> Iterator[None]:
    """A committed database that the tests of one module share: each meets over rows of its own.

    For a fixture of module scope; a test that changes what others look at takes ``own_database`` instead.
    """
    template = str(connection.settings_dict["NAME"])
    connections.close_all()
    if connection.vendor == "sqlite":
        name = str(shutil.copy(template, folder / "shared.sqlite3"))
    else:
        name = f"shared_{uuid.uuid4().hex}"
        databases.copy_on_postgresql(template, name)
    databases.use(name)
    try:
        yield
    finally:
        databases.drop(name)
        databases.use(template)
