"""``manage.py migrate``: Django's command; afterwards the log lists the tables as they are now."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as MigrateCommand

from customers.checks import migrations_wait
from customers.evidence import leaves
from customers.evidence.durable import durable
from customers.evidence.models import Head
from customers.evidence.write_lock import write_lock


class Command(MigrateCommand):
    """A verifier holds triggers and columns against the newest list in the log: between a migration that changed them
    and the next act, it would call an honest database altered."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then write the list where there is a log and it names another one."""
        super().handle(*args, **options)
        using = options["database"]
        if not migrations_wait(using) and Head.objects.using(using).filter(size__gt=0).exists():
            with write_lock(using), durable(using):
                leaves.append([], using)
