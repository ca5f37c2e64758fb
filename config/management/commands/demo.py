"""``manage.py demo``: the whole desk on one machine, with invented staff and customers."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from config.demo.clock import story
from config.demo.disclosures import tell_disclosures
from config.demo.months import began, tell_months
from config.demo.people import PEOPLE, passwords, write_customers
from config.demo.policy import tell_about_consent, tell_policy
from config.demo.story import tell_days, tell_today
from config.roles import ROLES
from consent.choices.import_consents import import_consents
from consent.gate import limits, purposes
from customers.casework import deadlines
from customers.casework.service_access import set_service_access
from customers.crm_import.customers import import_customers
from customers.models import Customer, Role, ServiceAccess, StaffMember, Team
from customers.sign_in.allauth_internals import generate_totp_secret
from customers.sign_in.second_factors import set_app
from customers.staff import accounts, teams

SETS_UP_ON_THE_WAY = "minh"
"""The account without an authenticator app; the others have one, and the sign-in page shows its code."""
SECRETS_SET = 40
"""How many services get a login and a secret, by the act that the page calls."""


class Command(BaseCommand):
    """Makes database, keys, roles, staff and customers on the first run; later runs only start the server."""

    help = _("Make and serve a demo on this machine: database, keys, roles, staff and customers who do not exist.")
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """``--no-serve`` and ``--port``."""
        parser.add_argument("--no-serve", action="store_true", help=_("stop before serving"))
        parser.add_argument("--port", type=int, default=8000, help=_("port on 127.0.0.1 (default: 8000)"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, print the accounts, and serve."""
        if options["port"] not in range(1, 65536):
            raise CommandError(_("A port is a number from 1 to 65535."))
        marker: Path = settings.VAR_DIR / "demo-is-made"
        if not marker.exists():
            self.make()
            marker.touch()
        self.say_who(options["port"])
        if not options["no_serve"]:
            self.serve(options["port"])

    def make(self) -> None:
        """Make all of it by the acts that pages call; each step can be repeated after an interruption."""
        self.stdout.write(_("Making the demo…"))
        with story() as clock:
            clock.goes_to(began(clock))
            self.open_house()
            tell_months(clock)
            tell_days(clock)
            tell_disclosures(clock)
            tell_today(clock)
            clock.goes_to(clock.today)
            tell_about_consent()
        call_command("checkpoint", stdout=io.StringIO())

    def open_house(self) -> None:
        """Make database, roles, rules, customers, staff, the policy, and the services' secrets."""
        call_command("migrate", verbosity=0)
        by = StaffMember.objects.get(username="system")
        teams.sync_roles(ROLES, by=by)
        for rows in (deadlines, purposes, limits):
            rows.provide(by=by)
        export = settings.VAR_DIR / "demo-customers.csv"
        write_customers(export)
        outcome = import_customers(export, by=by)
        if outcome.rejected:
            raise CommandError(_("The demo's own customers were rejected; remove var/ and try again."))
        self.add_people(by)
        tell_policy()
        import_consents(export, by=by)
        export.unlink()  # from now on the values are only in the database, sealed
        for access in ServiceAccess.objects.filter(secret__isnull=True).select_related("customer")[:SECRETS_SET]:
            login = f"svc-{access.pk}"
            set_service_access(access, login=login, secret=f"demo-only-{access.pk:04d}", by=by)

    def add_people(self, by: StaffMember) -> None:
        """Make the accounts of ``PEOPLE`` that are missing, with their roles and authenticator apps."""
        passwords_by_name = passwords(settings.VAR_DIR / "passwords")
        for person in PEOPLE:
            if StaffMember.objects.filter(username=person.username).exists():
                continue
            email = f"{person.username}@example.com"
            account = accounts.add_person(
                person.username,
                by=by,
                password=passwords_by_name[person.username],
                first_name=person.first_name,
                email=email,
            )
            team = Team.objects.get(name=person.team) if person.team else None
            accounts.give_role(account, Role.objects.get(name=person.role), team, by=by)
            if person.username != SETS_UP_ON_THE_WAY:
                set_app(account, generate_totp_secret())

    def say_who(self, port: int) -> None:
        """Print each account with its password and role, and what to try first."""
        passwords_by_name = passwords(settings.VAR_DIR / "passwords")
        rows = [(_("sign in as"), _("password"), _("role"), _("try first"))]
        for person in PEOPLE:
            role = f"{person.role}, {person.team}" if person.team else person.role
            rows.append((person.username, passwords_by_name[person.username], role, str(person.first_try)))
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        self.stdout.write("")
        for row in rows:
            self.stdout.write("  " + "  ".join([*(row[i].ljust(widths[i]) for i in range(3)), row[3]]))
        self.stdout.write("")
        self.stdout.write(_("Customers on file: %(count)s.") % {"count": Customer.objects.count()})
        self.stdout.write(
            _("Open http://localhost:%(port)s/ and sign in; the page says what your phone would show.") % {"port": port}
        )
        self.stdout.flush()

    def serve(self, port: int) -> None:
        """Serve on 127.0.0.1 until interrupted; links in letters point there."""
        settings.SITE_URL = f"http://127.0.0.1:{port}"
        os.environ["DJANGO_RUNSERVER_HIDE_WARNING"] = "true"
        call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)
