"""A link by which a member of staff chooses a password: sent to the person, seen by nobody else."""

from __future__ import annotations

import smtplib
from collections.abc import Callable

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.models import AccessChange, StaffMember
from customers.staff.teams import acting_on_staff
from customers.validation.errors import InvalidInput

LANGUAGES = ["vi", "en"]


class NotSent(Exception):
    """The link is made out and on record, and the letter did not leave. ``str()`` says what to do."""


def send_link(person: StaffMember, *, by: StaffMember, address: Callable[[str, str], str]) -> AccessChange:
    """Make out a link that works once and for a day, and mail it to the person; on record before it leaves.

    ``address`` turns a person's id and a token, as they stand in a URL, into a whole address. Raises ``InvalidInput``
    where there is nowhere to send it or the person's access has ended, ``NotSent`` where the letter did not leave,
    ``Refused`` (on record) where ``by`` does not look after staff, or is the person.
    """
    with acting_on_staff("send_link", by=by, about=person):
        person.refresh_from_db()
        if person.is_reserved or not person.is_active:
            raise InvalidInput(_("This person’s access has ended; give it back first."))
        if not person.email:
            raise InvalidInput(_("There is no e-mail address on file for this person."))
        change = AccessChange(what=AccessChange.What.LINK_SENT, person=person, detail={"person": person.username})
        change.save()
    link = address(urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person))
    letters = [_letter(person, link, language) for language in LANGUAGES]
    try:
        send_mail(_("Choose your password for Privacy Desk"), "\n".join(letters), None, [person.email])
    except (OSError, smtplib.SMTPException):
        raise NotSent(_("The letter could not be sent; see that mail leaves this server, then try again.")) from None
    return change


def _letter(person: StaffMember, link: str, language: str) -> str:
    """What the letter says, in one of the desk's languages: nobody knows yet which one the person reads."""
    with override(language):
        text = _(
            "Hello %(name)s,\n\nchoose a password for Privacy Desk here; your username is %(username)s:\n\n%(link)s\n\n"
            "The link works once, and for a day. If you did not expect this letter, tell your administrator.\n"
        )
    return text % {"name": person.first_name or person.username, "username": person.username, "link": link}
