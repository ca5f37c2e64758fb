"""Does a committed record account for opening this value?

The vault asks before every exposure. The answer is read from the leaf in the database, never from the record object
in memory: what is not committed does not count.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from customers.evidence.durable import durable
from customers.evidence.models import Leaf
from customers.evidence.payload import Record


@dataclass(frozen=True)
class Opening:
    """One value to be opened: the customer's reference, the kind of datum, its field, its row's seal id."""

    customer: str
    kind: str
    field: str
    seal_id: str


@dataclass(frozen=True)
class Accounted:
    """What a record accounts for: which openings, and until when (UTC, exclusive; None: without end)."""

    openings: frozenset[Opening]
    until: datetime | None = None


class AccountingRecord(Record, Protocol):
    """A record that can say which openings it accounts for."""

    @classmethod
    def accounts_for(cls, payload: dict[str, Any]) -> Accounted:
        """The openings that a committed payload of this kind accounts for."""


def parse_time(text: str) -> datetime:
    """A payload's time (``2026-01-31T08:15:00.000000Z``) as an aware datetime."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def why_unaccounted(record: AccountingRecord, opening: Opening) -> str:
    """Why ``record`` does not account for ``opening``, in one sentence; "" where it does.

    Raises ``RuntimeError`` inside an open transaction, or with autocommit off: what was written is not committed yet.
    """
    if record.pk is None:
        return "This record was never written."
    using = record._state.db or DEFAULT_DB_ALIAS
    with durable(using):
        leaf = Leaf.objects.using(using).filter(table_name=record._meta.db_table, row_key=str(record.pk)).first()
    if leaf is None:
        return "This record is not in the log, so it accounts for nothing."
    payload = bytes(leaf.payload)
    if hashlib.sha256(b"\0" + payload).digest() != bytes(leaf.leaf_hash):
        return f"Log entry {leaf.seq} does not match its own hash."
    accounted = type(record).accounts_for(json.loads(payload))
    if opening not in accounted.openings:
        return "This record is about another customer, another row, or another kind of datum."
    if accounted.until is not None and timezone.now() >= accounted.until:
        return "The time this record allowed for is over; put a new one on record."
    return ""
