"""The base of models with sealed fields, and the table of keys that a database was sealed with."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.vault.errors import SealedMisuse
from customers.vault.fields import SealedField, blind_indexes
from customers.vault.sealed import Sealed


class SealedRow(models.Model):
    """A row with sealed fields. Its ``seal_id`` exists before it is inserted, so that values can be bound to it."""

    seal_id = models.UUIDField(_("seal id"), default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True

    def sealed_for(self) -> str:
        """The reference of the customer whose data the row holds: a record must name it. Subclasses define it."""
        raise TypeError(f"{type(self).__name__} does not say whose data it holds; define sealed_for().")

    def clean_fields(self, exclude: Any = None) -> None:
        """Clean the fields. Raises ``SealedMisuse`` for a sealed value in a plain field, which would store its mask."""
        for field in self._meta.concrete_fields:
            if not isinstance(field, SealedField) and isinstance(self.__dict__.get(field.attname), Sealed):
                raise SealedMisuse(f"{field} is plain, and a sealed value cannot be put into it.")
        super().clean_fields(exclude)

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save the row; where ``update_fields`` names a sealed field, its blind indexes are saved with it."""
        if update_fields is not None:
            names = set(update_fields)
            update_fields = names | {index.name for name in names for index in blind_indexes(type(self), name)}
        super().save(*args, update_fields=update_fields, **kwargs)


class KeyCheck(models.Model):
    """A key this database knows, by id and check value, so that a wrong key is noticed before anything is read."""

    class Use(models.TextChoices):
        """What a key is for."""

        FIELD = "field", _("sealed fields")
        BLIND_INDEX = "blind_index", _("blind indexes")
        CHECKPOINT = "checkpoint", _("checkpoints")

    use = models.CharField(_("use"), max_length=16, choices=Use)
    key_id = models.CharField(_("key id"), max_length=8)
    check_value = models.CharField(_("check value"), max_length=64)

    class Meta:
        verbose_name = _("key check")
        verbose_name_plural = _("key checks")
        constraints = [models.UniqueConstraint(fields=["use", "key_id"], name="one_check_value_per_key")]

    def __str__(self) -> str:
        return f"{self.use} {self.key_id}"
