"""History (versions) of rows with sealed fields, on top of django-simple-history."""

from __future__ import annotations

from typing import Any

from simple_history.models import HistoricalRecords


class SealedHistory(HistoricalRecords):
    """History whose differences between versions include sealed fields, masked.

    simple-history compares only fields that a form may edit on the live row, and no form edits a sealed field. Here
    it compares all fields that the version has.
    """

    def get_extra_fields(self, model: Any, fields: dict[str, Any]) -> dict[str, Any]:
        """The package's extra fields, with the version's own fields as the ones to compare."""
        return {**super().get_extra_fields(model, fields), "tracked_fields": list(fields.values())}
