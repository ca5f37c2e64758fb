"""Model fields that seal (encrypt) a value and bind it to its row, and the blind index to find it by.

``SealedField`` subclasses the text field of django-encrypted-model-fields and overrides every path by which a value
is read, written, dumped, loaded or queried.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.constants import OnConflict
from django.db.models.expressions import Col, F
from django.db.models.lookups import IsNull
from django.db.models.sql.subqueries import UpdateQuery
from encrypted_model_fields.fields import EncryptedTextField

from customers.vault import blind_index, tokens
from customers.vault.errors import SealedMisuse
from customers.vault.kinds import Kind
from customers.vault.sealed import DumpedValue, Sealed

DUMP_KEY = "sealed token"


class SealedColumn(Col):
    """A sealed column in a query: it may be selected and tested for NULL, nothing else."""

    def plain(self) -> Col:
        """The same column as a plain ``Col``, for NULL tests and GROUP BY, which read no value."""
        return Col(self.alias, self.target, self.output_field)

    def get_group_by_cols(self) -> list[Any]:
        """The plain column: a query that counts beside whole rows groups by all columns of the row."""
        return [self.plain()]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Compile the column as selected or grouped by; raise ``SealedMisuse`` where it is compared or sorted by.

        ``compiler.select`` is None until the select list is compiled; conditions and order come after that.
        """
        query = compiler.query
        if compiler.select is not None and self.groups(query):
            return super().as_sql(compiler, connection)
        if compiler.select is not None or isinstance(query, UpdateQuery) or self.sorts(query):
            raise SealedMisuse(f"{self.target} is sealed: a query may select it, not compare, compute or sort by it.")
        return super().as_sql(compiler, connection)

    def groups(self, query: Any) -> bool:
        """True where this very object, not an equal one in a condition, is in a GROUP BY that has a primary key too."""
        grouped = query.group_by if isinstance(query.group_by, tuple) else ()
        whole_rows = any(isinstance(by, Col) and by.target.primary_key for by in grouped)
        return whole_rows and any(by is self for by in grouped)

    def sorts(self, query: Any) -> bool:
        """True where the query sorts by this column as selected: by its position, without compiling it again."""
        order = query.extra_order_by or query.order_by or (query.get_meta().ordering if query.default_ordering else ())
        for by in order:
            parts = [F(by.lstrip("-+"))] if isinstance(by, str) else [by] if isinstance(by, F) else by.flatten()
            for name in (part.name for part in parts if isinstance(part, F)):  # type: ignore[attr-defined]
                selected = name in query.values_select or query.combinator
                if query.annotations.get(name) == self or (selected and name.rpartition("__")[2] == self.target.name):
                    return True
        return False


class SealedIsNull(IsNull):
    """``isnull``, the one lookup that a sealed column allows."""

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        """Compile the plain column: a NULL test reads no value."""
        lhs = self.lhs if lhs is None else lhs
        return compiler.compile(lhs.plain() if isinstance(lhs, SealedColumn) else lhs)


class SealedDescriptor:
    """The attribute of a sealed field: seals a text when it is set, and gives a ``Sealed`` bound to its row."""

    def __init__(self, field: SealedField) -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        if self.field.attname not in row.__dict__:  # deferred: fetch it, as Django's own attribute does
            row.refresh_from_db(fields=[self.field.attname])
        stored: Sealed | None = row.__dict__[self.field.attname]
        if stored is None:
            return None
        place = stored._place or tokens.Place(self.field.sealed_as, row.seal_id)  # type: ignore[attr-defined]
        dumped = isinstance(stored._token, tokens.DumpedToken)
        return Sealed(stored._token if dumped else tokens.Token(stored._token), self.field.kind, place, row)

    def __set__(self, row: models.Model, value: Any) -> None:
        indexes: dict[str, Any] = {}
        if value is None or isinstance(value, str):
            for index in blind_indexes(type(row), self.field.name):
                indexes[index.attname] = None if value is None else index.of(value)
        row.__dict__.update(indexes, **{self.field.attname: self.field.sealed_for_row(value, row)})


class SealedField(EncryptedTextField):
    """A text that is encrypted at rest and bound to its field and row. Reading it gives a ``Sealed``.

    ``kind`` is the kind of datum. The model needs a ``seal_id`` (``SealedRow`` has one). ``sealed_as`` is the field
    name inside each token. It is given only where it differs from ``app.Model.field``: a history copy keeps the name
    from the model it copies, a renamed field its old name.
    """

    descriptor_class = SealedDescriptor

    if TYPE_CHECKING:  # what the descriptor does, for type checkers

        def __get__(self, row: Any, owner: Any = None) -> Any: ...

        def __set__(self, row: Any, value: str | Sealed | None) -> None: ...

    def __init__(self, *args: Any, kind: str, sealed_as: str = "", **kwargs: Any) -> None:
        self.kind = Kind(kind)
        self.sealed_as = sealed_as
        if kwargs.get("unique") or kwargs.get("db_index") or "default" in kwargs or "db_default" in kwargs:
            raise SealedMisuse("A sealed field is never unique, indexed or defaulted; use a blind index.")
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        own_place = f"{cls._meta.app_label}.{cls._meta.object_name}.{name}"
        if not cls._meta.abstract:
            self.sealed_as = self.sealed_as or own_place
            # A history copy may be compared by simple-history, which looks at editable fields only; there is no
            # form field either way.
            self.editable = self.sealed_as != own_place

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        kwargs["kind"] = str(self.kind)
        model = getattr(self, "model", None)
        own_place = f"{model._meta.app_label}.{model._meta.object_name}.{self.name}" if model is not None else ""
        if self.sealed_as and self.sealed_as != own_place:
            kwargs["sealed_as"] = self.sealed_as
        return name, path, args, kwargs

    # --- writing -------------------------------------------------------------------------------------------

    def sealed_for_row(self, value: Any, row: Any) -> Sealed | None:
        """What the row keeps for ``value``: a text sealed, a token that was stored here as it is, None as None.

        A row that is not saved yet, as every row is while it is read, takes a token without a place; ``pre_save``
        checks it before an insert. Raises ``SealedMisuse`` for a value of another row or field, and for no text.
        """
        if value is None:
            return None
        if isinstance(value, Sealed):
            if value._place is None and row._state.adding:  # read from the database, from a dump or by values()
                return value if "seal_id" not in row.__dict__ else Sealed(value._token, self.kind, self.place(row))
            if value._place != self.place(row):
                raise SealedMisuse(f"A value sealed elsewhere cannot go into {self.sealed_as}; it belongs to its row.")
            return Sealed(value._token, self.kind, value._place)
        if not isinstance(value, str):
            raise SealedMisuse(f"{self.sealed_as} takes text, not {type(value).__name__}.")
        place = self.place(row)
        return Sealed(tokens.seal(str(value), place), self.kind, place)

    def place(self, row: Any) -> tokens.Place:
        """The place that a value of this field in that row is bound to."""
        return tokens.Place(self.sealed_as, row.seal_id)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value: Sealed | None = getattr(model_instance, self.attname)
        if value is None:
            return None
        if value._place != self.place(model_instance):
            raise SealedMisuse(f"{self.sealed_as}: the row's seal id was changed; its value belongs to the old one.")
        if model_instance._state.adding and not isinstance(model_instance.__dict__[self.attname]._token, tokens.Token):
            value._open()  # set on a new row from a query: it opens only if it was sealed for this very row
        return tokens.Token(value._token)

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return self.get_db_prep_save(value, connection)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, DumpedValue):
            return str(value.value)
        if not isinstance(value, tokens.Token):
            raise SealedMisuse(f"{self.sealed_as} is sealed row by row: set it on the row and save that, in no query.")
        return str(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Called for every write. Raises ``SealedMisuse`` for two that would separate what belongs together.

        These are an upsert (one row's seal id, another's value) and an update that blanks the value but not its
        blind indexes.
        """
        query = compiler.query
        if getattr(query, "on_conflict", None) == OnConflict.UPDATE and self in query.update_fields:
            raise SealedMisuse(f"{self.sealed_as}: an upsert would pair one row's seal with another's value.")
        if value is None and isinstance(compiler.query, UpdateQuery):
            blank = {field.name for field, _, new in query.values if new is None}
            if rest := [index.name for index in blind_indexes(self.model, self.name) if index.name not in blank]:
                raise SealedMisuse(f"{self.sealed_as} is blanked together with {', '.join(rest)}, or not at all.")
        return "%s"

    # --- reading, dumps and forms --------------------------------------------------------------------------

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:  # type: ignore[override]
        return None if value is None else Sealed(value, self.kind)

    def to_python(self, value: Any) -> Any:
        """A dump's tagged object is a token. Any text is a value still to be sealed, even if it looks like a token."""
        if isinstance(value, dict) and set(value) == {DUMP_KEY}:
            return Sealed(tokens.DumpedToken(value[DUMP_KEY]), self.kind)
        return value

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """Raise ``ValidationError`` for a missing value where null is not allowed. Contents are not validated."""
        if value is None and not self.null:
            raise ValidationError(self.error_messages["null"], code="null")
        return value

    def value_to_string(self, obj: models.Model) -> Any:
        """What ``dumpdata`` writes: the token, tagged so that only ``loaddata`` takes it back."""
        value: Sealed = self.value_from_object(obj)
        return {DUMP_KEY: str(value._token)}

    def formfield(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """None: no form shows or takes a sealed value."""
        return None

    # --- in queries ------------------------------------------------------------------------------------------

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return SealedIsNull
        raise SealedMisuse(f"{self.sealed_as} is sealed, not searched by {lookup_name!r}; use its blind index.")

    def get_transform(self, lookup_name: str) -> Any:
        raise SealedMisuse(f"{self.sealed_as} is sealed, not searched by {lookup_name!r}; use its blind index.")

    def get_col(self, alias: str, output_field: Any = None) -> Col:
        return SealedColumn(alias, self, output_field or self)


class BlindIndexField(models.CharField):  # type: ignore[type-arg]
    """The blind index of the sealed field ``source`` on the same model. It is set whenever that is, by nothing else.

    It must be declared before its source, or its own default would overwrite it on a new row (``vault.E002``).
    """

    INDEXES: dict[str, Callable[[str], str]] = {
        Kind.EMAIL: blind_index.email_index,
        Kind.PHONE: blind_index.phone_index,
    }

    def __init__(self, *args: Any, source: str, kind: str, **kwargs: Any) -> None:
        self.source = source
        self.kind = Kind(kind)
        kwargs.update(max_length=blind_index.HEX_DIGITS, null=True, blank=True, editable=False, db_index=True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for implied in ("max_length", "null", "blank", "editable", "db_index"):
            kwargs.pop(implied, None)
        return name, path, args, {**kwargs, "source": self.source, "kind": str(self.kind)}

    def of(self, text: str) -> str:
        """The index of a text, in hex. Raises ``NotNormal`` where it has no normal form."""
        return self.INDEXES[self.kind](text)


def blind_indexes(model: type[models.Model], source: str) -> list[BlindIndexField]:
    """The blind indexes that follow a sealed field of a model."""
    return [f for f in model._meta.concrete_fields if isinstance(f, BlindIndexField) and f.source == source]


def sealed_fields(model: type[models.Model] | models.Model) -> list[SealedField]:
    """The sealed fields of a model."""
    return [f for f in model._meta.concrete_fields if isinstance(f, SealedField)]
