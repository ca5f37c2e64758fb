"""``recording()``: the transaction of an act, which cannot end without its record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction

from customers.evidence import leaves
from customers.evidence.act import Act, under_way
from customers.evidence.errors import NotRecording, RecordFailed
from customers.evidence.write_lock import write_lock


@contextmanager
def recording(*, by: Any, using: str = DEFAULT_DB_ALIAS) -> Iterator[Act]:
    """A durable transaction that writes the act's rows and, as its last statements, their leaves.

    ``by`` is the staff member who acts. Raises ``RuntimeError`` when nested, ``NotRecording`` where the act wrote
    no record, ``RecordFailed`` where the log cannot be written; in each case nothing has happened. Open values only
    after the block has ended.
    """
    if by is None or not by.pk:
        raise NotRecording("Nobody acts anonymously: say by whom.")
    with write_lock(using), transaction.atomic(using=using, durable=True):
        act = Act(by, using)
        with under_way(act):
            yield act
        if not act.entries:
            raise NotRecording("This act wrote no record of itself, so it did not happen.")
        try:
            leaves.append(act.entries, using)
        except DatabaseError as error:
            raise RecordFailed("This could not be put on record, so it was not done. Try again in a moment.") from error
