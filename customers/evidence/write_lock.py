"""One writer at a time on SQLite: waits for a lock file, tried every ``POLL_SECONDS``, before SQLite's own lock."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _

from customers.evidence.errors import RecordFailed, failed

POLL_SECONDS = 0.005


def lock_path(using: str) -> str:
    """The lock file beside an SQLite database; "" for other engines and for databases in memory."""
    connection = connections[using]
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or ":memory:" in name or "mode=memory" in name:
        return ""
    return f"{name}.lock"


@contextmanager
def write_lock(using: str) -> Iterator[None]:
    """Hold the write lock of an SQLite file during the block; no lock for other databases or in a transaction.

    Raises ``RecordFailed`` after ``RECORD_LOCK_SECONDS`` of waiting, or where the lock file cannot be opened.
    """
    path = lock_path(using)
    if not path or connections[using].in_atomic_block:
        yield
        return
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise failed() from error
    try:
        deadline = time.monotonic() + settings.RECORD_LOCK_SECONDS
        while not _taken(descriptor):
            if time.monotonic() > deadline:
                raise RecordFailed(_("Others are writing just now, so this was not done. Try again in a moment."))
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    """True where the lock was free and is held by this descriptor now, until it is closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
