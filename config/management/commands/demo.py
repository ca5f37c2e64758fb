"""``manage.py demo``: the whole desk on one machine, with people and customers who do not exist."""

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
"""Who has no authenticator app yet; the others have one, and the sign-in page says what it would show."""
SECRETS_SET = 40
"""How many services get a login and a secret, through the act a page would call."""


class Command(BaseCommand):
    """Makes database, keys, roles, staff and customers on the first run; later it only starts the server."""

    help = _("Make and serve a demo on this machine: database, keys, roles, staff and customers who do not exist.")
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """``--no-serve`` and ``--port``."""
        parser.add_argument("--no-serve", action="store_true", help=_("stop before serving"))
        parser.add_argument("--port", type=int, default=8000, help=_("port on 127.0.0.1 (default: 8000)"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, say where to look and as whom, serve."""
        if options["port"] not in range(1, 65536):
            raise CommandError(_("A port is a number from 1 to 65535."))
        done: Path = settings.VAR_DIR / "demo-is-made"
        if not done.exists():
            self.make()
            done.touch()
        self.say_who(options["port"])
        if not options["no_serve"]:
            self.serve(options["port"])

    def make(self) -> None:
        """Everything, through the doors everybody uses; each step may be repeated after an interruption."""
        self.stdout.write(_("Making the demo…"))
        with story() as told:
            told.goes_to(began(told))
            self.open_house()
            tell_months(told)
            tell_days(told)
            tell_disclosures(told)
            tell_today(told)
            told.goes_to(told.today)
            tell_about_consent()
        call_command("checkpoint", stdout=io.StringIO())

    def open_house(self) -> None:
        """Database, roles, rules, customers, people, a policy, and what opens the services."""
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
        export.unlink()  # the values lie sealed in the database now, and nowhere else
        for access in ServiceAccess.objects.filter(secret__isnull=True).select_related("customer")[:SECRETS_SET]:
            login = f"svc-{access.pk}"
            set_service_access(access, login=login, secret=f"demo-only-{access.pk:04d}", by=by)

    def add_people(self, by: StaffMember) -> None:
        """One account per role, and agents of two teams."""
        words = passwords(settings.VAR_DIR / "passwords")
        for person in PEOPLE:
            if StaffMember.objects.filter(username=person.username).exists():
                continue
            email = f"{person.username}@example.com"
            made = accounts.add_person(
                person.username, by=by, password=words[person.username], first_name=person.first_name, email=email
            )
            team = Team.objects.get(name=person.team) if person.team else None
            accounts.give_role(made, Role.objects.get(name=person.role), team, by=by)
            if person.username != SETS_UP_ON_THE_WAY:
                set_app(made, generate_totp_secret())

    def say_who(self, port: int) -> None:
        """The table: who, in which role, with which password, and what to try first."""
        words = passwords(settings.VAR_DIR / "passwords")
        rows = [(_("sign in as"), _("password"), _("role"), _("try first"))]
        for person in PEOPLE:
            role = f"{person.role}, {person.team}" if person.team else person.role
            rows.append((person.username, words[person.username], role, str(person.first_try)))
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
        """On 127.0.0.1 only, until interrupted; links in letters lead there."""
        settings.SITE_URL = f"http://127.0.0.1:{port}"
        os.environ["DJANGO_RUNSERVER_HIDE_WARNING"] = "true"
        call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)
