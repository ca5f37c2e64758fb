"""A number that is a question: how many there are, and where just so many are listed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

MOST = 10
"""So many rows a list on the first page has; the rest is behind its link."""
GOOD, WARN, BAD = "", "warn", "bad"


@dataclass(frozen=True)
class Tile:
    """A count and the list behind it. ``tone``: ``warn`` where it runs out, ``bad`` where it must not be so.

    ``note`` says in words what a colour would only hint at; ``due`` is when the first of them runs out.
    """

    label: str
    number: int
    url: str
    tone: str = GOOD
    note: str = ""
    due: datetime | None = None


def listed(name: str, query: str = "", anchor: str = "") -> str:
    """The address of a list: ``app_table`` and the choice of its filters."""
    address = reverse(f"admin:{name}_changelist")
    return f"{address}{'?' if query else ''}{query}{'#' if anchor else ''}{anchor}"
