"""Undoing what a part of a test did, where more than one test goes on from the same beginning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core import mail
from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside leaves no trace but its letters, so that whoever comes next finds the same world.

    Acts still commit, as far as they can tell: to them the block is no transaction, as a test's own is none.
    """
    mail.outbox = []
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)
