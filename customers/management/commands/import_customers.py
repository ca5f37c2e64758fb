"""``manage.py import_customers FILE.csv [--correct] [--report R.json] [--by USERNAME]``: import a CRM export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from tqdm import tqdm

from customers.crm_import.customers import import_customers
from customers.crm_import.report import Outcome
from customers.management.desk_command import DeskCommand


class Command(DeskCommand):
    """Imports the new customers of a CRM export; with ``--correct`` also corrects those on file."""

    help = _("Take in the customers of a CRM export; rows that are on record already are left as they are.")

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, whether to correct, and the path of the report."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE.csv", help=_("the export: CSV in UTF-8, at most 512 MB"))
        parser.add_argument(
            "--correct", action="store_true", help=_("correct what is on record and stands otherwise in the file")
        )
        parser.add_argument("--report", type=Path, metavar="R.json", help=_("where to write what became of each row"))

    def act(self, *args: Any, **options: Any) -> None:
        """Import and print the counts; rejected rows do not make the command fail."""
        by = self.actor(options)
        with tqdm(unit=" rows", file=sys.stderr, disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            outcome = import_customers(
                options["file"], by=by, report=options["report"], correct=options["correct"], progress=show
            )
        self.stdout.write(in_words(outcome, bool(options["report"])))


def in_words(outcome: Outcome, reported: bool) -> str:
    """The counts of an outcome as sentences, with a hint to the report where rows were rejected."""
    summary = _("%(rows)d rows: %(accepted)d accepted, %(unchanged)d unchanged, %(rejected)d rejected.")
    if outcome.corrected is not None:
        summary = _(
            "%(rows)d rows: %(accepted)d accepted, %(unchanged)d unchanged, %(corrected)d corrected or waiting for a"
            " second person, %(rejected)d rejected."
        )
    sentences = [summary % {**outcome.report(), "rejected": len(outcome.rejected)}]
    if outcome.rejected and not reported:
        sentences.append(_("With --report R.json the command writes which rows and why."))
    if outcome.left_out:
        sentences.append(_("Columns the desk does not keep, left out: %(count)d.") % {"count": outcome.left_out})
    return " ".join(sentences)
