"""``manage.py createsuperuser``: Django's command would add somebody off the record; ours says which door to take."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError
from django.utils.translation import gettext as _


class Command(createsuperuser.Command):
    """Refuses, whatever it is asked with."""

    help = _("Refused: staff are added by add_staff.")
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Nobody is added off the record, and a superuser has no rights here without a role."""
        raise CommandError(_("Add somebody with a role instead: manage.py add_staff USERNAME --role ROLE."))
