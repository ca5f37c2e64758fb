"""Looking for what must not be there: plaintext in anything shown, plaintext or masks in any table."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from weakref import WeakSet

from django.db import connection

from tests.customers.vault.spots import MASKS, SECRETS


@lru_cache
def spellings(secret: str) -> frozenset[str]:
    """The ways a text could come out: as it is, escaped, quoted, in hex, in base64 at any offset."""
    raw = secret.encode()
    found = {secret, json.dumps(secret)[1:-1], html.escape(secret), quote(secret), raw.hex(), repr(raw)[2:-1]}
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw)
        whole = coded[4 if offset else 0 : -4].decode()  # the groups that hold nothing but the secret
        found |= {whole, whole.translate(str.maketrans("+/", "-_"))}
    return frozenset(found)


def traces(shown: str) -> list[str]:
    """The secrets that can be made out in a text."""
    return [secret for secret in SECRETS if any(spelled in shown for spelled in spellings(secret))]


@dataclass(frozen=True)
class Row:
    """A row as plain SQL gives it. Two of one table that hold the same are equal, wherever they stand in it."""

    table: str
    held: tuple[Any, ...]
    columns: tuple[str, ...] = field(compare=False)
    number: int = field(compare=False)

    def cells(self) -> Iterator[tuple[str, str]]:
        """Where each cell is, and its text."""
        for column, cell in zip(self.columns, self.held, strict=True):
            yield f"{self.table}.{column}[{self.number}]", text_of(cell)

    def stains(self) -> list[str]:
        """The cells that hold a secret in clear, or a mask where a value should be."""
        return [
            f"{where}: {what}"
            for where, text in self.cells()
            for what in [*traces(text), *(mask for mask in MASKS if mask in text)]
        ]


def rows() -> Iterator[Row]:
    """Every row of every table."""
    with connection.cursor() as cursor:
        for table in filled(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = tuple(column[0] for column in cursor.description)
            yield from (Row(table, tuple(row), columns, number) for number, row in enumerate(cursor.fetchall()))


def filled(cursor: Any) -> list[str]:
    """The tables that have rows, asked of all of them at once; PostgreSQL thinks about how to do it once."""
    which = "SELECT " + ", ".join(f'EXISTS (SELECT 1 FROM "{table}")' for table in tables())
    if connection.vendor == "postgresql":
        if connection.connection not in PREPARED:
            PREPARED.add(connection.connection)
            cursor.execute(f"PREPARE filled AS {which}")
        which = "EXECUTE filled"
    cursor.execute(which)
    return [table for table, has_rows in zip(tables(), cursor.fetchone(), strict=True) if has_rows]


PREPARED: WeakSet[Any] = WeakSet()
"""The connections that know the statement ``filled``."""


@lru_cache
def tables() -> tuple[str, ...]:
    """Every table of the database; no test of the vault makes one."""
    return tuple(sorted(connection.introspection.table_names()))


def text_of(cell: Any) -> str:
    """A cell as text, whatever its type."""
    return bytes(cell).decode("utf-8", "replace") if isinstance(cell, bytes | memoryview) else str(cell)


CLEAN: set[Row] = set()
"""Rows that were looked through and found clean: what they hold need not be looked through again."""


def stains() -> list[str]:
    """The cells of all tables that hold a secret in clear, or a mask where a value should be."""
    new = [row for row in rows() if row not in CLEAN]
    found = [stain for row in new for stain in row.stains()]
    if not found:
        CLEAN.update(new)
    return found
