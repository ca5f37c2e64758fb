"""Revealing one sealed value to one member of staff; the record is committed before the value is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting
from customers.acts.budgets import require_budget_left
from customers.models import Budget, Customer, Reveal, StaffMember
from customers.models.acts import Act, RefusalReason
from customers.permissions.customers import RIGHT_TO_REVEAL
from customers.permissions.standing import standing_of
from customers.validation.errors import InvalidInput
from customers.validation.reasons import require_reason
from customers.validation.tickets import normal_ticket
from customers.vault.fields import sealed_fields
from customers.vault.kinds import NEVER_OPENED, Kind
from customers.vault.sealed import Sealed


@dataclass(frozen=True)
class Revealed:
    """A decrypted value, the record of revealing it, and until when (UTC) it may be shown."""

    value: str = field(repr=False)
    record: Reveal
    closes_at: datetime


def owner(row: Any) -> Customer:
    """The customer to whom a row, or a history version of one, belongs."""
    if hasattr(row, "history_id"):
        return Customer.objects.get(pk=row.customer_id if hasattr(row, "customer_id") else row.id)
    return row if isinstance(row, Customer) else row.customer  # type: ignore[no-any-return]


def reveal(
    row: Any,
    field_name: str,
    *,
    by: StaffMember,
    reason: str,
    ticket: str = "",
    text: str = "",
) -> Revealed:
    """Reveal ``row.field_name`` to ``by``: the record is committed first, then the value is exposed against it.

    ``row`` has sealed fields and belongs to a customer; of a history version, the record names the version. ``reason``
    is a ``RevealReason`` code; ``other`` needs ``text``. Raises ``InvalidInput`` for an invalid reason, ticket or
    field, ``Refused`` (on record) where ``by`` has no right to this kind of datum of this customer or has used up the
    day's budget, ``RecordFailed`` where the record cannot be written. In each case nothing is shown.
    """
    customer = owner(row)
    if field_name not in {sealed_field.name for sealed_field in sealed_fields(row)}:
        raise InvalidInput(_("There is no such value to reveal."))
    kind = next(sealed_field.kind for sealed_field in sealed_fields(row) if sealed_field.name == field_name)
    ticket = normal_ticket(ticket)
    with acting(Act.REVEAL, by=by, customer=customer, datum=kind):
        until = _until(by, customer, kind)
        value: Sealed | None = getattr(row, field_name)
        _require_sense(value, reason, text)
        assert value is not None
        require_budget_left(Budget.REVEAL, by)
        record = Reveal(
            customer=customer,
            datum=kind,
            field=value.field,
            row_seal_id=row.seal_id,
            reason=reason,
            ticket=ticket,
            reason_text=text.strip() or None,
            closes_at=until,
            version=getattr(row, "history_id", None),
        )
        record.save()
    return Revealed(value.expose(record), record, record.closes_at)


def _until(by: StaffMember, customer: Customer, kind: Kind) -> datetime:
    """Until when a value revealed now may be shown, at most to the end of a grant. Raises ``Refuse`` without right."""
    right = RIGHT_TO_REVEAL.get(kind, "")
    standing = standing_of(by, right)
    if kind in NEVER_OPENED or not standing.holds(right, customer):
        raise Refuse(
            RefusalReason.NO_RIGHT, _("You have no right to reveal this. The refusal is on record; ask your lead.")
        )
    until = timezone.now() + timedelta(seconds=settings.REVEAL_SECONDS)
    return min(until, standing.until(right, customer) or until)


def _require_sense(value: Sealed | None, reason: str, text: str) -> None:
    if value is None:
        raise InvalidInput(_("There is nothing on file to reveal."))
    if value.trouble:
        raise InvalidInput(_("What is stored here does not open with the keys at hand. Tell your administrator."))
    require_reason(reason, text)
