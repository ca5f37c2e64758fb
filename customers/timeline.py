"""What was done, read from the log and said in words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.evidence.accounting import parse_time
from customers.evidence.append_only import append_only_models
from customers.evidence.models import Leaf
from customers.models import (
    AccessChange,
    AccessGrant,
    AccessGrantEnd,
    Budget,
    BudgetAllowance,
    Customer,
    Find,
    ImportBatch,
    Reveal,
    StaffMember,
    Verification,
    VerificationClosure,
)
from customers.models.access import reason_in_words
from customers.models.records import RevealReason
from customers.refusals import ACTS, WHYS
from customers.vault.kinds import Kind

MOST_LINES = 20


@dataclass(frozen=True)
class Line:
    """One line of a timeline: what, by whom (username), when, about whom (reference or ""), its entry number."""

    what: str
    by: str
    at: datetime
    seq: int
    customer: str


def timeline(customer: Customer, *, most: int = MOST_LINES) -> list[Line]:
    """The newest entries about a customer, newest first: two queries, each on an index of its own.

    One query with OR would make PostgreSQL walk the whole log backwards for a customer with few entries.
    """
    leaves = list(Leaf.objects.filter(customer=customer.reference).order_by("-seq")[:most])
    batch = ImportBatch._meta.db_table
    leaves += Leaf.objects.filter(table_name=batch, row_key=str(customer.imported_by_id))
    return lines(sorted(leaves, key=lambda leaf: -leaf.seq)[:most])


def about_person(person: StaffMember, *, most: int = MOST_LINES) -> list[Line]:
    """The newest changes of what a member of staff may do, newest first: two queries, each on an index."""
    changes = AccessChange.objects.filter(person=person).order_by("-pk").values_list("pk", flat=True)[:most]
    keys = [str(key) for key in changes]
    leaves = Leaf.objects.filter(table_name=AccessChange._meta.db_table, row_key__in=keys)
    return lines(leaves.order_by("-seq"))


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


def kinds_in_words() -> dict[str, str]:
    """Every kind of record there is, with its name in the reader's language."""
    return {model.kind: capfirst(str(model._meta.verbose_name)) for model in append_only_models()}


def kind_in_words(kind: str) -> str:
    """A kind of record by its name; the code itself for one that is no longer known."""
    return kinds_in_words().get(kind, kind)


def _datum(code: str) -> str:
    return str(Kind(code).label) if code in Kind.values else code


def _field(place: str) -> str:
    """``customers.ServiceAccess.login`` in words; the code itself for a field that is no longer there."""
    app, model, field = place.split(".")
    try:
        return str(apps.get_model(app, model)._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    except (LookupError, FieldDoesNotExist):
        return place


def _reveal(columns: dict[str, Any]) -> str:
    why = ", ".join(filter(None, [str(RevealReason(columns["reason"]).label), columns["ticket"]]))
    return _("Revealed: %(kind)s · %(why)s") % {"kind": _field(columns["field"]), "why": why}


def _refusal(columns: dict[str, Any]) -> str:
    what = _datum(columns["datum"]) or str(ACTS.get(columns["act"], columns["act"]))
    why = str(WHYS.get(columns["why"], columns["why"]))
    return _("Refused: %(kind)s · %(why)s") % {"kind": what, "why": why}


def _find(columns: dict[str, Any]) -> str:
    sought = ", ".join(str(Find.What(what).label) for what in columns["sought"])
    count = len(columns["own"]) + len(columns["elsewhere"])
    return ngettext("Looked for by %(sought)s: %(n)s found", "Looked for by %(sought)s: %(n)s found", count) % {
        "sought": sought,
        "n": count,
    }


def _verification(columns: dict[str, Any]) -> str:
    told = [_("%(kind)s: match") % {"kind": _datum(kind)} for kind in columns["matched"]]
    told += [_("%(kind)s: no match") % {"kind": _datum(kind)} for kind in columns["missed"]]
    return _("Checked · %(told)s") % {"told": ", ".join(told)}


def _closure(columns: dict[str, Any]) -> str:
    at = timezone.localtime(parse_time(columns["until"])).strftime("%H:%M")
    return _("Verifying closed until %(at)s: too many misses") % {"at": at}


def _grant(columns: dict[str, Any]) -> str:
    told = {"person": columns["person"], "why": reason_in_words(columns["reason"], columns["ticket"])}
    if columns["how"] == AccessGrant.How.BREAK_GLASS:
        return _("Glass broken · %(why)s") % told
    return _("Grant given to %(person)s · %(why)s") % told


def _grant_end(columns: dict[str, Any]) -> str:
    return _("Grant of %(person)s ended") % {"person": columns["person"]}


def _allowance(columns: dict[str, Any]) -> str:
    return _("%(person)s: %(more)s more allowed for the day, %(act)s") % {
        "person": columns["person"],
        "more": columns["more"],
        "act": Budget(columns["budget"]).label,
    }


def _import_batch(columns: dict[str, Any]) -> str:
    return _("Imported from the CRM")


def _service_access_change(columns: dict[str, Any]) -> str:
    return _("Service access set")


def _access_change(columns: dict[str, Any]) -> str:
    what = capfirst(str(AccessChange.What(columns["what"]).label))
    role = _(columns["role"]) if columns["role"] else ""
    detail = columns["detail"]
    return " · ".join(filter(None, [what, detail.get("person"), role, detail.get("team")]))


DESCRIBED_BY = {
    Reveal.kind: _reveal,
    "refusal": _refusal,
    ImportBatch.kind: _import_batch,
    "service_access_change": _service_access_change,
    AccessChange.kind: _access_change,
    Find.kind: _find,
    Verification.kind: _verification,
    VerificationClosure.kind: _closure,
    AccessGrant.kind: _grant,
    AccessGrantEnd.kind: _grant_end,
    BudgetAllowance.kind: _allowance,
}
"""How each kind of record reads on a timeline; any other reads as its name."""
