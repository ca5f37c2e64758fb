"""``recording()``: the transaction of an act, which cannot end without its record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, InternalError, OperationalError

from customers.evidence import leaves
from customers.evidence.act import Act, under_way
from customers.evidence.durable import durable
from customers.evidence.errors import NotRecording, failed
from customers.evidence.payload import Entry
from customers.evidence.write_lock import write_lock

OUT_OF_ORDER = (OperationalError, InterfaceError, InternalError)
"""Errors of a database that cannot write just now. All others, unless at COMMIT, are bugs in an act: raised as such."""


@contextmanager
def recording(*, by: Any, using: str = DEFAULT_DB_ALIAS) -> Iterator[Act]:
    """A durable transaction that writes the act's rows and, as its last statements, their leaves.

    ``by`` is the staff member who acts. Raises ``RuntimeError`` when nested or with autocommit off, ``NotRecording``
    where the act wrote no record, ``RecordFailed`` where the log, or any row of the act, cannot be written or
    committed; in each case nothing has happened. (One case no database can avoid: if the connection is lost during
    COMMIT, only the log shows whether the act was done.) Sealed values can be exposed only after the block has ended.
    """
    if by is None or not by.pk:
        raise NotRecording("Nobody acts anonymously: say by whom.")
    committing = False
    try:
        with write_lock(using), durable(using):
            act = Act(by, using)
            with under_way(act):
                yield act
            entries = act.entries()
            if not entries:
                raise NotRecording("This act wrote no record of itself, so it did not happen.")
            _append(entries, using)
            committing = True
    except (DatabaseError, InterfaceError) as error:
        if not (committing or isinstance(error, OUT_OF_ORDER)):
            raise
        raise failed() from error


def _append(entries: list[Entry], using: str) -> None:
    """Append the leaves of an act. Raises ``RecordFailed`` for any error, also for a head that contradicts itself."""
    try:
        leaves.append(entries, using)
    except Exception as error:
        raise failed() from error
