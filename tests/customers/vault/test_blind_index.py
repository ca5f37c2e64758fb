"""Exact find without opening anything: one index for all spellings of a value, none in common with anything else."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.models import ContactPoint, Customer
from customers.vault import blind_index
from customers.vault.blind_index import (
    NotNormal,
    digest,
    email_index,
    name_indexes,
    name_words,
    normal_email,
    normal_phone,
    phone_index,
)  # fmt: skip
from customers.vault.fields import BlindIndexField
from customers.vault.kinds import Kind
from tests.customers.vault.spots import EMAIL, NAME, PHONE, Stock, acting, make_stock
from tests.worlds import shared

no_database = pytest.mark.one_engine("an index is made of a text and a key")

EMAILS = [
    "hoa.nguyen@example.com",
    "Hoa.Nguyen@Example.COM",
    "  hoa.nguyen@example.com\n",
    "\u00a0hoa.nguyen@example.com\u3000",
    "ｈｏａ．ｎｇｕｙｅｎ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    "hoa.nguyen@\uff25xample.com",
]
PHONES = [
    "+84912345678",
    "0912345678",
    "0912 345 678",
    "0912.345.678",
    "(091) 234-5678",
    "+84 91-234-5678",
    "+84 (0) 912 345 678",
    "84912345678",
    "84 912 345 678",
    "0084 912 345 678",
    "０９１２３４５６７８",
    " +84\u00a0912\u00a0345\u00a0678 ",
]
NAMES = [
    "Nguyễn Thị Đào",
    "nguyễn thị đào",
    "NGUYỄN THỊ ĐÀO",
    "Nguyen Thi Dao",
    "Đào Nguyễn Thị",
    "Thi  Dao\tNguyen ",
    "Nguye\u0302\u0303n Thi\u0323 Đa\u0300o",
    "Nguyễn\u00a0Thị\u00a0Đào",
    "Đào Thị Nguyễn Thị",
]


@no_database
@pytest.mark.parametrize("spelled", EMAILS)
def test_every_spelling_of_an_email_has_one_index(spelled: str) -> None:
    assert normal_email(spelled) == "hoa.nguyen@example.com"
    assert email_index(spelled) == email_index(EMAILS[0])


@no_database
@pytest.mark.parametrize(
    "spelled", ["hoa@bücher.example", "HOA@BÜCHER.example", "hoa@xn--bcher-kva.example", "hoa@bu\u0308cher.example"]
)
def test_a_domain_is_one_in_letters_and_in_idna(spelled: str) -> None:
    assert normal_email(spelled) == "hoa@xn--bcher-kva.example"


@no_database
@pytest.mark.parametrize(
    "other", ["hoa.nguyen@example.net", "hoanguyen@example.com", "hoa.nguyen+x@example.com", "a@example.com"]
)
def test_another_email_has_another_index(other: str) -> None:
    assert email_index(other) != email_index(EMAILS[0])


@no_database
@pytest.mark.parametrize(
    "text", ["", " ", "hoa", "@", "hoa@", "@example.com", "hoa@.com", "hoa@a..b", f"hoa@{'x' * 64}.com"]
)
def test_what_is_no_email_has_no_index(text: str) -> None:
    with pytest.raises(NotNormal) as error:
        email_index(text)
    assert str(error.value) == "not an e-mail address"


@no_database
@pytest.mark.parametrize("spelled", PHONES)
def test_every_spelling_of_a_phone_number_has_one_index(spelled: str) -> None:
    assert normal_phone(spelled) == "+84912345678"
    assert phone_index(spelled) == phone_index(PHONES[0])


@no_database
@pytest.mark.parametrize("other", ["+84912345679", "+1 202 555 0143", "024 3825 0000", "0812 345 678"])
def test_another_phone_number_has_another_index(other: str) -> None:
    assert phone_index(other) != phone_index(PHONES[0])


@no_database
@pytest.mark.parametrize("text", ["", "12", "hoa", "+84", "0912", "+999 123 456", "912 345 678 912 345 678", "84"])
def test_what_is_no_phone_number_has_no_index(text: str) -> None:
    with pytest.raises(NotNormal) as error:
        phone_index(text)
    assert str(error.value) == "not a phone number"


@no_database
@pytest.mark.parametrize("spelled", NAMES)
def test_every_spelling_and_order_of_a_name_has_the_same_indexes(spelled: str) -> None:
    assert name_words(spelled) == ["dao", "nguyen", "thi"]
    assert name_indexes(spelled) == name_indexes(NAMES[0])


@no_database
def test_a_name_has_an_index_for_each_pair_of_its_words() -> None:
    assert [len(name_indexes(" ".join("abcde"[:words]))) for words in range(6)] == [0, 1, 1, 3, 6, 10]
    assert set(name_indexes("Hoa Nguyễn")) < set(name_indexes("Nguyễn Thị Hoa"))
    assert not set(name_indexes("Hoa Trần")) & set(name_indexes("Nguyễn Thị Hoa"))


@no_database
def test_a_one_word_name_shares_no_index_with_longer_ones() -> None:
    assert len(name_indexes("Hoa")) == 1
    assert name_indexes("Hoa") == name_indexes("hoà Hoa") != name_indexes("Lan")
    assert not set(name_indexes("Hoa")) & set(name_indexes("Nguyễn Thị Hoa"))


@no_database
@given(st.lists(st.text("abcđễ", min_size=1, max_size=4), min_size=2, max_size=4), st.randoms())
def test_the_order_of_words_never_matters(words: list[str], chance: Any) -> None:
    shuffled = chance.sample(words, len(words))
    assert name_indexes(" ".join(words)) == name_indexes(" ".join(shuffled).upper())


@no_database
@pytest.mark.parametrize("index", [email_index(EMAILS[0]), phone_index(PHONES[0]), *name_indexes(NAMES[0])])
def test_an_index_is_32_hex_digits(index: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", index)


@no_database
def test_each_kind_has_a_key_of_its_own() -> None:
    kinds = [*Kind, "name: pair", "name: one word"]
    assert len({digest(kind, "the same text") for kind in kinds}) == len(kinds)


@no_database
def test_another_key_gives_other_indexes(settings: Any) -> None:
    before = [email_index(EMAILS[0]), phone_index(PHONES[0]), *name_indexes(NAMES[0])]
    settings.BLIND_INDEX_KEY = base64.b64encode(b"o" * 32).decode()
    after = [email_index(EMAILS[0]), phone_index(PHONES[0]), *name_indexes(NAMES[0])]
    assert not set(before) & set(after)


@no_database
def test_a_new_field_key_leaves_indexes_as_they_are(settings: Any) -> None:
    before = email_index(EMAILS[0])
    settings.VAULT_KEYS = [base64.urlsafe_b64encode(b"n" * 32).decode(), *settings.VAULT_KEYS]
    assert email_index(EMAILS[0]) == before


# --- in the tables ---------------------------------------------------------------------------------------------


stock = shared(make_stock)


def test_a_customer_is_found_by_any_spelling_of_an_address(stock: Stock) -> None:
    assert list(Customer.objects.by_email(EMAIL.value.upper())) == [stock.customer]
    assert list(Customer.objects.by_phone("0912 345 612")) == [stock.customer]
    assert list(Customer.objects.by_email("nobody@example.com")) == []
    with pytest.raises(NotNormal):
        Customer.objects.by_phone("none")


def test_a_corrected_address_is_found_and_the_old_one_is_not(stock: Stock) -> None:
    point = EMAIL.row()
    point.email = "Canari.Moved@Example.com"
    with acting():
        point.save()
    assert list(Customer.objects.by_email("canari.moved@example.com")) == [stock.customer]
    assert list(Customer.objects.by_email(EMAIL.value)) == []
    assert EMAIL.of(point) == "Canari.Moved@Example.com"  # kept as it was given


def test_the_index_of_an_email_never_finds_a_phone_number(stock: Stock) -> None:
    indexes = list(ContactPoint.objects.values_list("email_index", "phone_index"))
    assert {(bool(email), bool(phone)) for email, phone in indexes} == {(True, False), (False, True)}


@no_database
def test_only_kinds_with_many_values_are_indexed() -> None:
    indexed = {field.source for field in ContactPoint._meta.concrete_fields if isinstance(field, BlindIndexField)}
    assert indexed == {EMAIL.field, PHONE.field}
    assert set(BlindIndexField.INDEXES) == {Kind.EMAIL, Kind.PHONE}
    assert not [f for f in NAME.model._meta.concrete_fields if isinstance(f, BlindIndexField)]
    assert blind_index.HEX_DIGITS * 4 == 128
