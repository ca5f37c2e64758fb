"""A package: the approved fields as JSON and as a document to read and print, sealed to the recipient's age key.

Made in memory. Nothing of it is ever written anywhere in clear.
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
"""Lies beside every document that is handed out; the document names it."""
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Files in the archive carry no time but this: when it was packed is in what they say."""


@dataclass(frozen=True)
class FieldValues:
    """One field of one customer: its values, each with what it belongs to (or "")."""

    code: str
    values: list[tuple[str, str]] = field(repr=False)

    @property
    def label(self) -> str:
        """The field in the language in force."""
        return str(Field(self.code).label)


@dataclass(frozen=True)
class Contents:
    """What goes to one recipient. ``number`` is ours, ``their_number`` and ``instrument`` stand in the request."""

    number: str
    their_number: str
    instrument: str
    recipient: str = field(repr=False)
    packed_at: datetime
    customers: list[tuple[str, list[FieldValues]]] = field(repr=False)


@dataclass(frozen=True)
class SealedPackage:
    """A package, sealed: only the recipient's secret key opens it."""

    content: bytes = field(repr=False)
    age_key: str

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the sealed bytes."""
        return hashlib.sha256(self.content).hexdigest()


def pack(contents: Contents, age_key: str, languages: Iterable[str] = ("vi", "en")) -> SealedPackage:
    """The package sealed to a recipient. Raises ``pyrage.RecipientError`` for a key that is none."""
    files = {f"{contents.number}.json": as_json(contents)}
    files[STYLESHEET] = stylesheet()
    files |= {f"{contents.number}.{language}.html": as_document(contents, language) for language in languages}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, EARLIEST), data)
    return SealedPackage(pyrage.encrypt(held.getvalue(), [pyrage.x25519.Recipient.from_str(age_key)]), age_key)


def as_json(contents: Contents) -> bytes:
    """For machines: field codes, values as they are on file, times in UTC."""
    told = {
        "v": 1,
        "number": contents.number,
        "their_number": contents.their_number,
        "instrument": contents.instrument,
        "recipient": contents.recipient,
        "packed_at": contents.packed_at.astimezone(timezone.get_fixed_timezone(0)).isoformat(),
        "customers": [
            {"reference": reference, "fields": {given.code: _values(given) for given in fields}}
            for reference, fields in contents.customers
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True).encode()


def stylesheet() -> bytes:
    """How documents look that are handed out, on a screen and on paper."""
    return render_to_string("disclosures/paper.css").encode()


def _values(given: FieldValues) -> list[dict[str, str]]:
    return [{"value": value, "about": about} if about else {"value": value} for value, about in given.values]


def as_document(contents: Contents, language: str) -> bytes:
    """For people: one page that any browser shows and prints, without anything from elsewhere."""
    with translation.override(language):
        return render_to_string("disclosures/package.html", {"contents": contents, "language": language}).encode()
