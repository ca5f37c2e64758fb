"""The normal form of e-mail addresses, phone numbers, names, references and labels, typed or imported.

No error message contains a value.
"""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.vault import blind_index

LONGEST_NAME = 200
LONGEST_LABEL = 100

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)
"""A customer number. It is kept in clear, also in the evidence, so no address and no name with a space passes."""

LIKE_AN_ADDRESS = re.compile(r"@|(?:\d[ .()-]*){9,}", re.ASCII)
"""Finds what looks like an e-mail address or a phone number in a text that is kept in clear."""

MISSING = _("is missing")
TOO_LONG = _("is longer than the desk keeps")
NOT_A_REFERENCE = _("is not a customer number: letters, digits and dashes, at most 32")
NOT_AN_EMAIL = _("is not an e-mail address")
NOT_A_PHONE = _("is not a phone number that can be called")
IN_THE_WRONG_COLUMN = _("looks like an address or a phone number, and this column is kept in clear")


class CellError(ValueError):
    """A cell has no valid value for its column; ``why`` says what is wrong without repeating the value."""

    def __init__(self, why: str | Promise) -> None:
        super().__init__(str(why))


def text(cell: str) -> str:
    """The text trimmed and in NFC; nothing inside is changed, not even formulas and line breaks."""
    return unicodedata.normalize("NFC", cell).strip()


def label(cell: str) -> str:
    """A text that is compared with others: any white space inside becomes one space. Raises ``CellError``.

    It is kept in clear, so what looks like an address or a phone number, as in a shifted row, is refused.
    """
    value = " ".join(text(cell).split())
    if len(value) > LONGEST_LABEL:
        raise CellError(TOO_LONG)
    if LIKE_AN_ADDRESS.search(value):
        raise CellError(IN_THE_WRONG_COLUMN)
    return value


def required(found: str) -> str:
    """The text unchanged. Raises ``CellError`` where it is empty."""
    if not found:
        raise CellError(MISSING)
    return found


def read_reference(cell: str) -> str:
    """A customer number. Raises ``CellError`` where it is missing or has another form."""
    reference = required(text(cell))
    if not REFERENCE.fullmatch(reference):
        raise CellError(NOT_A_REFERENCE)
    return reference


def read_name(cell: str) -> str:
    """A name. Raises ``CellError`` where it is missing or longer than ``LONGEST_NAME`` characters."""
    name = required(text(cell))
    if len(name) > LONGEST_NAME:
        raise CellError(TOO_LONG)
    return name


def read_email(cell: str) -> str:
    """An e-mail address: NFKC, trimmed, its domain in lower case; the part before the @ as the customer spells it.

    Raises ``CellError`` where it is missing or not an e-mail address.
    """
    address = required(unicodedata.normalize("NFKC", cell).strip())
    local, _at, domain = address.rpartition("@")
    address = f"{local}@{domain.lower()}"
    try:
        validate_email(address)
        blind_index.normal_email(address)
    except (ValidationError, blind_index.NotNormal):
        raise CellError(NOT_AN_EMAIL) from None
    return address


def read_phone(cell: str) -> str | None:
    """A phone number in E.164; None for an empty cell, as not everybody gives one. Raises ``CellError``."""
    if not cell.strip():
        return None
    try:
        return blind_index.normal_phone(cell)
    except blind_index.NotNormal:
        raise CellError(NOT_A_PHONE) from None
