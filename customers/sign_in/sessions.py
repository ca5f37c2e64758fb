"""The sessions of the people at the desk: how long they last, how fresh their second factor is, and ending them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from customers.models import StaffMember

BEGAN, SEEN = "began_at", "seen_at"
"""In a session, as seconds since 1970 (UTC)."""
CLOCKS_APART = 60
"""Seconds by which the clocks of two web machines may differ."""
MARKED_EVERY = timedelta(minutes=1)
"""A session is written to at most so often; it idles for up to that much less."""


def begin(request: HttpRequest) -> None:
    """A session begins now, for at most ``SESSION_HOURS``."""
    now = timezone.now().timestamp()
    request.session[BEGAN] = request.session[SEEN] = now


def is_over(request: HttpRequest) -> bool:
    """Whether a signed-in session has idled too long or has lasted too long; one that never began is over too."""
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    now = timezone.now().timestamp()
    if began is None or seen is None:
        return True
    idle, whole = settings.SESSION_IDLE_MINUTES * 60, settings.SESSION_HOURS * 3600
    return not (now - seen < idle and now - began < whole)


def mark_seen(request: HttpRequest) -> None:
    """Somebody is there."""
    now = timezone.now().timestamp()
    if now - request.session[SEEN] >= MARKED_EVERY.total_seconds():
        request.session[SEEN] = now


def second_factor_at(request: HttpRequest) -> float | None:
    """When this session's person last gave a second factor, in seconds since 1970; None where never."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    return next((record["at"] for record in reversed(records) if record.get("method") == "mfa"), None)


def is_fresh(request: HttpRequest) -> bool:
    """Whether a second factor was given within ``STEP_UP_MINUTES``; one from the future vouches for nothing."""
    at = second_factor_at(request)
    return at is not None and -CLOCKS_APART <= timezone.now().timestamp() - at < settings.STEP_UP_MINUTES * 60


def end_sessions(person: StaffMember, *, but: str = "") -> int:
    """Remove every session of this person's that is not over (but the one of that key), and every sign-in under way.

    Returns how many. Part of an act under way. Whose a session is stands inside it only, so each one is looked into.
    """
    running = Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=but).iterator()
    keys = [each.session_key for each in running if _is_of(each.get_decoded(), person)]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


def _is_of(session: dict[str, Any], person: StaffMember) -> bool:
    """Whether somebody is signed in there as this person, or is about to be."""
    pending = session.get(LOGIN_SESSION_KEY) or {}
    return session.get(SESSION_KEY) == str(person.pk) or pending.get("user_pk") == user_pk_to_url_str(person)
