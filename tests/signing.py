"""Signing in: by a short cut for tests of other things, and the way people do."""

from __future__ import annotations

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from customers.models import StaffMember
from customers.sign_in import second_factors
from customers.sign_in.sessions import BEGAN, SEEN
from tests import factories

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""What the authenticator apps of tests hold."""


def sign_in(client: Client, person: StaffMember, *, stale: bool = False) -> None:
    """Leave a session as a whole sign-in leaves it; ``stale``: the second factor was given an hour ago."""
    client.force_login(person)
    now = timezone.now().timestamp()
    session = client.session
    session.update(
        {
            BEGAN: now,
            SEEN: now,
            AUTHENTICATION_METHODS_SESSION_KEY: [{"method": "mfa", "type": "totp", "at": now - 3600 * stale}],
            _AUTHENTICATION_METHODS_USER_SESSION_KEY: user_id_to_str(person),
        }
    )
    session.save()


def give_app(person: StaffMember, secret: str = SECRET) -> list[str]:
    """Let a person have an authenticator app; returns the recovery codes."""
    return second_factors.set_app(person, secret)


def code(secret: str = SECRET, *, step: int = 0) -> str:
    """What the app shows now, or a step of half a minute later or earlier."""
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1] + step))


def forget_used_codes() -> None:
    """As if half a minute had passed: a code may be given again."""
    cache.clear()


def password_step(client: Client, username: str, password: str = factories.PASSWORD, **extra: str):  # type: ignore[no-untyped-def]
    """Type username and password."""
    return client.post("/login/", {"login": username, "password": password, **extra})


def sign_in_for_real(client: Client, person: StaffMember) -> None:
    """Through the pages, as people do: password, then a code; an app is set up where there is none."""
    if not second_factors.has_factor(person):
        give_app(person)
    forget_used_codes()
    answer = password_step(client, person.username)
    assert answer.status_code == 302, answer.status_code
    answer = client.post(answer["Location"], {"code": code()})
    assert answer.status_code == 302, answer.status_code


def browser(address: str = "192.0.2.1") -> Client:
    """A browser that nobody has used yet, at that network address."""
    return Client(HTTP_ACCEPT_LANGUAGE="en", REMOTE_ADDR=address)
