"""Sessions of staff: their time limits, the age of their second factor, and ending them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from customers.models import StaffMember
from customers.sign_in.allauth_internals import LOGIN_SESSION_KEY

BEGAN, SEEN = "began_at", "seen_at"
"""Session keys of times in seconds since 1970 (UTC)."""
CLOCKS_APART = 60
"""Seconds by which the clocks of two web servers may differ."""
MARKED_EVERY = timedelta(minutes=1)
"""Shortest time between two updates of ``SEEN``; a session may end that much too early."""


def begin(request: HttpRequest) -> None:
    """Mark the session as begun now; it lasts at most ``SESSION_HOURS``."""
    now = timezone.now().timestamp()
    request.session[BEGAN] = request.session[SEEN] = now


def is_over(request: HttpRequest) -> bool:
    """Whether a signed-in session was idle or has lasted too long; also True where ``begin`` was never called."""
    began, last_seen = request.session.get(BEGAN), request.session.get(SEEN)
    now = timezone.now().timestamp()
    if began is None or last_seen is None:
        return True
    idle, longest = settings.SESSION_IDLE_MINUTES * 60, settings.SESSION_HOURS * 3600
    return not (now - last_seen < idle and now - began < longest)


def mark_seen(request: HttpRequest) -> None:
    """Note that the session is in use."""
    now = timezone.now().timestamp()
    if now - request.session[SEEN] >= MARKED_EVERY.total_seconds():
        request.session[SEEN] = now


def second_factor_at(request: HttpRequest) -> float | None:
    """When this session's person last gave a second factor, in seconds since 1970; None where never."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return next((record["at"] for record in reversed(records) if record.get("method") == "mfa"), None)


def is_fresh(request: HttpRequest) -> bool:
    """Whether a second factor was given within ``STEP_UP_MINUTES``; a time in the future does not count."""
    at = second_factor_at(request)
    return at is not None and -CLOCKS_APART <= timezone.now().timestamp() - at < settings.STEP_UP_MINUTES * 60


def end_sessions(person: StaffMember, *, but: str = "") -> int:
    """Delete the person's running sessions, except the one whose key is ``but``, and their sign-ins under way.

    Returns how many; inside an act under way. The owner is stored only inside a session, so every session is decoded.
    """
    running = Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=but).iterator()
    keys = [session.session_key for session in running if _is_of(session.get_decoded(), person)]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


def _is_of(session: dict[str, Any], person: StaffMember) -> bool:
    """Whether the session belongs to this person, signed in or in the middle of a sign-in."""
    pending = session.get(LOGIN_SESSION_KEY) or {}
    return session.get(SESSION_KEY) == str(person.pk) or pending.get("user_pk") == user_pk_to_url_str(person)
