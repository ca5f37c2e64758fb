"""Signing in, on record: who came in and went, who was wrong, and when a try is no longer listened to.

Tries are counted from the records, so that every web machine counts alike. A browser that somebody has signed in with
before has a count of its own: strangers who guess use up their own tries, and nobody is locked out by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acting import acting
from customers.evidence.recording import recording
from customers.evidence.schema import SYSTEM
from customers.models import SignIn, StaffMember
from customers.refusals import Unusable
from customers.vault.blind_index import digest

What = SignIn.What
WINDOW = timedelta(minutes=15)
FACTORS_A_DAY = 50
"""So many wrong second factors for one account in a day, from browsers it was never used with."""
WRONG = [What.PASSWORD_WRONG, What.FACTOR_WRONG]
DIGITS = 16


@dataclass(frozen=True)
class Visitor:
    """Whence somebody comes: a network address and, where it has been signed in with before, a browser; as digests."""

    origin: str = ""
    browser: str = ""


def visitor(address: str, browser: str = "") -> Visitor:
    """The same from what they are in clear; ``browser`` is the random name of a known one."""
    named = digest("sign-in browser", browser)[:DIGITS] if browser else ""
    return Visitor(digest("sign-in origin", address)[:DIGITS], named)


class TooManyTries(Unusable):
    """Nothing was looked at: there have been too many wrong tries. ``str()`` says what to do."""


def demand_tries_left(person: StaffMember | None, come: Visitor, *, name: str = "") -> None:
    """Raise ``TooManyTries`` where no more tries are listened to; on record once for each time that begins.

    ``name`` is what was typed where nobody is called so: such tries count as an account's do, and tell nothing.
    """
    if not _spent(person, come, name):
        return
    newest = _tried(person, come, name).order_by("-pk").values_list("what", flat=True).first()
    if newest is not None and newest != What.TURNED_AWAY:
        _note(What.TURNED_AWAY, person, come)
    sentence = _("Too many wrong tries. Wait a quarter of an hour, or sign in with a browser you have used before.")
    raise TooManyTries(sentence)


def _spent(person: StaffMember | None, come: Visitor, name: str) -> bool:
    """Whether the tries of this account, or of whoever comes from there, are used up."""
    since = timezone.now() - WINDOW
    wrong = SignIn.objects.filter(what__in=WRONG)
    if come.browser:
        return wrong.filter(browser=come.browser, at__gt=since).count() >= settings.SIGN_IN_TRIES
    if wrong.filter(origin=come.origin, browser="", at__gt=since).count() >= settings.SIGN_IN_TRIES_FROM_ADDRESS:
        return True
    if person is None:
        return cache.get(_nobody(name), 0) >= settings.SIGN_IN_TRIES  # type: ignore[no-any-return]
    strangers = wrong.filter(person=person, browser="")
    a_day = strangers.filter(what=What.FACTOR_WRONG, at__gt=timezone.now() - timedelta(days=1))
    return strangers.filter(at__gt=since).count() >= settings.SIGN_IN_TRIES or a_day.count() >= FACTORS_A_DAY


def _tried(person: StaffMember | None, come: Visitor, name: str) -> QuerySet[SignIn]:
    """What is on record of the count that is used up."""
    what = [*WRONG, What.TURNED_AWAY]
    if come.browser:
        return SignIn.objects.filter(what__in=what, browser=come.browser)
    if person is None:
        return SignIn.objects.filter(what__in=what, origin=come.origin, browser="")
    return SignIn.objects.filter(what__in=what, person=person, browser="")


def _nobody(name: str) -> str:
    return f"sign-in-tries-{digest('sign-in name', name.casefold())}"


def note_wrong_password(person: StaffMember | None, come: Visitor, *, name: str = "") -> None:
    """Username and password did not fit. ``name`` is counted, by a digest that is forgotten, where it is nobody's."""
    if person is None:
        cache.set(_nobody(name), cache.get(_nobody(name), 0) + 1, WINDOW.total_seconds())
    _note(What.PASSWORD_WRONG, person, come)


def note_wrong_factor(person: StaffMember, come: Visitor) -> None:
    """The password was right, or somebody was signed in already; code or security key were not."""
    _note(What.FACTOR_WRONG, person, come)


def note_signed_in(person: StaffMember, come: Visitor, factor: str) -> SignIn:
    """Both factors were right: this commits before there is a session.

    Raises ``TooManyTries`` where the tries were used up meanwhile, ``Refused`` (on record) where access has ended.
    """
    demand_tries_left(person, come)
    with acting("sign_in", by=person):
        record = SignIn(what=What.SIGNED_IN, person=person, factor=factor, origin=come.origin, browser=come.browser)
        record.save()
    return record


def note_confirmed(person: StaffMember, come: Visitor, factor: str) -> SignIn:
    """The second factor was given again. Raises as ``note_signed_in``."""
    demand_tries_left(person, come)
    with acting("sign_in", by=person):
        record = SignIn(what=What.CONFIRMED, person=person, factor=factor, origin=come.origin, browser=come.browser)
        record.save()
    return record


def note_signed_out(person: StaffMember, come: Visitor) -> None:
    """Somebody went, or their session was over."""
    with recording(by=person):
        SignIn(what=What.SIGNED_OUT, person=person, origin=come.origin, browser=come.browser).save()


def _note(what: str, person: StaffMember | None, come: Visitor) -> None:
    """A record of what nobody in particular did: by the reserved account."""
    with recording(by=StaffMember.objects.get(username=SYSTEM)):
        SignIn(what=what, person=person, origin=come.origin, browser=come.browser).save()
