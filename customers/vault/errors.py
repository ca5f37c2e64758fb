"""What the vault refuses with. No message ever carries a value or a stored token."""

from django.core.exceptions import FieldError


class VaultError(Exception):
    """The base of the vault's refusals."""


class Unreadable(VaultError):
    """A stored value cannot be opened: wrong key, tampered with, moved, or no token at all."""


class SealedMisuse(VaultError, FieldError, TypeError):
    """A sealed value was used in a way that would leak it, lose it or store something else in its place."""


class NotAccounted(VaultError):
    """Nothing on record, committed and still in force, accounts for opening this value."""


class KeyringError(VaultError):
    """The keys at hand are missing, malformed, or not the ones this database was sealed with."""
