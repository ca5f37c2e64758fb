"""Whether the desk works: database, keys, the log's triggers, the newest anchor. Cheap, and shown to anybody.

So each part is only well or not; the reasons are in ``manage.py check`` and in the server's log.
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
    """Each part by name, and whether it is well; a part that cannot be checked is not."""
    parts = {}
    for name, is_well in PARTS.items():
        try:
            parts[name] = is_well(using)
        except Exception:
            parts[name] = False
            LOG.warning("%s could not be asked", name, exc_info=True)
    if not all(parts.values()):
        LOG.warning("not well: %s", ", ".join(name for name, well in parts.items() if not well))
    return parts


def database_answers(using: str) -> bool:
    """True where the database can be reached and answers a query."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def keys_fit(using: str) -> bool:
    """True where every key the database knows is configured, and it knows one for every use."""
    return not known_keys.strangers(using) and not known_keys.forgotten(using)


def triggers_are_in_place(using: str) -> bool:
    """True where the triggers that freeze rows are installed, with exactly the expected text."""
    return not triggers.trouble(using)


def checkpoint_is_new_enough(using: str) -> bool:
    """True where no entry has waited longer than ``CHECKPOINT_MINUTES_AT_MOST`` for an anchored checkpoint.

    Where nothing was added to the log, no new checkpoint is needed: a quiet night is no fault.
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
