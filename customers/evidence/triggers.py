"""The triggers that freeze rows in the database, for each vendor, and the migration operations that install them.

They stop accidents and applications. An owner of the database can drop, disable or edit them, but this is detected:
the check at start compares the installed texts with those below, the verifier with their digests in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.migrations.operations.base import Operation

from customers.evidence import verify
from customers.evidence.append_only import append_only_models
from customers.evidence.models import Anchoring, Checkpoint, Head, Leaf
from customers.evidence.payload import column_of, is_sealed


@dataclass(frozen=True)
class FrozenTable:
    """What the triggers of one table need to know. ``grows`` names a column that may change, but only upwards."""

    name: str
    frozen: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]
    grows: str = ""

    @classmethod
    def of(cls, model: type[models.Model]) -> FrozenTable:
        """From a model: all but sealed columns are frozen. Of the log's head only ``id`` is, and ``size`` grows."""
        meta = model._meta
        if meta.object_name == "Head":
            return cls(meta.db_table, ("id",), (("id",),), grows="size")
        fields = meta.concrete_fields
        alone = [(column_of(f),) for f in fields if f.unique]
        together = [
            tuple(column_of(meta.get_field(name)) for name in constraint.fields)
            for constraint in meta.constraints
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields and constraint.condition is None
        ]
        frozen = tuple(sorted(column_of(f) for f in fields if not is_sealed(f)))
        return cls(meta.db_table, frozen, tuple(sorted({*alone, *together})))


def frozen_models() -> list[type[models.Model]]:
    """Every model whose rows are frozen: records, the log's own tables, history tables."""
    histories = sorted((m for m in apps.get_models() if hasattr(m, "instance_type")), key=lambda m: m._meta.db_table)
    return [*append_only_models(), Leaf, Head, Checkpoint, Anchoring, *histories]


# --- SQLite ------------------------------------------------------------------------------------------------


def _sqlite(table: FrozenTable) -> dict[str, str]:
    """Trigger name to text.

    ``rowid`` is frozen too: where it is no column of ours, a REPLACE by it could remove a row whatever its keys.
    """
    name = table.name
    changed = " OR ".join(f'NEW."{c}" IS NOT OLD."{c}"' for c in ("rowid", *table.frozen))
    if table.grows:
        changed += f' OR NEW."{table.grows}" <= OLD."{table.grows}"'
    taken = " OR ".join(
        f'EXISTS (SELECT 1 FROM "{name}" WHERE ' + " AND ".join(f'"{c}" = NEW."{c}"' for c in columns) + ")"
        for columns in (("rowid",), *table.unique)
    )
    stop = f"SELECT RAISE(ABORT, '{name}: rows are kept as they were written'); END"
    return {
        f"{name}_no_update": f'CREATE TRIGGER "{name}_no_update" BEFORE UPDATE ON "{name}" WHEN {changed} BEGIN {stop}',
        f"{name}_no_delete": f'CREATE TRIGGER "{name}_no_delete" BEFORE DELETE ON "{name}" BEGIN {stop}',
        f"{name}_no_replace": f'CREATE TRIGGER "{name}_no_replace" BEFORE INSERT ON "{name}" WHEN {taken} BEGIN {stop}',
    }


# --- PostgreSQL ----------------------------------------------------------------------------------------------

ROW_BEFORE_UPDATE_DELETE = 1 + 2 + 8 + 16
STATEMENT_BEFORE_TRUNCATE = 2 + 32
"""``pg_trigger.tgtype``: row 1, before 2, delete 8, update 16, truncate 32."""


def _postgresql_body(table: FrozenTable) -> str:
    changed = " OR ".join(f'NEW."{c}" IS DISTINCT FROM OLD."{c}"' for c in table.frozen)
    if table.grows:
        changed += f' OR NEW."{table.grows}" <= OLD."{table.grows}"'
    return (
        f" BEGIN IF TG_OP = 'UPDATE' THEN IF NOT ({changed}) THEN RETURN NEW; END IF; END IF;"
        f" RAISE EXCEPTION '{table.name}: rows are kept as they were written'"
        " USING ERRCODE = 'restrict_violation'; END "
    )


def _postgresql_names(table: FrozenTable) -> list[tuple[str, int]]:
    return [
        (f"{table.name}_frozen", ROW_BEFORE_UPDATE_DELETE),
        (f"{table.name}_no_truncate", STATEMENT_BEFORE_TRUNCATE),
    ]


def _postgresql(table: FrozenTable) -> dict[str, str]:
    """Trigger name to text, in the form in which ``verify.installed_triggers`` reads it."""
    function, body = f"{table.name}_keep", _postgresql_body(table)
    return {name: f"{name} {kind} A 0 0 - {function}\n{body}" for name, kind in _postgresql_names(table)}


def _postgresql_statements(table: FrozenTable) -> list[str]:
    function, name = f"{table.name}_keep", table.name
    events = {ROW_BEFORE_UPDATE_DELETE: "UPDATE OR DELETE", STATEMENT_BEFORE_TRUNCATE: "TRUNCATE"}
    level = {ROW_BEFORE_UPDATE_DELETE: "ROW", STATEMENT_BEFORE_TRUNCATE: "STATEMENT"}
    statements = [
        f'CREATE OR REPLACE FUNCTION "{function}"() RETURNS trigger LANGUAGE plpgsql'
        f" AS $keep${_postgresql_body(table)}$keep$"
    ]
    for trigger, kind in _postgresql_names(table):
        statements += [
            f'DROP TRIGGER IF EXISTS "{trigger}" ON "{name}"',
            f'CREATE TRIGGER "{trigger}" BEFORE {events[kind]} ON "{name}" FOR EACH {level[kind]}'
            f' EXECUTE FUNCTION "{function}"()',
            f'ALTER TABLE "{name}" ENABLE ALWAYS TRIGGER "{trigger}"',
        ]
    return statements


# --- both vendors ----------------------------------------------------------------------------------------------


def expected(table: FrozenTable, vendor: str) -> dict[str, str]:
    """Trigger name to text, as the verifier reads it from the database."""
    return _postgresql(table) if vendor == "postgresql" else _sqlite(table)


def statements(table: FrozenTable, vendor: str) -> list[str]:
    """The SQL that installs a table's triggers, whatever was there before."""
    if vendor == "postgresql":
        return _postgresql_statements(table)
    texts = _sqlite(table)
    return [f'DROP TRIGGER IF EXISTS "{name}"' for name in texts] + list(texts.values())


def trouble(using: str) -> list[str]:
    """One sentence for each table whose installed triggers are not the expected ones; empty where all is well."""
    vendor = connections[using].vendor
    tables = [FrozenTable.of(model) for model in frozen_models()]
    with connections[using].cursor() as cursor:
        installed = verify.installed_triggers(cursor, vendor, [table.name for table in tables])
    return [
        f"Table {table.name}: its triggers are missing or altered, so its rows are not protected."
        for table in tables
        if installed.get(table.name, {}) != expected(table, vendor)
    ]


class InstallTriggers(Operation):
    """Freeze the rows of these models' tables: the last operation of a migration that creates or alters one of them.

    SQLite drops a table's triggers when a migration rebuilds it; this installs them again. When undone, it drops them,
    or the columns they name could not be removed. A migration that alters a frozen table begins with
    ``PutTriggersBack``, which is undone last.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_names: Sequence[str]) -> None:
        self.model_names = list(model_names)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model_names], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing: triggers are no part of the models."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for table in self.tables(app_label, to_state):
            for statement in statements(table, schema_editor.connection.vendor):
                schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        vendor = schema_editor.connection.vendor
        for table in self.tables(app_label, from_state):
            for name in expected(table, vendor):
                on = f' ON "{table.name}"' if vendor == "postgresql" else ""
                schema_editor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}', params=None)

    def tables(self, app_label: str, state: Any) -> list[FrozenTable]:
        """The tables of the named models, as a state of the migrations has them."""
        return [FrozenTable.of(state.apps.get_model(app_label, name)) for name in self.model_names]

    def describe(self) -> str:
        return f"Freeze the rows of {', '.join(self.model_names)}"


class PutTriggersBack(InstallTriggers):
    """The first operation of a migration that alters frozen tables: undone last, it freezes them as they were."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Do nothing: ``InstallTriggers`` at the end of the migration freezes the tables."""

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        super().database_forwards(app_label, schema_editor, from_state, to_state)
