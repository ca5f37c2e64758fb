"""The matrix's own eyes: what they must see, they see; where there is nothing, they see nothing."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from django.db import connection

from tests.customers.vault.leaks import rows, stains, traces
from tests.customers.vault.spots import EVERY, MASKS, NAME, SECRETS, Spot, Stock

DISGUISES = {
    "as it is": str,
    "inside a sentence": lambda text: f"Dear {text}, hello",
    "escaped for JSON": json.dumps,
    "quoted for a URL": quote,
    "in hex": lambda text: text.encode().hex(),
    "as the repr of bytes": lambda text: repr(text.encode()),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 for URLs, after two bytes": lambda text: base64.urlsafe_b64encode(b"xy" + text.encode()).decode(),
    "in base64, after one byte and before more": lambda text: base64.b64encode(b"x" + text.encode() + b"yz").decode(),
}


@pytest.mark.one_engine("a text is looked through, and no database")
@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
@pytest.mark.parametrize("secret", [secret for secret in SECRETS if len(secret) > 9])
def test_a_secret_is_seen_in_every_disguise(secret: str, disguise) -> None:  # type: ignore[no-untyped-def]
    assert secret in traces(disguise(secret))


@pytest.mark.one_engine("a text is looked through, and no database")
def test_a_text_without_secrets_shows_none() -> None:
    assert traces(f"{MASKS} Nguyen Canari c@mail.example.com +84 91") == []


def test_a_clean_stock_has_no_stains(stock: Stock) -> None:
    assert stains() == []


@pytest.mark.parametrize("spot", EVERY, ids=[spot.name for spot in EVERY])
@pytest.mark.parametrize("disguise", ["as it is", "in base64"])
def test_plaintext_planted_in_any_column_is_found_there(stock: Stock, spot: Spot, disguise: str) -> None:
    assert stains() == []
    spot.plant(DISGUISES[disguise](spot.value))
    table = spot.model._meta.db_table
    assert any(stain.startswith(f"{table}.{spot.field}[") and spot.value in stain for stain in stains())


@pytest.mark.parametrize("mask", MASKS)
def test_a_mask_planted_in_a_plain_column_is_found(stock: Stock, mask: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET row_digest = %s WHERE id = %s", [f"of {mask}.", stock.customer.pk]
        )
    assert any(stain.startswith("customers_customer.row_digest[") and stain.endswith(f": {mask}") for stain in stains())


def test_a_secret_in_bytes_is_found(stock: Stock) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_head SET frontier = %s, size = size + 1", [NAME.value.encode()])
    assert any(stain.startswith("customers_head.frontier[0]") for stain in stains())


def test_the_scan_reaches_every_table_of_the_models(stock: Stock) -> None:
    seen = {row.table for row in rows()}
    assert {spot.model._meta.db_table for spot in EVERY} | {"customers_leaf", "django_content_type"} <= seen
