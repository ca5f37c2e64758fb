"""Formats ``dumpdata`` and ``loaddata`` refuse: in them a token cannot be told from a text that looks like one.

The settings name this module as the serializer of each such format; JSON tags its tokens and stays.
"""

from typing import Any, NoReturn

from customers.vault.errors import SealedMisuse


class Serializer:
    """Refuses before the first row is read."""

    internal_use_only = False

    def serialize(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise SealedMisuse("Sealed values are dumped as JSON only; say --format json.")


def Deserializer(*args: Any, **kwargs: Any) -> NoReturn:  # noqa: N802 - Django asks for this name
    """Refused."""
    raise SealedMisuse("Sealed values are loaded from JSON only.")
