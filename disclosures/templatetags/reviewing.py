"""How months and quarters are called."""

from __future__ import annotations

from django import template
from django.utils.dateformat import format as formatted
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from disclosures.reviews.periods import Month, Quarter

register = template.Library()
FORMATS = {"vi": r"\t\h\á\n\g n/Y", "en": "F Y"}
"""Django's own would put them as an American does, or in words."""


@register.filter
def month_name(month: Month) -> str:
    """``March 2031``, ``tháng 3/2031``."""
    return formatted(month.first_day, FORMATS.get((get_language() or "")[:2], FORMATS["en"]))


@register.filter
def quarter_name(quarter: Quarter) -> str:
    """``quarter 4 of 2026``."""
    return _("quarter %(number)s of %(year)s") % {"number": quarter.number, "year": quarter.year}
