"""The database refuses what Python would not: the same list of statements for every table that is kept for good."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, models, transaction
from pytest_django import DjangoDbBlocker

from customers.evidence.payload import is_sealed, type_of
from customers.evidence.triggers import FrozenTable, frozen_models
from customers.models import Head, SchemaRecord
from tests.customers.evidence.logs import execute, fill, rows
from tests.rollback import undone

FROZEN = {model._meta.db_table: model for model in frozen_models()}
SENTENCE = "rows are kept as they were written"
REFUSALS = (SENTENCE, "cannot truncate a table referenced in a foreign key constraint")
OTHER = {
    "integer": "9876",
    "text": "'x'",
    "boolean": 'NOT coalesce("{column}", false)',
    "time": "'1999-01-01 00:00:00'",
    "date": "'1999-01-01'",
    "uuid": "'00000000000000000000000000000001'",
    "json": "'{{\"x\": 1}}'",
    "bytes": "CAST('x' AS {bytes})",
}
"""A value of each type that no row of these tests holds."""


def updates(model: type[models.Model]) -> Iterator[str]:
    table = model._meta.db_table
    binary = "bytea" if connection.vendor == "postgresql" else "blob"
    for field in model._meta.concrete_fields:
        if is_sealed(field) or (model is Head and field.column not in ("id", "size")):
            continue
        other = "size - 1" if (model, field.column) == (Head, "size") else OTHER[type_of(field)]
        other = other.format(column=field.column, bytes=binary)
        yield f'UPDATE "{table}" SET "{field.column}" = {other}'


def copied(model: type[models.Model], fields: list[str]) -> str:
    """The columns of a model's row, quoted, with the first row's values: an insert of a row that is there already."""
    names = ", ".join(f'"{name}"' for name in fields)
    return f'({names}) SELECT {names} FROM "{model._meta.db_table}"'


def attempts(model: type[models.Model]) -> Iterator[str]:
    """Every statement that must be refused for this table, on this engine."""
    table, key = model._meta.db_table, model._meta.pk.column
    columns = [field.column for field in model._meta.concrete_fields]
    plain = next(f for f in model._meta.concrete_fields if not is_sealed(f) and not f.primary_key)
    yield from updates(model)
    yield f'DELETE FROM "{table}"'
    yield f'DELETE FROM "{table}" WHERE "{key}" = (SELECT min("{key}") FROM "{table}")'
    upsert = f'ON CONFLICT ("{key}") DO UPDATE SET "{key}" = 9876, "{plain.column}" = excluded."{plain.column}"'
    if connection.vendor == "sqlite":
        copy = copied(model, columns)
        yield f'UPDATE "{table}" SET rowid = rowid + 1000000'
        yield f'UPDATE OR REPLACE "{table}" SET rowid = 9876'
        yield f'UPDATE OR REPLACE "{table}" SET "{key}" = 9876'
        yield f'UPDATE OR IGNORE "{table}" SET "{key}" = 9876'
        yield f'INSERT OR REPLACE INTO "{table}" {copy}'
        yield f'REPLACE INTO "{table}" {copy}'
        yield f'INSERT INTO "{table}" {copy} WHERE true {upsert}'
        for other in FrozenTable.of(model).unique:  # the same by each unique key, where the others are free
            fresh = [c for c in columns if c in other or c != key]
            yield f'INSERT OR REPLACE INTO "{table}" {copied(model, fresh)}'
        names = ", ".join(f'"{column}"' for column in columns)
        taken = f'(rowid, {names}) SELECT rowid, {names} FROM "{table}"'
        yield f'INSERT OR REPLACE INTO "{table}" {taken}'
        return
    yield f'INSERT INTO "{table}" {copied(model, columns)} {upsert}'
    yield f'TRUNCATE "{table}"'
    yield f'TRUNCATE "{table}" CASCADE'
    for statement in (next(updates(model)), f'DELETE FROM "{table}"', f'TRUNCATE "{table}" CASCADE'):
        yield f"SET LOCAL session_replication_role = replica; {statement}"


def sizes() -> dict[str, int]:
    """How many rows each table holds that is kept for good."""
    return {table: len(rows(f'SELECT 1 FROM "{table}"')) for table in FROZEN}


@pytest.fixture(scope="module")
def grown(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, tuple[int, int]]]:
    """Tables filled twice, for all of this file: how many rows each held after the first time, and holds now."""
    with django_db_blocker.unblock(), undone():
        fill()
        first = sizes()
        fill()
        if connection.vendor == "postgresql":  # what is deferred would stop some statements for a reason of its own
            execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield {table: (first[table], size) for table, size in sizes().items()}


@pytest.mark.parametrize("table", FROZEN)
def test_the_database_takes_rows_and_refuses_to_change_or_remove_them(
    table: str, grown: dict[str, tuple[int, int]]
) -> None:
    model, (first, now) = FROZEN[table], grown[table]
    assert 0 < first < now or (model in (Head, SchemaRecord) and first)
    before = rows(f'SELECT * FROM "{table}"')
    let_through = []
    for statement in attempts(model):
        try:
            with transaction.atomic():
                execute(statement)
        except DatabaseError as error:
            assert any(refusal in str(error) for refusal in REFUSALS), (statement, str(error))  # noqa: PT017
        else:
            let_through.append(statement)
    assert let_through == []
    assert rows(f'SELECT * FROM "{table}"') == before
