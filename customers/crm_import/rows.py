"""Validation of the rows of a CRM export, one at a time, without database or file.

A row is read in the order of ``READERS`` and rejected at its first fault. The reason is a fixed sentence that never
contains a value of the row.
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
"""Required columns that are not read here; the import of marketing consents reads them."""
REQUIRED_COLUMNS = (
    "customer_no", "full_name", "company", "email", "phone", "locale", "registered_at", "status", "team", "services",
    *MARKETING_COLUMNS,
)  # fmt: skip
OPTIONAL_COLUMNS = ("password_hash", "renewals")
WHOLE_ROW = ""
"""The column in a rejection where a row has more or fewer cells than the header."""

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
    """A rejected row: its number, the column at fault, and the reason without any value of the row."""

    row: int
    column: str
    why: str


@dataclass(frozen=True, repr=False)
class Row:
    """A valid row, normalised. It has no ``repr``, because tracebacks would show personal data."""

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
    """Each service and its renewal day, or None where that is not known."""
    password_hash: str | None

    @cached_property
    def digest(self) -> str:
        """A keyed digest of the normalised row; rows with the same data in other spellings share it."""
        services = [[name, day.isoformat() if day else None] for name, day in sorted(self.services.items())]
        contents = [
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
        return blind_index.digest(DIGEST_KIND, canonical(contents).decode())


def judge(number: int, header: Sequence[str], cells: Sequence[str], *, at: datetime) -> Row | Rejection:
    """The normalised row, or its first fault. A registration later than ``at`` is a fault."""
    if len(cells) != len(header):
        return Rejection(number, WHOLE_ROW, str(CELLS))
    row_cells = dict(zip(header, cells, strict=True))
    values: dict[str, Any] = {}
    for column, reader in READERS.items():
        try:
            values[column] = reader(row_cells.get(column, ""))
            if column == "registered_at" and values[column] > at:
                raise CellError(IN_THE_FUTURE)
        except CellError as error:
            return Rejection(number, column, str(error))
    services = {**dict.fromkeys(values.pop("services")), **values.pop("renewals")}
    return Row(number=number, reference=values.pop("customer_no"), services=services, **values)


# --- readers of one cell ---------------------------------------------------------------------------------------------


def read_company(cell: str) -> str | None:
    """The company, or None. Raises ``CellError``, as all readers do."""
    company = text(cell)
    if len(company) > LONGEST_NAME:
        raise CellError(TOO_LONG)
    return company or None


def read_locale(cell: str) -> str:
    """The language of letters, one of ``LOCALES``."""
    locale = required(text(cell)).lower()
    if locale not in LOCALES:
        raise CellError(NOT_A_LOCALE)
    return locale


def read_time(cell: str) -> datetime:
    """A time in UTC. A date counts as its midnight; without an offset it is in Vietnam's time zone."""
    value = required(text(cell))
    try:
        if not (DAY.fullmatch(value) or TIME.fullmatch(value)):
            raise ValueError
        time = datetime.fromisoformat(value)
        return (time if time.tzinfo else time.replace(tzinfo=ZONE)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise CellError(NOT_A_TIME) from None


def read_status(cell: str) -> str:
    """The status code of ``Customer`` for that of the CRM."""
    status = required(text(cell)).lower()
    if status not in STATUSES:
        raise CellError(NOT_A_STATUS)
    return STATUSES[status]


def read_team(cell: str) -> str:
    """The team's name."""
    return required(label(cell))


def read_services(cell: str) -> list[str]:
    """The services of a list separated by ``|``, each once."""
    names = [label(part) for part in cell.split("|")]
    return list(dict.fromkeys(name for name in names if name))


def read_password_hash(cell: str) -> str | None:
    """A password hash, unchanged, or None."""
    if not cell.strip():
        return None
    if not PASSWORD_HASH.fullmatch(cell):
        raise CellError(NOT_A_HASH)
    return cell


def read_renewals(cell: str) -> dict[str, date]:
    """The renewal day of each service, from ``service=2026-01-31`` separated by ``|``."""
    renewals: dict[str, date] = {}
    for part in cell.split("|"):
        if not part.strip():
            continue
        name, _equals, day = part.rpartition("=")
        name = label(name)
        if not name or name in renewals or not DAY.fullmatch(day.strip()):
            raise CellError(NOT_RENEWALS)
        try:
            renewals[name] = date.fromisoformat(day.strip())
        except ValueError:
            raise CellError(NOT_RENEWALS) from None
    return renewals


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
"""The reader of each column, in the order in which a row is checked."""
