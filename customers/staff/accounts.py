"""Acts on staff accounts: add, give and end roles, end and give back access, passwords, sessions.

Nobody changes their own access (``teams.acting_on_staff``), but their own password and sessions.
"""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from customers.access.grants import end_untaken
from customers.acts.acting import Refuse, acting
from customers.models import AccessChange, Membership, Role, StaffMember, Team
from customers.models.acts import Act, RefusalReason
from customers.sign_in.second_factors import forget_factors
from customers.sign_in.sessions import end_sessions
from customers.staff.teams import acting_on_staff, group_for, require_fitting_team
from customers.validation.contact_data import LIKE_AN_ADDRESS
from customers.validation.errors import InvalidInput

What = AccessChange.What


def add_person(
    username: str, *, by: StaffMember, password: str | None = None, first_name: str = "", email: str = ""
) -> StaffMember:
    """Add a member of staff without a role; they cannot sign in until a password is set.

    Raises ``InvalidInput`` where the username is taken, malformed or looks like an address or number (every record
    shows it in plain text), or first name or e-mail address are invalid; ``Refused`` (on record) where ``by`` does not
    manage staff.
    """
    try:
        StaffMember._meta.get_field("username").clean(username, None)
        StaffMember._meta.get_field("first_name").clean(first_name, None)
        StaffMember._meta.get_field("email").clean(email, None)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from None
    if not username.isascii():
        raise InvalidInput(_("A username is made of the letters a to z, digits and the signs . _ + -."))
    if not first_name.isprintable() or LIKE_AN_ADDRESS.search(first_name):
        raise InvalidInput(_("A first name is a name, without addresses, numbers or line breaks."))
    if LIKE_AN_ADDRESS.search(username):
        raise InvalidInput(_("A username stands in clear in every record; choose one without an address or a number."))
    with acting_on_staff(Act.ADD_PERSON, by=by):
        if StaffMember.objects.filter(username__iexact=username).exists():
            raise InvalidInput(_("This username is taken; choose another one."))
        person = StaffMember(username=username, first_name=first_name, email=email, is_staff=True)
        person.set_password(password)
        person.save()
        AccessChange(what=What.PERSON_ADDED, person=person, detail={"person": person.username}).save()
    return person


def give_role(person: StaffMember, role: Role, team: Team | None, *, by: StaffMember) -> Membership:
    """Give a role for one team, or for all (``team=None``).

    Raises ``InvalidInput`` where the role does not fit (``teams.require_fitting_team``) or is held already, or the
    person's access has ended; ``Refused`` (on record) where ``by`` does not manage staff, or is the person.
    """
    require_fitting_team(role, team)
    with acting_on_staff(Act.GIVE_ROLE, by=by, about=person):
        if not StaffMember.objects.filter(pk=person.pk, is_active=True).exists():
            raise InvalidInput(_("This person’s access has ended; give it back first."))
        if Membership.objects.filter(person=person, role=role, team=team).exists():
            raise InvalidInput(_("This person holds this role already."))
        membership = Membership(person=person, role=role, team=team)
        membership.save()
        person.groups.add(*[group_for(role, one_team) for one_team in ([team] if team else Team.objects.all())])
        AccessChange(what=What.ROLE_GIVEN, person=person, role=role.name, team=team, detail=_told(person, team)).save()
    return membership


def end_role(membership: Membership, *, by: StaffMember) -> AccessChange:
    """Take a role away and end the person's sessions; without a role that may hold grants, their grants end too.

    Raises ``InvalidInput`` where it was taken away already, ``Refused`` (on record) where ``by`` does not manage staff,
    or is the person.
    """
    person, role, team = membership.person, membership.role, membership.team
    with acting_on_staff(Act.END_ROLE, by=by, about=person):
        deleted, _by_table = Membership.objects.filter(pk=membership.pk).delete()
        if not deleted:
            raise InvalidInput(_("This role has been taken away already."))
        person.groups.remove(*[group_for(role, one_team) for one_team in ([team] if team else Team.objects.all())])
        end_untaken(person)
        detail = {**_told(person, team), "sessions": end_sessions(person)}
        change = AccessChange(what=What.ROLE_ENDED, person=person, role=role.name, team=team, detail=detail)
        change.save()
    return change


def end_person(person: StaffMember, *, by: StaffMember) -> AccessChange:
    """End a person's access: roles, grants, password, second factors and sessions are removed in one transaction.

    Records of what the person did stay, under the same username. Raises ``InvalidInput`` where access has ended
    already, ``Refused`` (on record) where ``by`` does not manage staff, or is the person.
    """
    with acting_on_staff(Act.END_PERSON, by=by, about=person):
        person.refresh_from_db()
        if person.is_reserved or not person.is_active:
            raise InvalidInput(_("This person’s access has ended already."))
        roles = [
            {"role": membership.role.name, "team": membership.team.name if membership.team else None}
            for membership in person.memberships.select_related("role", "team").order_by("pk")
        ]
        person.is_active = person.is_superuser = False
        person.set_unusable_password()  # this also invalidates sign-in links, whose token includes the password hash
        person.save(update_fields=["is_active", "is_superuser", "password"])
        Membership.objects.filter(person=person).delete()
        person.groups.clear()
        end_untaken(person)
        forget_factors(person)
        detail = {"person": person.username, "roles": roles, "sessions": end_sessions(person)}
        change = AccessChange(what=What.PERSON_ENDED, person=person, detail=detail)
        change.save()
    return change


def take_back(person: StaffMember, *, by: StaffMember) -> AccessChange:
    """Give access back to a person whose access has ended, with no role and no password.

    Raises ``InvalidInput`` where it has not ended, ``Refused`` (on record) where ``by`` does not manage staff.
    """
    with acting_on_staff(Act.TAKE_BACK, by=by, about=person):
        person.refresh_from_db()
        if person.is_reserved or person.is_active:
            raise InvalidInput(_("This person has access already."))
        person.is_active = True
        person.save(update_fields=["is_active"])
        change = AccessChange(what=What.PERSON_BACK, person=person, detail={"person": person.username})
        change.save()
    return change


def set_password(person: StaffMember, password: str, *, by: StaffMember, link: str | None = None) -> None:
    """Set a person's password: their own, or any by the reserved account, which acts for a command on the server.

    ``link`` is the token of the sign-in link, where one is used. Raises ``InvalidInput`` where the link is no longer
    valid or the person's access has ended, ``Refused`` (on record) for another person's password.
    """
    with acting(Act.SET_PASSWORD, by=by, about=person):
        if by.pk != person.pk and not by.is_reserved:
            raise Refuse(RefusalReason.NO_RIGHT, _("Everybody chooses their own password. The refusal is on record."))
        person.refresh_from_db()
        if not person.is_active:
            raise InvalidInput(_("This person’s access has ended; give it back first."))
        if link is not None and not default_token_generator.check_token(person, link):
            raise InvalidInput(_("This link no longer works; ask your administrator for a new one."))
        person.set_password(password)
        person.save(update_fields=["password"])
        AccessChange(what=What.PASSWORD_SET, person=person, detail={"person": person.username}).save()


def start_sign_in_reset(person: StaffMember, *, by: StaffMember) -> AccessChange:
    """Reset a person's sign-in: remove password, second factors and sessions. The caller sends a link afterwards.

    Raises ``InvalidInput`` where access has ended or no e-mail address is on file for the link, ``Refused`` (on record)
    where ``by`` does not manage staff, or is the person.
    """
    with acting_on_staff(Act.START_SIGN_IN_RESET, by=by, about=person):
        _require_active(person)
        if not person.email:
            raise InvalidInput(
                _(
                    "Nothing was done: no e-mail address is on file to send the link to. End this access and add the"
                    " person under another username, with one."
                )
            )
        person.set_unusable_password()
        person.save(update_fields=["password"])
        detail = {"person": person.username, "factors": forget_factors(person), "sessions": end_sessions(person)}
        change = AccessChange(what=What.RESET_STARTED, person=person, detail=detail)
        change.save()
    return change


def end_sessions_of(person: StaffMember, *, by: StaffMember) -> AccessChange:
    """End every session of a person. Raises as ``start_sign_in_reset``, without the case of the e-mail address."""
    with acting_on_staff(Act.END_SESSIONS, by=by, about=person):
        _require_active(person)
        detail = {"person": person.username, "sessions": end_sessions(person)}
        change = AccessChange(what=What.SESSIONS_ENDED, person=person, detail=detail)
        change.save()
    return change


def end_own_other_sessions(person: StaffMember, *, but: str) -> AccessChange:
    """End the person's own sessions, except the one whose key is ``but``."""
    with acting(Act.END_SESSIONS, by=person):
        detail = {"person": person.username, "sessions": end_sessions(person, but=but)}
        change = AccessChange(what=What.SESSIONS_ENDED, person=person, detail=detail)
        change.save()
    return change


def _require_active(person: StaffMember) -> None:
    person.refresh_from_db()
    if person.is_reserved or not person.is_active:
        raise InvalidInput(_("This person’s access has ended; give it back first."))


def _told(person: StaffMember, team: Team | None) -> dict[str, str | None]:
    return {"person": person.username, "team": team.name if team else None}
