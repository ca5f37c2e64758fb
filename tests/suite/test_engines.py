"""What PostgreSQL is not asked is said, with its reason; whatever else never asks it is told."""

from __future__ import annotations

from collections.abc import Generator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from tests import engines
from tests.engines import Engines, with_own_sql


class Item(SimpleNamespace):
    """As much of a collected test as is looked at."""

    def get_closest_marker(self, name: str) -> object:
        return name if name in self.marks else None


def item(name: str, *marks: str) -> Any:
    return Item(nodeid=f"tests/test_x.py::{name}", marks=marks)


def run(told: Engines, test: Any, *, statements: int) -> None:
    """Let a test come and go with so many statements in between."""
    protocol: Generator[None, Any, Any] = told.pytest_runtest_protocol(test)
    next(protocol)
    told.statements += statements
    with pytest.raises(StopIteration):
        protocol.send(None)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Engines:
    """A watch of its own, on what it takes for PostgreSQL."""
    monkeypatch.setattr(engines, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(Engines, "watch", lambda self: None)
    return Engines(request.config)


@pytest.mark.one_engine("it looks at a watch of its own")
def test_a_test_that_never_touched_the_database_is_named_unless_it_says_why(watched: Engines) -> None:
    run(watched, item("test_asks"), statements=3)
    run(watched, item("test_says_why", "one_engine"), statements=0)
    assert watched.idle == set()
    run(watched, item("test_idles[a]"), statements=0)
    assert watched.idle == {"tests/test_x.py::test_idles"}


@pytest.mark.one_engine("it looks at a watch of its own")
@pytest.mark.parametrize("deep", [False, True])
def test_what_no_engine_changes_is_left_out_on_postgresql_but_for_a_deep_run(
    watched: Engines, monkeypatch: pytest.MonkeyPatch, deep: bool
) -> None:
    monkeypatch.setattr(engines, "deep", lambda: deep)
    monkeypatch.setattr(watched, "config", SimpleNamespace(hook=SimpleNamespace(pytest_deselected=lambda items: None)))
    tests = [item("test_asks"), item("test_says_why", "one_engine")]
    watched.pytest_collection_modifyitems(tests)
    assert len(tests) == 1 + deep


@pytest.mark.one_engine("it looks at a watch of its own")
def test_a_module_with_locks_that_no_statement_came_from_is_named(watched: Engines) -> None:
    options = SimpleNamespace(keyword="", markexpr="", collectonly=False)
    whole = SimpleNamespace(args=["tests"], getini=lambda name: ["tests"], option=options)
    watched.config = whole  # type: ignore[assignment]
    first, *rest = [str(path) for path in with_own_sql()]
    watched.files = set(rest)
    assert [str(engines.ROOT / module) for module in watched.unseen()] == [first]
    whole.args = ["tests/customers/access/test_find.py"]
    assert watched.unseen() == []


def test_statements_are_counted_with_the_code_that_they_came_from(db: None, request: pytest.FixtureRequest) -> None:
    told: Engines = request.config.pluginmanager.getplugin("engines")  # type: ignore[assignment]
    before = told.statements
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if connection.vendor == "postgresql":
        assert told.statements == before + 1
        assert __file__ in {code.co_filename for code in told.seen}
