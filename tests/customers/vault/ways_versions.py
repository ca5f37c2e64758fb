"""Ways history shows what a value was: its versions, their differences, the row as it stood."""

from __future__ import annotations

from typing import Any

from django.forms import modelform_factory
from django.utils import timezone

from customers.vault.sealed import Sealed
from tests.customers.vault.spots import COMPANY, EMAIL, NAME, PHONE, Spot, Stock, acting
from tests.customers.vault.ways import works
from tests.customers.vault.ways_out import dotted, masked

TOLD = (NAME, COMPANY, EMAIL, PHONE)


def corrected(spot: Spot) -> Any:
    """The row after its value was changed once, on record."""
    row = spot.row()
    setattr(row, spot.field, spot.other)
    with acting():
        row.save()
    return row


def versions(row: Any) -> tuple[Any, Any]:
    """The first version and the newest."""
    found = list(row.history.order_by("history_id"))
    return found[0], found[-1]


@works(*TOLD)
def each_version_holds_what_was(stock: Stock, spot: Spot) -> Any:
    first, last = versions(corrected(spot))
    assert (spot.of(first), spot.of(last)) == (spot.value, spot.other)
    assert (str(spot.of(first)), spot.of(last).trouble) == (spot.mask, "")
    return first, last, spot.of(first), spot.of(last), first.history_object


@works(*TOLD)
def differences_are_told_masked(stock: Stock, spot: Spot) -> Any:
    first, last = versions(corrected(spot))
    for delta in (last.diff_against(first), last.diff_against(first, included_fields=[spot.field])):
        assert delta.changed_fields == [spot.field]
        assert (delta.changes[0].old, delta.changes[0].new) == (spot.value, spot.other)
        assert str(delta.changes[0].old) == spot.mask
    return last.diff_against(first).changes, last.diff_against(first)


@works(*TOLD)
def where_nothing_changed_nothing_is_told(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    with acting():
        setattr(row, spot.field, spot.value)  # the same text under another token is no change
        row.save()
    first, last = versions(row)
    assert last.diff_against(first).changes == []
    return last


@works(*TOLD)
def an_unreadable_version_is_told_as_a_change(stock: Stock, spot: Spot) -> Any:
    row = corrected(spot)
    first, _ = versions(row)
    Spot(type(first), spot.field, "", "").plant("not a token", first)
    first, last = versions(row)
    changes = last.diff_against(first).changes
    assert [str(change.old) for change in changes] == ["•••"]
    return changes


@works(*TOLD)
def a_versions_row_is_the_row_as_it_was(stock: Stock, spot: Spot) -> Any:
    first, _ = versions(corrected(spot))
    row = first.instance
    assert isinstance(spot.of(row), Sealed)
    assert row.sealed_for() == stock.customer.reference
    return masked(spot, row), first.prev_record, first.next_record


@works(*TOLD)
def as_of_then_shows_what_was_then(stock: Stock, spot: Spot) -> Any:
    then = timezone.now()
    row = corrected(spot)
    (was,) = type(row).history.as_of(then).filter(pk=row.pk)
    assert spot.of(type(row).history.as_of(timezone.now()).filter(pk=row.pk)[0]) == spot.other
    return masked(spot, was), masked(spot, row.history.as_of(then))


@works(*TOLD)
def versions_read_in_part_or_as_values(stock: Stock, spot: Spot) -> Any:
    first, _ = versions(corrected(spot))
    found = type(first).objects.filter(pk=first.pk)
    rows = [found.only("history_id").get(), found.defer("seal_id").get(), found.only("history_id").get().instance]
    return [masked(spot, row) for row in rows], [dotted(value) for value in found.values_list(spot.field, flat=True)]


@works(*TOLD)
def the_manager_lists_versions_masked(stock: Stock, spot: Spot) -> Any:
    row = corrected(spot)
    latest = (
        type(row).history.latest_of_each().filter(pk=row.pk) if hasattr(type(row).history, "latest_of_each") else []
    )
    return list(row.history.all()), list(type(row).history.all()), row.history.most_recent(), latest


@works(*TOLD)
def a_form_of_a_version_has_no_such_field(stock: Stock, spot: Spot) -> Any:
    first, _ = versions(spot.row())
    form = modelform_factory(type(first), fields=[spot.field])(instance=first)
    assert list(form.fields) == []
    return form.as_p(), modelform_factory(type(first), fields="__all__")(instance=first).as_p()


@works(*TOLD)
def deleting_a_row_leaves_its_last_version_sealed(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    version = row.history.create(
        history_type="-",
        history_date=timezone.now(),
        **{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name in _kept(row)},
    )
    return masked(spot, type(version).objects.get(pk=version.pk))


def _kept(row: Any) -> set[str]:
    return {f.name for f in row.history.model._meta.concrete_fields}
