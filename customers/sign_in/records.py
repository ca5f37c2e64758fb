"""Signing in, on record: who came in and went, and who was wrong. What was typed is kept nowhere."""

from __future__ import annotations

from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting
from customers.evidence.recording import recording
from customers.evidence.schema import SYSTEM
from customers.models import SignIn, StaffMember
from customers.sign_in.rate_limits import Visitor

What = SignIn.What


def note_wrong_password(person: StaffMember | None, come: Visitor) -> None:
    """Username and password did not fit; None where nobody is called so."""
    _note(What.PASSWORD_WRONG, person, come)


def note_wrong_factor(person: StaffMember, come: Visitor) -> None:
    """The password was right, or somebody was signed in already; code or security key were not."""
    _note(What.FACTOR_WRONG, person, come)


def note_signed_in(person: StaffMember, come: Visitor, factor: str, *, bound: str) -> SignIn:
    """Both factors were right: this commits before there is a session.

    ``bound`` is the person's session hash as it was when the password was given. Raises ``Refused`` (on record) where
    access has ended, or the password has been changed or taken away since.
    """
    with acting("sign_in", by=person):
        require_bound(person, bound)
        record = SignIn(what=What.SIGNED_IN, person=person, factor=factor, origin=come.origin, browser=come.browser)
        record.save()
    return record


def note_confirmed(person: StaffMember, come: Visitor, factor: str) -> SignIn:
    """The second factor was given again. Raises ``Refused`` (on record) where access has ended."""
    with acting("sign_in", by=person):
        record = SignIn(what=What.CONFIRMED, person=person, factor=factor, origin=come.origin, browser=come.browser)
        record.save()
    return record


def note_signed_out(person: StaffMember, come: Visitor) -> None:
    """Somebody went, or their session was over."""
    with recording(by=person):
        SignIn(what=What.SIGNED_OUT, person=person, origin=come.origin, browser=come.browser).save()


def is_bound(person: StaffMember, bound: str) -> bool:
    """Whether the password is still the one that was given when this sign-in began."""
    now = StaffMember.objects.filter(pk=person.pk, is_active=True).first()
    return now is not None and now.has_usable_password() and now.get_session_auth_hash() == bound


def require_bound(person: StaffMember, bound: str) -> None:
    """Raise ``Refuse`` where it is not; inside an act, which holds the person still."""
    if not is_bound(person, bound):
        raise Refuse("begun_before", _("This sign-in began before the password was changed; sign in again."))


def _note(what: str, person: StaffMember | None, come: Visitor) -> None:
    """A record of what nobody in particular did: by the reserved account."""
    with recording(by=StaffMember.objects.get(username=SYSTEM)):
        SignIn(what=what, person=person, origin=come.origin, browser=come.browser).save()
