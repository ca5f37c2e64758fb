"""The configured keys: decoding them, their ids, and the check value that a database keeps of each.

A key's id is the first 8 hex digits of its SHA-256. The first field key seals; the others only open. Whether the
keys are the ones of a database is checked in ``known_keys``.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from customers.vault.errors import KeyringError

CHECK_TEXT = b"privacy-desk key check v1 "


def key_id(key: bytes) -> str:
    """The public name of a key: the first 8 hex digits of its SHA-256."""
    return hashlib.sha256(key).hexdigest()[:8]


def check_value(key: bytes, use: str) -> str:
    """Hex HMAC-SHA256 that a database keeps of a key: it tells apart keys of the same id, and reveals none."""
    return hmac.new(key, CHECK_TEXT + use.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Keyring:
    """Raw 32-byte keys: field keys in order (the first seals), and the blind-index key."""

    field_keys: tuple[bytes, ...] = field(repr=False)
    blind_index_key: bytes = field(repr=False)

    @property
    def sealing_key(self) -> bytes:
        """The key that seals what is written from now on."""
        return self.field_keys[0]

    def by_id(self, wanted: str) -> bytes | None:
        """The field key of that id, or None where it is not configured."""
        return next((key for key in self.field_keys if key_id(key) == wanted), None)

    def blind_key(self, kind: str) -> bytes:
        """The blind-index key of one kind: indexes of different kinds cannot be compared with each other."""
        return derived_key(self.blind_index_key, kind)


@lru_cache(maxsize=64)
def derived_key(key: bytes, kind: str) -> bytes:
    """HKDF-SHA256 (RFC 5869) of ``key`` for one kind."""
    info = b"privacy-desk blind index v1 " + kind.encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(key)


def decode_key(text: str, name: str) -> bytes:
    """32 bytes from base64, in either alphabet. Raises ``KeyringError`` naming the setting, never the key."""
    try:
        raw = base64.b64decode(text.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise KeyringError(f"{name} is not 32 bytes in base64; set it, or {name}_FILE, to a key of this installation.")
    return raw


def keyring() -> Keyring:
    """The keyring of the settings. Raises ``KeyringError`` where one of its keys is missing or malformed."""
    return parsed(tuple(settings.VAULT_KEYS), settings.BLIND_INDEX_KEY)


@lru_cache(maxsize=16)
def parsed(field_keys: tuple[str, ...], blind_index_key: str) -> Keyring:
    """The keyring of these keys in base64; cached, as every sealed value needs it. Raises ``KeyringError``."""
    if not field_keys:
        raise KeyringError("FIELD_ENCRYPTION_KEY is not set; set it, or FIELD_ENCRYPTION_KEY_FILE, to a Fernet key.")
    return Keyring(
        field_keys=tuple(decode_key(text, "FIELD_ENCRYPTION_KEY") for text in field_keys),
        blind_index_key=decode_key(blind_index_key, "BLIND_INDEX_KEY"),
    )
