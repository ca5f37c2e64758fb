"""Which tests run on which database, and which of the code PostgreSQL has seen.

A test that no database engine can change carries ``one_engine`` with its reason and runs on SQLite only (the deep run
takes it to PostgreSQL as well). A test without it must touch the database there, or it fails. At the end of a whole run
on PostgreSQL every module with SQL or locks of its own must have been at work in some statement.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from tests.sampling import deep

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "customers", "consent", "disclosures")
OWN_SQL = re.compile(
    r"\.execute\(|\.executemany\(|RawSQL|\.raw\(|connection\.vendor|select_for_update|advisory|RunSQL|RunPython"
)
"""What a module with SQL or locks of its own has in its text."""

SQLITES_LOCK = "customers/evidence/write_lock.py"
PAGES_ONLY = pytest.mark.one_engine("no engine changes what a page shows; the walk asks every page on both")


class Engines:
    """Deselects, watches and judges; does nothing but deselect where the database is SQLite."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.seen: set[CodeType] = set()
        self.files: set[str] = set()
        self.idle: set[str] = set()
        self.statements = 0
        if connection.vendor == "postgresql":
            self.watch()

    def watch(self) -> None:
        """Note for every statement which code it came from."""
        plain: Callable[..., Any] = CursorWrapper.execute

        def execute(cursor: CursorWrapper, *rest: Any, **named: Any) -> Any:
            self.statements += 1
            frame: FrameType | None = sys._getframe(1)
            while frame is not None:
                self.seen.add(frame.f_code)
                frame = frame.f_back
            return plain(cursor, *rest, **named)

        CursorWrapper.execute = execute  # type: ignore[method-assign]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if connection.vendor == "postgresql" and not deep():
            left_out = [item for item in items if item.get_closest_marker("one_engine")]
            self.config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if not item.get_closest_marker("one_engine")]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self.statements = 0
        answer = yield
        if connection.vendor == "postgresql" and not self.statements and not item.get_closest_marker("one_engine"):
            self.idle.add(item.nodeid.partition("[")[0])
        return answer

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.files |= {code.co_filename for code in self.seen}
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput["engines"] = {"files": sorted(self.files), "idle": sorted(self.idle)}
        elif self.idle or self.unseen():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        given = getattr(node, "workeroutput", {}).get("engines", {})
        self.files.update(given.get("files", []))
        self.idle.update(given.get("idle", []))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for test in sorted(self.idle):
            terminalreporter.write_line(f"{test} never touched the database: mark it one_engine, with the reason.")
        for module in self.unseen():
            terminalreporter.write_line(f"{module} has SQL or locks of its own that no test on PostgreSQL came to.")

    def unseen(self) -> list[str]:
        """The modules with SQL or locks of their own that no statement came from, where the whole suite was run."""
        whole = self.config.args == self.config.getini("testpaths") and not (
            self.config.option.keyword or self.config.option.markexpr or self.config.option.collectonly
        )
        if connection.vendor != "postgresql" or not whole:
            return []
        return [str(module.relative_to(ROOT)) for module in with_own_sql() if str(module) not in self.files]


def with_own_sql() -> list[Path]:
    """The modules that write SQL or lock rows themselves, but for SQLite's lock, which PostgreSQL has no use for."""
    sources = (path for app in APPS for path in sorted((ROOT / app).rglob("*.py")))
    mine = (path for path in sources if "migrations" not in path.parts and path != ROOT / SQLITES_LOCK)
    return [path for path in mine if OWN_SQL.search(path.read_text())]
