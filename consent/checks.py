"""System checks that run before the server starts: the gate's settings have one of the known values."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

CHOICES = {"CONTACT_WITHOUT_CONSENT": ("refuse", "allow"), "POLICY_EFFECTIVE": ("later", "earlier")}


@register
def settings_say_something(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``desk.E020``: with an unknown value the setting would silently act as its default."""
    return [
        Error(
            f"{name} is “{getattr(settings, name)}”, which says nothing.",
            hint=f"Set it to one of: {', '.join(known)}.",
            id="desk.E020",
        )
        for name, known in CHOICES.items()
        if getattr(settings, name) not in known
    ]
