"""How fields read on every page of this floor."""

from __future__ import annotations

from django import template

from disclosures import descriptions

register = template.Library()


@register.simple_tag
def fields_in_words(codes: list[str]) -> str:
    """``name, e-mail addresses``."""
    return descriptions.fields_in_words(codes)
