"""What was done, read from the log and said in words."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from customers.audit_log.descriptions import DESCRIBED_BY, kind_in_words
from customers.evidence.accounting import parse_time
from customers.evidence.append_only import AppendOnly
from customers.evidence.models import Leaf
from customers.models import (
    AccessChange,
    CorrectionMove,
    CorrectionProposed,
    Customer,
    CustomerRequest,
    ImportBatch,
    InformationAnswer,
    InformationAsked,
    Notice,
    RequestClock,
    RequestMove,
    RequestReceived,
    SignIn,
    StaffMember,
)
from customers.models.registry import Registry

MOST_LINES = 20

ONLY_FOR: Registry[str, str] = Registry({})
"""Kinds of entries that are told to holders of a right at the desk only; floors above put theirs here."""


@dataclass(frozen=True)
class Line:
    """One line of a timeline: what, by whom (username), when, about whom (reference or ""), its entry number."""

    what: str
    by: str
    at: datetime
    seq: int
    customer: str


def timeline(customer: Customer, *, rights: Collection[str] = (), most: int = MOST_LINES) -> list[Line]:
    """The newest entries about a customer that a holder of these rights at the desk is told, newest first.

    Two queries, each on an index of its own.

    One query with OR would make PostgreSQL walk the whole log backwards for a customer with few entries.
    """
    untold = [kind for kind, right in ONLY_FOR.items() if right not in rights]
    about = Leaf.objects.filter(customer=customer.reference).exclude(kind__in=untold)
    leaves = list(about.order_by("-seq")[:most])
    batch = ImportBatch._meta.db_table
    leaves += Leaf.objects.filter(table_name=batch, row_key=str(customer.imported_by_id))
    return lines(sorted(leaves, key=lambda leaf: -leaf.seq)[:most])


def about_person(person: StaffMember, *, most: int = MOST_LINES) -> list[Line]:
    """The newest about a member of staff: what they may do, how they came and went; each query on an index."""
    found = Q(pk__in=[])
    for model in (AccessChange, SignIn):
        newest = model._base_manager.filter(person=person).order_by("-pk").values_list("pk", flat=True)[:most]
        found |= Q(table_name=model._meta.db_table, row_key__in=[str(key) for key in newest])
    return lines(Leaf.objects.filter(found).order_by("-seq")[:most])


def lines(leaves: Iterable[Leaf]) -> list[Line]:
    """Entries in words; one query for the people whom they name by key, however many there are."""
    payloads = [(leaf.seq, json.loads(bytes(leaf.payload))) for leaf in leaves]
    keys = {0, *(payload["columns"].get("person_id") or 0 for _seq, payload in payloads)}  # always one query
    named = dict(StaffMember.objects.filter(pk__in=keys).values_list("pk", "username"))
    return [_line(seq, payload, named) for seq, payload in payloads]


def _line(seq: int, payload: dict[str, Any], named: dict[int, str]) -> Line:
    describe = DESCRIBED_BY.get(payload["kind"])
    columns = {**payload["columns"], "person": named.get(payload["columns"].get("person_id"), "")}
    return Line(
        what=describe(columns) if describe else kind_in_words(payload["kind"]),
        by=payload["by"],
        at=parse_time(payload["at"]),
        seq=seq,
        customer=payload["customer"] or "",
    )


def about_request(request: CustomerRequest, *, most: int = MOST_LINES) -> list[Line]:
    """The newest entries about one request, newest first: its moves, its clocks, letters, questions and corrections."""
    rows: list[tuple[type[AppendOnly], dict[str, Any]]] = [
        (RequestReceived, {"request": request}),
        (RequestMove, {"subject": request}),
        (RequestClock, {"request": request}),
        (Notice, {"request": request}),
        (InformationAsked, {"request": request}),
        (InformationAnswer, {"question__request": request}),
        (CorrectionProposed, {"request": request}),
        (CorrectionMove, {"subject__request": request}),
    ]
    named = Q(pk__in=())
    for model, condition in rows:
        keys = model._default_manager.filter(**condition).order_by("-pk").values_list("pk", flat=True)[:most]
        named |= Q(table_name=model._meta.db_table, row_key__in=[str(key) for key in keys])
    return lines(Leaf.objects.filter(named).order_by("-seq")[:most])
