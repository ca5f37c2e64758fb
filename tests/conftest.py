"""Databases and people for tests."""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone
from django.utils.translation import deactivate
from pytest_django import DjangoDbBlocker

from customers.evidence.append_only import append_only_models
from customers.models import StaffMember


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """The language that a test's pages left behind is no other test's."""
    yield
    deactivate()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The migrated database, made once for each process.

    pytest-django's own makes it only where a collected test carries its mark, which ``own_database`` tests do not.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[str]:
    """A committed database of the test's own: a fresh copy of the migrated one, gone afterwards.

    For whatever must really commit: threads, processes, live servers, edits as the database's owner. Triggers stay
    in force, so nothing has to be emptied. Yields its name (a path on SQLite).
    """
    template = str(connection.settings_dict["NAME"])
    connections.close_all()
    if connection.vendor == "sqlite":
        name = str(tmp_path / "own.sqlite3")
        shutil.copy(template, name)
    else:
        name = f"own_{uuid.uuid4().hex}"
        administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    connection.settings_dict["NAME"] = name
    try:
        with django_db_blocker.unblock():
            yield name
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = template
        if connection.vendor != "sqlite":
            administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def administer(statement: str) -> None:
    """Run a statement on PostgreSQL beside the test's database."""
    given = connection.settings_dict
    with psycopg.connect(
        host=given["HOST"],
        port=given["PORT"] or None,
        user=given["USER"],
        password=given["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    ) as admin:
        admin.execute(statement)


@pytest.fixture
def system(request: pytest.FixtureRequest) -> StaffMember:
    """The reserved account commands act as. Ask for ``db`` or ``own_database`` too."""
    return StaffMember.objects.get(username="system")


@dataclass
class Clock:
    """What time it is, as the desk sees it; a test moves it on."""

    now: datetime


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock of the test's own, for whoever asks the time and for the records' own times."""
    clock = Clock(timezone.now())
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    for model in append_only_models():
        monkeypatch.setattr(model._meta.get_field("at"), "_get_default", lambda: clock.now)
    return clock
