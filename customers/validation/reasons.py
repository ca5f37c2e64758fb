"""Reasons that staff give: a code, and a text where the code is ``other``."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from customers.models.records import RevealReason
from customers.validation.errors import InvalidInput


def require_reason(reason: str, text: str, reasons: type[TextChoices] = RevealReason) -> None:
    """Raise ``InvalidInput`` for a reason that is none of the codes in ``reasons``, or ``other`` without a text."""
    if reason not in reasons.values:
        raise InvalidInput(_("Pick a reason."))
    if reason == "other" and not text.strip():
        raise InvalidInput(_("Say the reason in words."))
