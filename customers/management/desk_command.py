"""The base of commands that carry out acts: who acts, checks of the database, errors in one line."""

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
"""The exit code by which shells report Ctrl-C."""


class DeskCommand(BaseCommand, ABC):
    """A command that acts as ``--by USERNAME``, by default as the reserved account. Subclasses implement ``act``.

    Before it runs, the database is checked: migrated, intact, and matching the keys. Refusals become one line on stderr
    and an exit code other than 0.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--by``; a subclass with arguments of its own calls this first."""
        parser.add_argument("--by", metavar="USERNAME", default=SYSTEM, help=_("who acts (default: account system)"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the database, then call ``act``, with refusals in one line."""
        with in_one_line():
            require_database()
            self.act(*args, **options)

    @abstractmethod
    def act(self, *args: Any, **options: Any) -> None:
        """Do the work of the command as ``self.actor(options)``."""

    def actor(self, options: dict[str, Any]) -> StaffMember:
        """The person of ``--by``. Raises ``CommandError`` for an unknown or inactive one."""
        person = StaffMember.objects.filter(username=options["by"]).first()
        if person is None:
            raise CommandError(_("There is nobody of that username; --by takes one as it stands in the list of staff."))
        if not person.is_active and person.username != SYSTEM:
            raise CommandError(_("This person is no longer active and cannot act; name somebody else with --by."))
        return person


def require_database(using: str = DEFAULT_DB_ALIAS) -> None:
    """Raise ``CommandError`` unless migrations are applied and the database checks pass, before anything is read."""
    if migrations_wait(using):
        raise CommandError(_("The database is not up to date; run `manage.py migrate` first."))
    errors = [error for error in run_checks(tags=[Tags.database], databases=[using]) if error.level >= ERROR]
    if errors:
        raise CommandError(" ".join(f"{error.msg} {error.hint or ''}".strip() for error in errors))


@contextmanager
def in_one_line() -> Iterator[None]:
    """Turn the refusals of acts into a ``CommandError`` of one line; ``--traceback`` still shows the traceback."""
    try:
        yield
    except (InvalidInput, Refused, EvidenceError, KeyringError) as error:
        raise CommandError(str(error)) from error
    except DatabaseError as error:  # its text may quote the values of the statement
        sentence = _("The database refused (%(error)s), so the last step was not done. Run the command again.")
        raise CommandError(sentence % {"error": type(error).__name__}) from error
    except KeyboardInterrupt:
        sentence = _("Stopped. What was done stands; run the same command again and it goes on from there.")
        raise CommandError(sentence, returncode=STOPPED_BY_HAND) from None
