"""Records, which an act writes once and which stay for good; and tables that change only within an act."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any, NoReturn

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.evidence.accounting import Accounted
from customers.evidence.act import current
from customers.evidence.errors import AppendOnlyViolation, NotRecording, failed
from customers.evidence.payload import is_sealed, plain
from customers.evidence.verify import canonical

NOTHING = Accounted(frozenset())


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Reads rows, and inserts whole new ones inside ``recording()``; refuses every other write but re-sealing."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert many records, each with a leaf of its own.

        Raises ``NotRecording``, ``AppendOnlyViolation`` or ``RecordFailed``.
        """
        if kwargs.get("ignore_conflicts") or kwargs.get("update_conflicts"):
            raise AppendOnlyViolation("A record is written once: an upsert or an ignored conflict would lose one.")
        act = current(self.db)
        rows = list(objs)
        for row in rows:
            row.prepare(act)
        try:
            created = super().bulk_create(rows, *args, **kwargs)
        except DatabaseError as error:
            raise failed() from error
        for row in created:
            act.register(row)
        return created

    def update(self, **kwargs: Any) -> int:
        """Update sealed columns with re-sealed values; their fields refuse any others.

        Raises ``AppendOnlyViolation`` for any other column, and for None.
        """
        for name, value in kwargs.items():
            if value is None or not is_sealed(self.model._meta.get_field(name)):
                self.model.refuse("changed")
        return super().update(**kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """Raise ``AppendOnlyViolation``."""
        return self.model.refuse("changed")  # type: ignore[no-any-return]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raise ``AppendOnlyViolation``."""
        return self.model.refuse("removed")  # type: ignore[no-any-return]

    _raw_delete = delete  # type: ignore[assignment]


class AppendOnly(models.Model):
    """A record: who acted, when, and the columns of its kind. Each row has one leaf in the log.

    Saved only inside ``recording(by=…)``, which gives ``by`` and appends the leaf at the end of the transaction. Never
    deleted, and never updated but for re-sealing: refused by the methods here and by triggers in the database.
    """

    kind: str = ""
    """The code of this kind of record: ``kind`` in the payload of its leaf."""

    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"), editable=False
    )

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def customer_reference(self) -> str | None:
        """The reference of the customer that the record is about; None where it is about none or several."""
        customer = getattr(self, "customer", None)
        return None if customer is None else str(customer.reference)

    @classmethod
    def accounts_for(cls, payload: dict[str, Any]) -> Accounted:
        """The openings that a committed payload of this kind accounts for: none, unless a subclass names some."""
        return NOTHING

    def prepare(self, act: Any) -> None:
        """Set ``by`` to who acts, convert values to their columns' types and texts to NFC, as the payload has them.

        Raises ``AppendOnlyViolation`` for a row that is saved already, ``ValidationError`` for a value of another
        type, ``ValueError`` for one that evidence cannot hold.
        """
        if not self._state.adding:
            self.refuse("changed")
        self.by = act.by
        for field in self._meta.concrete_fields:
            value = self.__dict__.get(field.attname)
            if value is None or is_sealed(field):
                continue
            value = field.to_python(value)
            if isinstance(field, models.JSONField):
                value = json.loads(canonical(value))
            elif isinstance(value, str):
                value = unicodedata.normalize("NFC", value)
            plain(value)  # raises here rather than after the row is inserted
            setattr(self, field.attname, value)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert, inside ``recording()``. Raises ``NotRecording``, ``AppendOnlyViolation`` or ``RecordFailed``."""
        act = current(kwargs.get("using") or self._state.db or "default")
        self.prepare(act)
        kwargs["force_insert"] = True
        try:
            super().save(*args, **kwargs)
        except DatabaseError as error:
            raise failed() from error
        act.register(self)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise ``AppendOnlyViolation``."""
        self.refuse("removed")

    @classmethod
    def refuse(cls, what: str) -> NoReturn:
        """Raise ``AppendOnlyViolation``; ``what`` ends its sentence (``changed``, ``removed``)."""
        raise AppendOnlyViolation(f"{cls._meta.verbose_name}: a record is kept as it was written and cannot be {what}.")


class RecordedQuerySet(models.QuerySet[Any]):
    """The queryset of ``Recorded`` tables: it writes only inside ``recording()``, else raises ``NotRecording``."""

    def _demand(self) -> None:
        current(self.db)

    def update(self, **kwargs: Any) -> int:
        """Update the rows, inside ``recording()``."""
        self._demand()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the rows, inside ``recording()``."""
        self._demand()
        return super().delete()

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """Update the rows, inside ``recording()``."""
        self._demand()
        return super().bulk_update(*args, **kwargs)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert the rows, inside ``recording()``. Upserts are refused: they would pair one row's seal with another."""
        self._demand()
        if kwargs.get("update_conflicts"):
            raise NotRecording(f"{self.model._meta.verbose_name}: upserts are refused; look for the row, then save it.")
        return super().bulk_create(objs, *args, **kwargs)


class Recorded(models.Model):
    """A table whose every change belongs to an act: saving or deleting outside ``recording()`` is refused."""

    objects = RecordedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row, inside ``recording()``. Raises ``NotRecording`` outside it."""
        current(kwargs.get("using") or self._state.db or "default")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row, inside ``recording()``. Raises ``NotRecording`` outside it."""
        current(kwargs.get("using") or self._state.db or "default")
        return super().delete(*args, **kwargs)


def append_only_models() -> list[type[AppendOnly]]:
    """The models of all kinds of records, sorted by table name."""
    record_models = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
    return sorted(record_models, key=lambda model: model._meta.db_table)
