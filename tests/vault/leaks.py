"""Looking for what must not be there: plaintext in anything shown, plaintext or masks in any table."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.db import connection

from tests.vault.spots import MASKS, SECRETS


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


def cells() -> Iterator[tuple[str, str]]:
    """Every cell of every table, by plain SQL: where it is, and its text."""
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for number, row in enumerate(cursor.fetchall()):
                for column, cell in zip(columns, row, strict=True):
                    yield f"{table}.{column}[{number}]", text_of(cell)


def text_of(cell: Any) -> str:
    """A cell as text, whatever its type."""
    return bytes(cell).decode("utf-8", "replace") if isinstance(cell, bytes | memoryview) else str(cell)


def stains(found: Iterable[tuple[str, str]] | None = None) -> list[str]:
    """The cells that hold a secret in clear, or a mask where a value should be."""
    return [
        f"{where}: {what}"
        for where, text in (cells() if found is None else found)
        for what in [*traces(text), *(mask for mask in MASKS if mask in text)]
    ]
