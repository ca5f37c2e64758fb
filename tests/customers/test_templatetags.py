"""Times are Vietnam’s on the page and UTC in the database; dates and numbers are as their reader writes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.utils import translation

from config.frame import counted
from customers.access.reveal import reveal
from customers.models import Leaf
from tests import factories
from tests.conftest import Clock
from tests.reading import customer_url, signed_in, texts

NIGHT = datetime(2031, 12, 31, 20, 30, tzinfo=UTC)
"""In Vietnam it is the next day already, and the next year."""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "short", "exact"),
    [
        ("en", "1 Jan 2032, 03:30", "1 January 2032, 03:30:00 (+0700)"),
        ("vi", "03:30, 1/1/2032", "03:30:00, 1/1/2032 (+0700)"),
    ],
)
def test_an_act_at_night_in_utc_is_of_the_next_morning_in_vietnam(
    clock: Clock, language: str, short: str, exact: str
) -> None:
    customer, linh = factories.customer("BZ0000001"), factories.person("linh", "Support agent")
    clock.now = NIGHT
    record = reveal(customer, "full_name", by=linh, reason="call_back").record
    clock.now = NIGHT.replace(year=2033)
    leaf = Leaf.objects.get(table_name="customers_reveal")
    assert b'"at":"2031-12-31T20:30:00.000000Z"' in bytes(leaf.payload)
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM customers_reveal WHERE id = %s", [record.pk])
        (stored,) = cursor.fetchone()
    assert str(stored).startswith("2031-12-31 20:30:00")
    client = signed_in(factories.person("an", "Compliance officer"), language)
    page = client.get(customer_url(customer))
    assert {short, exact} <= texts(page)
    assert 'datetime="2032-01-01T03:30:00+07:00"' in page.content.decode()


@pytest.mark.one_engine("it asks no database")
@pytest.mark.parametrize(("language", "number"), [("en", "1,234,567"), ("vi", "1.234.567")])
def test_a_large_number_is_grouped_as_its_reader_groups_it(language: str, number: str) -> None:
    with translation.override(language):
        assert counted(1234567).split()[0] == number
