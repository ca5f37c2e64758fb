"""The outcome of an import, and its report: a JSON file without any value of a row."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from customers.crm_import.rows import Rejection
from customers.validation.errors import InvalidInput

BEGINS = b'{\n "rows": '
"""The first bytes of every report; ``is_report`` recognises one by them."""


@dataclass
class Outcome:
    """Counts of the rows of an import by result.

    ``rows == accepted + unchanged + corrected + len(rejected)``; ``corrected`` is None in a run without corrections.
    """

    rows: int = 0
    accepted: int = 0
    unchanged: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    corrected: int | None = None
    left_out: int = 0
    """Columns of the file that were ignored."""

    def add(self, *, accepted: int, unchanged: int, rejected: list[Rejection], corrected: int = 0) -> None:
        """Add the counts of a batch; batches come in the order of the file."""
        self.rows += accepted + unchanged + corrected + len(rejected)
        if self.corrected is not None:
            self.corrected += corrected
        self.accepted += accepted
        self.unchanged += unchanged
        self.rejected += sorted(rejected, key=lambda rejection: rejection.row)

    def report(self) -> dict[str, Any]:
        """The contents of the report: counts, and number, column and reason of each rejected row."""
        return {
            "rows": self.rows,
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            **({} if self.corrected is None else {"corrected": self.corrected}),
            "rejected": [asdict(rejection) for rejection in self.rejected],
        }


def require_free_place(report: Path, source: Path) -> None:
    """Raise ``InvalidInput`` where the report cannot be written, or would overwrite anything that is not a report."""
    try:
        if report.is_dir():
            raise InvalidInput(_("The report needs the name of a file, and this is a directory."))
        if report.exists() and source.exists() and report.samefile(source):
            raise InvalidInput(_("The report would overwrite the file it is about; give it another name."))
        if report.exists() and not is_report(report):
            raise InvalidInput(_("The report would overwrite something that is no report; give it another name."))
        if report.exists() and not os.access(report, os.W_OK):
            raise PermissionError
        with tempfile.TemporaryFile(dir=report.parent):
            pass
    except OSError:
        raise InvalidInput(_("The report cannot be written there; name a place that may be written to.")) from None


def is_report(path: Path) -> bool:
    """Whether a file may be replaced by a report: it is a report, or empty."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(BEGINS)) in (b"", BEGINS)


class Reported(Protocol):
    """Anything with a ``report``, such as ``Outcome``."""

    def report(self) -> dict[str, Any]: ...


def write_report(outcome: Reported, report: Path) -> None:
    """Write the report atomically: a reader finds either the old file or the new one.

    Raises ``InvalidInput`` where it cannot be written; the import is committed all the same.
    """
    try:
        with tempfile.TemporaryDirectory(dir=report.parent, prefix=f".{report.name}.") as aside:
            whole = Path(aside) / "report"
            with whole.open("w", encoding="utf-8") as file:
                json.dump(outcome.report(), file, ensure_ascii=False, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            whole.replace(report)
    except OSError:
        raise InvalidInput(
            _("The import is done, but its report could not be written. Run the import again.")
        ) from None
