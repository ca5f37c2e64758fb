"""Comparing the configured keys with those that a database knows (``KeyCheck``)."""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings

from customers.vault.keyring import check_value, decode_key, key_id, keyring
from customers.vault.models import KeyCheck


def keys_at_hand() -> list[tuple[str, bytes]]:
    """Every configured key with its use: field keys, blind-index key, checkpoint key. Raises ``KeyringError``."""
    ring = keyring()
    use = KeyCheck.Use
    return [
        *((str(use.FIELD), key) for key in ring.field_keys),
        (str(use.BLIND_INDEX), ring.blind_index_key),
        (str(use.CHECKPOINT), decode_key(settings.CHECKPOINT_KEY, "CHECKPOINT_KEY")),
    ]


def strangers(using: str) -> list[str]:
    """One sentence for each way in which the configured keys are not this database's; empty where they fit.

    Every key the database knows must be configured and have its check value. An additional field key is a new one and
    allowed; of the other uses only one key can be configured, so a new one leaves the known one missing.
    Raises ``KeyringError``.
    """
    at_hand = {(use, key_id(key)): check_value(key, use) for use, key in keys_at_hand()}
    sentences = []
    for known in KeyCheck.objects.using(using):
        value = at_hand.get((known.use, known.key_id))
        if value is None:
            sentences.append(f"This database needs the {known.use} key {known.key_id}, which is not at hand.")
        elif not hmac.compare_digest(value, known.check_value):
            sentences.append(f"The {known.use} key {known.key_id} is another key than the one this database knows.")
    return sentences


def forgotten(using: str) -> list[str]:
    """One sentence for each use for which the database knows no key, so that any key would pass for the right one."""
    uses = set(KeyCheck.objects.using(using).values_list("use", flat=True))
    return [f"This database no longer knows its {use} key." for use in KeyCheck.Use.values if use not in uses]


def learn_keys(using: str, model: Any = KeyCheck) -> int:
    """Store check values of the configured keys that the database does not know yet; returns how many.

    The caller has made sure that the configured keys are this database's. A migration passes its historical
    ``KeyCheck`` as ``model``. Raises ``KeyringError``.
    """
    checks = [model(use=use, key_id=key_id(key), check_value=check_value(key, use)) for use, key in keys_at_hand()]
    known = set(model.objects.using(using).values_list("use", "key_id"))
    missing = [check for check in checks if (check.use, check.key_id) not in known]
    model.objects.using(using).bulk_create(missing, ignore_conflicts=True)
    return len(missing)
