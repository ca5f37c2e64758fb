"""The same walk by those who hold no role here; and that it misses no URL, no leak and no key that is told."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, path

from customers.admin_views import customer
from customers.vault.sealed import Sealed
from tests.canary.expectations import PAGES, every_url, url_name
from tests.canary.world import AGENT, OTHERS
from tests.sampling import deep

Walk = Callable[..., list[str]]


@pytest.mark.skipif(deep(), reason="the deep run leaves nothing out: test_walk_deep.py")
@pytest.mark.parametrize("actor", OTHERS)
def test_nothing_planted_comes_out_and_every_page_answers_as_it_should_for(actor: str, walk: Walk) -> None:
    assert "\n".join(walk(actor)) == ""


def test_a_page_that_showed_a_value_would_be_told(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sealed, "__str__", lambda self: self._open().value)
    told = "\n".join(walk(AGENT, "admin:customers_customer_change"))
    assert "get admin:customers_customer_change (own) body: Hanoi Customer.full_name" in told


def test_a_page_that_told_of_a_forbidden_customer_would_be_told(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    found = customer.find_customer

    def telling(person: object, key: int) -> object:
        if customer.Customer.objects.filter(pk=key).exists() and not seen(person, key):
            raise customer.PermissionDenied
        return found(person, key)

    def seen(person: object, key: int) -> bool:
        return customer.customers_visible_to(person).filter(pk=key).exists()  # type: ignore[arg-type]

    monkeypatch.setattr(customer, "find_customer", telling)
    told = walk(AGENT, "admin:customers_customer_verify")
    assert "valid admin:customers_customer_verify (other): is not answered like a missing key" in told


@pytest.mark.one_engine("it compares lists of URLs")
def test_every_url_of_the_site_has_an_expectation_and_every_expectation_a_url() -> None:
    assert every_url() - set(map(url_name, PAGES)) == set()
    assert set(map(url_name, PAGES)) - every_url() == set()


@pytest.mark.one_engine("it compares lists of URLs")
def test_a_url_without_an_expectation_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def export(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    more = path("customers/export/", export, name="customers_export")
    monkeypatch.setattr(get_resolver(), "url_patterns", [*get_resolver().url_patterns, more])
    assert every_url() - set(map(url_name, PAGES)) == {"customers_export"}
