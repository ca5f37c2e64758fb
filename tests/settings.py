"""The project's settings in mode test, with SQLite in a file of its own: threads and processes share it."""

import os
import tempfile

os.environ["PRIVACY_DESK_MODE"] = "test"
os.environ["PRIVACY_DESK_VAR"] = tempfile.mkdtemp(prefix="privacy-desk-test-")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser tests' driver runs an event loop

from config.settings import *  # noqa: F403
from config.settings import DATABASES, VAR_DIR

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
