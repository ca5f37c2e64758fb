"""Rows with a state: a table says which transitions there are, one method makes them, and each leaves a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly, Recorded, RecordedQuerySet
from customers.evidence.errors import NotRecording

Transitions = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Name of a transition → state it begins in → states it may end in."""


class TransitionNotAllowed(Exception):
    """The row's state does not allow this transition: somebody was faster, or the page that asked for it was old."""

    def __init__(self, row: StatefulModel, state: str) -> None:
        super().__init__(f"{row._meta.label} {row.pk} is {state}")
        self.state = str(dict(row._meta.get_field("state").flatchoices).get(state, state))  # type: ignore[union-attr]


class StatefulQuerySet(RecordedQuerySet):
    """Writes every column but the state, which only ``transition`` changes."""

    def update(self, **kwargs: Any) -> int:
        """Update the rows, inside an act. Raises ``NotRecording`` where ``state`` is among the columns."""
        self._refuse_state(kwargs)
        return super().update(**kwargs)

    def bulk_update(self, objs: Any, fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        """Update the rows, inside an act. Raises ``NotRecording`` where ``state`` is among the columns."""
        self._refuse_state(fields := list(fields))
        return super().bulk_update(objs, fields, *args, **kwargs)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert the rows, inside an act; each remembers the state it was made in."""
        rows = super().bulk_create(objs, *args, **kwargs)
        for row in rows:
            row._loaded_state = row.state
        return rows

    def _refuse_state(self, names: Iterable[str]) -> None:
        if "state" in names:
            raise NotRecording(f"{self.model._meta.label}: a state changes by transition(), row by row and on record.")


class StatefulModel(Recorded):
    """A row that is in one of several states. ``save()`` refuses a state that did not come by ``transition()``.

    A subclass names its ``TRANSITIONS`` and, in ``TRANSITION_RECORD``, the model of their records, whose foreign key to
    the row is called ``subject``.
    """

    TRANSITIONS: ClassVar[Transitions] = {}
    TRANSITION_RECORD: ClassVar[str] = ""

    state = models.CharField(_("state"), max_length=16)
    state_since = models.DateTimeField(_("since"), default=timezone.now)

    objects = StatefulQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Recorded.Meta):
        abstract = True

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """Read a row as Django does, and remember the state that was read."""
        row = super().from_db(*args, **kwargs)
        row._loaded_state = row.__dict__.get("state")
        return row

    def refresh_from_db(self, using: Any = None, fields: Any = None, *args: Any, **kwargs: Any) -> None:
        """Read the row again as Django does, and remember its state where that was read."""
        fields = None if fields is None else list(fields)
        super().refresh_from_db(using, fields, *args, **kwargs)
        if fields is None or "state" in fields:
            self._loaded_state = self.__dict__.get("state")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row inside an act, with the state as it is in the database: an old page undoes no transition.

        Raises ``NotRecording`` for a state that was typed over, ``IntegrityError`` for a new row under an old key.
        """
        if self._state.adding:
            kwargs["force_insert"] = True
        elif self.__dict__.get("state") != getattr(self, "_loaded_state", None):
            raise NotRecording(f"{self._meta.label}: a state changes by transition(), on record.")
        elif kwargs.get("update_fields") is None:
            self._take_state()
        super().save(*args, **kwargs)
        self._loaded_state = self.__dict__.get("state")

    def _take_state(self) -> None:
        """Take the state from the database, whatever was read before."""
        manager: Any = type(self)._base_manager
        row = manager.select_for_update(no_key=True).filter(pk=self.pk).values("state", "state_since").first()
        for name, value in (row or {}).items():
            setattr(self, name, value)

    def anew(self) -> Self:
        """This row read anew, for acts that have locked the customer it belongs to: nobody else changes its state."""
        manager: Any = type(self)._base_manager
        return manager.get(pk=self.pk)  # type: ignore[no-any-return]

    def locked(self) -> Self:
        """This row read anew and locked until the act ends: for rows that belong to no customer."""
        manager: Any = type(self)._base_manager
        return manager.select_for_update(no_key=True).get(pk=self.pk)  # type: ignore[no-any-return]

    @classmethod
    def allows(cls, name: str, state: str) -> bool:
        """True where this transition may begin in that state."""
        return state in cls.TRANSITIONS[name]

    def can(self, name: str) -> bool:
        """True where this row's state, as it was read, allows the transition; the buttons of a page ask this."""
        return self.allows(name, self.state)

    def transition(self, name: str, *, to: str = "", update: Mapping[str, Any] | None = None, **columns: Any) -> Any:
        """Change the state by the transition of that name, inside an act; returns its record, which takes ``columns``.

        ``to`` says which state where the transition may end in several; ``update`` are other columns of the row that
        change with it. The row is locked and its state read anew, so of two at once one succeeds. Raises
        ``TransitionNotAllowed`` where the state is another by now.
        """
        before = str(self.locked().state)
        self.refresh_from_db()  # its history row then has what is in the database, not what a page read before
        states = self.TRANSITIONS[name].get(before, ())
        after = to or (states[0] if len(states) == 1 else "")
        if after not in states:
            raise TransitionNotAllowed(self, before)
        changes = {"state_since": timezone.now(), **(update or {})}
        for column, value in changes.items():
            setattr(self, column, value)
        self.state = self._loaded_state = after
        self.save(update_fields=["state", *changes])
        model = apps.get_model(self.TRANSITION_RECORD)
        record = model(subject=self, how=name, from_state=before, to_state=after, **columns)
        record.save()
        return record


class TransitionRecord(AppendOnly):
    """A row changed its state. ``subject`` is the row, ``customer`` whose it is, ``how`` the transition's name."""

    how = models.CharField(_("move"), max_length=20)
    from_state = models.CharField(_("from"), max_length=16)
    to_state = models.CharField(_("to"), max_length=16)

    class Meta(AppendOnly.Meta):
        abstract = True
