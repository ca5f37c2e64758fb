"""Ways a text gets into a sealed field: it comes to lie there sealed, with its blind index beside it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

from django.db import IntegrityError
from django.forms import inlineformset_factory, modelform_factory, modelformset_factory
from django.utils.safestring import mark_safe

from customers.evidence.recording import recording
from customers.models import ContactPoint, Customer
from customers.vault.sealed import Sealed
from tests import factories
from tests.customers.vault.spots import (
    COMPANY,
    EMAIL,
    INDEXED,
    KEPT,
    LIVE,
    NULLABLE,
    SECRET,
    VERSIONS,
    Spot,
    Stock,
    acting,
    fresh,
    reveal_record,
)
from tests.customers.vault.ways import works


def lies_sealed(spot: Spot, row: Any, text: str | None) -> Sealed | None:
    """Demand that the row, read anew, holds the text, sealed, with its index; return what it gives."""
    again = spot.model._base_manager.get(pk=row.pk)
    assert spot.of(again) == text
    if spot.index:
        assert getattr(again, spot.index) == (None if text is None else spot.index_of(text))
    stored = spot.stored(row)
    assert (stored is None) if text is None else (stored[8:15] == ":gAAAAA")
    return spot.of(again)


@works(*LIVE)
def created_by_the_manager(stock: Stock, spot: Spot) -> Any:
    columns = {
        f.attname: getattr(fresh(spot, stock), f.attname) for f in spot.model._meta.concrete_fields if not f.primary_key
    }
    given = {name: value for name, value in columns.items() if value is not None and not isinstance(value, Sealed)}
    if spot.model is Customer:
        given["full_name"] = "Lê Sáo"
    with acting():
        row = spot.model._base_manager.create(**{**given, spot.field: spot.other})
    return lies_sealed(spot, row, spot.other)


@works(*LIVE)
def a_new_row_saved(stock: Stock, spot: Spot) -> Any:
    row = fresh(spot, stock, **{spot.field: spot.other})
    with acting():
        row.save()
    return lies_sealed(spot, row, spot.other)


@works(*KEPT)
def a_record_written(stock: Stock, spot: Spot) -> Any:
    with recording(by=factories.system()):
        row = reveal_record(stock, spot.other)
        row.save()
    return lies_sealed(spot, row, spot.other)


@works(*KEPT)
def records_written_in_bulk(stock: Stock, spot: Spot) -> Any:
    with recording(by=factories.system()):
        rows = spot.model.objects.bulk_create([reveal_record(stock, spot.other) for _ in range(2)])
    return [lies_sealed(spot, row, spot.other) for row in rows]


@works(*LIVE)
def set_and_saved(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    setattr(row, spot.field, spot.other)
    with acting():
        row.save()
    return lies_sealed(spot, row, spot.other)


@works(*LIVE)
def saved_in_part_takes_its_index_along(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    setattr(row, spot.field, spot.other)
    with acting():
        row.save(update_fields=[spot.field])
    return lies_sealed(spot, row, spot.other)


@works(*LIVE)
def saved_in_part_without_it(stock: Stock, spot: Spot) -> Any:
    row, plain = spot.row(), {Customer: "status", ContactPoint: "source"}.get(spot.model, "service")
    setattr(row, spot.field, spot.other)
    with acting():
        row.save(update_fields=[plain])
    return lies_sealed(spot, row, spot.value)


@works(*LIVE)
def set_on_a_row_read_without_it(stock: Stock, spot: Spot) -> Any:
    row = spot.rows().only("pk").get()
    setattr(row, spot.field, spot.other)
    with acting():
        row.save()
    return lies_sealed(spot, row, spot.other)


@works(*LIVE, *VERSIONS)
def an_untouched_row_saved_keeps_its_token(stock: Stock, spot: Spot) -> Any:
    row, before = spot.row(), spot.stored()
    with acting():
        row.save()
    assert spot.stored() == before
    return row


@works(*LIVE)
def read_and_set_again_it_keeps_its_token(stock: Stock, spot: Spot) -> Any:
    row, before = spot.row(), spot.stored()
    setattr(row, spot.field, spot.of(row))
    with acting():
        row.save()
    assert spot.stored() == before
    return row


@works(*LIVE)
def a_copy_of_the_row_saved_keeps_its_token(stock: Stock, spot: Spot) -> Any:
    row, before = spot.row(), spot.stored()
    with acting():
        for twin in (copy.copy(row), copy.deepcopy(row), pickle.loads(pickle.dumps(row))):
            twin.save()
    assert spot.stored() == before
    return row


@works(*LIVE)
def created_in_bulk(stock: Stock, spot: Spot) -> Any:
    row = fresh(spot, stock, **{spot.field: spot.other})
    with acting():
        spot.model._base_manager.bulk_create([row])
    return lies_sealed(spot, row, spot.other)


@works(*LIVE)
def created_in_bulk_where_nothing_conflicts(stock: Stock, spot: Spot) -> Any:
    row = fresh(spot, stock, **{spot.field: spot.other})
    with acting():
        spot.model._base_manager.bulk_create([row], ignore_conflicts=True)
    return lies_sealed(spot, spot.model._base_manager.get(seal_id=row.seal_id), spot.other)


@works(*LIVE)
def updated_or_created_by_a_plain_column(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    with acting():
        found, made = spot.model._base_manager.update_or_create(pk=row.pk, defaults={spot.field: spot.other})
    assert not made
    return lies_sealed(spot, found, spot.other)


@works(*LIVE)
def got_or_created_by_a_plain_column(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    with acting():
        found, made = spot.model._base_manager.get_or_create(pk=row.pk, defaults={spot.field: spot.other})
    assert not made
    return lies_sealed(spot, found, spot.value)


@works(COMPANY, EMAIL, SECRET)
def created_through_a_relation(stock: Stock, spot: Spot) -> Any:
    manager = {
        "company": stock.team.customers,
        "email": stock.customer.contact_points,
        "secret": stock.customer.services,
    }
    new = fresh(spot, stock)
    with acting():
        row = manager[spot.field].create(
            **{
                f.name: getattr(new, f.name) for f in spot.model._meta.concrete_fields if f.name in PLAIN_OF[spot.model]
            },
            **({"full_name": "Lê Sáo"} if spot.model is Customer else {}),
            **{spot.field: spot.other},
        )
    return lies_sealed(spot, row, spot.other)


PLAIN_OF = {Customer: {"reference", "locale", "status", "registered_at"}, ContactPoint: {"channel", "source"}}
PLAIN_OF[SECRET.model] = {"service"}


@works(*NULLABLE, *INDEXED)
def set_to_nothing_and_saved(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    setattr(row, spot.field, None)
    with acting():
        row.save(update_fields=[spot.field])
    return lies_sealed(spot, row, None)


@works(*NULLABLE)
def blanked_by_an_update(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    with acting():
        assert spot.rows().update(**{spot.field: None}) == 1
    return lies_sealed(spot, row, None)


@works(*INDEXED)
def blanked_by_an_update_together_with_its_index(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    with acting():
        assert spot.rows().update(**{spot.field: None, spot.index: None}) == 1
    return lies_sealed(spot, row, None)


@works(COMPANY, SECRET)
def a_token_pasted_by_a_person_is_a_text_like_any_other(stock: Stock, spot: Spot) -> Any:
    row, token = spot.row(), spot.stored()
    setattr(row, spot.field, mark_safe(token))
    with acting():
        row.save()
    assert spot.stored() != token
    return lies_sealed(spot, row, token)


@works(*LIVE)
def the_first_save_leaves_the_same_token_in_the_version(stock: Stock, spot: Spot) -> Any:
    row = fresh(spot, stock, **{spot.field: spot.other})
    with acting():
        row.save()
    version = row.history.get()
    kept = {f.name for f in version._meta.concrete_fields}
    if spot.field not in kept:
        assert spot in (*LIVE[2:3], SECRET)  # password and secret are left out of versions
        return version
    assert Spot(type(version), spot.field, "", "").stored(version) == spot.stored(row)
    return version


@works(*LIVE)
def a_form_of_the_whole_row_leaves_it_alone(stock: Stock, spot: Spot) -> Any:
    row, before = spot.row(), spot.stored()
    form_class = modelform_factory(spot.model, fields="__all__")
    assert spot.field not in form_class.base_fields
    shown = form_class(instance=row)
    form = form_class({**shown.initial, spot.field: "typed by a person"}, instance=row)
    assert form.is_valid(), form.errors
    with acting():
        form.save()
    assert spot.stored() == before
    return f"{shown} {shown.initial}"


@works(*LIVE)
def a_formset_leaves_it_alone(stock: Stock, spot: Spot) -> Any:
    before, plain = spot.stored(), {Customer: "locale", ContactPoint: "source"}.get(spot.model, "service")
    formset_class = modelformset_factory(spot.model, fields=[plain], extra=0)
    shown = formset_class(queryset=spot.rows())
    typed = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(spot.row().pk),
        f"form-0-{spot.field}": "x",
        f"form-0-{plain}": {"locale": "en", "source": "staff"}.get(plain, "Other service"),
    }
    formset = formset_class(typed, queryset=spot.rows())
    assert formset.is_valid(), formset.errors
    with acting():
        assert len(formset.save()) == 1
    assert spot.stored() == before
    return shown.as_p()


@works(*INDEXED, SECRET)
def an_inline_formset_leaves_it_alone(stock: Stock, spot: Spot) -> Any:
    before, formset_class = spot.stored(), inlineformset_factory(Customer, spot.model, fields="__all__", extra=0)
    shown = formset_class(instance=stock.customer)
    typed: dict[str, Any] = {f"{shown.prefix}-TOTAL_FORMS": len(shown), f"{shown.prefix}-INITIAL_FORMS": len(shown)}
    for form in shown:
        typed |= {form.add_prefix(name): form[name].value() or "" for name in form.fields}
        typed[form.add_prefix(spot.field)] = "typed by a person"
    formset = formset_class(typed, instance=stock.customer)
    assert formset.is_valid(), formset.errors
    with acting():
        formset.save()
    assert spot.stored() == before
    return shown.as_p()


@works(*LIVE)
def full_clean_passes_an_untouched_row_and_keeps_its_token(stock: Stock, spot: Spot) -> Any:
    row, before = spot.row(), spot.stored()
    row.full_clean()  # on contact points a CheckConstraint asks whether sealed columns are empty
    with acting():
        row.save()
    assert spot.stored() == before
    return row


@works(*INDEXED)
def a_constraint_is_checked_in_python_as_in_the_database(stock: Stock, spot: Spot) -> Any:
    wrong = fresh(spot, stock, channel={"email": "phone", "phone": "email"}[spot.field], **{spot.field: spot.other})
    messages = []
    try:
        wrong.validate_constraints()
    except Exception as error:
        messages.append(str(error))
    assert "one_address_of_its_kind" in messages[0]
    try:
        with acting():
            wrong.save()
    except IntegrityError as error:
        return [*messages, str(error)]
    raise AssertionError("the database let it in")
