"""History of rows with sealed fields."""

from __future__ import annotations

from typing import Any

from simple_history.models import HistoricalRecords


class SealedHistory(HistoricalRecords):
    """Versions whose differences tell sealed fields too, masked.

    simple-history compares what a form may edit on the live row; no form edits a sealed field. Here it compares
    what the version holds.
    """

    def get_extra_fields(self, model: Any, fields: dict[str, Any]) -> dict[str, Any]:
        """As the package's, with the version's own fields as the ones to compare."""
        return {**super().get_extra_fields(model, fields), "tracked_fields": list(fields.values())}
