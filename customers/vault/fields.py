"""Model fields that seal. Strict subclasses of django-encrypted-model-fields' own: every path in or out is ours."""

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
    """A sealed column in a query: it may be selected, and asked whether it is empty; nothing else."""

    def plain(self) -> Col:
        """The column for questions that read nothing out of it."""
        return Col(self.alias, self.target, self.output_field)

    def get_group_by_cols(self) -> list[Any]:
        """Counting beside whole rows groups by all their columns."""
        return [self.plain()]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Only in the select list, which a compiler settles before it comes to conditions and order."""
        query = compiler.query
        if compiler.select is not None and self.groups(query):
            return super().as_sql(compiler, connection)
        if compiler.select is not None or isinstance(query, UpdateQuery) or self.sorts(query):
            raise SealedMisuse(f"{self.target} is sealed: a query may select it, not compare, compute or sort by it.")
        return super().as_sql(compiler, connection)

    def groups(self, query: Any) -> bool:
        """Whether this very column, not one like it in a condition, stands in a GROUP BY that keeps rows apart."""
        grouped = query.group_by if isinstance(query.group_by, tuple) else ()
        whole_rows = any(isinstance(by, Col) and by.target.primary_key for by in grouped)
        return whole_rows and any(by is self for by in grouped)

    def sorts(self, query: Any) -> bool:
        """Whether the query's order names this column by its place in the select list, where nothing is compiled."""
        order = query.extra_order_by or query.order_by or (query.get_meta().ordering if query.default_ordering else ())
        for by in order:
            parts = [F(by.lstrip("-+"))] if isinstance(by, str) else [by] if isinstance(by, F) else by.flatten()
            for name in (part.name for part in parts if isinstance(part, F)):  # type: ignore[attr-defined]
                selected = name in query.values_select or query.combinator
                if query.annotations.get(name) == self or (selected and name.rpartition("__")[2] == self.target.name):
                    return True
        return False


class SealedIsNull(IsNull):
    """The one question a query may ask of a sealed column."""

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        """Its column, for nothing but this."""
        lhs = self.lhs if lhs is None else lhs
        return compiler.compile(lhs.plain() if isinstance(lhs, SealedColumn) else lhs)


class SealedDescriptor:
    """Binds a value to its row: literals are sealed when they are set, tokens are opened only at their place."""

    def __init__(self, field: SealedField) -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        if self.field.attname not in row.__dict__:  # deferred: fetch, as Django's own attribute does
            row.refresh_from_db(fields=[self.field.attname])
        stored: Sealed | None = row.__dict__[self.field.attname]
        if stored is None:
            return None
        place = stored._place or tokens.Place(self.field.sealed_as, row.seal_id)  # type: ignore[attr-defined]
        dumped = isinstance(stored._token, tokens.DumpedToken)
        return Sealed(stored._token if dumped else tokens.Token(stored._token), self.field.kind, place, row)

    def __set__(self, row: models.Model, value: Any) -> None:
        follow: dict[str, Any] = {}
        if value is None or isinstance(value, str):
            for index in blind_indexes(type(row), self.field.name):
                follow[index.attname] = None if value is None else index.of(value)
        row.__dict__.update(follow, **{self.field.attname: self.field.sealed_for_row(value, row)})


class SealedField(EncryptedTextField):
    """A text sealed at rest, bound to its field and its row. Reading gives a ``Sealed``.

    ``kind`` says what it is about. The model needs a ``seal_id`` (``SealedRow`` brings it). ``sealed_as`` names the
    place inside the seal where it is not ``app.Model.field``: history copies keep their model's, renames the old.
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
        own = f"{cls._meta.app_label}.{cls._meta.object_name}.{name}"
        if not cls._meta.abstract:
            self.sealed_as = self.sealed_as or own
            # A history copy may be compared by simple-history, which looks at editable fields only; there is no
            # form field either way.
            self.editable = self.sealed_as != own

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        kwargs["kind"] = str(self.kind)
        model = getattr(self, "model", None)
        own = f"{model._meta.app_label}.{model._meta.object_name}.{self.name}" if model is not None else ""
        if self.sealed_as and self.sealed_as != own:
            kwargs["sealed_as"] = self.sealed_as
        return name, path, args, kwargs

    # --- in ------------------------------------------------------------------------------------------------

    def sealed_for_row(self, value: Any, row: Any) -> Sealed | None:
        """What the row keeps of ``value``: a literal sealed, a stored token as it is, another row's refused."""
        if value is None:
            return None
        if isinstance(value, Sealed):
            if value._place is None and row._state.adding:  # from the database, a dump, or values()
                return value if "seal_id" not in row.__dict__ else Sealed(value._token, self.kind, self.place(row))
            if value._place != self.place(row):
                raise SealedMisuse(f"A value sealed elsewhere cannot go into {self.sealed_as}; it belongs to its row.")
            return Sealed(value._token, self.kind, value._place)
        if not isinstance(value, str):
            raise SealedMisuse(f"{self.sealed_as} takes text, not {type(value).__name__}.")
        place = self.place(row)
        return Sealed(tokens.seal(str(value), place), self.kind, place)

    def place(self, row: Any) -> tokens.Place:
        """Where a value of this field in that row belongs."""
        return tokens.Place(self.sealed_as, row.seal_id)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value: Sealed | None = getattr(model_instance, self.attname)
        if value is None:
            return None
        if value._place != self.place(model_instance):
            raise SealedMisuse(f"{self.sealed_as}: the row's seal id was changed; its value belongs to the old one.")
        if model_instance._state.adding and not isinstance(model_instance.__dict__[self.attname]._token, tokens.Token):
            value._open()  # a new row was given a value that some query read: only its own row's would open
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
        """Every write passes here. Refuse those that would part a value from its seal or from its blind index."""
        query = compiler.query
        if getattr(query, "on_conflict", None) == OnConflict.UPDATE and self in query.update_fields:
            raise SealedMisuse(f"{self.sealed_as}: an upsert would pair one row's seal with another's value.")
        if value is None and isinstance(compiler.query, UpdateQuery):
            blanked = {field.name for field, _, new in query.values if new is None}
            if left := [index.name for index in blind_indexes(self.model, self.name) if index.name not in blanked]:
                raise SealedMisuse(f"{self.sealed_as} is blanked together with {', '.join(left)}, or not at all.")
        return "%s"

    # --- out -----------------------------------------------------------------------------------------------

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:  # type: ignore[override]
        return None if value is None else Sealed(value, self.kind)

    def to_python(self, value: Any) -> Any:
        """Only a dump's tagged object is taken for a token; text is a literal, even if it looks like one."""
        if isinstance(value, dict) and set(value) == {DUMP_KEY}:
            return Sealed(tokens.DumpedToken(value[DUMP_KEY]), self.kind)
        return value

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """Sealed contents are not looked at; missing ones are told."""
        if value is None and not self.null:
            raise ValidationError(self.error_messages["null"], code="null")
        return value

    def value_to_string(self, obj: models.Model) -> Any:
        """What ``dumpdata`` writes: the token, tagged so that only ``loaddata`` takes it back."""
        value: Sealed = self.value_from_object(obj)
        return {DUMP_KEY: str(value._token)}

    def formfield(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """No form shows or takes a sealed value."""
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
    """The blind index of the sealed field ``source`` on the same model; filled when that is set, by nothing else.

    It is declared before its source, so that a new row's default does not wipe it (a system check looks).
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
        """The index of a text. Raises ``NotNormal`` where it has no normal form."""
        return self.INDEXES[self.kind](text)


def blind_indexes(model: type[models.Model], source: str) -> list[BlindIndexField]:
    """The blind indexes that follow a sealed field of a model."""
    return [f for f in model._meta.concrete_fields if isinstance(f, BlindIndexField) and f.source == source]


def sealed_fields(model: type[models.Model] | models.Model) -> list[SealedField]:
    """The sealed fields of a model."""
    return [f for f in model._meta.concrete_fields if isinstance(f, SealedField)]
