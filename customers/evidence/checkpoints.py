"""Signed checkpoints of the log, and the anchor file that keeps them outside the database.

What is signed is the size and root in the head row; the entries are not read. Whether the entries still belong to it
is for the verifier to check: after tampering, a checkpoint contradicts the entries or the anchors.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from customers.evidence import leaves, schema
from customers.evidence.durable import durable
from customers.evidence.errors import EvidenceError, RecordFailed
from customers.evidence.leaves import lock_head
from customers.evidence.models import Checkpoint
from customers.evidence.verify import VerifierKey, checkpoint_text, sign_note
from customers.evidence.write_lock import write_lock


class LogShrank(EvidenceError):
    """The head of the log contradicts its newest checkpoint; nothing is signed any more."""


@dataclass(frozen=True)
class Signer:
    """Who signs for a log: its name (``privacy-desk/<installation id>``) and the Ed25519 key."""

    origin: str
    private_key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, origin: str, seed: bytes) -> Signer:
        """The signer with the key that has this 32-byte seed."""
        return cls(origin, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def key(self) -> VerifierKey:
        """The public half, under the log's name."""
        return VerifierKey.of(self.origin, self.private_key.public_key().public_bytes_raw())

    def vkey(self) -> str:
        """The public half as text, for auditors: ``name+id+key``."""
        return self.key.vkey()


def make_checkpoint(signer: Signer, using: str = DEFAULT_DB_ALIAS) -> Checkpoint:
    """Sign the log's size and root and store the note; where nothing was added, return the newest checkpoint again.

    The list of tables is brought up to date first, so that a checkpoint after a migration covers what it made.
    Raises ``LogShrank`` where the log is shorter than its newest checkpoint, or has its size and another root, and
    ``RecordFailed`` where the log's head cannot be read and locked.
    """
    try:
        with write_lock(using), durable(using):
            with connections[using].cursor() as cursor:
                size, frontier, schema_digest = lock_head(cursor, connections[using].vendor)
                if schema_digest != schema.current_digest(using):  # a migration has run, and nobody has acted since
                    leaves.append([], using)
                    size, frontier, _digest = lock_head(cursor, connections[using].vendor)
            newest = Checkpoint.objects.using(using).order_by("-size", "-id").first()
            root = frontier.root()
            if newest is not None and (newest.size > size or (newest.size == size and bytes(newest.root) != root)):
                raise LogShrank(
                    f"The log has {size} entries and is not the one its checkpoint over {newest.size} entries was"
                    " signed over. Nothing was signed; run verify_evidence."
                )
            if newest is not None and newest.size == size and f"— {signer.origin} " in newest.note:
                return newest
            note = sign_note(checkpoint_text(signer.origin, size, root), signer.origin, signer.private_key)
            return Checkpoint.objects.using(using).create(size=size, root=root, note=note.decode())
    except DatabaseError as error:
        raise RecordFailed("The log's head could not be read and locked, so nothing was signed.") from error


def anchor(note: str, path: Path) -> bool:
    """Add a note to the anchor file and sync it to disk; False where the file has it already. Raises ``OSError``.

    A missing file is made, readable by its owner only. A missing folder is not made: more likely a disk of another
    machine is not mounted.
    """
    data = note.encode()
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read()
        if data in content:
            return False
        line = b"\n" + data if content else data
        if os.write(descriptor, line) != len(line):
            raise OSError(f"{path} took only a part of the checkpoint; is its disk full?")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True
