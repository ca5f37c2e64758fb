"""Freeze the rows that are kept for good, and write down which installation this is and which keys it knows."""

from typing import Any

from django.conf import settings
from django.db import migrations

from customers.evidence.triggers import InstallTriggers
from customers.vault.known_keys import learn_keys

SYSTEM = "system"


def be_born(apps: Any, schema_editor: Any) -> None:
    """The installation's row, the head of the log, the reserved account, the keys it was born with."""
    using = schema_editor.connection.alias
    apps.get_model("customers", "Installation").objects.using(using).create(born_in=settings.MODE)
    apps.get_model("customers", "Head").objects.using(using).create(id=1)
    system = apps.get_model("customers", "StaffMember")(username=SYSTEM, password="!", is_staff=False, is_active=False)
    system.save(using=using)
    learn_keys(using, apps.get_model("customers", "KeyCheck"))


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("customers", "0001_first_tables")]

    operations = [
        migrations.RunPython(be_born, migrations.RunPython.noop, elidable=False),
        InstallTriggers(
            [
                "AccessChange",
                "Checkpoint",
                "Head",
                "HistoricalContactPoint",
                "HistoricalCustomer",
                "HistoricalServiceAccess",
                "ImportBatch",
                "Leaf",
                "Refusal",
                "Reveal",
                "SchemaRecord",
                "ServiceAccessChange",
            ]
        ),
    ]
