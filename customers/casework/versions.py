"""History of a customer's data: per version who changed which fields, when and why; sealed values stay masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from customers.models import ContactPoint, Correction, CorrectionMove, Customer, ServiceAccess
from customers.vault.fields import SealedField
from customers.vault.sealed import Sealed

LEFT_OUT = frozenset({"id", "seal_id", "imported_by", "customer", "state_since", "added_at", "source", "channel"})
"""Columns of a version that are not shown: technical or never changed."""


@dataclass(frozen=True)
class Change:
    """One changed field of one version: the old and the new value, masked where sealed.

    ``table``, ``key`` and ``field`` address the page that reveals the old value, ``kind`` is the kind of datum the
    reader needs the right for; ``table`` is "" where nothing can be revealed.
    """

    label: str
    old: Any
    new: Any
    table: str = ""
    key: int = 0
    field: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Version:
    """One version: of which row, when, by whom (username), its changes, and the correction that made it, if any."""

    of: str
    at: datetime
    by: str
    is_first: bool
    changes: list[Change] = field(default_factory=list)
    correction: Correction | None = None


def versions(customer: Customer) -> list[Version]:
    """Every version of a customer, their addresses and services, newest first. No sealed value is decrypted."""
    rows: list[tuple[str, Iterable[Any]]] = [(_("customer"), customer.history.all())]
    for point in customer.contact_points.all():
        rows.append((point.get_channel_display(), point.history.all()))
    for service in customer.services.all():
        rows.append((service.service, service.history.all()))
    pairs = [version for label, history in rows for version in _of(label, history)]
    made_by = _corrections(customer)
    with_corrections = [(version, made_by.get((history._meta.db_table, str(history.pk)))) for version, history in pairs]
    lines = [_line(*version, correction) for version, correction in with_corrections]
    return sorted((line for line in lines if line.changes or line.is_first), key=lambda line: line.at, reverse=True)


Raw = tuple[str, Any, Any]


def _of(label: str, history: Any) -> Iterator[tuple[Raw, Any]]:
    """Pair each version of one row with the one before (None for the first)."""
    ordered = list(history.select_related("history_user").order_by("history_date", "history_id"))
    for before, version in zip([None, *ordered], ordered, strict=False):
        yield (label, before, version), version


def _corrections(customer: Customer) -> dict[tuple[str, str], Correction]:
    """The corrections in effect, by history table and key of the version they made. Makes one query."""
    transitions = CorrectionMove.objects.filter(customer=customer, how="carry_out").select_related(
        "subject__proposed_by", "subject__approved_by", "subject__request"
    )
    return {(transition.history_table, transition.history_row): transition.subject for transition in transitions}


def _line(label: str, before: Any, version: Any, correction: Correction | None) -> Version:
    changes = list(_changes(before, version)) if before is not None else []
    return Version(
        of=capfirst(label),
        at=version.history_date,
        by=version.history_user.username if version.history_user else "",
        is_first=before is None,
        changes=changes,
        correction=correction,
    )


TABLES = {Customer: "customer-version", ContactPoint: "contactpoint-version", ServiceAccess: ""}


def _changes(before: Any, version: Any) -> Iterator[Change]:
    for column in version.tracked_fields:
        if column.name in LEFT_OUT:
            continue
        old, new = getattr(before, column.attname), getattr(version, column.attname)
        if old == new:
            continue
        label = capfirst(str(column.verbose_name))
        if isinstance(column, SealedField):
            table = TABLES[version.instance_type] if isinstance(old, Sealed) else ""
            yield Change(label, old, new, table, before.pk, column.name, str(column.kind))
        else:
            yield Change(label, _shown(before, column, old), _shown(version, column, new))


def _shown(version: Any, column: Any, value: Any) -> Any:
    """An unsealed value for display: a choice's label, the row behind a foreign key (a team), else the value."""
    if column.choices:
        return dict(column.flatchoices).get(value, value)
    return getattr(version, column.name) if column.is_relation and value is not None else value
