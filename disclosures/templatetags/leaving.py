"""How fields read on every page of this floor."""

from __future__ import annotations

from django import template

from disclosures import descriptions as in_words

register = template.Library()


@register.simple_tag
def fields_in_words(codes: list[str]) -> str:
    """``name, e-mail addresses``."""
    return in_words.fields_in_words(codes)
