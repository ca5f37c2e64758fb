"""The demo's clock: while a story is told, everybody who asks the time is told the story's.

A log holds what the clock said when an act was done, and no act takes a time of its own; a demo whose months are to be
looked back at therefore tells them by a clock that stands in them. Only ``manage.py demo`` turns it, only forwards,
and only where the mode is ``demo``: nobody else's clock is ever touched.
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
    """The clock of a story: it goes on as the real one does, and is set forwards from act to act."""

    def __init__(self, real: Callable[[], datetime]) -> None:
        self._real = real
        self._behind = timedelta(0)
        self._began = False

    def now(self) -> datetime:
        """What time it is in the story."""
        return self._real() - self._behind

    @property
    def today(self) -> datetime:
        """What time it really is: where the story ends."""
        return self._real()

    def goes_to(self, at: datetime) -> None:
        """Set the clock to that time; never back behind what is told already, never past the real time."""
        reached = [self._told(), self.now() if self._began else None]
        newest = max([at, *(each for each in reached if each is not None)])
        self._began = True
        self._behind = max(self._real() - newest, timedelta(0))

    def _told(self) -> datetime | None:
        """The time of the log's newest entry; a story that was broken off goes on after it."""
        if Leaf._meta.db_table not in connection.introspection.table_names():
            return None
        newest = Leaf.objects.order_by("-seq").values_list("payload", flat=True).first()
        return None if newest is None else parse_time(json.loads(bytes(newest))["at"])


@contextmanager
def story() -> Iterator[Story]:
    """Inside, the clock is the story's; afterwards it is the real one again, whatever has happened.

    Raises ``ImproperlyConfigured`` anywhere but in a demo.
    """
    if settings.MODE != "demo":
        raise ImproperlyConfigured("Only a demo tells a story; everybody else's clock is the real one.")
    real = timezone.now
    told = Story(real)
    fields = [field for model in apps.get_models() for field in _asking(model, real)]
    _tell(fields, told.now)
    timezone.now = told.now
    try:
        yield told
    finally:
        timezone.now = real
        _tell(fields, real)


def _asking(model: type[models.Model], clock: Callable[[], datetime]) -> Iterator[models.Field[Any, Any]]:
    """The columns that ask this clock for their default."""
    return (field for field in model._meta.local_fields if getattr(field, "default", None) is clock)


def _tell(fields: list[models.Field[Any, Any]], clock: Callable[[], datetime]) -> None:
    for field in fields:
        field.default = clock
        field.__dict__.pop("_get_default", None)  # what Django keeps of the old one
