"""Records of sign-ins: in, out, and wrong tries. Typed names, passwords and codes are not stored."""

from __future__ import annotations

from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting
from customers.evidence.recording import recording
from customers.evidence.schema import SYSTEM
from customers.models import SignIn, StaffMember
from customers.models.acts import Act, RefusalReason
from customers.sign_in.rate_limits import Visitor

What = SignIn.What


def note_wrong_password(person: StaffMember | None, come: Visitor) -> None:
    """Record a wrong password; ``person`` is None for an unknown username."""
    _note(What.PASSWORD_WRONG, person, come)


def note_wrong_factor(person: StaffMember, come: Visitor) -> None:
    """Record a wrong code or security key, at a sign-in after a correct password or at a step-up."""
    _note(What.FACTOR_WRONG, person, come)


def note_signed_in(person: StaffMember, come: Visitor, factor: str, *, bound: str) -> SignIn:
    """Record a sign-in with both factors correct; committed before the session starts.

    ``bound`` is the person's session auth hash when the password was given. Raises ``Refused`` (on record) where access
    has ended, or the password has been changed or removed since.
    """
    with acting(Act.SIGN_IN, by=person):
        require_bound(person, bound)
        record = SignIn(what=What.SIGNED_IN, person=person, factor=factor, origin=come.origin, browser=come.browser)
        record.save()
    return record


def note_confirmed(person: StaffMember, come: Visitor, factor: str) -> SignIn:
    """Record a step-up: the second factor was given again. Raises ``Refused`` (on record) where access has ended."""
    with acting(Act.SIGN_IN, by=person):
        record = SignIn(what=What.CONFIRMED, person=person, factor=factor, origin=come.origin, browser=come.browser)
        record.save()
    return record


def note_signed_out(person: StaffMember, come: Visitor) -> None:
    """Record the end of a session, by signing out or by its time limit."""
    with recording(by=person):
        SignIn(what=What.SIGNED_OUT, person=person, origin=come.origin, browser=come.browser).save()


def is_bound(person: StaffMember, bound: str) -> bool:
    """Whether the person is active and the password is the one with the session auth hash ``bound``."""
    current = StaffMember.objects.filter(pk=person.pk, is_active=True).first()
    return current is not None and current.has_usable_password() and current.get_session_auth_hash() == bound


def require_bound(person: StaffMember, bound: str) -> None:
    """Raise ``Refuse`` unless ``is_bound``; inside an act, whose lock keeps the password from changing."""
    if not is_bound(person, bound):
        raise Refuse(
            RefusalReason.BEGUN_BEFORE, _("This sign-in began before the password was changed; sign in again.")
        )


def _note(what: str, person: StaffMember | None, come: Visitor) -> None:
    """Write a record by the reserved account, as nobody is signed in."""
    with recording(by=StaffMember.objects.get(username=SYSTEM)):
        SignIn(what=what, person=person, origin=come.origin, browser=come.browser).save()
