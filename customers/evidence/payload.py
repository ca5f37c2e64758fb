"""Turning a record into the bytes that are hashed: what a payload contains, and in which types."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from typing import Any, ClassVar, NamedTuple, Protocol
from uuid import UUID

from django.db import models

from customers.evidence.verify import canonical

SALT_BYTES = 16

TYPES: dict[str, str] = {
    "AutoField": "integer",
    "BigAutoField": "integer",
    "BigIntegerField": "integer",
    "IntegerField": "integer",
    "PositiveBigIntegerField": "integer",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "integer",
    "SmallIntegerField": "integer",
    "CharField": "text",
    "SlugField": "text",
    "TextField": "text",
    "URLField": "text",
    "BooleanField": "boolean",
    "DateTimeField": "time",
    "DateField": "date",
    "UUIDField": "uuid",
    "JSONField": "json",
    "BinaryField": "bytes",
}


class Record(Protocol):
    """What a row of evidence has, for the modules that ``AppendOnly`` is built on and that cannot import it."""

    _meta: ClassVar[Any]
    _state: Any
    pk: Any
    kind: str
    at: datetime
    by: Any

    def customer_reference(self) -> str | None:
        """The reference of the customer that the record is about; None where it is about none or several."""


class Entry(NamedTuple):
    """A record ready for the log: its payload but for version, sequence, previous hash and salt."""

    at: datetime
    kind: str
    by: str
    customer: str | None
    table: str
    row: str
    columns: dict[str, Any]
    commits: dict[str, str]


def type_of(field: models.Field[Any, Any]) -> str:
    """The payload type of a column. Raises ``TypeError`` for a field that evidence cannot hold (floats, decimals)."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    name = field.get_internal_type()
    if name not in TYPES:
        raise TypeError(f"{field}: {name} has no payload type; texts, integers, booleans, times and JSON have.")
    return TYPES[name]


def column_of(field: Any) -> str:
    """The name of a concrete field's column."""
    return str(field.column)


def is_sealed(field: models.Field[Any, Any]) -> bool:
    """True for a sealed column: the payload has a commitment to its contents, not the contents."""
    return hasattr(field, "sealed_as")


def time_text(at: datetime) -> str:
    """A time in UTC as payloads write it, ``2026-01-31T08:15:00.000000Z``. Raises ``ValueError`` without a zone."""
    if at.tzinfo is None:
        raise ValueError("A time without its zone is no evidence of when.")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(value: Any) -> Any:
    """A column's value as payloads have it: times, dates and UUIDs as text, bytes in hex. Raises ``ValueError``."""
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return str(value) if isinstance(value, str) else value


def entry_of(row: Record) -> Entry:
    """The entry of a record just inserted. Raises ``ValueError`` for a value JSON cannot hold exactly."""
    columns: dict[str, Any] = {}
    commits: dict[str, str] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if not is_sealed(field):
            columns[column_of(field)] = plain(value)
        elif value is not None:
            commits[column_of(field)] = value.commitment
    canonical(columns)  # raises here, at the record, rather than at the end of the act
    return Entry(
        at=row.at,
        kind=row.kind,
        by=row.by.get_username(),
        customer=row.customer_reference(),
        table=row._meta.db_table,
        row=str(row.pk),
        columns=columns,
        commits=commits,
    )


def payload_bytes(entry: Entry, seq: int, prev: bytes) -> bytes:
    """The canonical payload of an entry at sequence ``seq``, after the leaf with hash ``prev``; its salt is random."""
    return canonical(
        {
            "v": 1,
            "seq": seq,
            "prev": prev.hex(),
            "salt": secrets.token_hex(SALT_BYTES),
            **entry._asdict(),
            "at": time_text(entry.at),
        }
    )
