"""Codes of authenticator apps for a demo (``MODE = "demo"``), where no phone is at hand."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django import template
from django.conf import settings
from django.core.cache import cache

from customers.models import StaffMember
from customers.sign_in import second_factors
from customers.sign_in.allauth_internals import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time

register = template.Library()


@register.simple_tag
def demo_code(person: Any) -> str:
    """An unused code of the person's authenticator app; "" outside a demo, and where there is no app."""
    app = None
    if settings.MODE == "demo" and isinstance(person, StaffMember):
        app = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if app is None:
        return ""
    with second_factors.of(person):
        secret = second_factors.opened(app.data["secret"])
    codes: list[str] = [format_hotp_value(hotp_value(secret, at)) for at in yield_hotp_counters_from_time()]
    past, present, to_come = codes
    used = TOTP(app)._get_used_cache_key
    return next((code for code in (present, past, to_come) if not cache.get(used(code))), present)


@register.simple_tag
def demo_first_code(secret: str) -> str:
    """The present code of a secret during setup; "" outside a demo."""
    if settings.MODE != "demo":
        return ""
    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))
