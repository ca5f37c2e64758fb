"""Ways a page of the admin shows a value: the desk's own pages, and stock ones nobody has tamed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_list import result_headers, results
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import FieldError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from customers.models import Customer, StaffMember
from customers.vault.errors import SealedMisuse
from tests import factories
from tests.customers.vault.spots import COMPANY, EMAIL, LIVE, NAME, PHONE, SECRET, Spot, Stock
from tests.customers.vault.ways import refused, works
from tests.signing import sign_in

ON_THE_PAGE = (NAME, COMPANY, EMAIL, PHONE)


def lead() -> Client:
    """A browser in which a support lead of the customers' team is signed in."""
    client = Client()
    sign_in(client, factories.person("mai", "Support lead"))
    return client


def body(response: Any, status: int = 200) -> str:
    """The page, demanded to have come with that status."""
    assert response.status_code == status, response.status_code
    return response.content.decode()


# --- the desk's pages ------------------------------------------------------------------------------------------


@works(*ON_THE_PAGE)
def the_desks_list(stock: Stock, spot: Spot) -> Any:
    page = body(lead().get(reverse("admin:customers_customer_changelist")))
    assert spot.mask in page
    return page


@works(*ON_THE_PAGE)
def the_desks_list_with_crafted_order_and_search(stock: Stock, spot: Spot) -> Any:
    client, url, pages = lead(), reverse("admin:customers_customer_changelist"), []
    for query in ("o=1", "o=-1.2.3", "o=full_name", "q=zzz", "e=1", "p=0", "all=", "_facets=True"):
        response = client.get(f"{url}?{query}")
        assert response.status_code in (200, 302)
        pages.append(response.content.decode())
    assert sum(spot.mask in page for page in pages) >= 5
    return pages


@works(*ON_THE_PAGE)
def the_desks_list_refuses_crafted_lookups(stock: Stock, spot: Spot) -> Any:
    client, url, answers = lead(), reverse("admin:customers_customer_changelist"), []
    path = {"full_name": "full_name", "company": "company"}.get(spot.field, f"contact_points__{spot.field}")
    for lookup in ("", "__exact", "__icontains", "__startswith", "__isnull", "__gt", "__in", "__regex"):
        response = client.get(f"{url}?{urlencode({path + lookup: 'N'})}")
        assert response.status_code in (400, 302), lookup
        answers.append(response.content.decode() + str(response.headers))
    assert client.get(f"{url}?status__exact=connected").status_code == 200
    return answers


@works(*LIVE)
def the_customers_page(stock: Stock, spot: Spot) -> Any:
    page = body(lead().get(reverse("admin:customers_customer_change", args=[stock.customer.pk])))
    assert spot.mask in page
    return page


@works(NAME, COMPANY)
def pages_that_are_not_there(stock: Stock, spot: Spot) -> Any:
    client, page, pages = lead(), reverse("admin:customers_customer_change", args=[stock.customer.pk]), []
    for url in (
        f"{page}delete/",
        f"{page}history/",
        f"{page}change/",
        f"{page}password/",
        reverse("admin:index") + "customers/customer/add/",
    ):
        pages.append(body(client.get(url), 404))
        pages.append(body(client.post(url, {"post": "yes", spot.field: spot.mask}), 404))
    for name in ("delete", "history", "add"):
        try:
            raise AssertionError(reverse(f"admin:customers_customer_{name}", args=[] if name == "add" else [1]))
        except NoReverseMatch:
            continue
    assert Customer.objects.filter(pk=stock.customer.pk).exists()
    return pages


@works(*ON_THE_PAGE, SECRET)
def the_page_that_asks_for_a_reason(stock: Stock, spot: Spot) -> Any:
    row = spot.row()
    url = reverse(
        "admin:customers_customer_reveal", args=[stock.customer.pk, spot.model._meta.model_name, row.pk, spot.field]
    )
    page = body(lead().get(url))
    assert spot.mask in page
    return page


# --- stock pages of the admin -----------------------------------------------------------------------------------


def anybody() -> StaffMember:
    """A superuser as Django has them, who may do everything stock pages offer."""
    person = StaffMember.objects.get(username="system")
    person.has_perm = lambda perm, obj=None: True  # type: ignore[method-assign]
    return person


def stock_admin(spot: Spot, **options: Any) -> admin.ModelAdmin[Any]:
    """Django's own pages for the spot's model, as somebody who forgot all about secrecy would set them up."""
    made = type("StockAdmin", (admin.ModelAdmin,), {"list_display": ["__str__", spot.field], **options})
    return made(spot.model, admin.site)


def asked(query: str = "", data: Any = None) -> Any:
    """A request of somebody who may do anything."""
    request = RequestFactory().post("/", data) if data is not None else RequestFactory().get(f"/?{query}")
    request.user = anybody()
    request.session = SessionStore()
    request._messages = FallbackStorage(request)
    request._dont_enforce_csrf_checks = True
    return request


def render(response: Any) -> str:
    """The page as it would be sent; its templates link to pages the desk does not route, so only the middle of it."""
    if isinstance(response, HttpResponse) and not hasattr(response, "render"):
        return response.content.decode()
    try:
        return response.render().content.decode()
    except NoReverseMatch:
        return repr(response.context_data)


@works(*LIVE)
def a_stock_list(stock: Stock, spot: Spot) -> Any:
    listed = stock_admin(spot, list_display_links=None).get_changelist_instance(asked())
    listed.formset = None
    rows = [list(row) for row in results(listed)]
    assert spot.mask in str(rows)
    return rows, list(result_headers(listed))


@refused(SealedMisuse, at=LIVE)
def a_stock_list_ordered_by_a_click(stock: Stock, spot: Spot) -> Any:
    return list(stock_admin(spot).get_changelist_instance(asked("o=2")).result_list)


@refused(SealedMisuse, FieldError, at=LIVE)
def a_stock_list_that_searches_it(stock: Stock, spot: Spot) -> Any:
    return stock_admin(spot, search_fields=[spot.field]).get_changelist_instance(asked("q=anything")).result_list


@refused(SealedMisuse, at=LIVE)
def a_stock_list_that_filters_by_it(stock: Stock, spot: Spot) -> Any:
    listed = stock_admin(spot, list_filter=[spot.field]).get_changelist_instance(asked())
    return [list(found.choices(listed)) for found in listed.filter_specs]


@refused(IncorrectLookupParameters, DisallowedModelAdminLookup, at=LIVE)
def a_stock_list_with_a_crafted_lookup(stock: Stock, spot: Spot) -> Any:
    return stock_admin(spot).get_changelist_instance(asked(f"{spot.field}__startswith=N")).result_list


@works(*LIVE)
def a_stock_page_that_shows_it(stock: Stock, spot: Spot) -> Any:
    shown = stock_admin(spot, readonly_fields=[spot.field], exclude=["team"])  # whose own page is not routed
    response = shown.changeform_view(asked(), str(spot.row().pk))
    form = response.context_data["adminform"]
    lines = [
        field.contents() if hasattr(field, "contents") and field.is_readonly else str(field.field)
        for fieldset in form
        for line in fieldset
        for field in line
    ]
    assert any(spot.mask in line for line in lines)
    return lines, render(response)


@refused(FieldError, at=LIVE)
def a_stock_page_that_would_edit_it(stock: Stock, spot: Spot) -> Any:
    return stock_admin(spot, fields=[spot.field]).changeform_view(asked(), str(spot.row().pk))


@works(*LIVE)
def a_stock_page_that_deletes(stock: Stock, spot: Spot) -> Any:
    response = stock_admin(spot).delete_view(asked(), str(spot.row().pk))
    return render(response), response.context_data["deleted_objects"], response.context_data["protected"]
