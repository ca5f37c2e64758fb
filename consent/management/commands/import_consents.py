"""``manage.py import_consents FILE.csv [--report R.json] [--by USERNAME]``: consents and opt-outs from a CRM export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from tqdm import tqdm

from consent.choices.import_consents import import_consents, in_words
from customers.management.desk_command import DeskCommand


class Command(DeskCommand):
    """Imports the marketing columns of a CRM export; ``consent.choices.import_consents`` has the rules."""

    help = _("Take in what a CRM export says about news: yes, no, or nothing.")

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and where the report is written."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE.csv", help=_("the export: CSV in UTF-8, at most 512 MB"))
        parser.add_argument("--report", type=Path, metavar="R.json", help=_("where to write what became of each row"))

    def act(self, *args: Any, **options: Any) -> None:
        """Import and print the counts; rejected rows do not make the command fail."""
        by = self.actor(options)
        with tqdm(unit=" rows", file=sys.stderr, disable=None) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            outcome = import_consents(options["file"], by=by, report=options["report"], progress=show)
        self.stdout.write(in_words(outcome))
