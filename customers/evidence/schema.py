"""The list of frozen tables, which is written into the log itself whenever it changes.

The newest ``schema`` leaf tells a verifier without Django which tables to compare, in which types, and the digest
of each trigger's text.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connections, models
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly
from customers.evidence.models import Leaf
from customers.evidence.payload import Entry, entry_of, is_sealed, type_of
from customers.evidence.verify import canonical, text_digest

SYSTEM = "system"
"""The reserved account that commands act as; it cannot sign in."""


class SchemaRecord(AppendOnly):
    """The list of frozen tables, as it is from this entry on."""

    kind = "schema"

    tables = models.JSONField(_("tables"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("list of tables")
        verbose_name_plural = _("lists of tables")


def describe(vendor: str) -> dict[str, Any]:
    """The list for one database vendor, by table: key, columns, sealed columns, whether rows have leaves, triggers.

    Columns (name to payload type) are listed only where rows have leaves; triggers are name to digest of the text.
    """
    from customers.evidence import triggers  # imports the models this module helps to define

    tables: dict[str, Any] = {}
    for model in triggers.frozen_models():
        table = triggers.FrozenTable.of(model)
        fields = model._meta.concrete_fields
        leaves = issubclass(model, AppendOnly)
        tables[table.name] = {
            "key": model._meta.pk.column,
            "columns": {f.column: type_of(f) for f in fields if not is_sealed(f)} if leaves else {},
            "sealed": sorted(f.column for f in fields if is_sealed(f)),
            "leaves": leaves,
            "triggers": {name: text_digest(text) for name, text in triggers.expected(table, vendor).items()},
        }
    return tables


@lru_cache(maxsize=4)
def _digest(vendor: str) -> str:
    return hashlib.sha256(canonical(describe(vendor))).hexdigest()


def current_digest(using: str) -> str:
    """Hex SHA-256 of the list that the code has for this database."""
    return _digest(connections[using].vendor)


def trouble(using: str) -> str:
    """What is wrong with the newest list in the log, in one sentence; "" where there is none or it is the code's.

    Whoever can append to the log can forge a list. A verifier that knows only the log would not notice a table that
    the list leaves out, or a trigger whose text it gives differently.
    """
    newest = Leaf.objects.using(using).filter(kind=SchemaRecord.kind).order_by("-seq").first()
    if newest is None:
        return ""
    listed = json.loads(bytes(newest.payload))["columns"].get("tables")
    if canonical(listed) == canonical(describe(connections[using].vendor)):
        return ""
    return (
        f"Sequence {newest.seq}: The newest list of tables is not this software's. If a migration has just run,"
        " make a checkpoint and verify again."
    )


def write(using: str) -> Entry:
    """Insert the current list and return its entry; only ``leaves.append`` calls this, holding the head's lock."""
    by = get_user_model()._default_manager.using(using).get(username=SYSTEM)
    row = SchemaRecord(by=by, tables=describe(connections[using].vendor))
    models.Model.save(row, force_insert=True, using=using)
    return entry_of(row)
