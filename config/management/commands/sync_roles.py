"""``manage.py sync_roles``: write the roles of ``config/roles.py``, and the first deadlines, purposes and limits."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.roles import ROLES
from consent.gate import limits, purposes
from customers.casework import deadlines
from customers.management.desk_command import DeskCommand
from customers.models import Role
from customers.staff import teams
from customers.vault import known_keys


class Command(DeskCommand):
    """Runs after ``migrate``, at every deployment."""

    help = _(
        "Write the roles of config/roles.py, the first deadlines, purposes and limits, and new keys to the database."
    )

    def act(self, *args: Any, **options: Any) -> None:
        """Write, on record, roles that differ and first rows that are missing; register keys that are new."""
        known_keys.learn_keys("default")
        for rows in (deadlines, purposes, limits):
            rows.provide(by=self.actor(options))
        changed = teams.sync_roles(ROLES, by=self.actor(options))
        self.stdout.write(
            ngettext("%(n)s role written, %(same)s unchanged.", "%(n)s roles written, %(same)s unchanged.", changed)
            % {"n": changed, "same": Role.objects.count() - changed}
        )
