"""The mode in which the process runs, and the demo's own keys.

``PRIVACY_DESK_MODE`` is ``production``, ``demo`` or ``test``. Unset, it is ``demo`` where ``var/`` was made by
``manage.py demo``. This module is read before the settings are, so it imports nothing of Django.
"""

import base64
import os
import secrets
import sys
from pathlib import Path
from typing import NoReturn

MODES = ("production", "demo", "test")
WITHOUT_MODE = ("check", "collectstatic", "makemigrations", "help", "--help", "-h", "--version")
"""Commands that run without a mode and without keys, besides ``demo``."""

DATABASES = ("postgres://", "postgresql://", "sqlite:///")
"""The beginnings of database URLs that the desk supports."""

BASE_DIR = Path(__file__).resolve().parent.parent
KEY_NAMES = ("FIELD_ENCRYPTION_KEY", "BLIND_INDEX_KEY", "CHECKPOINT_KEY", "SECRET_KEY")
DEMO_MARK = b"demo"
TEST_MARK = b"test"
"""The first bytes of demo and test keys; production refuses keys that begin with them."""


def var_dir() -> Path:
    """The folder for a demo's database and keys; ``PRIVACY_DESK_VAR`` names another one."""
    return Path(os.environ.get("PRIVACY_DESK_VAR", BASE_DIR / "var"))


def key_file(name: str) -> Path:
    """Where the demo keeps the key of that name."""
    return var_dir() / "keys" / name.lower()


def born_in_demo() -> bool:
    """True where ``manage.py demo`` has made ``var/``: all of its keys are there."""
    return all(key_file(name).exists() for name in KEY_NAMES)


def choose_mode(argv: list[str]) -> str:
    """Set ``PRIVACY_DESK_MODE`` for this process and return it ("" for a command that needs none).

    Exits with status 2 and one line where the mode is unknown, or needed and not set. Files that the process writes
    from here on (databases, reports, bundles, a demo's mail) can be read by their owner only.
    """
    os.umask(0o077)
    command = argv[1] if len(argv) > 1 else "help"
    mode = os.environ.get("PRIVACY_DESK_MODE", "")
    if not mode:
        if command == "demo" or born_in_demo():
            mode = "demo"
        elif command not in WITHOUT_MODE and "--help" not in argv:
            stop("Set PRIVACY_DESK_MODE to production (with its keys and DATABASE_URL), or run `manage.py demo` first.")
    elif mode not in MODES:
        stop(f"PRIVACY_DESK_MODE is {mode!r}; set it to production, demo or test.")
    elif command == "demo" and mode != "demo":
        stop(f"`manage.py demo` runs in mode demo only, and PRIVACY_DESK_MODE is {mode}; unset it.")
    if mode == "production" and command not in WITHOUT_MODE and "--help" not in argv:
        require_database_url(from_environment("DATABASE_URL"))
    os.environ["PRIVACY_DESK_MODE"] = mode
    return mode


def from_environment(name: str) -> str:
    """A secret from the file that ``NAME_FILE`` names, or from ``NAME``; "" where neither is set.

    The file has precedence, because containers get secrets as files. Exits with status 2 where it cannot be read.
    """
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError):
            stop(f"{name}_FILE names a file that cannot be read; correct it, or set {name}.")
    return os.environ.get(name, "")


def require_database_url(url: str) -> None:
    """Exit with status 2 unless the URL has a supported scheme: production has no default database."""
    if not url.startswith(DATABASES):
        stop("Set DATABASE_URL to postgres://user:password@host:port/name, or sqlite:////folder/file (or _FILE).")


def stop(sentence: str) -> NoReturn:
    """Exit with status 2, and print the sentence to stderr."""
    print(sentence, file=sys.stderr)
    raise SystemExit(2)


def marked_bytes(mark: bytes) -> bytes:
    """32 random key bytes that begin with ``mark``, so that production can refuse them."""
    return mark + secrets.token_bytes(32 - len(mark))


def make_demo_keys() -> None:
    """Make the demo's keys that are missing: readable by their owner only, and never overwritten."""
    for folder in (var_dir(), var_dir() / "keys"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in KEY_NAMES:
        path = key_file(name)
        if path.exists():
            continue
        urlsafe = name in ("FIELD_ENCRYPTION_KEY", "SECRET_KEY")
        encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "wb") as file:
            file.write(encode(marked_bytes(DEMO_MARK)) + b"\n")
