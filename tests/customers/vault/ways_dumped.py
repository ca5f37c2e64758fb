"""Ways whole rows leave and come back as dumps: tokens, tagged so that only a load takes them for tokens."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import models

from customers.models import Customer
from customers.vault.errors import SealedMisuse
from tests.customers.vault.spots import LIVE, OLD_EMAIL, OLD_NAME, Spot, Stock, acting
from tests.customers.vault.ways import refused, works
from tests.customers.vault.ways_out import masked


def load(dump: Any, form: str = "json") -> list[Any]:
    """Load a dump the way ``loaddata`` does; return the rows."""
    loaded = list(serializers.deserialize(form, dump))
    for row in loaded:
        row.save()
    return [row.object for row in loaded]


@works()
def dumped_to_python_and_loaded_back(stock: Stock, spot: Spot) -> Any:
    before, dump = spot.stored(), serializers.serialize("python", spot.rows())
    rows = load(dump, "python")
    assert spot.stored() == before
    return dump, [masked(spot, row) for row in rows], masked(spot, spot.row())


@works(*LIVE)
def dumped_to_json_and_loaded_back(stock: Stock, spot: Spot) -> Any:
    before, dumps = spot.stored(), {form: serializers.serialize(form, spot.rows()) for form in ("json", "jsonl")}
    rows = [row for form, dump in dumps.items() for row in load(dump, form)]
    assert spot.stored() == before
    return dumps, [masked(spot, row) for row in rows], masked(spot, spot.row())


@works(OLD_NAME, OLD_EMAIL)
def a_version_dumped_and_loaded_as_a_new_one(stock: Stock, spot: Spot) -> Any:
    dump, before = serializers.serialize("json", spot.rows()), spot.stored()
    moved = json.loads(dump)
    moved[0]["pk"] += 1000
    (row,) = load(json.dumps(moved))
    assert spot.stored(row) == before
    return dump, masked(spot, spot.model._base_manager.get(pk=row.pk))


@works()
def loaded_and_then_saved_as_any_row(stock: Stock, spot: Spot) -> Any:
    (loaded,) = serializers.deserialize("python", serializers.serialize("python", spot.rows()))
    row, before = loaded.object, spot.stored()
    with acting():
        models.Model.save(row, force_update=True, update_fields=[spot.field])
    assert spot.stored() == before
    return masked(spot, row)


@works()
def dumped_by_the_command(stock: Stock, spot: Spot) -> Any:
    file = io.StringIO()
    call_command("dumpdata", spot.model._meta.label, stdout=file)
    assert '"sealed token"' in file.getvalue()
    return file.getvalue()


@refused(CommandError)
def dumped_as_xml(stock: Stock, spot: Spot) -> Any:
    call_command("dumpdata", spot.model._meta.label, format="xml", stdout=io.StringIO())


@refused(SealedMisuse)
def dumped_as_yaml(stock: Stock, spot: Spot) -> Any:
    return serializers.serialize("yaml", spot.rows())


@refused(SealedMisuse)
def loaded_from_xml(stock: Stock, spot: Spot) -> Any:
    return list(serializers.deserialize("xml", "<django-objects/>"))


@refused(SealedMisuse)
def a_token_in_a_dump_without_its_tag_is_no_token(stock: Stock, spot: Spot) -> Any:
    dump = json.loads(serializers.serialize("json", spot.rows()))
    dump[0]["fields"][spot.field] = spot.other if spot.index else spot.stored()
    load(json.dumps(dump))


@works()
def a_dumped_value_fits_no_other_column(stock: Stock, spot: Spot) -> Any:
    (loaded,) = serializers.deserialize("python", serializers.serialize("python", spot.rows()))
    row, said = loaded.object, []
    for column in ({"reference": spot.of(row)}, {"row_digest": spot.of(row)}):
        with pytest.raises(SealedMisuse) as error, acting():
            Customer.objects.update(**column)
        said.append(str(error.value))
    return said
