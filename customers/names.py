"""Keeping the blind indexes of names beside the names; always inside an act under way."""

from __future__ import annotations

from collections.abc import Iterable

from customers.models import Customer, NameIndex
from customers.vault.blind_index import name_indexes


def index_names(names: Iterable[tuple[Customer, str]]) -> None:
    """Write the indexes of new customers' names; the customers are saved and have none yet."""
    NameIndex.objects.bulk_create(
        [NameIndex(customer=customer, digest=digest) for customer, name in names for digest in name_indexes(name)]
    )


def reindex_name(customer: Customer, name: str) -> None:
    """Put the indexes of ``name`` in place of those the customer has; "" leaves none."""
    NameIndex.objects.filter(customer=customer).delete()
    index_names([(customer, name)])
