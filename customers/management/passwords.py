"""Prompts for values that may not be command-line arguments, which other users of the machine can see."""

from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from customers.models import StaffMember


def ask_email() -> str:
    """Prompt for the e-mail address at work. Raises ``CommandError`` for an invalid address or end of input."""
    try:
        address = input(_("E-mail address at work: ")).strip()
        validate_email(address)
    except (EOFError, ValidationError):
        raise CommandError(_("That is no e-mail address; run the command again.")) from None
    return address


def ask_password(person: StaffMember) -> str:
    """Prompt for a password twice, without echo. Raises ``CommandError`` where they differ or it is weak."""
    password = getpass(_("Password: "))
    if password != getpass(_("Password again: ")):
        raise CommandError(_("The two passwords differ; run the command again."))
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return password
