"""Judging the rows of a CRM export, one at a time and by themselves: no database, no file.

A row is read column by column, from left to right, and rejected at its first fault. Why is a sentence of ours; no
value of a row is ever part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from customers.evidence.verify import canonical
from customers.validation.contact_data import (
    LONGEST_NAME,
    TOO_LONG,
    CellError,
    label,
    read_email,
    read_name,
    read_phone,
    read_reference,
    required,
    text,
)
from customers.vault import blind_index

MARKETING_COLUMNS = ("marketing_email", "marketing_sms")
"""They must be there, and are read by another command: nothing here depends on what is in them."""
REQUIRED_COLUMNS = (
    "customer_no", "full_name", "company", "email", "phone", "locale", "registered_at", "status", "team", "services",
    *MARKETING_COLUMNS,
)  # fmt: skip
OPTIONAL_COLUMNS = ("password_hash", "renewals")
WHOLE_ROW = ""
"""The column named where a row has more or fewer cells than the header: no single one is at fault."""

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DIGEST_KIND = "crm row"
STATUSES = {"active": "connected", "closed": "ended", "suspended": "suspended"}
LOCALES = ("vi", "en")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TIME = re.compile(DAY.pattern + r"[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
PASSWORD_HASHES = (
    # Argon2, as its own libraries write it and as Django does
    r"(?:argon2)?\$argon2(?:id|i|d)\$(?:v=\d+\$)?m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{8,}={0,2}\$[A-Za-z0-9+/]{16,}={0,2}",
    # bcrypt, plain and as Django writes it
    r"(?:bcrypt(?:_sha256)?\$)?\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}",
    # PBKDF2 in Django's, passlib's and Werkzeug's forms
    r"pbkdf2_sha(?:1|256|512)\$\d+\$[^$\s]+\$[A-Za-z0-9+/]{16,}={0,2}",
    r"\$pbkdf2(?:-sha(?:1|256|512))?\$\d+\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{16,}",
    r"pbkdf2:sha(?:1|256|512)(?::\d+)?\$[^$\s]+\$[0-9a-f]{32,}",
)
PASSWORD_HASH = re.compile("|".join(PASSWORD_HASHES), re.ASCII)


NOT_A_LOCALE = _("is a language the desk does not write in")
NOT_A_TIME = _("is not a day or time in the form 2026-01-31 or 2026-01-31T08:15:00+07:00")
IN_THE_FUTURE = _("has not come yet")
NOT_A_STATUS = _("is not one of active, closed, suspended")
NOT_A_HASH = _("is not an Argon2, bcrypt or PBKDF2 hash")
NOT_RENEWALS = _("is not a list of service=2026-01-31, one day for each service, with | between them")
CELLS = _("the row has more or fewer cells than the header")


@dataclass(frozen=True)
class Rejection:
    """A row that was not taken in: which, for the sake of which column, and why, in words of ours."""

    row: int
    column: str
    why: str


@dataclass(frozen=True, repr=False)
class Row:
    """A sound row in normal form. It has no ``repr``: tracebacks show one."""

    number: int
    reference: str
    full_name: str
    company: str | None
    email: str
    phone: str | None
    locale: str
    registered_at: datetime
    status: str
    team: str
    services: dict[str, date | None]
    """Each service and the day it renews on, where that is known."""
    password_hash: str | None

    @cached_property
    def digest(self) -> str:
        """A keyed digest of all that is kept of the row; rows that say the same in other spellings share it."""
        services = [[name, day.isoformat() if day else None] for name, day in sorted(self.services.items())]
        said = [
            self.reference,
            self.full_name,
            self.company,
            blind_index.normal_email(self.email),
            self.phone,
            self.locale,
            self.registered_at.astimezone(UTC).isoformat(),
            self.status,
            self.team,
            services,
            self.password_hash,
        ]
        return blind_index.digest(DIGEST_KIND, canonical(said).decode())


def judge(number: int, header: Sequence[str], cells: Sequence[str], *, at: datetime) -> Row | Rejection:
    """The row in normal form, or its first fault. ``at``: what is registered later than then lies in the future."""
    if len(cells) != len(header):
        return Rejection(number, WHOLE_ROW, str(CELLS))
    given = dict(zip(header, cells, strict=True))
    read: dict[str, Any] = {}
    for column, reader in READERS.items():
        try:
            read[column] = reader(given.get(column, ""))
            if column == "registered_at" and read[column] > at:
                raise CellError(IN_THE_FUTURE)
        except CellError as error:
            return Rejection(number, column, str(error))
    services = {**dict.fromkeys(read.pop("services")), **read.pop("renewals")}
    return Row(number=number, reference=read.pop("customer_no"), services=services, **read)


# --- one cell -------------------------------------------------------------------------------------------------


def read_company(cell: str) -> str | None:
    """A company, or None."""
    found = text(cell)
    if len(found) > LONGEST_NAME:
        raise CellError(TOO_LONG)
    return found or None


def read_locale(cell: str) -> str:
    """A language the desk writes in."""
    found = required(text(cell)).lower()
    if found not in LOCALES:
        raise CellError(NOT_A_LOCALE)
    return found


def read_time(cell: str) -> datetime:
    """A time in UTC. A day is its first moment; where no zone is given, it is Vietnam's."""
    found = required(text(cell))
    try:
        if not (DAY.fullmatch(found) or TIME.fullmatch(found)):
            raise ValueError
        time = datetime.fromisoformat(found)
        return (time if time.tzinfo else time.replace(tzinfo=ZONE)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise CellError(NOT_A_TIME) from None


def read_status(cell: str) -> str:
    """The desk's word for the CRM's."""
    found = required(text(cell)).lower()
    if found not in STATUSES:
        raise CellError(NOT_A_STATUS)
    return STATUSES[found]


def read_team(cell: str) -> str:
    """A team's name."""
    return required(label(cell))


def read_services(cell: str) -> list[str]:
    """The services, each once."""
    names = [label(part) for part in cell.split("|")]
    return list(dict.fromkeys(name for name in names if name))


def read_password_hash(cell: str) -> str | None:
    """A hash exactly as it stands, or None."""
    if not cell.strip():
        return None
    if not PASSWORD_HASH.fullmatch(cell):
        raise CellError(NOT_A_HASH)
    return cell


def read_renewals(cell: str) -> dict[str, date]:
    """The day each service renews on."""
    found: dict[str, date] = {}
    for part in cell.split("|"):
        if not part.strip():
            continue
        name, _equals, day = part.rpartition("=")
        name = label(name)
        if not name or name in found or not DAY.fullmatch(day.strip()):
            raise CellError(NOT_RENEWALS)
        try:
            found[name] = date.fromisoformat(day.strip())
        except ValueError:
            raise CellError(NOT_RENEWALS) from None
    return found


READERS: Mapping[str, Callable[[str], Any]] = {
    "customer_no": read_reference,
    "full_name": read_name,
    "company": read_company,
    "email": read_email,
    "phone": read_phone,
    "locale": read_locale,
    "registered_at": read_time,
    "status": read_status,
    "team": read_team,
    "services": read_services,
    "password_hash": read_password_hash,
    "renewals": read_renewals,
}
"""How each column is read, in the order they are judged in."""
