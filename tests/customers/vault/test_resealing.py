"""Two keys at hand: both open, the first seals, and what lies under the old one can be sealed anew anywhere."""

from __future__ import annotations

import base64
import json
from contextlib import nullcontext
from typing import Any

import pytest

from customers.models import Leaf, Reveal
from customers.vault import tokens
from customers.vault.fields import sealed_fields
from customers.vault.keyring import key_id, keyring
from tests.customers.vault.leaks import stains
from tests.customers.vault.spots import EMAIL, EVERY, LIVE, OLD_EMAIL, OLD_NAME, REASON, Spot, Stock, acting

NEW_KEY = base64.urlsafe_b64encode(b"n" * 32).decode()
every_spot = pytest.mark.parametrize("spot", EVERY, ids=[spot.name for spot in EVERY])


@pytest.fixture
def old_key(stock: Stock, settings: Any) -> str:
    """The key everything was sealed under; a new one seals from now on."""
    settings.VAULT_KEYS, old = [NEW_KEY, *settings.VAULT_KEYS], settings.VAULT_KEYS[0]
    return str(old)


def key_of(token: Any) -> str:
    """The id of the key a stored token names."""
    return str(token).partition(":")[0]


@every_spot
def test_with_both_keys_at_hand_what_the_old_one_sealed_is_read(stock: Stock, old_key: str, spot: Spot) -> None:
    assert key_of(spot.stored()) == key_id(base64.urlsafe_b64decode(old_key))
    assert spot.of(spot.row()) == spot.value


@pytest.mark.parametrize("spot", LIVE, ids=[spot.name for spot in LIVE])
def test_what_is_written_now_is_sealed_under_the_first_key(stock: Stock, old_key: str, spot: Spot) -> None:
    row = spot.row()
    setattr(row, spot.field, spot.other)
    with acting():
        row.save(update_fields=[spot.field])
    assert key_of(spot.stored()) == key_id(b"n" * 32) == key_id(keyring().sealing_key)
    assert spot.of(spot.row()) == spot.other


def test_an_untouched_row_saved_stays_under_the_old_key(stock: Stock, old_key: str) -> None:
    before = EMAIL.stored()
    with acting():
        EMAIL.row().save()
    assert EMAIL.stored() == before


def seal_anew(spot: Spot, row: Any) -> None:
    """What a key rotation does to one value: the same contents and salt under the first key, in one update."""
    field = next(f for f in sealed_fields(spot.model) if f.name == spot.field)
    token = tokens.reseal(str(spot.stored(row)), field.place(row))
    with acting() if spot in LIVE else nullcontext():
        assert spot.model._default_manager.filter(pk=row.pk).update(**{spot.field: token}) == 1


@every_spot
def test_a_live_row_a_version_and_a_record_are_sealed_anew_in_place(
    stock: Stock, old_key: str, spot: Spot, settings: Any
) -> None:
    row = spot.row()
    before = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    commitment = spot.of(row).commitment
    seal_anew(spot, row)
    assert key_of(spot.stored()) == key_id(b"n" * 32)
    settings.VAULT_KEYS = [NEW_KEY]  # the old key is gone
    again = spot.row()
    assert spot.of(again) == spot.value
    assert spot.of(again).commitment == commitment
    others = [f.attname for f in row._meta.concrete_fields if f not in sealed_fields(spot.model)]
    assert {name: getattr(again, name) for name in others} == {name: before[name] for name in others}
    assert stains() == []


def test_a_records_commitment_still_verifies_after_sealing_anew(stock: Stock, old_key: str) -> None:
    row = REASON.row()
    leaf = Leaf.objects.get(table_name=Reveal._meta.db_table, row_key=str(row.pk))
    promised = json.loads(bytes(leaf.payload))["commits"]["reason_text"]
    seal_anew(REASON, row)
    assert Reveal.objects.get(pk=row.pk).reason_text.commitment == promised
    assert (
        tokens.unseal(tokens.seal(REASON.value, row.reason_text._place), row.reason_text._place).commitment()
        != promised
    )


@pytest.mark.parametrize("spot", [OLD_NAME, OLD_EMAIL, REASON], ids=lambda spot: spot.name)
def test_sealing_anew_does_not_open_the_frozen_columns(stock: Stock, spot: Spot) -> None:
    row, plain = spot.row(), {"reason_text": "ticket"}.get(spot.field, "history_change_reason")
    with pytest.raises(Exception, match=r"kept as (it was|they were) written"):
        spot.model._default_manager.filter(pk=row.pk).update(
            **{spot.field: tokens.Token(str(spot.stored())), plain: "x"}
        )


def test_sealing_anew_at_the_wrong_place_is_refused(stock: Stock) -> None:
    row = EMAIL.row()
    with pytest.raises(tokens.Unreadable):
        tokens.reseal(str(EMAIL.stored(row)), tokens.Place("customers.ContactPoint.phone", row.seal_id))
