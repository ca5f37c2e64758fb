"""The serializer of XML and YAML, which refuses ``dumpdata`` and ``loaddata`` in these formats.

In them a token cannot be distinguished from a text that looks like one; in JSON each token is tagged. The formats
are listed in ``SERIALIZATION_MODULES``.
"""

from typing import Any, NoReturn

from customers.vault.errors import SealedMisuse


class Serializer:
    """Refuses ``dumpdata`` before the first row is read."""

    internal_use_only = False

    def serialize(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise ``SealedMisuse``."""
        raise SealedMisuse("Sealed values are dumped as JSON only; say --format json.")


def Deserializer(*args: Any, **kwargs: Any) -> NoReturn:  # noqa: N802 - Django asks for this name
    """Raise ``SealedMisuse``: refuses ``loaddata``."""
    raise SealedMisuse("Sealed values are loaded from JSON only.")
