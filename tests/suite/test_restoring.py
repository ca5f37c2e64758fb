"""A database that a test was lent is as new for the next one, whatever the test did to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from customers.models import Leaf
from tests import databases, factories
from tests.customers.evidence.logs import as_owner, execute, rows


@pytest.fixture
def lend(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, migrated: databases.Migrated, tmp_path: Path
) -> Iterator[Callable[[Callable[[], None]], str]]:
    """Lends a database to what is called with it, takes it back, and returns its name."""
    template = str(connection.settings_dict["NAME"])

    def to(work: Callable[[], None]) -> str:
        name = migrated.lend(tmp_path)
        databases.use(name)
        try:
            work()
        finally:
            migrated.take_back(name)
            databases.use(template)
        return name

    with django_db_blocker.unblock():
        yield to


def everything() -> dict[str, list[object]]:
    """Every row of every table, and the next number of a record."""
    return {
        table: sorted(map(repr, rows(f'SELECT * FROM "{table}"'))) for table in connection.introspection.table_names()
    }


def edits_of_an_owner() -> None:
    """Records, a row gone and a row changed past their triggers, and numbers given out."""
    factories.customer()
    with as_owner("customers_leaf", "customers_role"):
        execute("DELETE FROM customers_leaf WHERE seq = 0")
        execute("UPDATE customers_role SET name = 'Nobody' WHERE name = 'Auditor'")


def columns_of_teams() -> set[str]:
    """The columns of a table, as the database has them."""
    with connection.cursor() as cursor:
        return {each.name for each in connection.introspection.get_table_description(cursor, "customers_team")}


def test_rows_and_numbers_are_what_they_were(lend: Callable[[Callable[[], None]], str]) -> None:
    seen: list[object] = []

    def look() -> None:
        seen.append((everything(), factories.customer().pk, Leaf.objects.count()))

    lend(look)
    lent = [lend(edits_of_an_owner), lend(look)]
    assert lent[0] == lent[1]  # on PostgreSQL; on SQLite a new file of the same name
    assert seen[0] == seen[1]


def test_what_is_no_row_is_not_mended_but_made_anew(lend: Callable[[Callable[[], None]], str]) -> None:
    seen: list[set[str]] = []
    lend(lambda: execute("ALTER TABLE customers_team ADD COLUMN odd integer"))
    lend(lambda: seen.append(columns_of_teams()))
    assert seen == [{"id", "name"}]
