"""What a refusal leaves behind: every row as it was, no letter, and nothing in the log but the refusals themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core import mail

from customers.models import Leaf, Refusal
from tests.customers.evidence.logs import rows

GROWS = ("customers_leaf", "customers_head", "customers_refusal")
"""What one refusal adds to, and nothing else does."""


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the desk as the database holds it, but for the log and the refusals."""
    floors = (apps.get_app_config(name) for name in ("customers", "consent", "disclosures"))
    tables = [model._meta.db_table for floor in floors for model in floor.get_models()]
    return {table: rows(f'SELECT * FROM "{table}" ORDER BY 1') for table in tables if table not in GROWS}


@contextmanager
def nothing_done(*, refused: int = 0) -> Iterator[None]:
    """Whatever happens in the block leaves everything as it was, but for so many refusals on record."""
    before, leaves, refusals, letters = contents(), Leaf.objects.count(), Refusal.objects.count(), len(mail.outbox)
    yield
    assert contents() == before
    grown = (Leaf.objects.count() - leaves, Refusal.objects.count() - refusals, len(mail.outbox) - letters)
    assert grown == (refused, refused, 0)
