"""Writing the rows that an installation starts with, such as deadlines: once, even by two processes at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from customers.acts.acting import lock_installation
from customers.evidence.append_only import AppendOnly
from customers.evidence.recording import recording
from customers.models import StaffMember


class _Provided(Exception):
    """Another process has just written the rows."""


def write_missing(missing: Callable[[], list[str]], row: Callable[[str], AppendOnly], *, by: StaffMember) -> int:
    """Write ``row(name)`` for each name that ``missing`` returns, in one act; returns how many were written."""
    if not missing():
        return 0
    with suppress(_Provided), recording(by=by):
        lock_installation()
        names = missing()  # another process may just have written them
        if not names:
            raise _Provided
        for name in names:
            row(name).save()
        return len(names)
    return 0
