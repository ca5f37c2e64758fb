"""A CRM export as a file: read through from end to end before any row is used.

Faults of the file as a whole are refused here, with a sentence that repeats nothing of its contents.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from customers.crm_import.rows import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from customers.validation.errors import InvalidInput

LARGEST_BYTES = 512_000_000
LONGEST_LINE_BYTES = 1_000_000
CHUNK_BYTES = 1 << 20

Stamp = tuple[int, int, int]
"""Inode, size and modification time (ns) of a file: they differ where it was changed or replaced."""


@dataclass(frozen=True)
class CrmFile:
    """A file that was read through: valid UTF-8 and CSV with every required column. ``rows`` excludes the header."""

    path: Path
    sha256: str
    header: tuple[str, ...]
    rows: int
    stamp: Stamp

    @property
    def left_out(self) -> int:
        """How many columns are neither required nor optional; they are ignored."""
        return len(set(self.header) - {*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS})

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record with its number; row 1 is the first one after the header. Blank lines are skipped.

        Raises ``InvalidInput`` where the file was changed since ``look_through``.
        """
        with _opened(self.path) as stream:
            self.require_same_file()
            records = _cells(stream)
            next(records)
            yield from enumerate(records, start=1)

    def require_same_file(self) -> None:
        """Raise ``InvalidInput`` where the file was changed: its rows would be recorded under a wrong hash."""
        if _stamp(self.path) != self.stamp:
            raise InvalidInput(_("The file was changed while it was read. Run the import again."))


def look_through(path: Path) -> CrmFile:
    """Read all of a file in constant memory. Raises ``InvalidInput`` where it cannot be imported."""
    try:
        if path.is_dir():
            raise InvalidInput(_("This is a directory; name a CSV file in it."))
        if not path.is_file():
            raise InvalidInput(_("There is no such file."))
    except OSError:  # the name is too long, or a folder is not accessible
        raise InvalidInput(_("The file cannot be read.")) from None
    stamp = _stamp(path)
    if stamp[1] > LARGEST_BYTES:
        raise InvalidInput(_("The file is larger than 512 MB; split it."))
    sha256 = _look_at_bytes(path)
    with _opened(path) as stream:
        records = _cells(stream)
        header = tuple(next(records, ()))
        _look_at_header(header)
        return CrmFile(path, sha256, header, sum(1 for _record in records), stamp)


def _stamp(path: Path) -> Stamp:
    try:
        status = os.stat(path)
    except OSError:
        raise InvalidInput(_("The file cannot be read.")) from None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _look_at_bytes(path: Path) -> str:
    """The file's SHA-256. Raises ``InvalidInput`` where it is not UTF-8, or has NUL bytes or too long a line."""
    digest, decoder, line = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                decoder.decode(chunk)
                ends = chunk.replace(b"\r", b"\n")  # the csv module ends a line at either
                first, last = ends.find(b"\n"), ends.rfind(b"\n")
                if line + (len(chunk) if first < 0 else first) > LONGEST_LINE_BYTES:
                    raise InvalidInput(_("The file has a line of more than 1 MB, so it is no list of customers."))
                line = line + len(chunk) if first < 0 else len(chunk) - last - 1
                if b"\0" in chunk:
                    raise InvalidInput(_("The file has NUL bytes in it, so it is no CSV. Export it again as UTF-8."))
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise InvalidInput(_("The file is not UTF-8. Export it again as UTF-8.")) from None
    except OSError:
        raise InvalidInput(_("The file cannot be read.")) from None
    return digest.hexdigest()


def _look_at_header(header: tuple[str, ...]) -> None:
    if not header:
        raise InvalidInput(_("The file is empty."))
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    if missing:
        raise InvalidInput(_("The file has no column %(names)s.") % {"names": ", ".join(missing)})
    repeated = [name for name in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS) if header.count(name) > 1]
    if repeated:
        raise InvalidInput(_("The file has the column %(names)s twice.") % {"names": ", ".join(repeated)})
    if len(set(header)) < len(header):
        raise InvalidInput(_("The file has a column twice."))


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        binary = path.open("rb")
    except OSError:
        raise InvalidInput(_("The file cannot be read.")) from None
    with binary, io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as stream:
        yield stream


def _cells(stream: TextIO) -> Iterator[list[str]]:
    reader = csv.reader(stream, strict=True)
    try:
        yield from (cells for cells in reader if cells)
    except csv.Error:
        sentence = _("Near line %(line)s the file is no sound CSV: a quote is misplaced or open, or a cell is endless.")
        raise InvalidInput(sentence % {"line": reader.line_num}) from None
    except UnicodeDecodeError:
        raise InvalidInput(_("The file was changed while it was read. Run the import again.")) from None
