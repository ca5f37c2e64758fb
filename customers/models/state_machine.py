"""Rows with a state: a table says which moves there are, one door makes them, and each leaves a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly, Recorded, RecordedQuerySet
from customers.evidence.errors import NotRecording

Moves = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Move → state it begins in → states it may end in."""


class OutOfTurn(Exception):
    """This row's state does not allow the move: somebody was faster, or the page that asked for it was old."""

    def __init__(self, row: Stated, state: str) -> None:
        super().__init__(f"{row._meta.label} {row.pk} is {state}")
        self.state = str(dict(row._meta.get_field("state").flatchoices).get(state, state))  # type: ignore[union-attr]


class StatedQuerySet(RecordedQuerySet):
    """Writes everything but the state."""

    def update(self, **kwargs: Any) -> int:
        """As in an act; the state is left to ``move``."""
        self._demand_no_state(kwargs)
        return super().update(**kwargs)

    def bulk_update(self, objs: Any, fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        """The same."""
        self._demand_no_state(fields := list(fields))
        return super().bulk_update(objs, fields, *args, **kwargs)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """As in an act; the rows remember the state they were made in."""
        rows = super().bulk_create(objs, *args, **kwargs)
        for row in rows:
            row._came_in = row.state
        return rows

    def _demand_no_state(self, names: Iterable[str]) -> None:
        if "state" in names:
            raise NotRecording(f"{self.model._meta.label}: a state changes by move(), row by row and on record.")


class Stated(Recorded):
    """A row that is in one state of a table. ``save()`` refuses a state that did not come by ``move()``.

    A subclass has the fields ``state`` and ``state_since``, the table ``MOVES``, and the kind of its moves' records in
    ``MOVED_BY``, whose foreign key to the row is called ``subject``.
    """

    MOVES: ClassVar[Moves] = {}
    MOVED_BY: ClassVar[str] = ""

    state = models.CharField(_("state"), max_length=16)
    state_since = models.DateTimeField(_("since"), default=timezone.now)

    objects = StatedQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Recorded.Meta):
        abstract = True

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """As Django's; the state that was read is remembered."""
        row = super().from_db(*args, **kwargs)
        row._came_in = row.__dict__.get("state")
        return row

    def refresh_from_db(self, using: Any = None, fields: Any = None, *args: Any, **kwargs: Any) -> None:
        """As Django's; a state that was read anew is remembered."""
        fields = None if fields is None else list(fields)
        super().refresh_from_db(using, fields, *args, **kwargs)
        if fields is None or "state" in fields:
            self._came_in = self.__dict__.get("state")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As in an act, with the state as it stands: an old page takes no move back.

        Raises ``NotRecording`` for a state that was typed over, ``IntegrityError`` for a new row under an old key.
        """
        if self._state.adding:
            kwargs["force_insert"] = True
        elif self.__dict__.get("state") != getattr(self, "_came_in", None):
            raise NotRecording(f"{self._meta.label}: a state changes by move(), on record.")
        elif kwargs.get("update_fields") is None:
            self._take_state()
        super().save(*args, **kwargs)
        self._came_in = self.__dict__.get("state")

    def _take_state(self) -> None:
        """The state as it stands in the database, whatever was read."""
        manager: Any = type(self)._base_manager
        row = manager.select_for_update(no_key=True).filter(pk=self.pk).values("state", "state_since").first()
        for name, value in (row or {}).items():
            setattr(self, name, value)

    def anew(self) -> Self:
        """This row as it stands by now, for acts that hold the customer whose own it is: nobody else moves it."""
        manager: Any = type(self)._base_manager
        return manager.get(pk=self.pk)  # type: ignore[no-any-return]

    def locked(self) -> Self:
        """The same, held until the act ends: for rows that no customer is held for."""
        manager: Any = type(self)._base_manager
        return manager.select_for_update(no_key=True).get(pk=self.pk)  # type: ignore[no-any-return]

    @classmethod
    def may(cls, how: str, state: str) -> bool:
        """True where the table has this move from this state: what buttons ask."""
        return state in cls.MOVES[how]

    def can(self, how: str) -> bool:
        """The same for this row, as it was read."""
        return self.may(how, self.state)

    def move(self, how: str, *, to: str = "", changed: Mapping[str, Any] | None = None, **columns: Any) -> Any:
        """Make a move of the table and return its record, which takes ``columns``. Inside an act.

        ``to`` says which end where the table has several; ``changed`` are columns of the row that change with it. The
        row is locked and its state read anew: of two at once one moves it. Raises ``OutOfTurn`` where the state is
        another by now.
        """
        before = str(self.locked().state)
        self.refresh_from_db()  # a version of it says what the row says, not what a page had read
        ends = self.MOVES[how].get(before, ())
        after = to or (ends[0] if len(ends) == 1 else "")
        if after not in ends:
            raise OutOfTurn(self, before)
        columns_set = {"state_since": timezone.now(), **(changed or {})}
        for name, value in columns_set.items():
            setattr(self, name, value)
        self.state = self._came_in = after
        self.save(update_fields=["state", *columns_set])
        record = apps.get_model(self.MOVED_BY)(subject=self, how=how, from_state=before, to_state=after, **columns)
        record.save()
        return record


class Move(AppendOnly):
    """A row with a state was moved. ``subject`` is the row, ``customer`` whose it is."""

    how = models.CharField(_("move"), max_length=20)
    from_state = models.CharField(_("from"), max_length=16)
    to_state = models.CharField(_("to"), max_length=16)

    class Meta(AppendOnly.Meta):
        abstract = True
