"""What every command of the desk has in common: it acts as somebody, and it says no in one line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.checks import ERROR, Tags, run_checks
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, DatabaseError
from django.utils.translation import gettext as _

from customers.acts.refusals import Refused
from customers.checks import migrations_wait
from customers.evidence.errors import EvidenceError
from customers.evidence.schema import SYSTEM
from customers.models import StaffMember
from customers.validation.errors import InvalidInput
from customers.vault.errors import KeyringError

STOPPED_BY_HAND = 130
"""The exit code shells give a command that was stopped with Ctrl-C."""


class DeskCommand(BaseCommand, ABC):
    """A command that acts as ``--by USERNAME``, or as the reserved account where nobody is named. Write ``act``.

    Before it runs, the database was found up to date and the keys at hand to be its own; what it refuses with
    becomes one line and an exit code that is not 0.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        """``--by``; a subclass with arguments of its own calls this too."""
        parser.add_argument("--by", metavar="USERNAME", default=SYSTEM, help=_("who acts (default: account system)"))

    def handle(self, *args: Any, **options: Any) -> None:
        """``act``, with the database looked at first and refusals in one line."""
        with in_one_line():
            require_database()
            self.act(*args, **options)

    @abstractmethod
    def act(self, *args: Any, **options: Any) -> None:
        """What the command does; whoever acts is ``self.actor(options)``."""

    def actor(self, options: dict[str, Any]) -> StaffMember:
        """Who acts. Raises ``CommandError`` for somebody unknown, or no longer active."""
        person = StaffMember.objects.filter(username=options["by"]).first()
        if person is None:
            raise CommandError(_("There is nobody of that username; --by takes one as it stands in the list of staff."))
        if not person.is_active and person.username != SYSTEM:
            raise CommandError(_("This person is no longer active and cannot act; name somebody else with --by."))
        return person


def require_database(using: str = DEFAULT_DB_ALIAS) -> None:
    """Raise ``CommandError`` unless the database is up to date and ours; before anything in it is read."""
    if migrations_wait(using):
        raise CommandError(_("The database is not up to date; run `manage.py migrate` first."))
    errors = [error for error in run_checks(tags=[Tags.database], databases=[using]) if error.level >= ERROR]
    if errors:
        raise CommandError(" ".join(f"{error.msg} {error.hint or ''}".strip() for error in errors))


@contextmanager
def in_one_line() -> Iterator[None]:
    """Turn what acts refuse with into a ``CommandError``; its traceback is there for who asks with --traceback."""
    try:
        yield
    except (InvalidInput, Refused, EvidenceError, KeyringError) as error:
        raise CommandError(str(error)) from error
    except DatabaseError as error:  # its text may quote what was to be stored
        sentence = _("The database refused (%(error)s), so the last step was not done. Run the command again.")
        raise CommandError(sentence % {"error": type(error).__name__}) from error
    except KeyboardInterrupt:
        sentence = _("Stopped. What was done stands; run the same command again and it goes on from there.")
        raise CommandError(sentence, returncode=STOPPED_BY_HAND) from None
