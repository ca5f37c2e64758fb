"""``manage.py changepassword USERNAME``: Django's command, on record."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from customers.management.desk_command import DeskCommand
from customers.management.passwords import ask_password
from customers.models import StaffMember
from customers.staff import accounts


class Command(DeskCommand):
    """Gives somebody at the desk a new password; it is asked for and never an argument."""

    help = _("Give a member of staff a new password; asks for it.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        super().add_arguments(parser)
        parser.add_argument("username")

    def act(self, *args: Any, **options: Any) -> None:
        """The reserved account gets none: it cannot sign in."""
        person = StaffMember.objects.filter(username=options["username"], is_staff=True).first()
        if person is None:
            raise CommandError(_("There is nobody of that username who signs in."))
        accounts.set_password(person, ask_password(person), by=self.actor(options))
        self.stdout.write(_("The new password holds from now on."))
