"""A migration operation that creates many tables in one step.

After each operation Django rebuilds every model that is related to the one it changed. Here nearly all are related,
through staff and customers, so a migration with thirty new tables would spend most of its time on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class CreateTables(Operation):
    """Create new tables as they are after all of these operations, which ``makemigrations`` wrote.

    Operations other than ``CreateModel`` (fields, indexes, constraints) must be about one of the new tables, which is
    created with them at once. Raises ``ValueError`` for one about a table that was there before.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = list(operations)
        self.made = [operation for operation in self.operations if isinstance(operation, CreateModel)]
        names = {operation.name_lower for operation in self.made}
        for operation in self.operations:
            name = getattr(operation, "model_name_lower", None) or getattr(operation, "name_lower", None)
            if name not in names:
                raise ValueError(f"{operation.describe()}: it makes no table here and is about none made here")

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.operations], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Drop the built models once; Django rebuilds them when they are next needed."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for operation in self.made:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for operation in reversed(self.made):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create tables of {', '.join(operation.name for operation in self.made)}"
