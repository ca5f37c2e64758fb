"""The act under way, known to whatever is saved during it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS

from customers.evidence.errors import NotRecording
from customers.evidence.payload import Entry, entry_of

if TYPE_CHECKING:
    from customers.evidence.append_only import AppendOnly

_acts: ContextVar[dict[str, Act] | None] = ContextVar("acts", default=None)


class Act:
    """By whom, in which database, and the entries of the records it has written so far."""

    def __init__(self, by: Any, using: str) -> None:
        self.by = by
        self.using = using
        self.entries: list[Entry] = []

    def register(self, row: AppendOnly) -> None:
        """Take a record just inserted; its leaf follows at the end of the act."""
        self.entries.append(entry_of(row))


@contextmanager
def under_way(act: Act) -> Iterator[None]:
    """Make ``act`` the current one of its database."""
    token = _acts.set({**(_acts.get() or {}), act.using: act})
    try:
        yield
    finally:
        _acts.reset(token)


def current(using: str = DEFAULT_DB_ALIAS) -> Act:
    """The act under way. Raises ``NotRecording`` where there is none."""
    act = (_acts.get() or {}).get(using)
    if act is None:
        raise NotRecording("This is only done on record: call the act that does it, or open recording(by=…) in one.")
    return act


def history_user(instance: Any, **kwargs: Any) -> Any:
    """Who stands in the history rows of a change: whoever acts (for ``HistoricalRecords(get_user=…)``)."""
    act = (_acts.get() or {}).get(instance._state.db or DEFAULT_DB_ALIAS)
    return act.by if act else None
