"""``manage.py changepassword USERNAME``: replaces Django's command; the change is recorded."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from customers.management.desk_command import DeskCommand
from customers.management.passwords import ask_password
from customers.models import StaffMember
from customers.staff import accounts


class Command(DeskCommand):
    """Sets a new password of a member of staff; prompts for it, it is no argument."""

    help = _("Give a member of staff a new password; asks for it.")

    def add_arguments(self, parser: CommandParser) -> None:
        """The username."""
        super().add_arguments(parser)
        parser.add_argument("username")

    def act(self, *args: Any, **options: Any) -> None:
        """Set the password; refuse the reserved account, which cannot sign in."""
        person = StaffMember.objects.filter(username=options["username"], is_staff=True).first()
        if person is None:
            raise CommandError(_("There is nobody of that username who signs in."))
        accounts.set_password(person, ask_password(person), by=self.actor(options))
        self.stdout.write(_("The new password holds from now on."))
