"""Holding the keys at hand against those a database knows."""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings

from customers.vault.keyring import check_value, decode_key, key_id, keyring
from customers.vault.models import KeyCheck


def keys_at_hand() -> list[tuple[str, bytes]]:
    """Every key of the settings with its use. Raises ``KeyringError``."""
    ring = keyring()
    use = KeyCheck.Use
    return [
        *((str(use.FIELD), key) for key in ring.field_keys),
        (str(use.BLIND_INDEX), ring.blind_index_key),
        (str(use.CHECKPOINT), decode_key(settings.CHECKPOINT_KEY, "CHECKPOINT_KEY")),
    ]


def strangers(using: str) -> list[str]:
    """One sentence for each way the keys at hand are not this database's; empty where they fit.

    Every key the database knows must be at hand with its check value. A further field key is a new one; a further
    index or checkpoint key is a wrong one.
    """
    at_hand = {(use, key_id(key)): check_value(key, use) for use, key in keys_at_hand()}
    found = []
    for known in KeyCheck.objects.using(using):
        value = at_hand.get((known.use, known.key_id))
        if value is None:
            found.append(f"This database needs the {known.use} key {known.key_id}, which is not at hand.")
        elif not hmac.compare_digest(value, known.check_value):
            found.append(f"The {known.use} key {known.key_id} is another key than the one this database knows.")
    return found


def forgotten(using: str) -> list[str]:
    """One sentence for each use the database knows no key of: there, any key would pass for its own."""
    uses = set(KeyCheck.objects.using(using).values_list("use", flat=True))
    return [f"This database no longer knows its {use} key." for use in KeyCheck.Use.values if use not in uses]


def learn_keys(using: str, model: Any = KeyCheck) -> int:
    """Write down the keys at hand that the database does not know yet; returns how many. Call it when they fit.

    ``model`` is ``KeyCheck`` as a migration has it, where one calls.
    """
    fresh = [model(use=use, key_id=key_id(key), check_value=check_value(key, use)) for use, key in keys_at_hand()]
    known = set(model.objects.using(using).values_list("use", "key_id"))
    missing = [check for check in fresh if (check.use, check.key_id) not in known]
    model.objects.using(using).bulk_create(missing, ignore_conflicts=True)
    return len(missing)
