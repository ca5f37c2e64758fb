"""Asking at the command line for what may be no argument: others see those."""

from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from customers.models import StaffMember


def ask_email() -> str:
    """Where links and checkpoints go. Raises ``CommandError`` for what is no address, or where nobody answers."""
    try:
        address = input(_("E-mail address at work: ")).strip()
        validate_email(address)
    except (EOFError, ValidationError):
        raise CommandError(_("That is no e-mail address; run the command again.")) from None
    return address


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
