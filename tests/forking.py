"""Interpreters that are born with Django's modules imported, and with nothing read yet of any settings.

Half of what a command costs is importing what others wrote. One process imports that, once, and forks for each command
that a test runs: the fork takes the environment it is given and runs the program, as a fresh interpreter would. Nothing
of ours and no settings are imported before, so no command can see what another one was told.

Run as a program it reads one request a line (JSON), and answers each with the exit status.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OURS = ("config", "customers", "consent", "disclosures")
OTHERS = (
    "argon2", "cryptography.fernet", "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.ciphers.aead", "django.contrib.admin", "django.contrib.staticfiles.finders",
    "django.core.mail", "django.core.management.commands.migrate", "django.core.wsgi",
    "django.db.backends.sqlite3.base", "django.db.models", "django.forms", "django.test", "django.views.debug",
    "django.views.i18n", "environ", "fido2.server", "holidays", "multiprocessing.reduction", "phonenumbers", "psycopg",
    "pyrage", "tqdm", "whitenoise.middleware",
)  # fmt: skip

KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "LD_PRELOAD", "DONT_FAKE_MONOTONIC", "PYTHONPATH")
"""What the interpreter that forks keeps of this process's environment: where things are, and a shifted clock."""


@dataclass(frozen=True)
class Request:
    """A program to run: a script and its arguments, or ``-c`` and code, as Python's own command line has them."""

    arguments: list[str]
    environment: dict[str, str]
    output: str
    """The folder that takes what the program writes, in files ``stdout`` and ``stderr``."""


def run(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program in a fork, with that environment and no other; as ``subprocess.run`` with captured output."""
    with tempfile.TemporaryDirectory() as output:
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(asdict(Request(arguments, environment, output))) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        said = [(Path(output) / name).read_text() for name in ("stdout", "stderr")]
    return subprocess.CompletedProcess(arguments, status, *said)


@cache
def _server() -> subprocess.Popen[str]:
    """This process's own, which ends with it."""
    clean = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("FAKETIME")}
    server = subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=ROOT,
        env=clean,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.communicate)
    return server


def serve() -> Request:
    """Answer requests until there are no more; returns in each fork, with what it shall do."""
    for module in OTHERS:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            return Request(**json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    raise SystemExit


def become(request: Request) -> None:
    """Take the standing of a fresh interpreter: nothing read, the environment and the streams."""
    from django.conf import settings

    assert not settings.configured
    assert not [name for name in sys.modules if name.partition(".")[0] in OURS]
    os.environ.clear()
    os.environ.update(request.environment)
    streams: list[tuple[int, str, int]] = [
        (0, os.devnull, os.O_RDONLY),
        (1, f"{request.output}/stdout", os.O_WRONLY | os.O_CREAT),
        (2, f"{request.output}/stderr", os.O_WRONLY | os.O_CREAT),
    ]
    for descriptor, path, how in streams:
        opened = os.open(path, how)
        os.dup2(opened, descriptor)
        os.close(opened)


def main() -> None:
    """Serve; in a fork, run the program, and end as it ends."""
    request = serve()
    become(request)
    first, *rest = request.arguments
    if first == "-c":
        code, *rest = rest
        sys.argv, sys.path[0] = ["-c", *rest], ""
        program: dict[str, Any] = {"__name__": "__main__"}
        exec(code, program)
    else:
        sys.argv, sys.path[0] = [first, *rest], str(Path(first).parent)
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    main()
