"""How many tries at signing in are listened to: each is counted before it is looked at.

Counted in the shared cache, under keyed digests, and alike for names that are nobody's. A browser that somebody has
signed in with before has a count of its own: strangers who guess use up their own tries, and lock nobody out.
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
"""So many wrong second factors for one account in a day: from one known browser, and from all strangers' together."""
NEW_PASSWORD = (AccessChange.What.PASSWORD_SET, AccessChange.What.RESET_STARTED)
DIGITS = 16
SUBNET = 64


@dataclass(frozen=True)
class Visitor:
    """Whence somebody comes: a network address and, where it has been signed in with before, a browser; as digests."""

    origin: str = ""
    browser: str = ""


def visitor(address: str, browser: str = "") -> Visitor:
    """The same from what they are in clear; ``browser`` is the random name of a known one.

    An IPv6 address stands for its /64: one household or office has all of those. One that only wraps an IPv4 address,
    as servers on both pass them on, is that address.
    """
    place = ip_address(address)
    if isinstance(place, IPv6Address):
        place = place.ipv4_mapped or place
    from_where = str(ip_network((place, SUBNET), strict=False) if isinstance(place, IPv6Address) else place)
    named = digest("sign-in browser", browser)[:DIGITS] if browser else ""
    return Visitor(digest("sign-in origin", from_where)[:DIGITS], named)


class TooManyTries(InvalidInput):
    """Nothing was looked at: there have been too many wrong tries. ``str()`` says what to do."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(
            sentence
            or _("Too many wrong tries. Wait a quarter of an hour, or sign in with a browser you have used before.")
        )


def take_try(person: StaffMember | None, come: Visitor, *, name: str) -> None:
    """Use up one try for whoever is called ``name``, be it nobody. Raises ``TooManyTries`` where none is left.

    Each time the tries are used up, that is on record once. A right try is given back by ``give_back``.
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
    """It was right: the try does not count."""
    for key, _most in _counts(come, name):
        try:
            cache.decr(key)
        except ValueError:  # the window is over
            continue


def _counts(come: Visitor, name: str) -> list[tuple[str, int]]:
    """The counts a try is in, and how far each goes."""
    whose = digest("sign-in name", " ".join([name, come.browser]))
    of_name = (f"sign-in-tries-{whose}", settings.SIGN_IN_TRIES)
    of_address = (f"sign-in-tries-from-{come.origin}", settings.SIGN_IN_TRIES_FROM_ADDRESS)
    return [of_name] if come.browser else [of_address, of_name]


def _count(key: str) -> int:
    """One more, however many do so at once; the window begins with the first."""
    cache.add(key, 0, WINDOW.total_seconds())
    try:
        return cache.incr(key)
    except ValueError:  # it ended between the two
        cache.set(key, 1, WINDOW.total_seconds())
        return 1


def _wrong_factors_today(person: StaffMember, come: Visitor) -> int:
    """From this known browser, or from strangers'; since the newest password, as no older try had that one."""
    wrong = SignIn.objects.filter(person=person, what=What.FACTOR_WRONG, browser=come.browser)
    anew = AccessChange.objects.filter(person=person, what__in=NEW_PASSWORD).aggregate(at=Max("at"))["at"]
    day = timezone.now() - timedelta(days=1)
    return wrong.filter(at__gt=max(day, anew or day)).count()
