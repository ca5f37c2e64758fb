"""Exceptions of the vault. No message ever contains a value or a stored token."""

from django.core.exceptions import FieldError


class VaultError(Exception):
    """Base class of the vault's exceptions."""


class Unreadable(VaultError):
    """A stored value cannot be opened: key missing, tampered with, moved to another row or field, or not a token."""


class SealedMisuse(VaultError, FieldError, TypeError):
    """A sealed value was used in a way that would leak it, lose it or store something else in its place."""


class NotAccounted(VaultError):
    """A value may not be opened: no committed record in force accounts for it, or its kind is never opened."""


class KeyringError(VaultError):
    """The configured keys are missing, malformed, or not the ones this database was sealed with."""
