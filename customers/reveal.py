"""Revealing one sealed value to one member of staff, on record before it is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.evidence.recording import recording
from customers.models import ContactPoint, Customer, Reveal, ServiceAccess, StaffMember
from customers.models.records import RevealReason
from customers.permissions import can_reveal
from customers.refusals import Unusable, refuse
from customers.vault.fields import sealed_fields
from customers.vault.kinds import NEVER_OPENED
from customers.vault.sealed import Sealed

TICKET = re.compile(r"#?[A-Za-z]{0,10}-?[0-9]{1,8}")
"""What a ticket number looks like. It is kept in clear, so no address and no phone number passes."""


@dataclass(frozen=True)
class Revealed:
    """An opened value, the record that accounts for it, and when it must be gone (UTC)."""

    value: str = field(repr=False)
    record: Reveal
    closes_at: datetime


def owner(row: Customer | ContactPoint | ServiceAccess) -> Customer:
    """The customer whose datum a row holds."""
    return row if isinstance(row, Customer) else row.customer


def reveal(
    row: Customer | ContactPoint | ServiceAccess,
    field_name: str,
    *,
    by: StaffMember,
    reason: str,
    ticket: str = "",
    text: str = "",
) -> Revealed:
    """Open ``row.field_name`` for ``by``: the record is committed first, then the value is exposed against it.

    ``reason`` is a ``RevealReason`` code; ``other`` needs ``text``. Raises ``Unusable`` for a reason, ticket or
    field that makes no sense, ``Refused`` (on record) where ``by`` has no right to this kind of datum of this
    customer, ``RecordFailed`` where the record cannot be written. In each case nothing is shown.
    """
    customer = owner(row)
    if field_name not in {f.name for f in sealed_fields(row)}:
        raise Unusable(_("There is no such value to reveal."))
    kind = next(f.kind for f in sealed_fields(row) if f.name == field_name)
    if kind in NEVER_OPENED or not can_reveal(by, customer, kind):
        sentence = _("You have no right to reveal this. The refusal is on record; ask your lead.")
        refuse("reveal", by=by, customer=customer, datum=kind, why="no_right", sentence=sentence)
    value: Sealed | None = getattr(row, field_name)
    _demand_sense(value, reason, ticket, text)
    assert value is not None
    with recording(by=by):
        record = Reveal(
            customer=customer,
            datum=kind,
            field=value.field,
            row_seal_id=row.seal_id,
            reason=reason,
            ticket=ticket,
            reason_text=text or None,
            closes_at=timezone.now() + timedelta(seconds=settings.REVEAL_SECONDS),
        )
        record.save()
    return Revealed(value.expose(record), record, record.closes_at)


def _demand_sense(value: Sealed | None, reason: str, ticket: str, text: str) -> None:
    if value is None:
        raise Unusable(_("There is nothing on file to reveal."))
    if value.trouble:
        raise Unusable(_("What is stored here does not open with the keys at hand. Tell your administrator."))
    if reason not in RevealReason.values:
        raise Unusable(_("Pick a reason."))
    if reason == RevealReason.OTHER and not text.strip():
        raise Unusable(_("Say the reason in words."))
    if ticket and not TICKET.fullmatch(ticket):
        raise Unusable(_("That does not look like a ticket number, for example T-88120."))
