"""The triggers that keep rows as they were written: on which tables, and that a start looks for them."""

import pytest
from django.apps import apps
from django.core.checks import ERROR, run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from customers.evidence.append_only import AppendOnly
from customers.evidence.triggers import FrozenTable, expected, frozen_models, statements
from customers.models import Head, Reveal
from customers.vault.sealed import Sealed
from tests import factories
from tests.customers.evidence.logs import execute, fill, installed_triggers_of, rows

FROZEN = {model._meta.db_table: model for model in frozen_models()}


@pytest.mark.django_db
def test_an_entry_is_not_replaced_by_sqlite_s_hidden_row_number() -> None:
    """The log's sequence is a key of its own there, so the row number names a row by something that is no column."""
    factories.team()
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
    factories.team()
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


@pytest.mark.one_engine("models are looked at, and no row")
def test_records_the_log_and_all_histories_are_kept_for_good() -> None:
    names = {model.__name__ for model in FROZEN.values()}
    histories = {model.__name__ for model in apps.get_models() if model.__name__.startswith("Historical")}
    records = {model.__name__ for model in apps.get_models() if issubclass(model, AppendOnly)}
    assert histories >= {"HistoricalCustomer", "HistoricalContactPoint", "HistoricalServiceAccess"}
    assert records >= {"Reveal", "Refusal", "ImportBatch", "AccessChange", "ServiceAccessChange", "SchemaRecord"}
    assert names == histories | records | {"Leaf", "Head", "Checkpoint", "Anchoring"}


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
    drop_one(table)
    assert stopped_by() == [("evidence.E001", f"Table {table}")]


@pytest.mark.django_db
def test_what_a_migration_ends_with_puts_missing_triggers_back() -> None:
    drop_one("customers_reveal")
    for statement in statements(FrozenTable.of(Reveal), connection.vendor):
        execute(statement)
    assert stopped_by() == []
