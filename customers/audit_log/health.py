"""Whether the desk can do its work: database, keys, the log's triggers, the newest anchor. Cheap, and told to all.

Each question is answered yes or no. Why is for those who may know: ``manage.py check`` and the log of the server.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Max
from django.utils import timezone

from customers.evidence import triggers
from customers.evidence.models import Anchoring, Leaf
from customers.vault import known_keys

LOG = logging.getLogger("desk.health")


def look(using: str = DEFAULT_DB_ALIAS) -> dict[str, bool]:
    """Each part by name, and whether it is well. One that cannot be asked is not."""
    found = {}
    for name, is_well in PARTS.items():
        try:
            found[name] = is_well(using)
        except Exception:
            found[name] = False
            LOG.warning("%s could not be asked", name, exc_info=True)
    if not all(found.values()):
        LOG.warning("not well: %s", ", ".join(name for name, well in found.items() if not well))
    return found


def database_answers(using: str) -> bool:
    """It can be reached and asked."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def keys_fit(using: str) -> bool:
    """Every key the database knows is at hand, and it knows one for every use."""
    return not known_keys.strangers(using) and not known_keys.forgotten(using)


def triggers_are_in_place(using: str) -> bool:
    """What freezes the log's rows is installed, word for word."""
    return not triggers.trouble(using)


def checkpoint_is_new_enough(using: str) -> bool:
    """No entry has waited for longer than ``CHECKPOINT_MINUTES_AT_MOST`` for a checkpoint that is anchored.

    A log that nothing was added to needs no new one, and a quiet night is no fault in the morning.
    """
    covered = Anchoring.objects.using(using).aggregate(size=Max("checkpoint__size"))["size"] or 0
    uncovered = Leaf.objects.using(using).filter(seq__gte=covered).order_by("seq")
    payload = uncovered.values_list("payload", flat=True).first()
    if payload is None:
        return True
    at = datetime.fromisoformat(json.loads(bytes(payload))["at"])
    return timezone.now() - at <= timedelta(minutes=settings.CHECKPOINT_MINUTES_AT_MOST)


PARTS: dict[str, Callable[[str], bool]] = {
    "database": database_answers,
    "keys": keys_fit,
    "evidence_triggers": triggers_are_in_place,
    "checkpoint": checkpoint_is_new_enough,
}
