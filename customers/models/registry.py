"""What the ground floor keeps for all apps, and to which the apps above add their own entries when they start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Registry(dict[Key, Value]):
    """Entries by key. An app adds its own with ``register`` in ``AppConfig.ready``."""

    def register(self, entries: Mapping[Key, Value]) -> None:
        """Add entries. Raises ``ValueError``, and adds none, where one of the keys is taken already."""
        if taken := self.keys() & entries.keys():
            raise ValueError(f"Registered already: {', '.join(sorted(map(str, taken)))}")
        self.update(entries)
