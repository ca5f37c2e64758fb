"""Models that would seal badly are told before the server starts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from customers import checks
from customers.models import ContactPoint, Customer, ServiceAccess
from customers.vault.errors import SealedMisuse
from customers.vault.fields import BlindIndexField, SealedField, sealed_fields
from customers.vault.kinds import Kind
from customers.vault.models import SealedRow
from tests.customers.vault.spots import EVERY

pytestmark = pytest.mark.one_engine("models are looked at, and no row")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A registry of the test's own, which the checks look into."""
    with isolate_apps("customers") as isolated:
        monkeypatch.setattr(checks, "apps", isolated)
        yield isolated


def found() -> list[tuple[str, str]]:
    """Ids and sentences of what is wrong."""
    return [(message.id, message.msg) for message in checks.sealed_models_are_sound(None)]


def test_our_own_models_are_sound() -> None:
    assert found() == []
    assert {spot.model for spot in EVERY} <= {model for model in apps.get_models() if sealed_fields(model)}


def test_a_sound_model_passes(registry: Any) -> None:
    class Sound(SealedRow):
        email_index = BlindIndexField(source="email", kind=Kind.EMAIL)
        email = SealedField(kind=Kind.EMAIL, null=True)

        class Meta:
            app_label = "customers"

    assert registry.get_models() == [Sound]
    assert found() == []


def test_a_sealed_field_without_a_seal_id_is_told(registry: Any) -> None:
    class Bare(models.Model):  # noqa: DJ008
        name = SealedField(kind=Kind.NAME)

        class Meta:
            app_label = "customers"

    assert found() == [("vault.E001", "customers.Bare.name is sealed, and its row has no seal_id before it.")]
    assert "SealedRow" in checks.sealed_models_are_sound(None)[0].hint


def test_a_seal_id_after_the_sealed_field_is_told(registry: Any) -> None:
    class Late(models.Model):  # noqa: DJ008
        name = SealedField(kind=Kind.NAME)
        seal_id = models.UUIDField(default=uuid.uuid4)

        class Meta:
            app_label = "customers"

    assert [code for code, _ in found()] == ["vault.E001"]


def test_an_index_below_its_source_is_told(registry: Any) -> None:
    class Wiped(SealedRow):
        email = SealedField(kind=Kind.EMAIL, null=True)
        email_index = BlindIndexField(source="email", kind=Kind.EMAIL)

        class Meta:
            app_label = "customers"

    assert found() == [("vault.E002", "customers.Wiped.email_index would be wiped by its own default.")]
    row = Wiped(email="hoa@example.com")
    assert row.email_index is None, "which is what the check is for"


@pytest.mark.parametrize("source", ["gone", "seal_id"])
def test_an_index_of_nothing_sealed_is_told(registry: Any, source: str) -> None:
    class Lost(SealedRow):
        email_index = BlindIndexField(source=source, kind=Kind.EMAIL)
        email = SealedField(kind=Kind.EMAIL, null=True)

        class Meta:
            app_label = "customers"

    assert found() == [
        ("vault.E002", f"customers.Lost.email_index follows {source}, which is no sealed field of its row.")
    ]


@pytest.mark.parametrize("option", [{"unique": True}, {"db_index": True}, {"default": "x"}, {"db_default": "x"}])
def test_a_sealed_field_takes_no_option_that_would_show_or_compare_it(option: dict[str, Any]) -> None:
    with pytest.raises(SealedMisuse):
        SealedField(kind=Kind.NAME, **option)


def test_a_sealed_field_is_never_editable_and_has_no_form_field() -> None:
    field = SealedField(kind=Kind.NAME, editable=True)
    assert (field.editable, field.formfield()) == (False, None)


def test_a_kind_must_be_one_of_ours() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        SealedField(kind="nonsense")


def test_fields_write_themselves_down_for_migrations_as_they_were_declared() -> None:
    for spot in EVERY:
        field = spot.model._meta.get_field(spot.field)
        name, _, args, kwargs = field.deconstruct()
        again = type(field)(*args, **kwargs)
        assert (name, again.kind, again.null) == (spot.field, field.kind, field.null)
        assert again.sealed_as in ("", field.sealed_as)
        assert {"editable", "max_length"} & set(kwargs) == set()


@pytest.mark.parametrize("model", [Customer, ContactPoint, ServiceAccess])
def test_a_version_is_sealed_as_its_row_is(model: Any) -> None:
    kept = {f.name: f.sealed_as for f in sealed_fields(model.history.model)}
    assert kept.items() <= {f.name: f.sealed_as for f in sealed_fields(model)}.items()
    assert ("full_name" in kept, "email" in kept) == (model is Customer, model is ContactPoint)
    assert not {"password_hash", "login", "secret"} & set(kept)
    assert not [f for f in model.history.model._meta.concrete_fields if isinstance(f, BlindIndexField)]
