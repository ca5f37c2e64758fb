"""Second factors of staff: acts by which people add, replace and remove their own, each recorded.

Allauth stores them; their secrets are sealed for the person they belong to (``of`` sets whose can be opened).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from customers.acts.acting import acting
from customers.models import SignIn, StaffMember
from customers.models.acts import Act
from customers.sign_in.allauth_internals import TOTP, RecoveryCodes, WebAuthn
from customers.sign_in.records import require_bound
from customers.validation.errors import InvalidInput
from customers.vault import staff_secrets
from customers.vault.errors import Unreadable

What = SignIn.What
Type = Authenticator.Type
PROVING = [Type.TOTP, Type.WEBAUTHN]
"""Types of which a person needs at least one; recovery codes only replace them at a sign-in."""

_whose: ContextVar[int | None] = ContextVar("whose second factor", default=None)


@contextmanager
def of(person: StaffMember) -> Iterator[None]:
    """Context in which this person's secrets can be sealed and opened; outside of it, none can."""
    token = _whose.set(person.pk)
    try:
        yield
    finally:
        _whose.reset(token)


def sealed(text: str) -> str:
    """Seal a secret for the person of the surrounding ``of``. Raises ``LookupError`` outside of one."""
    return staff_secrets.seal_for(_key(), text)


def opened(token: str) -> str:
    """Open a secret of the person of the surrounding ``of``. Raises ``Unreadable`` for another person's."""
    return staff_secrets.open_for(_key(), token)


def _key() -> int:
    key = _whose.get()
    if key is None:
        raise LookupError("A second factor is sealed and opened for a person: use second_factors.of(person).")
    return key


def has_factor(person: StaffMember) -> bool:
    """Whether the person has an app or a security key."""
    return bool(Authenticator.objects.filter(user=person, type__in=PROVING).exists())


def factors_of(person: StaffMember) -> list[Authenticator]:
    """The person's app and security keys, oldest first; without recovery codes."""
    return list(Authenticator.objects.filter(user=person, type__in=PROVING).order_by("pk"))


def codes_left(person: StaffMember) -> int:
    """How many recovery codes are unused; 0 where they cannot be opened."""
    codes = Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).first()
    try:
        with of(person):
            return 0 if codes is None else len(RecoveryCodes(codes).get_unused_codes())
    except Unreadable:  # sealed for another person, or with a key that is missing: none of them works
        return 0


def _require_first(person: StaffMember, bound: str | None) -> None:
    """During a sign-in (``bound`` given), require that there is no factor yet and the password is unchanged."""
    if bound is not None:
        require_bound(person, bound)
        if has_factor(person):
            raise InvalidInput(_("A second factor has been set up meanwhile; sign in with it."))


def set_app(person: StaffMember, secret: str, *, bound: str | None = None) -> list[str]:
    """Set the person's authenticator app, replacing another one. Returns recovery codes, if new ones were made.

    ``bound`` is given during a sign-in, for the first factor. Raises ``InvalidInput`` where there is a factor by then,
    ``Refused`` (on record) where the password is no longer the one the sign-in began with.
    """
    with acting(Act.SECOND_FACTOR, by=person), of(person):
        _require_first(person, bound)
        deleted, _by_table = Authenticator.objects.filter(user=person, type=Type.TOTP).delete()
        if deleted:
            SignIn(what=What.FACTOR_REMOVED, person=person, factor=Type.TOTP).save()
        TOTP.activate(person, secret)
        SignIn(what=What.FACTOR_ADDED, person=person, factor=Type.TOTP).save()
        return _first_codes(person)


def add_key(person: StaffMember, name: str, credential: dict[str, Any], *, bound: str | None = None) -> list[str]:
    """Add a security key. Returns recovery codes, if new ones were made. ``bound`` and errors as for ``set_app``."""
    with acting(Act.SECOND_FACTOR, by=person), of(person):
        _require_first(person, bound)
        WebAuthn.add(person, name, credential)
        SignIn(what=What.FACTOR_ADDED, person=person, factor=Type.WEBAUTHN).save()
        return _first_codes(person)


def remove_factor(person: StaffMember, key: int) -> None:
    """Remove an app or a security key. Raises ``InvalidInput`` for the last one, and for one removed already."""
    with acting(Act.SECOND_FACTOR, by=person):
        factors = {factor.pk: factor for factor in factors_of(person)}
        if key not in factors:
            raise InvalidInput(_("This second factor is gone already."))
        if len(factors) == 1:
            raise InvalidInput(_("This is your only second factor; add another one first."))
        factors[key].delete()
        SignIn(what=What.FACTOR_REMOVED, person=person, factor=factors[key].type).save()


def make_codes(person: StaffMember) -> list[str]:
    """Replace the recovery codes by new ones."""
    with acting(Act.SECOND_FACTOR, by=person), of(person):
        Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).delete()
        return _first_codes(person)


def forget_factors(person: StaffMember) -> int:
    """Remove all factors and recovery codes, inside an administrator's act; returns how many rows."""
    deleted, _by_table = Authenticator.objects.filter(user=person).delete()
    return int(deleted)


def _first_codes(person: StaffMember) -> list[str]:
    """Make recovery codes where the person has none; else []."""
    if Authenticator.objects.filter(user=person, type=Type.RECOVERY_CODES).exists():
        return []
    codes: list[str] = RecoveryCodes.activate(person).generate_codes()
    SignIn(what=What.CODES_MADE, person=person, factor=Type.RECOVERY_CODES).save()
    return codes
