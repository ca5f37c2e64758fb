"""The server's door: what must hold is checked before the first request."""

import os
import sys

from django.core import checks
from django.core.wsgi import get_wsgi_application

from config.mode import choose_mode, stop

choose_mode([sys.argv[0], "serve"])
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

faults = [m for m in checks.run_checks(databases=["default"]) if m.is_serious() and not m.is_silenced()]
if faults:
    stop("\n".join(str(fault) for fault in faults))
