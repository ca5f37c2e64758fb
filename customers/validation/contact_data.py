"""The normal form of e-mail addresses, phone numbers, names, references and labels, typed or imported.

No value is ever part of an error's words.
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
"""A customer number is kept in clear and stands in the evidence, so no address and no name with a space passes."""

LIKE_AN_ADDRESS = re.compile(r"@|(?:\d[ .()-]*){9,}", re.ASCII)
"""Finds what looks like an e-mail address or a phone number in a text that is kept in clear."""

MISSING = _("is missing")
TOO_LONG = _("is longer than the desk keeps")
NOT_A_REFERENCE = _("is not a customer number: letters, digits and dashes, at most 32")
NOT_AN_EMAIL = _("is not an e-mail address")
NOT_A_PHONE = _("is not a phone number that can be called")
IN_THE_WRONG_COLUMN = _("looks like an address or a phone number, and this column is kept in clear")


class CellError(ValueError):
    """A cell is not what its column holds; ``why`` says what is wrong without saying what is there."""

    def __init__(self, why: str | Promise) -> None:
        super().__init__(str(why))


def text(cell: str) -> str:
    """Trimmed, in NFC; whatever is inside is kept as it is, formulas and line breaks too."""
    return unicodedata.normalize("NFC", cell).strip()


def label(cell: str) -> str:
    """A text others are compared with: white space inside counts as one space. Raises ``CellError``.

    It is kept in clear, so what looks like an address or a phone number, as in a shifted row, is refused.
    """
    found = " ".join(text(cell).split())
    if len(found) > LONGEST_LABEL:
        raise CellError(TOO_LONG)
    if LIKE_AN_ADDRESS.search(found):
        raise CellError(IN_THE_WRONG_COLUMN)
    return found


def required(found: str) -> str:
    """The same, where there is something."""
    if not found:
        raise CellError(MISSING)
    return found


def read_reference(cell: str) -> str:
    """A customer number."""
    found = required(text(cell))
    if not REFERENCE.fullmatch(found):
        raise CellError(NOT_A_REFERENCE)
    return found


def read_name(cell: str) -> str:
    """A name."""
    found = required(text(cell))
    if len(found) > LONGEST_NAME:
        raise CellError(TOO_LONG)
    return found


def read_email(cell: str) -> str:
    """An e-mail address: NFKC, trimmed, its domain in lower case; the part before the @ as the customer spells it."""
    found = required(unicodedata.normalize("NFKC", cell).strip())
    local, _at, domain = found.rpartition("@")
    found = f"{local}@{domain.lower()}"
    try:
        validate_email(found)
        blind_index.normal_email(found)
    except (ValidationError, blind_index.NotNormal):
        raise CellError(NOT_AN_EMAIL) from None
    return found


def read_phone(cell: str) -> str | None:
    """A phone number in E.164, or None: not everybody gives one."""
    if not cell.strip():
        return None
    try:
        return blind_index.normal_phone(cell)
    except blind_index.NotNormal:
        raise CellError(NOT_A_PHONE) from None
