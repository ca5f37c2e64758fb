"""The WSGI entry point: checks migrations and system checks before the first request, and stops where one fails."""

import os
import sys

from django.core import checks
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError

from config.mode import choose_mode, stop

choose_mode([sys.argv[0], "serve"])
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from customers.checks import migrations_wait  # noqa: E402  (the apps are ready from here on)

try:
    if migrations_wait("default"):
        stop("The database is not up to date; run `manage.py migrate` first.")
except DatabaseError:
    stop("The database cannot be reached; look at DATABASE_URL.")
faults = [m for m in checks.run_checks(databases=["default"]) if m.is_serious() and not m.is_silenced()]
if faults:
    stop("\n".join(str(fault) for fault in faults))
