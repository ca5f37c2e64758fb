"""Who signs for this installation's log: its id from the database, its checkpoint key from the settings."""

from __future__ import annotations

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from customers.evidence.checkpoints import Signer
from customers.models import Installation, KeyCheck
from customers.vault.errors import KeyringError
from customers.vault.keyring import check_value, decode_key, key_id


def log_signer(using: str = DEFAULT_DB_ALIAS) -> Signer:
    """The signer of this installation's log.

    Raises ``KeyringError`` where the key is missing, malformed, or not one that this database knows, and where the
    database does not say which installation it is.
    """
    seed = decode_key(settings.CHECKPOINT_KEY, "CHECKPOINT_KEY")
    use = KeyCheck.Use.CHECKPOINT
    known = KeyCheck.objects.using(using).filter(use=use, key_id=key_id(seed), check_value=check_value(seed, use))
    if not known.exists():
        raise KeyringError(f"The checkpoint key {key_id(seed)} is not this database's; set CHECKPOINT_KEY to its own.")
    installations = Installation.objects.using(using)[:2]
    if len(installations) != 1:
        raise KeyringError("This database does not say which one installation it is, so nobody can sign for its log.")
    return Signer.of(installations[0].origin, seed)
