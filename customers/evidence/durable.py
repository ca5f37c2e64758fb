"""A transaction that is committed when its block has ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction


@contextmanager
def durable(using: str) -> Iterator[None]:
    """Commit at the end of the block. Raises ``RuntimeError`` inside an open transaction and with autocommit off.

    Django's ``durable=True`` does not check autocommit, and without it the end of a block commits nothing.
    """
    connection = connections[using]
    if not connection.in_atomic_block and not connection.get_autocommit():
        raise RuntimeError("Autocommit is off, so the end of a block commits nothing; turn it on.")
    with transaction.atomic(using=using, durable=True):
        yield
