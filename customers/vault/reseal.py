"""Copying a sealed value to another row of the same customer: decrypted and sealed again inside the vault."""

from __future__ import annotations

from django.db.models import Model

from customers.vault.errors import SealedMisuse
from customers.vault.fields import sealed_fields
from customers.vault.sealed import Sealed, owner_of


def carry(value: Sealed, row: Model, field_name: str) -> None:
    """Set ``row.field_name`` to the content of ``value``, and its blind indexes too. The row is not saved.

    Raises ``SealedMisuse`` where there is no sealed field of that name and kind, the row belongs to another customer,
    or the value was read without its row; ``Unreadable`` where the value cannot be opened.
    """
    field = next((field for field in sealed_fields(row) if field.name == field_name), None)
    if field is None or field.kind != value.kind:
        raise SealedMisuse(f"{field_name}: a value is carried into a field of its own kind only.")
    if value._row is None or owner_of(value._row) != owner_of(row):
        raise SealedMisuse(f"{field.sealed_as}: a value stays with its customer.")
    setattr(row, field_name, value._open().value)
