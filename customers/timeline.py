"""What was done about a customer, read from the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from customers.evidence.accounting import parse_time
from customers.evidence.models import Leaf
from customers.models import Customer, ImportBatch, Reveal
from customers.models.records import RevealReason
from customers.vault.kinds import Kind


@dataclass(frozen=True)
class Line:
    """One line of a timeline: what, by whom (username), when, and its entry number in the log."""

    what: str
    by: str
    at: datetime
    seq: int


def timeline(customer: Customer, *, most: int = 20) -> list[Line]:
    """The newest entries about a customer, newest first: one query."""
    about = Q(customer=customer.reference)
    if customer.imported_by_id is not None:
        about |= Q(table_name=ImportBatch._meta.db_table, row_key=str(customer.imported_by_id))
    leaves = Leaf.objects.filter(about).order_by("-seq")[:most]
    return [_line(leaf.seq, json.loads(bytes(leaf.payload))) for leaf in leaves]


def _line(seq: int, payload: dict[str, Any]) -> Line:
    describe = DESCRIBED_BY.get(payload["kind"])
    what = describe(payload["columns"]) if describe else payload["kind"]
    return Line(what=what, by=payload["by"], at=parse_time(payload["at"]), seq=seq)


def _reveal(columns: dict[str, Any]) -> str:
    why = ", ".join(filter(None, [str(RevealReason(columns["reason"]).label), columns["ticket"]]))
    return _("Revealed: %(kind)s · %(why)s") % {"kind": Kind(columns["datum"]).label, "why": why}


def _refusal(columns: dict[str, Any]) -> str:
    kind = Kind(columns["datum"]).label if columns["datum"] else columns["act"]
    return _("Reveal refused: %(kind)s") % {"kind": kind}


def _import_batch(columns: dict[str, Any]) -> str:
    return _("Imported from the CRM")


def _service_access_change(columns: dict[str, Any]) -> str:
    return _("Service access set")


DESCRIBED_BY = {
    Reveal.kind: _reveal,
    "refusal": _refusal,
    ImportBatch.kind: _import_batch,
    "service_access_change": _service_access_change,
}
"""How each kind of record reads on a timeline."""
