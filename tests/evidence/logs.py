"""Reading a log in tests, without the code that wrote it."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.db import connection

from customers.evidence.verify import Report, VerifierKey, verify_database
from customers.log_signer import log_signer
from customers.models import Leaf


def payloads() -> list[dict[str, Any]]:
    """Every entry, oldest first."""
    return [json.loads(bytes(leaf.payload)) for leaf in Leaf.objects.order_by("seq")]


def newest() -> dict[str, Any]:
    """The newest entry."""
    return payloads()[-1]


def root(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962's own definition of the root (section 2.1), word for word: slow, and not the code under test."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()


def verify(*, anchors: Sequence[bytes] = (), key: VerifierKey | None = None, **options: Any) -> Report:
    """The standalone verifier's answer about the test's database, with the installation's own key."""
    connection.ensure_connection()
    return verify_database(
        connection.connection, connection.vendor, key=key or log_signer().key, anchors=anchors, **options
    )
