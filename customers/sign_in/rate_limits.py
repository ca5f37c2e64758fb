"""Rate limits of sign-in tries; each try is counted before it is checked.

Counts are in the shared cache under keyed digests, and are kept for unknown usernames too. A known browser has a count
of its own, so that a stranger who guesses cannot lock the person out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.evidence.recording import recording
from customers.evidence.schema import SYSTEM
from customers.models import AccessChange, SignIn, StaffMember
from customers.validation.errors import InvalidInput
from customers.vault.blind_index import digest

What = SignIn.What
WINDOW = timedelta(minutes=15)
FACTORS_A_DAY = 50
"""Most wrong second factors for one account in 24 hours: per known browser, and for all unknown ones together."""
NEW_PASSWORD = (AccessChange.What.PASSWORD_SET, AccessChange.What.RESET_STARTED)
DIGITS = 16
SUBNET = 64


@dataclass(frozen=True)
class Visitor:
    """Keyed digests of where a try comes from: a network address and the name of a known browser (or "")."""

    origin: str = ""
    browser: str = ""


def visitor(address: str, browser: str = "") -> Visitor:
    """Build a ``Visitor`` from an IP address and the random name of a known browser.

    An IPv6 address counts as its /64 network, which belongs to one household or office. An IPv4-mapped one (RFC 4291,
    2.5.5.2) counts as the IPv4 address.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    network = str(ip_network((ip, SUBNET), strict=False) if isinstance(ip, IPv6Address) else ip)
    browser_digest = digest("sign-in browser", browser)[:DIGITS] if browser else ""
    return Visitor(digest("sign-in origin", network)[:DIGITS], browser_digest)


class TooManyTries(InvalidInput):
    """Too many wrong tries: this one was not checked. ``str()`` says what to do."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(
            sentence
            or _("Too many wrong tries. Wait a quarter of an hour, or sign in with a browser you have used before.")
        )


def take_try(person: StaffMember | None, come: Visitor, *, name: str) -> None:
    """Count one try for the username ``name``, which may be unknown. Raises ``TooManyTries`` where none is left.

    The first refused try of a window is recorded. A correct try is given back by ``give_back``.
    """
    if person is not None and _wrong_factors_today(person, come) >= FACTORS_A_DAY:
        raise TooManyTries(
            _("Too many wrong tries today. Use a browser you have signed in with, or ask an administrator for a reset.")
        )
    for key, most in _counts(come, name):
        count = _count(key)
        if count == most + 1:
            with recording(by=StaffMember.objects.get(username=SYSTEM)):
                SignIn(what=What.TURNED_AWAY, person=person, origin=come.origin, browser=come.browser).save()
        if count > most:
            raise TooManyTries


def give_back(come: Visitor, *, name: str) -> None:
    """Take a correct try out of the counts again."""
    for key, _most in _counts(come, name):
        try:
            cache.decr(key)
        except ValueError:  # the window is over
            continue


def _counts(come: Visitor, name: str) -> list[tuple[str, int]]:
    """The cache keys under which a try is counted, each with its limit."""
    name_digest = digest("sign-in name", " ".join([name, come.browser]))
    of_name = (f"sign-in-tries-{name_digest}", settings.SIGN_IN_TRIES)
    of_address = (f"sign-in-tries-from-{come.origin}", settings.SIGN_IN_TRIES_FROM_ADDRESS)
    return [of_name] if come.browser else [of_address, of_name]


def _count(key: str) -> int:
    """Increment a count atomically and return it; its window begins with the first try."""
    cache.add(key, 0, WINDOW.total_seconds())
    try:
        return cache.incr(key)
    except ValueError:  # the key expired between the two calls
        cache.set(key, 1, WINDOW.total_seconds())
        return 1


def _wrong_factors_today(person: StaffMember, come: Visitor) -> int:
    """Wrong second factors of 24 hours from this known browser, or from all unknown ones; since the last password."""
    wrong = SignIn.objects.filter(person=person, what=What.FACTOR_WRONG, browser=come.browser)
    password_set_at = AccessChange.objects.filter(person=person, what__in=NEW_PASSWORD).aggregate(at=Max("at"))["at"]
    day = timezone.now() - timedelta(days=1)
    return wrong.filter(at__gt=max(day, password_set_at or day)).count()
