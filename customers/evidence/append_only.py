"""Rows that are written once, by an act, and kept for good."""

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
    """Reads, and writes whole new rows inside ``recording()``; refuses everything else."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert many, each with a leaf of its own."""
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
        """Only sealed columns, and only by the vault's re-sealing (their fields see to it)."""
        for name, value in kwargs.items():
            if value is None or not is_sealed(self.model._meta.get_field(name)):
                self.model.refuse("changed")
        return super().update(**kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """Refused."""
        return self.model.refuse("changed")  # type: ignore[no-any-return]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused."""
        return self.model.refuse("removed")  # type: ignore[no-any-return]

    _raw_delete = delete  # type: ignore[assignment]


class AppendOnly(models.Model):
    """A record: who, when, and the columns of its kind. One leaf of the log stands for each row.

    Saved only inside ``recording(by=…)``, which fills ``by`` and appends the leaf as the transaction's last
    statement. Never updated, never deleted: Python refuses here, the database by trigger.
    """

    kind: str = ""
    """The payload's ``kind``."""

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
        """The reference of the customer it is about; None where it is about none, or many."""
        customer = getattr(self, "customer", None)
        return None if customer is None else str(customer.reference)

    @classmethod
    def accounts_for(cls, payload: dict[str, Any]) -> Accounted:
        """Which openings a committed payload of this kind accounts for; none, unless the kind says otherwise."""
        return NOTHING

    def prepare(self, act: Any) -> None:
        """Take ``by`` from the act and bring values to their columns' types, texts to NFC: column and payload agree.

        Raises ``ValidationError`` for a value of another type, ``ValueError`` for one that evidence cannot hold.
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
            plain(value)  # refused here rather than after the row is in
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
        """Refused."""
        self.refuse("removed")

    @classmethod
    def refuse(cls, what: str) -> NoReturn:
        """Raise ``AppendOnlyViolation``."""
        raise AppendOnlyViolation(f"{cls._meta.verbose_name}: a record is kept as it was written and cannot be {what}.")


class RecordedQuerySet(models.QuerySet[Any]):
    """Writes to a table whose every change must be on record: only inside ``recording()``."""

    def _demand(self) -> None:
        current(self.db)

    def update(self, **kwargs: Any) -> int:
        """As Django's, inside ``recording()``."""
        self._demand()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """As Django's, inside ``recording()``."""
        self._demand()
        return super().delete()

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        """As Django's, inside ``recording()``."""
        self._demand()
        return super().bulk_update(*args, **kwargs)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's, inside ``recording()``; upserts are refused, they would pair one row's seal with another."""
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
        """As Django's, inside ``recording()``. Raises ``NotRecording``."""
        current(kwargs.get("using") or self._state.db or "default")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """As Django's, inside ``recording()``. Raises ``NotRecording``."""
        current(kwargs.get("using") or self._state.db or "default")
        return super().delete(*args, **kwargs)


def append_only_models() -> list[type[AppendOnly]]:
    """Every kind of record there is, by table name."""
    found = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
    return sorted(found, key=lambda model: model._meta.db_table)
