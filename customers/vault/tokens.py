"""The one module that encrypts and decrypts.

A stored value is ``<key id>:<Fernet token>``; the token holds ``<place>\\0<seal id>\\0<salt>\\0<value>``, so a value
moved to another field or row does not open. Only the vault imports this module (an import contract checks it). A
customer's value leaves the vault as plaintext only through ``Sealed.expose``.
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken

from customers.vault.errors import SealedMisuse, Unreadable
from customers.vault.keyring import key_id, keyring

SALT_BYTES = 16
STORED = re.compile(r"([0-9a-f]{8}):(gAAAAA)?")
"""How a stored value begins: key id, then Fernet's version byte and the leading zeros of its time, in base64."""


class Token(str):
    """A value as it may be written to a sealed column: sealed here, or read from the very row it goes back to."""

    __slots__ = ()


class DumpedToken(str):
    """A value as ``dumpdata`` wrote it; only ``loaddata``'s raw save may write it back."""

    __slots__ = ()


@dataclass(frozen=True)
class Place:
    """Where a value belongs: its field (``app.Model.field``) and the seal id of its row."""

    field: str
    seal_id: UUID

    def __str__(self) -> str:
        return f"{self.field} of row {self.seal_id}"


class Opened(NamedTuple):
    """The contents of a token, used inside the vault only. Its ``repr`` hides them, so tracebacks do not show them."""

    salt: bytes
    value: str

    def __repr__(self) -> str:
        return "Opened(•••)"

    def commitment(self) -> str:
        """Hex SHA-256 of salt and value: what evidence keeps of the value. The salt is stored only inside the token."""
        return hashlib.sha256(self.salt + self.value.encode()).hexdigest()


@lru_cache(maxsize=16)
def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))


def seal(value: str, place: Place, salt: bytes | None = None) -> Token:
    """Seal a text for its place under the first key. A text that looks like a token is sealed like any other.

    ``salt`` is random unless given (``reseal`` gives it). Raises ``SealedMisuse`` for half a surrogate pair, which
    UTF-8 cannot encode.
    """
    key = keyring().sealing_key
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    try:
        contents = "\0".join((place.field, str(place.seal_id), salt.hex(), value)).encode()
    except UnicodeEncodeError:
        raise SealedMisuse(f"{place}: this text has a character that cannot be stored.") from None
    return Token(f"{key_id(key)}:{_fernet(key).encrypt(contents).decode()}")


def unseal(token: str, place: Place) -> Opened:
    """Open a token at its place.

    Raises ``Unreadable``, naming place and key id and never the stored text, where it is no token, its key is not
    configured, it was tampered with, or it belongs to another field or row.
    """
    prefix = STORED.match(token)
    key = keyring().by_id(prefix[1]) if prefix else None
    if prefix is None or (key is None and not prefix[2]):  # plain text may look like a key id: not repeated
        raise Unreadable(f"{place}: what is stored there is not a sealed value.")
    if key is None:
        raise Unreadable(f"{place}: sealed under key {prefix[1]}, which is not at hand.")
    opened = _open(key, token.partition(":")[2], place)
    if isinstance(opened, str):
        raise Unreadable(f"{place}: does not open there under key {prefix[1]}; {opened}.")
    return opened


def _open(key: bytes, body: str, place: Place) -> Opened | str:
    """The contents, or a phrase saying why not. Never raises: a traceback would hold what has been decrypted so far."""
    try:
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(body)).decode() != body:
            return "it was altered"  # the decoder skips characters it does not know
        field, seal_id, salt, value = _fernet(key).decrypt(body.encode()).decode().split("\0", 3)
        if (field, seal_id) != (place.field, str(place.seal_id)):
            return "it was sealed for another field or row"
        return Opened(bytes.fromhex(salt), value)
    except (InvalidToken, ValueError):
        return "it was altered or cut"


def reseal(token: str, place: Place) -> Token:
    """Seal the same contents and salt under the first key, so that commitments to the value still hold."""
    opened = unseal(token, place)
    return seal(opened.value, place, opened.salt)
