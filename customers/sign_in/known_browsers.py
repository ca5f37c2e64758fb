"""Browsers that somebody has signed in with: strangers' wrong tries do not count against them.

The idea is OWASP's "device cookies". The cookie lets nobody in; it only says whose tries are whose.
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
    """One for each person: several may use one machine."""
    return f"{settings.COOKIES}known_browser_{digest('known browser of', str(person.pk))[:DIGITS]}"


def _bound(person: StaffMember) -> str:
    """A browser is known until the password changes or is taken away."""
    return person.get_session_auth_hash()[:DIGITS]


def known_browser(request: HttpRequest, person: StaffMember | None) -> str:
    """The random name of this browser, where this person has signed in with it; else ""."""
    if person is None:
        return ""
    days = settings.KNOWN_BROWSER_DAYS * 24 * 3600
    try:
        who, bound, name = signing.loads(request.COOKIES.get(cookie_name(person), ""), salt=SALT, max_age=days)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(name) if (who, bound) == (person.pk, _bound(person)) else ""


def remember(request: HttpRequest, response: HttpResponse, person: StaffMember) -> None:
    """Know this browser as the person's from now on, under the name it has if it has one."""
    name = known_browser(request, person) or secrets.token_urlsafe(16)
    response.set_cookie(
        cookie_name(person),
        signing.dumps([person.pk, _bound(person), name], salt=SALT),
        max_age=settings.KNOWN_BROWSER_DAYS * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
