"""Ways a sealed value must not be written: each is refused with a sentence, and the row stays as it was."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.core.exceptions import FieldError
from django.db import DatabaseError, IntegrityError, models
from django.db.models import Case, CharField, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Concat, Upper
from django.forms import modelform_factory
from django.utils.translation import gettext_lazy

from customers.evidence.errors import AppendOnlyViolation, NotRecording
from customers.vault.blind_index import NotNormal
from customers.vault.errors import SealedMisuse, Unreadable
from tests.customers.vault.spots import (
    INDEXED,
    KEPT,
    LIVE,
    NAME,
    NULLABLE,
    VERSIONS,
    Spot,
    Stock,
    acting,
    fresh,
)
from tests.customers.vault.ways import refused

WRITABLE = LIVE + KEPT + VERSIONS
PLAIN = {
    "Customer": "row_digest",
    "ContactPoint": "state",
    "ServiceAccess": "service",
    "Reveal": "ticket",
    "HistoricalCustomer": "history_change_reason",
    "HistoricalContactPoint": "history_change_reason",
}


def update(spot: Spot, **columns: Any) -> int:
    """An update in a made-up act, past the querysets that would refuse for reasons of their own."""
    with acting():
        return models.QuerySet(spot.model).update(**columns)


@refused(SealedMisuse)
def updated_with_a_plain_text(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{spot.field: spot.other})


@refused(SealedMisuse)
def updated_with_a_stored_token_as_text(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{spot.field: spot.stored()})


@refused(SealedMisuse)
def updated_with_another_column(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{spot.field: F("pk")})


@refused(SealedMisuse)
def updated_with_itself(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{spot.field: F(spot.field)})


@refused(SealedMisuse)
def updated_with_a_value_expression(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{spot.field: Value(spot.other)})


@refused(SealedMisuse)
def updated_case_by_case(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{spot.field: Case(When(pk__gt=0, then=Value(spot.other)), default=Value(spot.value))})


@refused(SealedMisuse)
def updated_with_a_function(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{spot.field: Upper(Concat(Value(spot.value), Value(spot.other)))})


@refused(SealedMisuse)
def updated_with_a_subquery(stock: Stock, spot: Spot) -> Any:
    values = models.QuerySet(spot.model).filter(pk=OuterRef("pk")).values(spot.field)[:1]
    return update(spot, **{spot.field: Subquery(values)})


@refused(SealedMisuse)
def updated_with_a_sealed_value(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{spot.field: spot.of(spot.row())})


@refused(SealedMisuse, at=INDEXED)
def blanked_while_its_index_stays(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{spot.field: None})


@refused(IntegrityError, at=(NAME,))
def blanked_where_a_value_is_needed(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{spot.field: None})


@refused(SealedMisuse)
def updated_in_bulk(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    setattr(row, spot.field, spot.other)
    with acting():
        return models.QuerySet(spot.model).bulk_update([row], [spot.field])


@refused(SealedMisuse, at=(*NULLABLE, *INDEXED))
def blanked_in_bulk(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    setattr(row, spot.field, None)
    with acting():
        return models.QuerySet(spot.model).bulk_update([row], [spot.field])


@refused(NotRecording, at=LIVE)
def upserted(stock: Stock, spot: Spot) -> Any:
    with acting():
        return spot.model._base_manager.bulk_create(
            [fresh(spot, stock)], update_conflicts=True, update_fields=[spot.field], unique_fields=["seal_id"]
        )


@refused(AppendOnlyViolation, at=KEPT)
def a_record_upserted_or_changed(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    with acting():
        return spot.model.objects.bulk_create([row], ignore_conflicts=True)


@refused(SealedMisuse)
def upserted_past_its_queryset(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    with acting():
        return models.QuerySet(spot.model).bulk_create(
            [row], update_conflicts=True, update_fields=[spot.field], unique_fields=[spot.model._meta.pk.name]
        )


@refused(SealedMisuse)
def looked_up_and_created_by_it(stock: Stock, spot: Spot) -> Any:
    with acting():
        return models.QuerySet(spot.model).get_or_create(**{spot.field: spot.value})


@refused(SealedMisuse)
def looked_up_and_updated_by_it(stock: Stock, spot: Spot) -> Any:
    with acting():
        return models.QuerySet(spot.model).update_or_create(**{spot.field: spot.value})


# --- a sealed value somewhere it does not belong ---------------------------------------------------------------


@refused(SealedMisuse)
def put_into_another_row(stock: Stock, spot: Spot) -> Any:
    here, there = models.QuerySet(spot.model).filter(**{f"{spot.field}__isnull": False}).order_by("pk")[:2]
    setattr(there, spot.field, spot.of(here))


@refused(SealedMisuse, at=LIVE)
def put_into_another_field(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    elsewhere = {"full_name": "company", "email": "phone", "phone": "email", "secret": "login"}.get(
        spot.field, "full_name"
    )
    setattr(row, elsewhere, spot.of(row))


@refused(SealedMisuse)
def read_without_its_row_and_put_into_one(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    setattr(row, spot.field, spot.rows().values_list(spot.field, flat=True)[0])


@refused(Unreadable, SealedMisuse, at=LIVE)
def read_without_its_row_and_saved_in_a_new_one(stock: Stock, spot: Spot) -> Any:
    row = fresh(spot, stock, **{spot.field: spot.rows().values_list(spot.field, flat=True)[0]})
    with acting():
        row.save()


@refused(Unreadable, SealedMisuse, at=LIVE)
def read_without_its_row_and_created_in_bulk(stock: Stock, spot: Spot) -> Any:
    row = fresh(spot, stock, **{spot.field: spot.rows().values_list(spot.field, flat=True)[0]})
    with acting():
        spot.model._base_manager.bulk_create([row])


@refused(SealedMisuse)
def put_into_a_plain_column_and_saved(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    setattr(row, PLAIN[spot.model.__name__], spot.of(row))
    with acting():
        models.Model.save(row)


@refused(SealedMisuse, at=LIVE)
def put_into_a_plain_column_of_a_new_row(stock: Stock, spot: Spot) -> Any:
    with acting():
        fresh(spot, stock, **{PLAIN[spot.model.__name__]: spot.of(spot.row())}).save()


@refused(SealedMisuse, at=LIVE + KEPT)
def put_into_a_plain_column_and_cleaned(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    setattr(row, PLAIN[spot.model.__name__], spot.of(row))
    row.full_clean()


@refused(SealedMisuse)
def updating_a_plain_column_with_it(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{PLAIN[spot.model.__name__]: spot.of(spot.row())})


@refused(SealedMisuse)
def copying_its_column_into_a_plain_one(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{PLAIN[spot.model.__name__]: F(spot.field)})


@refused(SealedMisuse)
def copying_its_column_through_a_function(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{PLAIN[spot.model.__name__]: Upper(spot.field)})


@refused(DatabaseError, sqlite3.ProgrammingError, SealedMisuse)
def wrapped_in_an_expression_for_a_plain_column(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{PLAIN[spot.model.__name__]: Value(spot.of(spot.row()))})


@refused(DatabaseError, sqlite3.ProgrammingError, SealedMisuse)
def wrapped_in_an_expression_that_says_it_is_text(stock: Stock, spot: Spot) -> Any:
    return update(spot, **{PLAIN[spot.model.__name__]: Value(spot.of(spot.row()), output_field=CharField())})


@refused(SealedMisuse, at=LIVE)
def a_row_given_another_seal_id(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    row.seal_id = stock.stranger.seal_id
    with acting():
        row.save()


@refused(IntegrityError, at=LIVE)
def a_row_cloned(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    row.pk, row._state.adding = None, True
    with acting():
        row.save()


# --- no text ---------------------------------------------------------------------------------------------------


def _not_text(value: Any) -> Any:
    def act(stock: Stock, spot: Spot) -> Any:
        setattr(spot.row(), spot.field, value)

    act.__name__ = f"set_to_a_{type(value).__name__.strip('_')}"
    act.__module__ = __name__
    return act


for _value in (
    5,
    2.5,
    True,
    b"bytes",
    ["a", "list"],
    {"sealed token": "typed by a person"},
    gettext_lazy("name"),
    object(),
):
    refused(SealedMisuse, at=WRITABLE)(_not_text(_value))


@refused(SealedMisuse, NotNormal)
def set_to_half_a_character(stock: Stock, spot: Spot) -> Any:
    setattr(spot.row(), spot.field, "Nguyễn Thị \ud800 Canari")


@refused(NotNormal, at=INDEXED)
def set_to_what_is_no_address(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    try:
        setattr(row, spot.field, "Nguyễn Thị Canari")
    finally:
        assert spot.of(row) == spot.value, "value and index change together or not at all"


# --- forms -----------------------------------------------------------------------------------------------------


@refused(FieldError, at=LIVE + KEPT)
def a_form_that_names_it(stock: Stock, spot: Spot) -> Any:
    modelform_factory(spot.model, fields=[spot.field])
