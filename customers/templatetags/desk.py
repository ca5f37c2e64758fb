"""How masks, times and reasons look, the same on every page."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from customers.vault.sealed import Sealed

register = template.Library()

FORMATS = {
    "vi": {"today": "H:i", "year": "H:i, j/n", "time": "H:i, j/n/Y", "exact": "H:i:s, j/n/Y (O)", "day": "j/n/Y"},
    "en": {"today": "H:i", "year": "j M, H:i", "time": "j M Y, H:i", "exact": "j F Y, H:i:s (O)", "day": "j M Y"},
}
"""Short, in the order each language has it: Django's own short English date puts the month first."""


def _formats() -> dict[str, str]:
    return FORMATS.get((get_language() or "")[:2], FORMATS["en"])


@register.simple_tag
def mask(value: Sealed | None) -> SafeString:
    """What is shown instead of a value, as masks look everywhere; a word beside it where it cannot be read."""
    if value is None:
        return format_html('<span class="quiet">{}</span>', "–")
    if value.trouble:
        return format_html('<span class="mask">{}</span> <span class="state bad">{}</span>', value, _("unreadable"))
    return format_html('<span class="mask">{}</span>', value)


@register.simple_tag
def when(at: datetime) -> SafeString:
    """A time as short as it can be understood, the exact one on hover and for machines."""
    local, now, formats = timezone.localtime(at), timezone.localtime(), _formats()
    nearness = "today" if local.date() == now.date() else "year" if local.year == now.year else "time"
    exact = formatted(local, formats["exact"])
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, formatted(local, formats[nearness])
    )


@register.simple_tag
def day(on: date | datetime) -> SafeString:
    """A day; the exact time on hover where there is one."""
    formats = _formats()
    if isinstance(on, datetime):
        local = timezone.localtime(on)
        exact = formatted(local, formats["exact"])
        return format_html(
            '<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, formatted(local, formats["day"])
        )
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), formatted(on, formats["day"]))
