"""Known browsers: wrong tries from elsewhere do not count against a browser with which the person has signed in.

This is OWASP's "device cookies". The cookie does not authenticate; it only selects which counter a try belongs to.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from customers.models import StaffMember
from customers.vault.blind_index import digest

SALT = "known browser"
DIGITS = 16


def cookie_name(person: StaffMember) -> str:
    """The cookie's name, different for each person, as several may use one machine."""
    return f"{settings.COOKIES}known_browser_{digest('known browser of', str(person.pk))[:DIGITS]}"


def _bound(person: StaffMember) -> str:
    """A short digest of the person's password hash: changing the password makes browsers unknown again."""
    return person.get_session_auth_hash()[:DIGITS]


def known_browser(request: HttpRequest, person: StaffMember | None) -> str:
    """The random name of this browser where the person has signed in with it within ``KNOWN_BROWSER_DAYS``; else ""."""
    if person is None:
        return ""
    days = settings.KNOWN_BROWSER_DAYS * 24 * 3600
    try:
        who, bound, name = signing.loads(request.COOKIES.get(cookie_name(person), ""), salt=SALT, max_age=days)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(name) if (who, bound) == (person.pk, _bound(person)) else ""


def remember(request: HttpRequest, response: HttpResponse, person: StaffMember) -> None:
    """Set the cookie that makes this browser known for the person; a known browser keeps its name."""
    name = known_browser(request, person) or secrets.token_urlsafe(16)
    response.set_cookie(
        cookie_name(person),
        signing.dumps([person.pk, _bound(person), name], salt=SALT),
        max_age=settings.KNOWN_BROWSER_DAYS * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
