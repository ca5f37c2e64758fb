"""Who signs for this installation's log: its id from the database, its checkpoint key from the settings."""

from __future__ import annotations

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from customers.evidence.checkpoints import Signer
from customers.models import Installation
from customers.vault.keyring import decode_key


def log_signer(using: str = DEFAULT_DB_ALIAS) -> Signer:
    """The signer of this installation's log. Raises ``KeyringError`` where the key is missing or malformed."""
    origin = Installation.objects.using(using).get().origin
    return Signer.of(origin, decode_key(settings.CHECKPOINT_KEY, "CHECKPOINT_KEY"))
