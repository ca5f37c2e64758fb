"""Browsers that somebody has signed in with: strangers' wrong tries do not count against them.

The idea is OWASP's "device cookies". The cookie lets nobody in; it only says whose tries are whose.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from customers.models import StaffMember

SALT = "known browser"


def cookie_name() -> str:
    """Bound to the host where cookies are."""
    return f"{settings.COOKIES}known_browser"


def known_browser(request: HttpRequest, person: StaffMember | None) -> str:
    """The random name of this browser, where this person has signed in with it; else ""."""
    if person is None:
        return ""
    days = settings.KNOWN_BROWSER_DAYS * 24 * 3600
    try:
        who, name = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=days)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(name) if who == person.pk else ""


def remember(response: HttpResponse, person: StaffMember) -> None:
    """Know this browser as the person's from now on."""
    response.set_cookie(
        cookie_name(),
        signing.dumps([person.pk, secrets.token_urlsafe(16)], salt=SALT),
        max_age=settings.KNOWN_BROWSER_DAYS * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
