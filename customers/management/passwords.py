"""Asking for a password at the command line."""

from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from customers.models import StaffMember


def ask_password(person: StaffMember) -> str:
    """Asked for twice, without echo. Raises ``CommandError`` where the two differ or the password is weak."""
    word = getpass(_("Password: "))
    if word != getpass(_("Password again: ")):
        raise CommandError(_("The two passwords differ; run the command again."))
    try:
        validate_password(word, person)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return word
