"""Two customers with all they can have, made once for each file of tests that begin from them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import reset_queries
from pytest_django import DjangoDbBlocker

from customers.models import Customer
from tests.customers.vault.spots import Stock, make_stock
from tests.rollback import undone


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[int, int]]:
    """Both customers: their keys."""
    with django_db_blocker.unblock(), undone():
        stock = make_stock()
        yield stock.customer.pk, stock.stranger.pk


@pytest.fixture
def stock(made: tuple[int, int]) -> Iterator[Stock]:
    """Both, read anew; what a test does to them is undone, and what others asked is no longer listed."""
    reset_queries()
    with undone():
        yield Stock(*(Customer.objects.get(pk=key) for key in made))
