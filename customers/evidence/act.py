"""The act under way: rows that are saved during it look it up here and register with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from customers.evidence.errors import NotRecording
from customers.evidence.payload import Entry, Record, entry_of

_acts: ContextVar[dict[str, Act] | None] = ContextVar("acts", default=None)


class Act:
    """An act under way: who acts, in which database, and the records it has written so far.

    It belongs to the connection it began on: what another thread's connection writes is not part of it.
    """

    def __init__(self, by: Any, using: str) -> None:
        self.by = by
        self.using = using
        self.connection = connections[using]
        self._depth = len(self.connection.savepoint_ids)
        self._written: dict[tuple[str, str], tuple[Entry, Record | None]] = {}

    def register(self, row: Record) -> None:
        """Note a record just inserted; its leaf is appended at the end of the act."""
        entry = entry_of(row)
        in_savepoint = any(self.connection.savepoint_ids[self._depth :])
        self._written.pop((entry.table, entry.row), None)  # a key is free again after a rollback to a savepoint
        self._written[entry.table, entry.row] = entry, row if in_savepoint else None

    def entries(self) -> list[Entry]:
        """The records' entries in order, without those that a savepoint rolled back: no leaf without its row."""
        return [entry for entry, row in self._written.values() if row is None or self._stands(row)]

    def _stands(self, row: Record) -> bool:
        """True where the row is still in the database, so its savepoint was not rolled back."""
        return bool(row._meta.base_manager.using(self.using).filter(pk=row.pk).exists())


@contextmanager
def under_way(act: Act) -> Iterator[None]:
    """Make ``act`` the current one of its database."""
    token = _acts.set({**(_acts.get() or {}), act.using: act})
    try:
        yield
    finally:
        _acts.reset(token)


def current(using: str = DEFAULT_DB_ALIAS) -> Act:
    """The act under way on this thread's connection. Raises ``NotRecording`` where there is none."""
    act = (_acts.get() or {}).get(using)
    if act is None or act.connection is not connections[using]:
        raise NotRecording("This is only done on record: call the act that does it, or open recording(by=…) in one.")
    return act


def history_user(instance: Any, **kwargs: Any) -> Any:
    """The user named in history rows: who acts, or None outside an act (for ``HistoricalRecords(get_user=…)``)."""
    act = (_acts.get() or {}).get(instance._state.db or DEFAULT_DB_ALIAS)
    return act.by if act else None
