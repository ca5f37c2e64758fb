"""A walk takes longer than a session may idle, and each visit is undone: sessions last here."""

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def lasting_sessions(settings: Settings) -> None:
    """A day for what has limits of minutes."""
    settings.SESSION_IDLE_MINUTES = settings.STEP_UP_MINUTES = 24 * 60
    settings.SESSION_HOURS = 24
