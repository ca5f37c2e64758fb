"""The sign-in link by which a member of staff chooses a password: mailed to the person and shown to nobody else."""

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
from customers.models.acts import Act
from customers.staff.teams import acting_on_staff
from customers.validation.errors import InvalidInput

LANGUAGES = ["vi", "en"]


class NotSent(Exception):
    """The link was made and recorded, but its letter could not be sent. ``str()`` says what to do."""


def send_link(person: StaffMember, *, by: StaffMember, address: Callable[[str, str], str]) -> AccessChange:
    """Make a link that works once and for a day, and mail it to the person; the record is committed before.

    ``address`` builds the absolute URL from the person's URL-encoded id and the token. Raises ``InvalidInput`` where
    the person has no e-mail address or their access has ended, ``NotSent`` where the letter could not be sent,
    ``Refused`` (on record) where ``by`` does not manage staff, or is the person.
    """
    with acting_on_staff(Act.SEND_LINK, by=by, about=person):
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
    """The text in one language. The letter has it in every one, as the person's language is not known."""
    with override(language):
        text = _(
            "Hello %(name)s,\n\nchoose a password for Privacy Desk here; your username is %(username)s:\n\n%(link)s\n\n"
            "The link works once, and for a day. If you did not expect this letter, tell your administrator.\n"
        )
    return text % {"name": person.first_name or person.username, "username": person.username, "link": link}
