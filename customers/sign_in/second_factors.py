"""The second factors of the people at the desk: added, replaced, removed by themselves; each change on record.

The library keeps them; their secrets are sealed for the person they belong to (``of`` says whose are at hand).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.utils.translation import gettext as _

from customers.acts.acting import acting
from customers.models import SignIn, StaffMember
from customers.sign_in.records import require_bound
from customers.validation.errors import InvalidInput
from customers.vault import staff_secrets
from customers.vault.errors import Unreadable

What = SignIn.What
Type = Authenticator.Type
PROVING = [Type.TOTP, Type.WEBAUTHN]
"""What one cannot do without; recovery codes stand in for them."""

_whose: ContextVar[int | None] = ContextVar("whose second factor", default=None)


@contextmanager
def of(person: StaffMember) -> Iterator[None]:
    """Inside, secrets of this person's are sealed and opened; nobody else's open, and outside none do."""
    token = _whose.set(person.pk)
    try:
        yield
    finally:
        _whose.reset(token)


def sealed(text: str) -> str:
    """For the person whose turn it is."""
    return staff_secrets.seal_for(_key(), text)


def opened(token: str) -> str:
    """Of the person whose turn it is. Raises ``Unreadable`` for anybody else's."""
    return staff_secrets.open_for(_key(), token)


def _key() -> int:
    key = _whose.get()
    if key is None:
        raise LookupError("A second factor is sealed and opened for a person: use second_factors.of(person).")
    return key


def has_factor(person: StaffMember) -> bool:
    """Whether the person could prove a sign-in."""
    return bool(Authenticator.objects.filter(user=person, type__in=PROVING).exists())


def factors_of(person: StaffMember) -> list[Authenticator]:
    """What the person proves a sign-in with, the oldest first; without recovery codes."""
    return list(Authenticator.objects.filter(user=person, type__in=PROVING).order_by("pk"))


def codes_left(person: StaffMember) -> int:
    """How many recovery codes are still good."""
    kept = Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).first()
    try:
        with of(person):
            return 0 if kept is None else len(RecoveryCodes(kept).get_unused_codes())
    except Unreadable:  # another person's, or under a key that is not at hand: none of them works
        return 0


def _require_first(person: StaffMember, bound: str | None) -> None:
    """For who is not signed in yet: only where there is no factor, and the password is still the one given."""
    if bound is not None:
        require_bound(person, bound)
        if has_factor(person):
            raise InvalidInput(_("A second factor has been set up meanwhile; sign in with it."))


def set_app(person: StaffMember, secret: str, *, bound: str | None = None) -> list[str]:
    """Make this authenticator app the person's, in the place of another one; returns first recovery codes, if new.

    ``bound``: as the first factor, on the way in. Raises ``InvalidInput`` where there is one by now, ``Refused`` (on
    record) where the password is no longer the one the sign-in began with.
    """
    with acting("second_factor", by=person), of(person):
        _require_first(person, bound)
        gone, _by_table = Authenticator.objects.filter(user=person, type=Type.TOTP).delete()
        if gone:
            SignIn(what=What.FACTOR_REMOVED, person=person, factor=Type.TOTP).save()
        TOTP.activate(person, secret)
        SignIn(what=What.FACTOR_ADDED, person=person, factor=Type.TOTP).save()
        return _first_codes(person)


def add_key(person: StaffMember, name: str, credential: dict[str, Any], *, bound: str | None = None) -> list[str]:
    """Add a security key; returns first recovery codes, if new. ``bound`` and errors as for ``set_app``."""
    with acting("second_factor", by=person), of(person):
        _require_first(person, bound)
        WebAuthn.add(person, name, credential)
        SignIn(what=What.FACTOR_ADDED, person=person, factor=Type.WEBAUTHN).save()
        return _first_codes(person)


def remove_factor(person: StaffMember, key: int) -> None:
    """Remove an app or a security key. Raises ``InvalidInput`` for the last one, and for one that is gone."""
    with acting("second_factor", by=person):
        held = {factor.pk: factor for factor in factors_of(person)}
        if key not in held:
            raise InvalidInput(_("This second factor is gone already."))
        if len(held) == 1:
            raise InvalidInput(_("This is your only second factor; add another one first."))
        held[key].delete()
        SignIn(what=What.FACTOR_REMOVED, person=person, factor=held[key].type).save()


def make_codes(person: StaffMember) -> list[str]:
    """New recovery codes in the place of the old ones, which no longer work."""
    with acting("second_factor", by=person), of(person):
        Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).delete()
        return _first_codes(person)


def forget_factors(person: StaffMember) -> int:
    """Remove all there are, inside an act of somebody else's; returns how many."""
    gone, _by_table = Authenticator.objects.filter(user=person).delete()
    return int(gone)


def _first_codes(person: StaffMember) -> list[str]:
    """The person's recovery codes where there were none until now."""
    if Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).exists():
        return []
    codes: list[str] = RecoveryCodes.activate(person).generate_codes()
    SignIn(what=What.CODES_MADE, person=person, factor=Type.RECOVERY_CODES).save()
    return codes
