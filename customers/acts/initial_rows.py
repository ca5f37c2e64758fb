"""The rows a house begins with: deadlines, purposes, limits; each is written once, whoever else is at it too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from customers.acts.acting import lock_installation
from customers.evidence.append_only import AppendOnly
from customers.evidence.recording import recording
from customers.models import StaffMember


class _Provided(Exception):
    """Somebody else has just written them."""


def write_missing(missing: Callable[[], list[str]], row: Callable[[str], AppendOnly], *, by: StaffMember) -> int:
    """Write the row of each name that ``missing`` tells of, on record, in one act; returns how many there were."""
    if not missing():
        return 0
    with suppress(_Provided), recording(by=by):
        lock_installation()
        names = missing()  # somebody else may just have written them
        if not names:
            raise _Provided
        for name in names:
            row(name).save()
        return len(names)
    return 0
