"""Shows the gate's reasons the same way on every page."""

from django import template

from consent.gate.gate import WHYS

register = template.Library()


@register.simple_tag
def why_stopped(code: str) -> str:
    """A reason in the reader's language; the code itself for one that is no longer known."""
    return str(WHYS.get(code, code))
