"""The one module that encrypts and decrypts.

A stored value is ``<key id>:<Fernet token>``; the token holds ``<place>\\0<seal id>\\0<salt>\\0<value>``, so a value
moved to another field or row does not open. Only the vault imports this module (an import contract says so), and
whatever leaves the vault as plaintext leaves through ``Sealed.expose``.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken

from customers.vault.errors import Unreadable
from customers.vault.keyring import key_id, keyring

SALT_BYTES = 16


class Token(str):
    """A value as stored. Only this module makes one, and only one of these is written to a sealed column."""

    __slots__ = ()

    @property
    def key_id(self) -> str:
        """The id of the key it names, or "" where it names none."""
        head, colon, _ = self.partition(":")
        return head if colon and len(head) == 8 else ""


@dataclass(frozen=True)
class Place:
    """Where a value belongs: its field (``app.Model.field``) and the seal id of its row."""

    field: str
    seal_id: UUID

    def __str__(self) -> str:
        return f"{self.field} of row {self.seal_id}"


class Opened(NamedTuple):
    """A token's contents. Lives inside the vault only."""

    salt: bytes
    value: str

    def commitment(self) -> str:
        """Hex SHA-256 of salt and value: what evidence keeps of it. The salt never leaves the seal."""
        return hashlib.sha256(self.salt + self.value.encode()).hexdigest()


@lru_cache(maxsize=16)
def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))


def seal(value: str, place: Place, salt: bytes | None = None) -> Token:
    """Seal a literal for its place under the first key. A pasted token is text like any other."""
    key = keyring().sealing_key
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    inside = "\0".join((place.field, str(place.seal_id), salt.hex(), value)).encode()
    return Token(f"{key_id(key)}:{_fernet(key).encrypt(inside).decode()}")


def unseal(token: str, place: Place) -> Opened:
    """Open a token at its place.

    Raises ``Unreadable``, naming place and key id and never the stored text, where it is no token, its key is not
    at hand, it was tampered with, or it belongs to another field or row.
    """
    token = Token(token)
    if not token.key_id:
        raise Unreadable(f"{place}: what is stored there is not a sealed value.")
    key = keyring().by_id(token.key_id)
    if key is None:
        raise Unreadable(f"{place}: sealed under key {token.key_id!a}, which is not at hand.")
    try:
        inside = _fernet(key).decrypt(token.partition(":")[2].encode()).decode()
    except (InvalidToken, UnicodeError):
        raise Unreadable(f"{place}: does not open under key {token.key_id}; it was altered or cut.") from None
    field, seal_id, salt, value = inside.split("\0", 3)
    if (field, seal_id) != (place.field, str(place.seal_id)):
        raise Unreadable(f"{place}: a value sealed for another field or row under key {token.key_id} lies there.")
    return Opened(bytes.fromhex(salt), value)


def reseal(token: str, place: Place) -> Token:
    """The same contents and salt under the first key: commitments made to it still hold."""
    opened = unseal(token, place)
    return seal(opened.value, place, opened.salt)
