"""The database refuses what Python would not: the same list of statements for every table that is kept for good."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.checks import ERROR, run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

from customers.evidence.append_only import AppendOnly
from customers.evidence.payload import is_sealed, type_of
from customers.evidence.triggers import FrozenTable, expected, frozen_models, statements
from customers.models import Checkpoint, Head, Leaf, Reveal, SchemaRecord
from customers.vault.sealed import Sealed
from tests import making
from tests.evidence.logs import execute, fill, installed_triggers_of, rows

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


@pytest.mark.django_db
@pytest.mark.parametrize("table", FROZEN)
def test_the_database_refuses_to_change_or_remove_rows_of(table: str) -> None:
    model = FROZEN[table]
    fill()
    if connection.vendor == "postgresql":  # what is deferred would stop some statements for a reason of its own
        execute("SET CONSTRAINTS ALL IMMEDIATE")
    before = rows(f'SELECT * FROM "{table}"')
    assert before
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
    fill()
    assert len(rows(f'SELECT * FROM "{table}"')) > len(before) or model in (Head, SchemaRecord)


@pytest.mark.django_db
def test_an_entry_is_not_replaced_by_sqlite_s_hidden_row_number() -> None:
    """The log's sequence is a key of its own there, so the row number names a row by something that is no column."""
    making.team()
    before = rows("SELECT * FROM customers_leaf")
    number = "rowid" if connection.vendor == "sqlite" else "seq"
    replacing = (
        f"INSERT INTO customers_leaf ({number}, payload, leaf_hash, kind, table_name, row_key)"
        f" SELECT {number}, payload, leaf_hash, kind, 'x', row_key FROM customers_leaf"
    )
    if connection.vendor == "sqlite":
        replacing = replacing.replace("INSERT", "INSERT OR REPLACE").replace("rowid", "seq, rowid", 1)
        replacing = replacing.replace("SELECT rowid", "SELECT 9876, rowid")
    for statement in (replacing, f"UPDATE customers_leaf SET {number} = 9876 WHERE {number} = 1"):
        with pytest.raises(DatabaseError), transaction.atomic():
            execute(statement)
    assert rows("SELECT * FROM customers_leaf") == before


@pytest.mark.django_db
def test_a_sealed_column_of_a_record_may_be_sealed_anew() -> None:
    fill()
    record = Reveal.objects.exclude(reason_text__isnull=True).get()
    sealed: Sealed = record.reason_text
    assert execute("UPDATE customers_reveal SET reason_text = %s WHERE id = %s", [str(sealed._token), record.pk]) == 1
    assert Reveal.objects.filter(pk=record.pk).update(reason_text=sealed._token) == 1


@pytest.mark.django_db
def test_the_head_of_the_log_grows() -> None:
    making.team()
    size = Head.objects.get().size
    assert execute("UPDATE customers_head SET size = size + 1") == 1
    assert Head.objects.get().size == size + 1


# --- installed by migrations, looked for at the start ---------------------------------------------------------------


@pytest.mark.django_db
def test_every_migration_has_run_here_and_the_models_have_no_other() -> None:
    executor = MigrationExecutor(connection)
    assert executor.loader.applied_migrations.keys() == executor.loader.disk_migrations.keys()
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_after_all_migrations_every_table_kept_for_good_has_its_triggers_and_no_other_table_has_any() -> None:
    found = {table: installed_triggers_of(table) for table in connection.introspection.table_names()}
    wanted = {table: expected(FrozenTable.of(model), connection.vendor) for table, model in FROZEN.items()}
    assert {table: texts for table, texts in found.items() if texts} == wanted


def test_records_the_log_and_all_histories_are_kept_for_good() -> None:
    names = {model.__name__ for model in FROZEN.values()}
    histories = {model.__name__ for model in apps.get_models() if model.__name__.startswith("Historical")}
    records = {model.__name__ for model in apps.get_models() if issubclass(model, AppendOnly)}
    assert histories >= {"HistoricalCustomer", "HistoricalContactPoint", "HistoricalServiceAccess"}
    assert records >= {"Reveal", "Refusal", "ImportBatch", "AccessChange", "ServiceAccessChange", "SchemaRecord"}
    assert names == histories | records | {Leaf.__name__, Head.__name__, Checkpoint.__name__}


def stopped_by() -> list[tuple[str | None, str]]:
    """What keeps the desk from starting: the id and the subject of each."""
    found = run_checks(databases=["default"])
    return [(check.id, str(check.msg).split(":")[0]) for check in found if check.level >= ERROR]


def drop_one(table: str) -> None:
    name = min(installed_triggers_of(table))
    execute(f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if connection.vendor == "postgresql" else ""))


@pytest.mark.django_db
@pytest.mark.parametrize("table", FROZEN)
def test_a_start_stops_where_a_trigger_is_missing(table: str) -> None:
    assert stopped_by() == []
    drop_one(table)
    assert stopped_by() == [("evidence.E001", f"Table {table}")]


@pytest.mark.django_db
def test_what_a_migration_ends_with_puts_missing_triggers_back() -> None:
    drop_one("customers_reveal")
    for statement in statements(FrozenTable.of(Reveal), connection.vendor):
        execute(statement)
    assert stopped_by() == []
