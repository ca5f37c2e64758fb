"""Ways in which an act cannot be put on record, each for as long as its block lasts, on both engines."""

import fcntl
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress

import psycopg
from django.db import connection, connections
from django.test import override_settings

from customers.evidence.errors import RecordFailed
from customers.evidence.write_lock import lock_path
from tests.customers.evidence.attacks import an_act
from tests.customers.evidence.logs import as_owner, execute, rows


def on_sqlite() -> bool:
    return connection.vendor == "sqlite"


@contextmanager
def broken_trigger(table: str, error: str = "raise_exception", when: str = "BEFORE INSERT") -> Iterator[None]:
    """A trigger that somebody put on a table, and that fails."""
    if on_sqlite():
        execute(f"CREATE TRIGGER broken {when} ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END")
    else:
        deferred = "DEFERRABLE INITIALLY DEFERRED" if when == "AFTER INSERT" else ""
        execute(
            "CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = '{error}'; END $$"
        )
        kind = "CONSTRAINT TRIGGER" if deferred else "TRIGGER"
        execute(f"CREATE {kind} broken {when} ON {table} {deferred} FOR EACH ROW EXECUTE FUNCTION broken()")
    try:
        yield
    finally:
        execute("DROP TRIGGER broken" if on_sqlite() else "DROP FUNCTION broken CASCADE")


@contextmanager
def changed_head(statement: str) -> Iterator[None]:
    """The head row is gone or contradicts itself."""
    found = rows("SELECT id, size, frontier, schema_digest FROM customers_head")
    with as_owner("customers_head"):
        execute(statement)
    yield
    with as_owner("customers_head"):
        execute("DELETE FROM customers_head")
        execute("INSERT INTO customers_head (id, size, frontier, schema_digest) VALUES (%s, %s, %s, %s)", found[0])


@contextmanager
def no_last_entry() -> Iterator[None]:
    """The entry that the next one would follow is gone."""
    columns = "seq, payload, leaf_hash, kind, customer, table_name, row_key"
    last = rows(f"SELECT {columns} FROM customers_leaf ORDER BY seq DESC LIMIT 1")[0]
    with as_owner("customers_leaf"):
        execute("DELETE FROM customers_leaf WHERE seq = %s", [last[0]])
    yield
    execute(f"INSERT INTO customers_leaf ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s)", last)


@contextmanager
def full_disk() -> Iterator[None]:
    """No page more: while the rows are written. SQLite's own limit; PostgreSQL's own error."""
    if not on_sqlite():
        with broken_trigger("customers_leaf", error="disk_full"):
            yield
        return
    execute(f"PRAGMA max_page_count = {rows('PRAGMA page_count')[0][0]}")
    with suppress(RecordFailed):
        for _ in range(1000):  # what is left on the pages there are
            an_act()
    yield
    execute("PRAGMA max_page_count = 1073741823")


@contextmanager
def full_disk_at_commit() -> Iterator[None]:
    """The last byte is written at COMMIT, and does not fit any more."""
    if not on_sqlite():
        with broken_trigger("customers_leaf", error="disk_full", when="AFTER INSERT"):
            yield
        return
    execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def others_hold_the_lock() -> Iterator[None]:
    """Somebody else's act takes longer than anybody waits."""
    with override_settings(RECORD_LOCK_SECONDS=0.1):
        if on_sqlite():
            with open(lock_path("default"), "a") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
            return
        given = connection.settings_dict
        with psycopg.connect(
            host=given["HOST"], port=given["PORT"] or None, user=given["USER"], dbname=given["NAME"]
        ) as other:
            other.execute("SELECT size FROM customers_head FOR UPDATE")
            yield
            other.rollback()


@contextmanager
def others_hold_the_database() -> Iterator[None]:
    """A writer that knows nothing of the lock file holds the database, or the table of records."""
    if not on_sqlite():
        with others_hold_the_lock():
            yield
        return
    options = connection.settings_dict["OPTIONS"]
    before, options["timeout"] = options["timeout"], 0.1
    connections.close_all()
    try:
        with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
    finally:
        options["timeout"] = before
        connections.close_all()


@contextmanager
def no_place_for_the_lock() -> Iterator[None]:
    """The lock file cannot be opened; on PostgreSQL, where there is none, the log's column is not."""
    if on_sqlite():
        path = lock_path("default")
        os.unlink(path)
        os.mkdir(path)
        yield
        os.rmdir(path)
        return
    execute("ALTER TABLE customers_leaf RENAME COLUMN payload TO away")
    yield
    execute("ALTER TABLE customers_leaf RENAME COLUMN away TO payload")


FAILURES: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "the disk is full": full_disk,
    "the disk is full at COMMIT": full_disk_at_commit,
    "others hold the lock": others_hold_the_lock,
    "others hold the database": others_hold_the_database,
    "there is no place for the lock": no_place_for_the_lock,
    "a trigger of the entries is broken": lambda: broken_trigger("customers_leaf"),
    "a trigger of the records is broken": lambda: broken_trigger("customers_reveal"),
    "a trigger of the head is broken": lambda: broken_trigger("customers_head", when="BEFORE UPDATE"),
    "the head is gone": lambda: changed_head("DELETE FROM customers_head"),
    "the head contradicts itself": lambda: changed_head("UPDATE customers_head SET frontier = '' WHERE size > 0"),
    "the head is behind": lambda: changed_head(
        "UPDATE customers_head SET size = 1, frontier = (SELECT leaf_hash FROM customers_leaf WHERE seq = 0)"
    ),
    "the last entry is gone": no_last_entry,
}
