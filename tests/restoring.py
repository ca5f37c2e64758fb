"""A database on PostgreSQL that a test committed to, brought back to what it was copied from.

To make a database there takes most of a second, in some 1,500 files; to find what a test changed and to put it back
takes a tenth of that. Where a test changed what tables, triggers or functions are, nothing is put back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
SCHEMA = """
SELECT md5(string_agg(line, chr(10) ORDER BY line COLLATE "C")) FROM (
  SELECT format('%s %s %s %s', oid::regclass, relkind, relpersistence, relacl) AS line
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT format('%s %s %s %s %s', attrelid::regclass, attnum, attname, attnotnull,
      format_type(atttypid, atttypmod))
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
  UNION ALL SELECT format('%s %s %s', adrelid::regclass, adnum, pg_get_expr(adbin, adrelid)) FROM pg_attrdef
  UNION ALL SELECT format('%s %s %s', conname, convalidated, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT format('%s %s', tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger
  UNION ALL SELECT format('%s %s', indisvalid, pg_get_indexdef(indexrelid))
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
  UNION ALL SELECT format('%s %s', nspname, nspacl) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_t%'
  UNION ALL SELECT format('%s %s', setrole, setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL SELECT format('%s %s', datacl, datconnlimit) FROM pg_database WHERE datname = current_database()
) AS described
"""
"""One digest of everything in a database that is no row of a table."""

NAMES = "SELECT relname FROM pg_class WHERE relkind = %s AND relnamespace = 'public'::regnamespace ORDER BY relname"
ALWAYS = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'A'"


@dataclass(frozen=True)
class Snapshot:
    """What a database was: its schema, its sequences, and of each table a digest and the rows as COPY writes them."""

    schema: str
    sequences: dict[str, tuple[int, bool]]
    digests: dict[str, tuple[int, int]]
    rows: dict[str, bytes]


def take(opened: Connection) -> Snapshot:
    """What a database is now."""
    digests = digests_of(opened)
    rows = {table: copied(opened, table) for table, (count, _) in digests.items() if count}
    return Snapshot(schema_of(opened), sequences_of(opened), digests, rows)


def schema_of(opened: Connection) -> str:
    """The digest of what is no row."""
    return str(one(opened.execute(SCHEMA))[0])


def digests_of(opened: Connection) -> dict[str, tuple[int, int]]:
    """Of each table, how many rows it has and a sum of their digests, whatever their order."""
    tables = [name for (name,) in opened.execute(NAMES, ["r"])]
    each = sql.SQL("SELECT {}, count(*), coalesce(sum(hashtextextended(of_row::text, 0)), 0) FROM {} AS of_row")
    every = sql.SQL(" UNION ALL ").join(each.format(table, sql.Identifier(table)) for table in tables)
    return {table: (count, int(digest)) for table, count, digest in opened.execute(every)}


def sequences_of(opened: Connection) -> dict[str, tuple[int, bool]]:
    """Of each sequence, its last number and whether that was given out."""
    names = [name for (name,) in opened.execute(NAMES, ["S"])]
    each = sql.SQL("SELECT {}, last_value, is_called FROM {}")
    every = sql.SQL(" UNION ALL ").join(each.format(name, sql.Identifier(name)) for name in names)
    return {name: (last, called) for name, last, called in opened.execute(every)}


def copied(opened: Connection, table: str) -> bytes:
    """The rows of a table, as COPY writes them."""
    with opened.cursor() as cursor, cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
        return b"".join(rows)


def restore(opened: Connection, was: Snapshot) -> bool:
    """Put every row and sequence back; returns whether the database is then as it was.

    Nothing is put back where the schema is another. Whoever else is connected is thrown out first.
    """
    opened.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    if schema_of(opened) != was.schema:
        return False
    changed = [table for table, digest in digests_of(opened).items() if digest != was.digests[table]]
    moved = {name: was.sequences[name] for name, now in sequences_of(opened).items() if now != was.sequences[name]}
    opened.execute("SET LOCAL session_replication_role = replica")
    for table in changed:
        replace_rows(opened, table, was.rows.get(table, b""))
    for name, (last, called) in moved.items():
        opened.execute("SELECT setval(%s::regclass, %s, %s)", [f'public."{name}"', last, called])
    return digests_of(opened) == was.digests


def replace_rows(opened: Connection, table: str, rows: bytes) -> None:
    """Let a table hold just these rows. Triggers that always fire are lifted meanwhile; the others do not fire here."""
    named = sql.Identifier(table)
    always = [sql.Identifier(name) for (name,) in opened.execute(ALWAYS, [f'public."{table}"'])]
    for trigger in always:
        opened.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(named, trigger))
    opened.execute(sql.SQL("DELETE FROM {}").format(named))
    if rows:
        with opened.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(named)) as target:
            target.write(rows)
    for trigger in always:
        opened.execute(sql.SQL("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}").format(named, trigger))


def one(answer: psycopg.Cursor[Any]) -> Any:
    """The one row of an answer."""
    row = answer.fetchone()
    assert row is not None
    return row
