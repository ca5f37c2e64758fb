"""``manage.py sync_roles``: bring the database to the roles in ``config/roles.py``, and to the first deadlines."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.roles import ROLES
from customers import deadlines, teams
from customers.management.desk_command import DeskCommand
from customers.models import Role
from customers.vault import known_keys


class Command(DeskCommand):
    """Run after ``migrate``, at every deployment."""

    help = _("Write the roles of config/roles.py, the first deadlines and new keys to the database.")

    def act(self, *args: Any, **options: Any) -> None:
        """Roles that differ are written on record, and deadlines of rights that have none; keys are written down."""
        known_keys.learn_keys("default")
        deadlines.provide(by=self.actor(options))
        changed = teams.sync_roles(ROLES, by=self.actor(options))
        self.stdout.write(
            ngettext("%(n)s role written, %(same)s unchanged.", "%(n)s roles written, %(same)s unchanged.", changed)
            % {"n": changed, "same": Role.objects.count() - changed}
        )
