"""``manage.py createsuperuser``: disabled, as Django's command would add a person without a record."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError
from django.utils.translation import gettext as _


class Command(createsuperuser.Command):
    """Always fails and names ``add_staff``."""

    help = _("Refused: staff are added by add_staff.")
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise ``CommandError``; a superuser would have no rights here without a role."""
        raise CommandError(_("Add somebody with a role instead: manage.py add_staff USERNAME --role ROLE."))
