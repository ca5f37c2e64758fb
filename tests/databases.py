"""Migrated databases for tests: migrated once, copied for each worker and for each test that must really commit.

On SQLite the migrated file is kept in pytest's cache for the day it was made and the sources it was made from, so that
a second run begins at once. On PostgreSQL one template is made in each run and dropped at its end.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

from tests import restoring

ROOT = Path(__file__).resolve().parent.parent
RUN = "PRIVACY_DESK_TEST_RUN"
APPS = ("config", "customers", "consent", "disclosures")


class Migrated:
    """This process's own migrated databases: one as an operator leaves it, one before ``sync_roles``.

    ``cache``: where migrated files may lie from one run to the next, if anywhere. ``run`` names the run whose workers
    share what is made.
    """

    def __init__(self, cache: Path | None, run: str) -> None:
        self.cache, self.run = cache, run
        self.name = str(connection.creation._get_test_db_name())
        self.made: list[str] = []
        self.snapshots: dict[str, restoring.Snapshot] = {}
        self.lent: dict[str, str] = {}
        self.spare: dict[str, str] = {}

    def connect(self, *, bare: bool = False) -> None:
        """Connect to one of them, which is made where it is missing."""
        name = f"{self.name}_bare" if bare else self.name
        if name not in self.made:
            connections.close_all()
            if connection.vendor == "sqlite":
                shutil.copy(sqlite_template(self.cache, self.run, bare=bare), name)
            else:
                copy_on_postgresql(postgresql_template(self.run, bare=bare), name)
            self.made.append(name)
        use(name)

    def lend(self, folder: Path) -> str:
        """A committed copy of the database this process is connected to; in ``folder`` on SQLite. ``take_back`` it."""
        template = str(connection.settings_dict["NAME"])
        connections.close_all()
        if connection.vendor == "sqlite":
            name = str(folder / "own.sqlite3")
            shutil.copy(template, name)
        elif not (name := self.spare.pop(template, "")):
            name = f"own_{uuid.uuid4().hex}"
            copy_on_postgresql(template, name)
            if template not in self.snapshots:
                with administering(name) as opened:
                    self.snapshots[template] = restoring.take(opened)
        self.lent[name] = template
        return name

    def take_back(self, name: str) -> None:
        """Put a lent database back to what it was, for the next who asks, or remove it."""
        template = self.lent.pop(name)
        connections.close_all()
        if connection.vendor == "postgresql" and template not in self.spare:
            with suppress(psycopg.Error), administering(name) as opened:
                with opened.transaction():
                    as_it_was = restoring.restore(opened, self.snapshots[template])
                if as_it_was:
                    self.spare[template] = name
        if self.spare.get(template) != name:
            drop(name)

    def drop(self) -> None:
        """Remove them."""
        for name in [*self.made, *self.spare.values()]:
            drop(name)


def use(name: str) -> None:
    """Let every new connection of this process be to that database."""
    connections.close_all()
    connection.settings_dict["NAME"] = name


def drop(name: str) -> None:
    """Remove a database; nobody may be connected to it but this process."""
    connections.close_all()
    if connection.vendor == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(name + end).unlink(missing_ok=True)
    else:
        administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def drop_template(run: str) -> None:
    """Remove what the workers of a run copied theirs from, where no later run could use it."""
    shutil.rmtree(Path(tempfile.gettempdir()) / f"privacy-desk-{run}", ignore_errors=True)
    if connection.vendor == "postgresql":
        for bare in (True, False):
            drop(template_name(run, bare=bare))


# --- SQLite -------------------------------------------------------------------------------------------------------


def sqlite_template(cache: Path | None, run: str, *, bare: bool) -> Path:
    """The migrated file, made by whichever worker asks first."""
    folder = cache or Path(tempfile.gettempdir()) / f"privacy-desk-{run}"
    folder.mkdir(parents=True, exist_ok=True)
    name = digest()
    migrated, furnished = folder / f"{name}.bare.sqlite3", folder / f"{name}.sqlite3"
    with one_process_at_a_time(folder / "lock"):
        if not furnished.exists():
            for older in folder.glob("*.sqlite3*"):
                older.unlink()
            migrate(str(migrated))
            halfway = shutil.copy(migrated, folder / f"{name}.sqlite3.making")
            furnish(str(halfway))
            halfway.rename(furnished)
    return migrated if bare else furnished


def digest() -> str:
    """Says of which sources, packages and day a migrated database is, or what ``TEST_TEMPLATE`` says."""
    if given := os.environ.get("TEST_TEMPLATE"):
        return given
    whole = hashlib.sha256(f"{sys.version}{datetime.now(UTC).date()}".encode())
    for installed in sorted(f"{each.name} {each.version}" for each in distributions()):
        whole.update(installed.encode())
    ours = [Path(__file__), Path(__file__).with_name("settings.py")]
    for source in [*ours, *sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))]:
        whole.update(str(source.relative_to(ROOT)).encode() + b"\0" + source.read_bytes())
    return whole.hexdigest()[:32]


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


@cache
def template_name(run: str, *, bare: bool) -> str:
    """What the run's template is called: the same in each of its workers, another in every other run.

    Reckoned once in a process, before it connects to a copy: the name of a copy would give another.
    """
    base = str(connection.settings_dict["TEST"]["NAME"] or connection.creation._get_test_db_name())
    return f"{base.partition('_gw')[0]}_{'bare' if bare else 'template'}_{run[:12]}"


def postgresql_template(run: str, *, bare: bool) -> str:
    """The migrated database, made by whichever worker asks first."""
    migrated, furnished = template_name(run, bare=True), template_name(run, bare=False)
    with one_process_at_a_time(Path(tempfile.gettempdir()) / f"{furnished}.lock"):
        if not administer("SELECT 1 FROM pg_database WHERE datname = %s", values=[furnished]):
            halfway = f"{furnished}_making"
            for name in (halfway, migrated):
                administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            administer("CREATE DATABASE {}", migrated)
            migrate(migrated)
            copy_on_postgresql(migrated, halfway)
            furnish(halfway)
            administer("ALTER DATABASE {} RENAME TO {}", halfway, furnished)
    return migrated if bare else furnished


def copy_on_postgresql(template: str, name: str) -> None:
    """Copy a database to which nobody is connected."""
    administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    administer("CREATE DATABASE {} TEMPLATE {}", name, template)


def administer(statement: str, *names: str, values: list[Any] | None = None) -> list[Any]:
    """Run a statement on PostgreSQL beside the test's database, and return its rows."""
    with administering("postgres") as admin:
        done = admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)), values)  # type: ignore[arg-type]
        return done.fetchall() if done.description else []


def administering(name: str) -> psycopg.Connection[Any]:
    """A connection of its own to a database, in which each statement commits by itself."""
    given = connection.settings_dict
    return psycopg.connect(
        host=given["HOST"],
        port=given["PORT"] or None,
        user=given["USER"],
        password=given["PASSWORD"] or None,
        dbname=name,
        autocommit=True,
    )


# --- both ---------------------------------------------------------------------------------------------------------


def migrate(name: str) -> None:
    """Bring an empty database up to date."""
    with connected_to(name):
        call_command("migrate", verbosity=0, interactive=False)


def furnish(name: str) -> None:
    """Write roles, deadlines, purposes and limits into a migrated database, as an operator does."""
    with connected_to(name):
        call_command("sync_roles", stdout=io.StringIO())


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Inside, the connection is to that database."""
    before = str(connection.settings_dict["NAME"])
    use(name)
    try:
        yield
    finally:
        use(before)


@contextmanager
def one_process_at_a_time(lock: Path) -> Iterator[None]:
    """Wait until no other process is inside under the same lock file."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def name_run() -> str:
    """Draw the name of a run, for this process and for those it starts."""
    os.environ[RUN] = uuid.uuid4().hex
    return os.environ[RUN]


def run_id() -> str:
    """The name of this run, the same in each of its workers."""
    return os.environ[RUN]
