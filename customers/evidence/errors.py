"""Exceptions of the evidence package."""

from django.utils.translation import gettext as _


class EvidenceError(Exception):
    """Base class of the evidence package's exceptions."""


class AppendOnlyViolation(EvidenceError):
    """Somebody tried to change or remove a row that is kept for good."""


class NotRecording(EvidenceError):
    """Something that must be on record was tried outside ``recording()``, or an act wrote no record."""


class RecordFailed(EvidenceError):
    """The act could not be put on record, so nothing was done."""


def failed() -> RecordFailed:
    """A ``RecordFailed`` with the sentence that staff read."""
    return RecordFailed(_("This could not be put on record, so it was not done. Try again in a moment."))
