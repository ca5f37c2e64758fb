"""What a demo says instead of a phone."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django import template
from django.conf import settings
from django.core.cache import cache

from customers.models import StaffMember
from customers.sign_in import second_factors

register = template.Library()


@register.simple_tag
def demo_code(person: Any) -> str:
    """The code a person's phone would show, one not used yet; "" outside a demo, and where there is no app."""
    kept = None
    if settings.MODE == "demo" and isinstance(person, StaffMember):
        kept = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if kept is None:
        return ""
    with second_factors.of(person):
        secret = second_factors.opened(kept.data["secret"])
    codes: list[str] = [format_hotp_value(hotp_value(secret, at)) for at in yield_hotp_counters_from_time()]
    past, now, to_come = codes
    used = TOTP(kept)._get_used_cache_key
    return next((code for code in (now, past, to_come) if not cache.get(used(code))), now)


@register.simple_tag
def demo_first_code(secret: str) -> str:
    """The code of a secret that an app is about to take up; "" outside a demo."""
    if settings.MODE != "demo":
        return ""
    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))
