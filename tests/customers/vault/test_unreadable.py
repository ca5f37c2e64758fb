"""What cannot be opened is told by row and key, shown as dots, and never opened by force or by mistake."""

from __future__ import annotations

import base64
import sys
import traceback
from typing import Any
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse
from django.views.debug import ExceptionReporter
from hypothesis import given
from hypothesis import strategies as st

from customers.access.reveal import reveal
from customers.models import Customer, Reveal
from customers.validation.errors import InvalidInput
from customers.vault import tokens
from customers.vault.errors import Unreadable
from customers.vault.keyring import key_id, keyring
from tests import factories
from tests.customers.vault.leaks import traces
from tests.customers.vault.spots import COMPANY, EMAIL, EVERY, LIVE, NAME, SECRET, Spot, Stock, acting
from tests.signing import sign_in

no_database = pytest.mark.one_engine("a token is made and opened without a row")

NEW_KEY = base64.urlsafe_b64encode(b"n" * 32).decode()
HERE = tokens.Place("customers.Customer.full_name", UUID(int=1))
FIELD_ELSEWHERE = tokens.Place("customers.Customer.company", UUID(int=1))
ROW_ELSEWHERE = tokens.Place("customers.Customer.full_name", UUID(int=2))
every_spot = pytest.mark.parametrize("spot", EVERY, ids=[spot.name for spot in EVERY])


def sentence(token: str, place: tokens.Place = HERE) -> str:
    """Why a token does not open; that it does not is demanded."""
    with pytest.raises(Unreadable) as error:
        tokens.unseal(token, place)
    assert str(place.seal_id) in str(error.value)
    assert place.field in str(error.value)
    return str(error.value)


# --- tokens ----------------------------------------------------------------------------------------------------


@no_database
def test_a_token_opens_at_its_place() -> None:
    assert tokens.unseal(tokens.seal(NAME.value, HERE), HERE).value == NAME.value


@no_database
def test_one_flipped_bit_anywhere_is_told() -> None:
    token = tokens.seal(NAME.value, HERE)
    here = keyring().sealing_key
    for position, bit in ((position, bit) for position in range(len(token)) for bit in range(7)):
        flipped = token[:position] + chr(ord(token[position]) ^ (1 << bit)) + token[position + 1 :]
        said = sentence(flipped)
        assert flipped[9:] not in said
        assert position < 9 or key_id(here) in said


@no_database
def test_a_token_cut_anywhere_is_told() -> None:
    token = tokens.seal(NAME.value, HERE)
    for length in range(len(token)):
        said = sentence(token[:length])
        assert length < 9 or key_id(keyring().sealing_key) in said


@no_database
@pytest.mark.parametrize("junk", ["=", "\n", " ", "!", "\0", "é", "A", ":"])
def test_a_token_with_anything_put_into_it_is_told(junk: str) -> None:
    token = tokens.seal(NAME.value, HERE)
    for position in range(len(token) + 1):
        sentence(token[:position] + junk + token[position:])


@no_database
@pytest.mark.parametrize("place", [FIELD_ELSEWHERE, ROW_ELSEWHERE])
def test_a_token_of_another_field_or_row_does_not_open(place: tokens.Place) -> None:
    said = sentence(tokens.seal(NAME.value, HERE), place)
    assert "another field or row" in said
    assert key_id(keyring().sealing_key) in said


@no_database
@pytest.mark.parametrize("inside", ["", "canari.nguyen", "a\0b", "a\0b\0c", "customers.Customer.full_name\0x\0zz\0v"])
def test_a_token_of_ours_that_holds_no_sealed_value_does_not_open(inside: str) -> None:
    key = keyring().sealing_key
    sentence(f"{key_id(key)}:{Fernet(base64.urlsafe_b64encode(key)).encrypt(inside.encode()).decode()}")


@no_database
def test_a_salt_that_is_no_hex_does_not_open() -> None:
    key = keyring().sealing_key
    inside = f"{HERE.field}\0{HERE.seal_id}\0not hex\0canari.nguyen"
    sentence(f"{key_id(key)}:{Fernet(base64.urlsafe_b64encode(key)).encrypt(inside.encode()).decode()}")


@no_database
@given(st.text(min_size=6))
def test_any_text_in_the_column_is_told_and_never_repeated(text: str) -> None:
    assert text not in sentence(text).replace(str(HERE), "") or text in "what is stored there is not a sealed value."


@no_database
@pytest.mark.parametrize(
    "text", ["0912345612: Hoa", "password: canari", "20240131:gone", "deadbeef:canari.nguyen", "abcdefab:"]
)
def test_a_plain_text_that_begins_like_a_key_id_is_not_repeated(text: str) -> None:
    said = sentence(text)
    assert text[:8] not in said
    assert said.endswith("what is stored there is not a sealed value.")


@no_database
@pytest.mark.parametrize(
    "spoil", [lambda token: token[:-6], lambda token: token, lambda token: token[:9]], ids=["cut", "moved", "emptied"]
)
def test_an_error_in_a_traceback_shows_nothing_that_was_decrypted(spoil: Any) -> None:
    said = told(spoil(tokens.seal(NAME.value, HERE)), FIELD_ELSEWHERE)
    assert FIELD_ELSEWHERE.field in said
    assert traces(said) == []


def told(token: str, place: tokens.Place) -> str:
    """All that Python and Django tell of the error, with the locals of every frame."""
    try:
        tokens.unseal(token, place)
    except Unreadable:
        error = sys.exc_info()
        found = "".join(traceback.TracebackException(*error, capture_locals=True).format())
        return found + ExceptionReporter(None, *error).get_traceback_html()
    raise AssertionError("it opened")


@no_database
def test_what_was_opened_does_not_show_itself() -> None:
    opened = tokens.unseal(tokens.seal(NAME.value, HERE), HERE)
    assert traces(f"{opened} {opened!r} {[opened]}") == []
    assert opened.value == NAME.value


# --- rows ------------------------------------------------------------------------------------------------------


def require_unreadable(spot: Spot, row: Any, key: str | None) -> None:
    """The row's value shows dots, tells its trouble by row and key, and raises where its contents are needed."""
    value = spot.of(row)
    assert (str(value), value.mask, repr(value)) == ("•••", "•••", "•••")
    assert str(row.seal_id) in value.trouble
    assert key is None or key in value.trouble
    assert traces(value.trouble) == []
    assert value != spot.value
    with pytest.raises(Unreadable):
        value.commitment  # noqa: B018


@every_spot
def test_a_wrong_key_makes_values_unreadable_and_the_right_one_readable_again(
    stock: Stock, spot: Spot, settings: Any
) -> None:
    key, ours = key_id(keyring().sealing_key), settings.VAULT_KEYS
    settings.VAULT_KEYS = [NEW_KEY]
    require_unreadable(spot, spot.row(), key)
    settings.VAULT_KEYS = ours
    assert spot.of(spot.row()) == spot.value


@every_spot
def test_plaintext_in_a_column_is_unreadable(stock: Stock, spot: Spot) -> None:
    spot.plant(spot.value)
    require_unreadable(spot, spot.row(), None)


@every_spot
@pytest.mark.parametrize(
    "spoil",
    [lambda token: token[:-5], lambda token: token[:60] + token[61:], lambda token: token + token[9:]],
    ids=["cut", "shortened", "doubled"],
)
def test_a_spoilt_token_in_a_column_is_unreadable(stock: Stock, spot: Spot, spoil: Any) -> None:
    spot.plant(spoil(spot.stored()))
    require_unreadable(spot, spot.row(), key_id(keyring().sealing_key))


@every_spot
def test_a_token_of_another_row_in_a_column_is_unreadable(stock: Stock, spot: Spot) -> None:
    here, there = spot.model._base_manager.filter(**{f"{spot.field}__isnull": False}).order_by("pk")[:2]
    there = there if there.seal_id != here.seal_id else spot.model._base_manager.exclude(seal_id=here.seal_id)[0]
    spot.plant(spot.stored(there), here)
    require_unreadable(spot, spot.row(), key_id(keyring().sealing_key))


def test_a_token_of_another_field_in_a_column_is_unreadable(stock: Stock) -> None:
    COMPANY.plant(str(NAME.stored()))
    require_unreadable(COMPANY, COMPANY.row(), key_id(keyring().sealing_key))


@pytest.mark.parametrize("spot", LIVE, ids=[spot.name for spot in LIVE])
def test_a_row_with_an_unreadable_value_can_be_saved_and_keeps_it(stock: Stock, spot: Spot) -> None:
    spot.plant("9d530419:gAAAAAspoilt")
    row = spot.row()
    with acting():
        row.save()
    assert spot.stored() == "9d530419:gAAAAAspoilt"
    row.full_clean()


@pytest.mark.parametrize("spot", LIVE, ids=[spot.name for spot in LIVE])
def test_a_row_with_an_unreadable_value_can_be_given_a_new_one(stock: Stock, spot: Spot) -> None:
    spot.plant("9d530419:gAAAAAspoilt")
    row = spot.row()
    setattr(row, spot.field, spot.other)
    with acting():
        row.save()
    assert spot.of(spot.row()) == spot.other


def test_a_list_with_one_unreadable_row_shows_the_others(stock: Stock) -> None:
    client = Client()
    sign_in(client, factories.person("mai", "Support lead"))
    NAME.plant(NAME.value)
    page = client.get(reverse("admin:customers_customer_changelist")).content.decode()
    assert "T. V. Chim" in page
    assert NAME.mask not in page
    assert traces(page) == []
    page = client.get(reverse("admin:customers_customer_change", args=[stock.customer.pk])).content.decode()
    assert COMPANY.mask in page
    assert traces(page) == []


def test_an_unreadable_value_is_not_revealed_and_no_record_says_it_was(stock: Stock) -> None:
    lead, before = factories.person("mai", "Support lead"), Reveal.objects.count()
    NAME.plant(str(COMPANY.stored()))
    with pytest.raises(InvalidInput) as error:
        reveal(NAME.row(), "full_name", by=lead, reason="call_back")
    assert traces(str(error.value)) == []
    assert Reveal.objects.count() == before
    assert reveal(EMAIL.row(), "email", by=lead, reason="call_back").value == EMAIL.value


def test_an_unreadable_value_is_equal_to_itself_only(stock: Stock) -> None:
    SECRET.plant("gone")
    value, again = SECRET.of(SECRET.row()), SECRET.of(SECRET.row())
    assert value == again
    assert value != "gone"
    assert value != NAME.of(Customer.objects.get(pk=stock.stranger.pk))
