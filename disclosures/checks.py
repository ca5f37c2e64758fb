"""What must hold before the server starts: the numbers of this floor make sense."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

AT_LEAST_ONE = ("PACKAGE_MINUTES", "DOCUMENT_MEGABYTES", "REVIEW_SAMPLE", "MANY_FIELDS")


@register
def numbers_make_sense(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``desk.E030``: with a number below one, no package could be fetched, no document taken, nothing drawn."""
    return [
        Error(f"{name} is {getattr(settings, name)}.", hint=f"Set {name} to 1 or more.", id="desk.E030")
        for name in AT_LEAST_ONE
        if getattr(settings, name) < 1
    ]
