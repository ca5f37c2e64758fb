"""The demo's clock: while the story is made, ``timezone.now`` returns the story's time.

An entry of the log holds the time at which the act was done, and no act takes that time as an argument. To make months
that can be reviewed, the clock itself is set back. Only ``manage.py demo`` does this, only in mode ``demo``, and it
moves the clock forwards only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from django.utils import timezone

from customers.evidence.accounting import parse_time
from customers.evidence.models import Leaf


class Story:
    """The clock of a story: it runs at normal speed, and is set forwards between acts."""

    def __init__(self, real: Callable[[], datetime]) -> None:
        self._real = real
        self._behind = timedelta(0)
        self._began = False

    def now(self) -> datetime:
        """The time in the story."""
        return self._real() - self._behind

    @property
    def today(self) -> datetime:
        """The real time, at which the story ends."""
        return self._real()

    def goes_to(self, at: datetime) -> None:
        """Set the clock to ``at``; not before its own time or the newest log entry, and not past the real time."""
        earlier = [self._told(), self.now() if self._began else None]
        newest = max([at, *(time for time in earlier if time is not None)])
        self._began = True
        self._behind = max(self._real() - newest, timedelta(0))

    def _told(self) -> datetime | None:
        """The time of the newest log entry, so that an interrupted story continues after it; None for an empty log."""
        if Leaf._meta.db_table not in connection.introspection.table_names():
            return None
        payload = Leaf.objects.order_by("-seq").values_list("payload", flat=True).first()
        return None if payload is None else parse_time(json.loads(bytes(payload))["at"])


@contextmanager
def story() -> Iterator[Story]:
    """Inside the context, the story's clock is used everywhere; afterwards the real one is restored in any case.

    Raises ``ImproperlyConfigured`` outside of mode ``demo``.
    """
    if settings.MODE != "demo":
        raise ImproperlyConfigured("Only a demo tells a story; everybody else's clock is the real one.")
    real = timezone.now
    clock = Story(real)
    fields = [field for model in apps.get_models() for field in _asking(model, real)]
    _tell(fields, clock.now)
    timezone.now = clock.now
    try:
        yield clock
    finally:
        timezone.now = real
        _tell(fields, real)


def _asking(model: type[models.Model], clock: Callable[[], datetime]) -> Iterator[models.Field[Any, Any]]:
    """The model's fields whose default is this clock."""
    return (field for field in model._meta.local_fields if getattr(field, "default", None) is clock)


def _tell(fields: list[models.Field[Any, Any]], clock: Callable[[], datetime]) -> None:
    """Make ``clock`` the default of these fields."""
    for field in fields:
        field.default = clock
        field.__dict__.pop("_get_default", None)  # Django caches the old default here
