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
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
RUN = "PRIVACY_DESK_TEST_RUN"
APPS = ("config", "customers", "consent", "disclosures")


def migrated_copy(cache: Path | None, run: str) -> str:
    """Give this process a migrated database of its own and connect to it; returns its name (a path on SQLite).

    ``cache``: where the migrated file may lie from one run to the next, if anywhere. ``run`` names the run whose
    workers share what is made.
    """
    name = str(connection.creation._get_test_db_name())
    connections.close_all()
    if connection.vendor == "sqlite":
        shutil.copy(sqlite_template(cache, run), name)
    else:
        copy_on_postgresql(postgresql_template(run), name)
    use(name)
    return name


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
    if connection.vendor == "postgresql":
        drop(template_name(run))


# --- SQLite -------------------------------------------------------------------------------------------------------


def sqlite_template(cache: Path | None, run: str) -> Path:
    """The migrated file, made by whichever worker asks first."""
    folder = cache or Path(tempfile.gettempdir()) / f"privacy-desk-{run}"
    folder.mkdir(parents=True, exist_ok=True)
    template = folder / f"{digest()}.sqlite3"
    with one_process_at_a_time(folder / "lock"):
        if not template.exists():
            for older in folder.glob("*.sqlite3*"):
                older.unlink()
            halfway = template.with_suffix(".making")
            halfway.unlink(missing_ok=True)
            migrate(str(halfway))
            halfway.rename(template)
    return template


def digest() -> str:
    """Says of which sources, packages and day a migrated database is."""
    whole = hashlib.sha256(f"{sys.version}{datetime.now(UTC).date()}".encode())
    for installed in sorted(f"{each.name} {each.version}" for each in distributions()):
        whole.update(installed.encode())
    for source in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py")):
        whole.update(str(source.relative_to(ROOT)).encode() + b"\0" + source.read_bytes())
    return whole.hexdigest()[:32]


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


def template_name(run: str) -> str:
    """What the run's template is called: the same in each of its workers, another in every other run."""
    base = str(connection.settings_dict["TEST"]["NAME"] or connection.creation._get_test_db_name())
    return f"{base.partition('_gw')[0]}_template_{run[:12]}"


def postgresql_template(run: str) -> str:
    """The migrated database, made by whichever worker asks first."""
    name = template_name(run)
    with one_process_at_a_time(Path(tempfile.gettempdir()) / f"{name}.lock"):
        if not administer("SELECT 1 FROM pg_database WHERE datname = %s", values=[name]):
            halfway = f"{name}_making"
            administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", halfway)
            administer("CREATE DATABASE {}", halfway)
            migrate(halfway)
            administer("ALTER DATABASE {} RENAME TO {}", halfway, name)
    return name


def copy_on_postgresql(template: str, name: str) -> None:
    """Copy a database to which nobody is connected."""
    administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    administer("CREATE DATABASE {} TEMPLATE {}", name, template)


def administer(statement: str, *names: str, values: list[Any] | None = None) -> list[Any]:
    """Run a statement on PostgreSQL beside the test's database, and return its rows."""
    given = connection.settings_dict
    with psycopg.connect(
        host=given["HOST"],
        port=given["PORT"] or None,
        user=given["USER"],
        password=given["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    ) as admin:
        done = admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)), values)  # type: ignore[arg-type]
        return done.fetchall() if done.description else []


# --- both ---------------------------------------------------------------------------------------------------------


def migrate(name: str) -> None:
    """Make a database what ``manage.py migrate`` makes of an empty one."""
    before = str(connection.settings_dict["NAME"])
    use(name)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("sync_roles", stdout=io.StringIO())
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
