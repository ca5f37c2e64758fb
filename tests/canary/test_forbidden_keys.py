"""A key one may not know of is answered like one that nothing has, on every page and to everybody."""

import pytest

from customers.admin_views import customer as customer_pages
from tests.canary.walk import told_apart
from tests.canary.world import AGENT, ANONYMOUS, OTHERS, ROLES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("actor", [*ROLES, *OTHERS])
def test_a_forbidden_key_and_a_missing_one_get_the_same_answer_for(actor: str) -> None:
    different, compared = told_apart(actor)
    assert different == []
    assert compared or actor == ANONYMOUS


def test_a_page_that_told_of_a_forbidden_customer_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = customer_pages.find_customer

    def telling(person: object, key: int) -> object:
        if customer_pages.Customer.objects.filter(pk=key).exists() and not seen(person, key):
            raise customer_pages.PermissionDenied
        return found(person, key)

    def seen(person: object, key: int) -> bool:
        return customer_pages.customers_visible_to(person).filter(pk=key).exists()  # type: ignore[arg-type]

    monkeypatch.setattr(customer_pages, "find_customer", telling)
    different, _compared = told_apart(AGENT)
    assert "valid admin:customers_customer_verify (other)" in different
