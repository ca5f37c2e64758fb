"""``manage.py delete_packages``: delete packages whose time is over; for cron, every few minutes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.management.desk_command import DeskCommand
from disclosures.requests.download import delete_packages


class Command(DeskCommand):
    """Each release and each fetch does the same; this is for the hours in which nobody releases anything."""

    help = _("Delete packages for recipients whose time is over. They are sealed to the recipient’s key all the while.")

    def act(self, *args: Any, **options: Any) -> None:
        """Delete them, on record, and say how many there were."""
        gone = delete_packages(by=self.actor(options))
        self.stdout.write(ngettext("%(n)s package deleted.", "%(n)s packages deleted.", gone) % {"n": gone})
