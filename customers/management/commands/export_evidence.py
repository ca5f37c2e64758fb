"""``manage.py export_evidence DIR``: the whole log for an auditor, or one entry with its proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tqdm import tqdm

from customers.audit_log.signer import log_signer
from customers.evidence.bundle import Exported, export_bundle, export_proof
from customers.management.desk_command import in_one_line


class Command(BaseCommand):
    """Writes an export without personal data, which ``verify.py`` checks."""

    help = _("Make a checkpoint and write all entries, it and the public key to a new or empty directory.")

    def add_arguments(self, parser: CommandParser) -> None:
        """The directory, and the sequence number of a single entry."""
        parser.add_argument("directory", type=Path, metavar="DIR", help=_("a new or empty directory"))
        parser.add_argument("--entry", type=int, metavar="SEQ", help=_("only this entry, with its proof"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Export the log; exit code 1 where the entries are not those that were signed, which are written all the same.

        It does not require an intact database (``require_database``): a damaged one is when the log is needed.
        """
        directory, entry = options["directory"], options["entry"]
        try:
            with in_one_line():
                if entry is not None:
                    proof = export_proof(entry, directory, log_signer())
                    sentence = _("Entry %(seq)d and its proof are in %(path)s.")
                    self.stdout.write(sentence % {"seq": entry, "path": proof.parent})
                    return
                exported = self._export(directory)
        except OSError as error:
            raise CommandError(_("Nothing was exported: %(why)s.") % {"why": error.strerror or error}) from error
        self.stdout.write(
            ngettext("%(n)d entry is in %(path)s.", "%(n)d entries are in %(path)s.", exported.entries)
            % {"n": exported.entries, "path": directory}
        )
        if not exported.agrees:
            raise CommandError(
                _("Tampered: the entries are not the ones the checkpoint is signed over. Run verify_evidence.")
            )

    def _export(self, directory: Path) -> Exported:
        with tqdm(unit=" entries", leave=False, disable=None) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            return export_bundle(directory, log_signer(), progress=progress)
