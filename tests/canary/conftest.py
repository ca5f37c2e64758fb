"""One planted world for all the walks of a module, and sessions that last as long as a walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from tests.canary.walk import Ground


@pytest.fixture(autouse=True)
def lasting_sessions(settings: Settings) -> None:
    """A day for what has limits of minutes: a walk takes longer, and each visit is undone."""
    settings.SESSION_IDLE_MINUTES = settings.STEP_UP_MINUTES = 24 * 60
    settings.SESSION_HOURS = 24


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    """The planted world, made where a test first needs it, and undone with the last one of the module."""
    with django_db_blocker.unblock():
        made = Ground()
        try:
            yield made
        finally:
            made.close()


@pytest.fixture
def walk(ground: Ground, lasting_sessions: None) -> Callable[..., list[str]]:
    """Walk as an actor, and say everything wrong. Whatever a test breaks was whole while the world was planted."""
    ground.planted()
    return ground.walk
