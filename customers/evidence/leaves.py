"""Appending to the log: the only writer of ``Leaf`` and ``Head``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections

from customers.evidence import schema
from customers.evidence.payload import Entry, payload_bytes
from customers.evidence.verify import Frontier, leaf_hash

NO_LEAF = bytes(32)
HEAD = "SELECT size, frontier, schema_digest FROM customers_head WHERE id = 1"
HEAD_LOCKED = "SELECT size, frontier, schema_digest FROM customers_head WHERE id = 1 FOR UPDATE"


def append(entries: Sequence[Entry], using: str) -> int:
    """Append entries in order and return the log's new size; these are the last statements before COMMIT.

    Locks the head row. Where the list of tables has changed, a leaf of kind ``schema`` goes before the entries, also
    where there are none. Raises ``DatabaseError`` where the log cannot be written; the caller's transaction then rolls
    back.
    """
    with connections[using].cursor() as cursor:
        size, frontier, schema_digest = lock_head(cursor, connections[using].vendor)
        latest = schema.current_digest(using)
        if schema_digest != latest:
            entries = [schema.write(using), *entries]
        if not entries:
            return size
        prev = _last_hash(cursor, size)
        rows: list[tuple[Any, ...]] = []
        for seq, entry in enumerate(entries, start=size):
            payload = payload_bytes(entry, seq, prev)
            prev = leaf_hash(payload)
            frontier.append(prev)
            rows.append((seq, payload, prev, entry.kind, entry.customer, entry.table, entry.row))
        cursor.executemany(
            "INSERT INTO customers_leaf (seq, payload, leaf_hash, kind, customer, table_name, row_key)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            rows,
        )
        cursor.execute(
            "UPDATE customers_head SET size = %s, frontier = %s, schema_digest = %s WHERE id = 1 AND size = %s",
            [frontier.size, frontier.to_bytes(), latest, size],
        )
        if cursor.rowcount != 1:
            raise DatabaseError("The head of the log moved while it was locked.")
    return frontier.size


def lock_head(cursor: Any, vendor: str) -> tuple[int, Frontier, str]:
    """The log's size, frontier and schema digest, locked until the transaction ends.

    Raises ``DatabaseError`` where the row is missing or contradicts itself, or on PostgreSQL where it is still locked
    after ``RECORD_LOCK_SECONDS``.
    """
    if vendor == "postgresql":
        cursor.execute(f"SET LOCAL lock_timeout = '{int(settings.RECORD_LOCK_SECONDS * 1000)}ms'")
    cursor.execute(HEAD_LOCKED if vendor == "postgresql" else HEAD)
    row = cursor.fetchone()
    if row is None:
        raise DatabaseError("The log has no head row; this database is not whole.")
    try:
        return int(row[0]), Frontier.from_bytes(int(row[0]), bytes(row[1])), str(row[2])
    except (TypeError, ValueError) as error:
        raise DatabaseError("The head of the log contradicts itself; this database is not whole.") from error


def _last_hash(cursor: Any, size: int) -> bytes:
    """The hash of the last leaf; ``NO_LEAF`` for an empty log."""
    if size == 0:
        return NO_LEAF
    cursor.execute("SELECT leaf_hash FROM customers_leaf WHERE seq = %s", [size - 1])
    row = cursor.fetchone()
    if row is None:
        raise DatabaseError("The last entry of the log is missing; this database is not whole.")
    return bytes(row[0])
