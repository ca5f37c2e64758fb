"""A tile of the first page: a count, and the link to the list of exactly the counted rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

MOST = 10
"""How many rows a list on the first page has at most; its link leads to the rest."""
GOOD, WARN, BAD = "", "warn", "bad"


@dataclass(frozen=True)
class Tile:
    """A count and its list. ``tone``: ``warn`` where something is about to be overdue, ``bad`` where it must not be so.

    ``note`` says as text what the colour means; ``due`` is the earliest deadline.
    """

    label: str
    number: int
    url: str
    tone: str = GOOD
    note: str = ""
    due: datetime | None = None


def listed(name: str, query: str = "", anchor: str = "") -> str:
    """The URL of a list: ``name`` is ``app_table``, ``query`` the choice of its filters."""
    address = reverse(f"admin:{name}_changelist")
    return f"{address}{'?' if query else ''}{query}{'#' if anchor else ''}{anchor}"
