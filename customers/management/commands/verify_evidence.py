"""``manage.py verify_evidence``: check that the log is intact and that tables and sealed contents agree with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error
from django.utils.translation import gettext as _

from customers.audit_log.commitments import verify_with_keys
from customers.evidence.verify import Report, VerifierKey
from customers.vault.errors import KeyringError


class Command(BaseCommand):
    """The verifier with the keys: checks what ``verify.py`` checks, and sealed contents against the log."""

    help = _(
        "Check the log, the tables and the sealed contents. Exit 0: whole, 1: tampered with, 2: cannot be verified."
    )
    requires_system_checks: list[str] = []  # the verifier itself reports what they would fail at

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of ``verify.py``; the key defaults to that of this installation."""
        parser.add_argument("--key", type=Path, metavar="FILE", help=_("the auditor's own copy of the public key"))
        parser.add_argument("--anchor", type=Path, metavar="FILE", action="append", default=[], help=_("earlier notes"))
        parser.add_argument("--state", type=Path, metavar="FILE", help=_("the newest checkpoint seen, kept up to date"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the verifier's report and exit with its code: 0 intact, 1 tampered with, 2 not verifiable."""
        try:
            report = self._verify(options["key"], options["anchor"], options["state"])
            if options["state"] and report.exit == 0 and report.last_good:
                _keep(options["state"], report.last_good.note)
        except (KeyringError, OSError, ValueError, Error) as error:
            why = " ".join(str(error).split())
            raise CommandError(_("Cannot verify: %(why)s") % {"why": why}, returncode=2) from error
        for line in report.lines:
            self.stdout.write(line)
        if report.exit:
            raise SystemExit(report.exit)

    def _verify(self, key: Path | None, anchors: list[Path], state: Path | None) -> Report:
        trusted = VerifierKey.parse(key.read_text().removesuffix("\n")) if key else None
        last_state = state.read_bytes() if state and state.exists() else None
        return verify_with_keys(key=trusted, anchors=[path.read_bytes() for path in anchors], state=last_state)


def _keep(path: Path, note: bytes) -> None:
    """Write the state file atomically."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
