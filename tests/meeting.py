"""Who meets at the locks of the desk: people whom one database keeps for a module, and a customer for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from pytest_django import DjangoDbBlocker

from customers.models import StaffMember
from tests import factories
from tests.concurrency import committed_copy
from tests.scenario import Desk, desk

each = count(1)


@pytest.fixture(scope="module")
def house(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """Who works in Hanoi, for every meeting below; each has a customer of its own."""
    with django_db_blocker.unblock(), committed_copy(tmp_path_factory.mktemp("locks")):
        yield desk()


@pytest.fixture
def case(house: Desk) -> Desk:
    """The same people, and a customer whom no other test knows."""
    number = next(each)
    made = factories.customer(
        f"LK{number:07d}", email=f"hoa{number}@mail.example.com", phone=f"+8491234{number:04d}", login="", secret=""
    )
    return Desk(made, house.agent, house.colleague, house.lead, house.officer)


def officers() -> tuple[StaffMember, StaffMember]:
    """Two officers."""
    second = StaffMember.objects.filter(username="binh").first() or factories.person("binh", "Compliance officer")
    return StaffMember.objects.get(username="an"), second
