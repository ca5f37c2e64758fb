"""The project's settings in mode test, with SQLite in a file of its own: threads and processes share it.

What tests write lies in memory where the machine offers it, and PostgreSQL does not wait for its disk: a test's
database is made anew each time, so nothing is lost with it.
"""

import os
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")
if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and "TMPDIR" not in os.environ:
    tempfile.tempdir = os.environ["TMPDIR"] = str(IN_MEMORY)
os.environ["PRIVACY_DESK_MODE"] = "test"
os.environ["PRIVACY_DESK_VAR"] = tempfile.mkdtemp(prefix="privacy-desk-test-")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser tests' driver runs an event loop

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, VAR_DIR  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["tests.passwords.QuickPasswordHasher"]
