"""``manage.py migrate``: Django's command, which afterwards records the new tables and triggers in the log."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as MigrateCommand

from customers.checks import migrations_wait
from customers.evidence import leaves
from customers.evidence.durable import durable
from customers.evidence.models import Head
from customers.evidence.write_lock import write_lock


class Command(MigrateCommand):
    """Django's ``migrate`` with a log entry of the schema.

    The verifier compares triggers and columns with the newest list in the log; without the entry it would report the
    migrated database as altered until the next act.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then write the list of tables where a log exists and its newest list differs."""
        super().handle(*args, **options)
        using = options["database"]
        if not migrations_wait(using) and Head.objects.using(using).filter(size__gt=0).exists():
            with write_lock(using), durable(using):
                leaves.append([], using)
