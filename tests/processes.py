"""Commands and servers in processes of their own, with none of this process's settings."""

import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = (
    "PRIVACY_DESK",
    "FIELD_ENCRYPTION",
    "BLIND_INDEX",
    "CHECKPOINT_KEY",
    "SECRET_KEY",
    "DATABASE_",
    "TEST_DATABASE_URL",
    "EMAIL_",
    "DJANGO_",
    "PYTHONDONTWRITEBYTECODE",
)


def manage(*arguments: str, var: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing of this process's own settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={**clean, "PRIVACY_DESK_VAR": str(var), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def good_key(seed: int) -> str:
    """32 bytes that no demo and no test made."""
    return base64.urlsafe_b64encode(bytes([seed]) * 32).decode()


def production(var: Path) -> dict[str, str]:
    """A whole production environment on SQLite."""
    return {
        "PRIVACY_DESK_MODE": "production",
        "FIELD_ENCRYPTION_KEY": good_key(1),
        "BLIND_INDEX_KEY": good_key(2),
        "CHECKPOINT_KEY": good_key(3),
        "SECRET_KEY": "w" * 60,
        "DATABASE_URL": f"sqlite:///{var / 'production.sqlite3'}",
        "ALLOWED_HOSTS": "desk.example.com",
        "EMAIL_URL": "smtp+tls://desk:secret@mail.example.com:587",
    }


@cache
def _template() -> Path:
    """A production database as ``migrate`` leaves it, made once for each process."""
    made = Path(tempfile.mkdtemp(prefix="born-"))
    done = manage("migrate", var=made, **production(made))
    assert done.returncode == 0, done.stderr
    return made / "production.sqlite3"


def born(var: Path) -> dict[str, str]:
    """The same environment as ``production``, with its database in place: migrated, and born with these keys."""
    shutil.copy(_template(), var / "production.sqlite3")
    return production(var)


def serve(var: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Load the server's door in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-c", "import config.wsgi; print('serving')"]
    whole = {**clean, "PRIVACY_DESK_VAR": str(var), **environment}
    return subprocess.run(command, env=whole, cwd=ROOT, capture_output=True, text=True, check=False)


@cache
def demo() -> tuple[Path, str]:
    """A demo's folder, made once for each process, and what its making said. Whoever changes it takes a copy."""
    var = Path(tempfile.mkdtemp(prefix="demo-")) / "var"
    made = manage("demo", "--no-serve", var=var)
    assert made.returncode == 0, made.stderr
    return var, made.stdout


@contextmanager
def demo_served(var: Path) -> Iterator[str]:
    """A demo's desk, served as README says; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "manage.py"), "demo", "--port", str(port)]
    environment = {"PRIVACY_DESK_VAR": str(var), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            fetch(f"{url}/login/", server)
            yield url
        finally:
            server.terminate()


def fetch(url: str, server: "subprocess.Popen[bytes]") -> str:
    """The page at ``url``, once the server answers."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10) as page:
                return str(page.read().decode())
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server stopped")
