"""``manage.py may_contact REFERENCE PURPOSE CHANNEL``: the gate's answer, for the scripts of other systems."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from consent.gate.purposes import UnknownChannel, UnknownPurpose
from consent.gate.refusals import ask_for
from customers.management.desk_command import DeskCommand
from customers.models import Customer

NO, CANNOT_SAY = 1, 2


class Command(DeskCommand):
    """Exit code 0: yes. 1: no, with the reason; it is put on record. 2: invalid question, or no answer possible now."""

    help = _("Say whether a customer may be contacted: exit code 0 yes, 1 no, 2 cannot say. A no is put on record.")

    def add_arguments(self, parser: CommandParser) -> None:
        """The customer, the purpose and the channel."""
        super().add_arguments(parser)
        parser.add_argument("reference", metavar="REFERENCE", help=_("the customer’s reference, for example BZ0004217"))
        parser.add_argument("purpose", metavar="PURPOSE", help=_("for example promotions"))
        parser.add_argument("channel", metavar="CHANNEL", help="email, sms, phone")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Exit with 2 for every error, also for one in Django's checks before ``act``: it is neither yes nor no."""
        try:
            return super().execute(*args, **options)
        except CommandError as error:
            error.returncode = CANNOT_SAY
            raise
        except Exception as error:  # Python would exit with 1, which means no
            sentence = _("The question cannot be answered (%(error)s).") % {"error": type(error).__name__}
            raise CommandError(sentence, returncode=CANNOT_SAY) from error

    def act(self, *args: Any, **options: Any) -> None:
        """Ask the gate and print its answer; exits with 1 where it is no."""
        by = self.actor(options)
        reference = options["reference"]
        customer = Customer.objects.filter(reference=reference).first() if "\0" not in reference else None
        if customer is None:
            raise CommandError(_("There is no customer of that reference."))
        try:
            decision = ask_for(customer, options["purpose"], options["channel"], by=by)
        except (UnknownPurpose, UnknownChannel) as error:
            raise CommandError(str(error)) from None
        if not decision:
            self.stdout.write(_("no: %(why)s") % {"why": decision.sentence})
            sys.exit(NO)
        self.stdout.write(_("yes"))
