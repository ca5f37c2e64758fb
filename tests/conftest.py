"""Databases and people for tests, and what tells one run from another: deep or quick, which sixth, at what cost."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from django.db import connection
from django.utils import timezone
from django.utils.translation import deactivate
from hypothesis import HealthCheck
from pytest_django import DjangoDbBlocker

from customers.evidence.append_only import append_only_models
from customers.models import StaffMember
from tests import databases, sampling
from tests.costs import Costs
from tests.engines import Engines
from tests.worlds import WORLDS, asked_for


def pytest_configure(config: pytest.Config) -> None:
    """Begin a run: what it sees this time, who measures it, and which tests are for which database."""
    config.addinivalue_line("markers", "one_engine(reason): no database engine changes it, so it runs on SQLite only")
    config.addinivalue_line("markers", "bare: begins from a database as `migrate` leaves it, before `sync_roles`")
    config.addinivalue_line("markers", "deep(only=False): sees more with `-m deep`; with only=True runs then only")
    sampling.begin(deep=config.option.markexpr == "deep")
    hypothesis.settings.register_profile(  # how long an example takes is the machine's affair
        "desk", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=sampling.rounds(100, 600)
    )
    hypothesis.settings.load_profile("desk")
    config.pluginmanager.register(Costs(config), "costs")
    config.pluginmanager.register(Engines(config), "engines")
    gc.freeze()  # what is imported stays
    gc.set_threshold(50_000, 20, 50)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Name the run, so that its workers share one migrated database; before xdist starts them."""
    if not hasattr(session.config, "workerinput"):
        session.config.option.testrunuid = databases.name_run()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """When the last worker is gone, so is what they copied their databases from."""
    if not hasattr(session.config, "workerinput"):
        databases.drop_template(databases.run_id())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Which part of the sampled tests this run took."""
    terminalreporter.write_line(sampling.said())


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One process for one file: starting a second takes longer than most files do."""
    files = {argument.partition("::")[0] for argument in config.args}
    return 0 if len(files) == 1 and files.pop().endswith(".py") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is for the deep run only to it, and let every test begin from its world."""
    for item in items:
        names = getattr(item, "fixturenames", [])
        if names and "world" not in names:
            names.insert(0, "world")
    if not sampling.deep():
        left_out = [item for item in items if any(mark.kwargs.get("only") for mark in item.iter_markers("deep"))]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """The language that a test's pages left behind is no other test's."""
    yield
    deactivate()


@pytest.fixture(scope="session")
def migrated(request: pytest.FixtureRequest) -> databases.Migrated:
    """The migrated databases of this worker."""
    cache = getattr(request.config, "cache", None)
    return databases.Migrated(cache.mkdir("database") if cache else None, databases.run_id())


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    request: pytest.FixtureRequest,
) -> Iterator[None]:
    """The database that tests begin from, one for each worker.

    pytest-django's own makes it only where a collected test carries its mark, which ``own_database`` tests do not.
    """
    before = str(connection.settings_dict["NAME"])
    migrated: databases.Migrated = request.getfixturevalue("migrated")
    with django_db_blocker.unblock():
        migrated.connect()
    yield
    with django_db_blocker.unblock():
        WORLDS.close(django_db_blocker)
        migrated.drop()
        databases.use(before)


@pytest.fixture
def bare_beginning(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, migrated: databases.Migrated
) -> Iterator[None]:
    """A database without roles and first rows to begin from; tests marked ``bare`` have it, before all else."""
    with django_db_blocker.unblock():
        migrated.connect(bare=True)
    yield
    with django_db_blocker.unblock():
        migrated.connect()


@pytest.fixture
def own_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, migrated: databases.Migrated, tmp_path: Path
) -> Iterator[str]:
    """A committed database of the test's own: a copy of the migrated one, gone or made good afterwards.

    For whatever must really commit: threads, processes, live servers, edits as the database's owner. Triggers stay
    in force, so nothing has to be emptied. Yields its name (a path on SQLite).
    """
    template = str(connection.settings_dict["NAME"])
    name = migrated.lend(tmp_path)
    databases.use(name)
    try:
        with django_db_blocker.unblock():
            yield name
    finally:
        migrated.take_back(name)
        databases.use(template)


@pytest.fixture
def system(request: pytest.FixtureRequest) -> StaffMember:
    """The reserved account commands act as. Ask for ``db`` or ``own_database`` too."""
    return StaffMember.objects.get(username="system")


@dataclass
class Clock:
    """What time it is, as the desk sees it; a test moves it on."""

    now: datetime

    def told(self) -> datetime:
        """The same in UTC, whatever zone the test thinks in."""
        return self.now.astimezone(UTC)


def set_clock(patch: pytest.MonkeyPatch) -> Clock:
    """A clock for whoever asks the time and for the records' own times: told in UTC, as Django's."""
    clock = Clock(timezone.now())
    patch.setattr(timezone, "now", clock.told)
    for model in append_only_models():
        patch.setattr(model._meta.get_field("at"), "_get_default", clock.told)
    return clock


@contextmanager
def clock_of_a_world() -> Iterator[Clock]:
    """The same for as long as a world is made."""
    with pytest.MonkeyPatch.context() as patch:
        yield set_clock(patch)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock of the test's own, which it moves on."""
    return set_clock(monkeypatch)


@pytest.fixture
def world(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The world that a test begins from (``tests.worlds``) is there, and no other. Every test has this first."""
    bare = request.node.get_closest_marker("bare") is not None
    if bare:
        WORLDS.close(django_db_blocker)
        request.getfixturevalue("bare_beginning")
    if asked_for(request.node) is not None:
        request.getfixturevalue("django_db_setup")
    WORLDS.before(request.node, django_db_blocker, clock_of_a_world)
    yield
    if bare:
        WORLDS.close(django_db_blocker)
