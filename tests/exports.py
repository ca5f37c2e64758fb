"""CRM exports for tests: the real one where it lies beside the checkout, an extract of its kinds, and made-up ones."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from customers.crm_import.rows import REQUIRED_COLUMNS

ROOT = Path(__file__).resolve().parent.parent
AS_OF = datetime(2027, 1, 1, tzinfo=UTC)
"""A day after the exports were made and before the one their wrong rows name: what counts is not today."""

EXTRACT = ROOT / "tests" / "data" / "crm_extract.csv"
REAL = ROOT.parent / "shared" / "data" / "crm_export.csv"
FILES = [EXTRACT, *([REAL] if REAL.exists() else [])]


def expected(path: Path) -> dict[str, Any]:
    """What must come of one of those files, as the file beside it says; rejected rows by (row, column)."""
    said = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
    return {**{key: said[key] for key in ("rows", "accepted", "unchanged")}, "rejected": where(said)}


def where(report: dict[str, Any]) -> list[tuple[int, str]]:
    """The rejected rows of a report by row and column."""
    return [(rejection["row"], rejection["column"]) for rejection in report["rejected"]]


def records(path: Path) -> list[dict[str, str]]:
    """A file's records."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def record(number: int = 1, **cells: str) -> dict[str, str]:
    """A sound record, with overrides; records of different numbers share no reference, address or number."""
    sound = {
        "customer_no": f"EX{number:07d}",
        "full_name": "Nguyễn Thị Hoa",
        "company": "Mai Công ty TNHH",
        "email": f"hoa.nguyen{number}@mail.example.com",
        "phone": f"+849123{number:05d}",
        "locale": "vi",
        "registered_at": "2021-10-25",
        "status": "active",
        "team": "Hanoi",
        "services": "CDN|Cloud Server",
        "marketing_email": "yes",
        "marketing_sms": "",
    }
    return {**sound, **cells}


def export(path: Path, rows: Iterable[dict[str, str]], header: Iterable[str] = REQUIRED_COLUMNS) -> Path:
    """Write an export; columns beyond the required ones come from the first row."""
    rows = list(rows)
    names = list(dict.fromkeys([*header, *(rows[0] if rows else [])]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path
