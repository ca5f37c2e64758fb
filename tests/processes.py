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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests import forking
from tests.databases import one_process_at_a_time, run_id

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


def manage(*arguments: str, var: Path, fresh: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing of this process's own settings."""
    return run([str(ROOT / "manage.py"), *arguments], var, environment, fresh=fresh)


def serve(var: Path, environment: dict[str, str], *, fresh: bool = False) -> subprocess.CompletedProcess[str]:
    """Load the server's door in a process of its own."""
    return ask("import config.wsgi; print('serving')", var, environment, fresh=fresh)


def ask(code: str, var: Path, environment: dict[str, str], *, fresh: bool = False) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own."""
    return run(["-c", code], var, environment, fresh=fresh)


def run(
    arguments: list[str], var: Path, environment: dict[str, str], *, fresh: bool
) -> subprocess.CompletedProcess[str]:
    """``fresh``: in an interpreter that is started for it, as in life, and not in a fork of one."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    whole = {**clean, "PRIVACY_DESK_VAR": str(var), **environment}
    if not fresh:
        return forking.run(arguments, whole)
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=whole, cwd=ROOT, capture_output=True, text=True, check=False)


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


def born(var: Path) -> dict[str, str]:
    """The same environment as ``production``, with its database in place: migrated, and born with these keys."""

    def migrated(made: Path) -> None:
        done = manage("migrate", var=made, **production(made))
        assert done.returncode == 0, done.stderr

    shutil.copy(_made_once("born", migrated) / "production.sqlite3", var)
    return production(var)


def collected() -> Path:
    """The static files as ``collectstatic`` leaves them, to be served from and never changed."""

    def made(folder: Path) -> None:
        done = manage("collectstatic", "--noinput", var=folder, **production(folder), STATIC_ROOT=str(folder))
        assert done.returncode == 0, done.stderr

    return _made_once("static", made)


def _made_once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder of that name, filled by whichever worker of this run asks first. Nobody changes what is in it."""
    folder = Path(tempfile.gettempdir()) / f"privacy-desk-{run_id()}"
    folder.mkdir(exist_ok=True)
    with one_process_at_a_time(folder / f"{name}.lock"):
        if not (folder / name).exists():
            halfway = Path(tempfile.mkdtemp(dir=folder))
            make(halfway)
            halfway.rename(folder / name)
    return folder / name


@cache
def demo() -> tuple[Path, str]:
    """A demo's folder, this process's own copy, and what its making said. Whoever changes it takes a copy."""

    def made(folder: Path) -> None:
        done = manage("demo", "--no-serve", var=folder / "var")
        assert done.returncode == 0, done.stderr
        (folder / "said").write_text(done.stdout)

    original = _made_once("demo", made)
    own = Path(tempfile.mkdtemp(prefix="demo-")) / "var"
    shutil.copytree(original / "var", own)
    return own, (original / "said").read_text()


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
