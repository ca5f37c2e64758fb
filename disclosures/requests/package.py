"""The format of a package: the approved fields as JSON and as printable HTML, zipped and sealed to an age key.

All of it is made in memory: nothing is ever stored in clear.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import pyrage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from disclosures.models.requests import Field

STYLESHEET = "paper.css"
"""Name of the stylesheet in every archive; its HTML documents link to it."""
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Modification time of every file in an archive, the earliest that ZIP allows; the real time is in the contents."""


@dataclass(frozen=True)
class FieldValues:
    """One field of one customer; ``values`` are pairs of a value and what it belongs to, such as a service (or "")."""

    code: str
    values: list[tuple[str, str]] = field(repr=False)

    @property
    def label(self) -> str:
        """The field's name in the active language."""
        return str(Field(self.code).label)


@dataclass(frozen=True)
class Contents:
    """Everything that a package tells one recipient.

    ``number`` is the request's number here; ``their_number`` and ``instrument`` are quoted from the request itself.
    ``customers`` are pairs of a customer's reference and the fields given.
    """

    number: str
    their_number: str
    instrument: str
    recipient: str = field(repr=False)
    packed_at: datetime
    customers: list[tuple[str, list[FieldValues]]] = field(repr=False)


@dataclass(frozen=True)
class SealedPackage:
    """An encrypted package, which only the secret key for ``age_key`` opens."""

    content: bytes = field(repr=False)
    age_key: str

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the sealed bytes."""
        return hashlib.sha256(self.content).hexdigest()


def pack(contents: Contents, age_key: str, languages: Iterable[str] = ("vi", "en")) -> SealedPackage:
    """Zip the contents and seal them to a recipient. Raises ``pyrage.RecipientError`` for an invalid key."""
    files = {f"{contents.number}.json": as_json(contents)}
    files[STYLESHEET] = stylesheet()
    files |= {f"{contents.number}.{language}.html": as_document(contents, language) for language in languages}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, EARLIEST), data)
    return SealedPackage(pyrage.encrypt(buffer.getvalue(), [pyrage.x25519.Recipient.from_str(age_key)]), age_key)


def as_json(contents: Contents) -> bytes:
    """The machine-readable file: field codes, values as stored, time of packing in UTC."""
    document = {
        "v": 1,
        "number": contents.number,
        "their_number": contents.their_number,
        "instrument": contents.instrument,
        "recipient": contents.recipient,
        "packed_at": contents.packed_at.astimezone(timezone.get_fixed_timezone(0)).isoformat(),
        "customers": [
            {"reference": reference, "fields": {field_values.code: _values(field_values) for field_values in fields}}
            for reference, fields in contents.customers
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True).encode()


def stylesheet() -> bytes:
    """The stylesheet of documents handed out, for screen and print."""
    return render_to_string("disclosures/paper.css").encode()


def _values(field_values: FieldValues) -> list[dict[str, str]]:
    return [{"value": value, "about": about} if about else {"value": value} for value, about in field_values.values]


def as_document(contents: Contents, language: str) -> bytes:
    """The readable file: one HTML page in ``language``; it loads nothing but the stylesheet beside it."""
    with translation.override(language):
        return render_to_string("disclosures/package.html", {"contents": contents, "language": language}).encode()
