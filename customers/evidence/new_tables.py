"""The migration operation that makes many tables in one step.

After each operation Django builds anew every model that is related to what it touched. Here nearly all are related, to
people and to customers, so a migration of thirty new tables spends its time on that, again and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class CreateTables(Operation):
    """Make new tables as they stand after all of these operations, as ``makemigrations`` wrote them.

    What is among them besides ``CreateModel`` (fields, indexes, constraints) concerns one of the new tables, which is
    made with it at once: an operation on a table that was there before does not belong here, and is refused.
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
        """What was built of the models goes; Django builds them when next somebody asks."""
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
