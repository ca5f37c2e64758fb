"""``manage.py add_staff USERNAME --role ROLE``: add a member of staff, for example the first one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from customers.management.desk_command import DeskCommand
from customers.management.passwords import ask_email, ask_password
from customers.models import Role, StaffMember, Team
from customers.staff import accounts, teams


class Command(DeskCommand):
    """Adds a person and gives a role, in two recorded acts; prompts for e-mail and password, which are no arguments."""

    help = _("Add a member of staff with a role; asks for the e-mail address at work and the password.")

    def add_arguments(self, parser: CommandParser) -> None:
        """Username, role and team."""
        super().add_arguments(parser)
        parser.add_argument("username")
        parser.add_argument("--role", required=True, help=_("one of the roles in config/roles.py"))
        parser.add_argument("--team", help=_("the team, for a role held team by team"))

    def act(self, *args: Any, **options: Any) -> None:
        """Check all arguments before anything is written, then add the person."""
        role = Role.objects.filter(name=options["role"]).first()
        if role is None:
            names = ", ".join(Role.objects.order_by("name").values_list("name", flat=True))
            raise CommandError(_("There is no such role. There are: %(names)s.") % {"names": names or "-"})
        team = Team.objects.filter(name=options["team"]).first() if options["team"] else None
        if options["team"] and team is None:
            raise CommandError(_("There is no team of that name; teams are made by an import."))
        teams.require_fitting_team(role, team)
        if StaffMember.objects.filter(username=options["username"]).exists():
            raise CommandError(_("This username is taken; choose another one."))
        by = self.actor(options)
        email, password = ask_email(), ask_password(StaffMember(username=options["username"]))
        person = accounts.add_person(options["username"], by=by, password=password, email=email)
        accounts.give_role(person, role, team, by=by)
        self.stdout.write(_("%(name)s may sign in.") % {"name": person.username})
