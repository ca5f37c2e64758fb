"""Pages to find customers, and to verify a caller, reveal a value or break glass for one customer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.access.find import find, found
from customers.access.grants import break_glass
from customers.access.reveal import reveal
from customers.access.verify import verify
from customers.admin_forms.customer import BreakGlassForm, FindForm, RevealForm, VerifyForm
from customers.admin_views.base import act_page, get_or_post, page, post_data, require_permission
from customers.models import ContactPoint, Customer, CustomerRequest, Find
from customers.models.acts import Act
from customers.models.registry import Registry
from customers.permissions.customers import (
    can_break_glass,
    can_find,
    can_reveal,
    can_verify,
    customers_hidden_from,
    customers_visible_to,
)
from customers.permissions.reader import reader
from customers.vault.fields import sealed_fields
from customers.vault.kinds import NEVER_OPENED, Kind

ROWS: Registry[str, str] = Registry({
    "contactpoint": "contact_points", "serviceaccess": "services", "customerrequest": "requests",
    "requestmove": "request_moves", "notice": "notices", "hold": "holds", "correction": "corrections",
})  # fmt: skip
"""Tables with values to reveal, besides the customer's own, and the related name that leads to their rows."""
VERSIONS: dict[str, Any] = {"customer-version": Customer, "contactpoint-version": ContactPoint}
"""Tables whose history versions have values to reveal."""

FOUND = "admin/customers/customer/found.html"
REVEAL = "admin/customers/customer/reveal.html"


def find_customer(person: Any, key: int) -> Customer:
    """A customer this person may see; 404 where it does not exist or is not visible, without telling which."""
    customer = customers_visible_to(person).filter(pk=key).first()
    if customer is None:
        raise Http404
    return customer


def customer_url(customer: Customer) -> str:
    """URL of a customer's page."""
    return reverse("admin:customers_customer_change", args=[customer.pk])


# --- find --------------------------------------------------------------------------------------------------------


@get_or_post
def find_view(request: HttpRequest) -> HttpResponse:
    """POST finds customers and redirects to the result; the search text is in no URL and not stored."""
    person = reader(request)
    require_permission(request, can_find(person), Act.FIND)

    def act(text: str) -> str:
        record = find(text, by=person)
        if len(record.own) == 1 and not record.elsewhere:
            return customer_url(Customer.objects.get(reference=record.own[0]))
        return reverse("admin:customers_customer_found", args=[record.pk])

    context = {"title": _("Find"), "find_is_here": True}
    return act_page(request, FindForm(post_data(request)), act, context, "admin/customers/customer/find.html")


@get_or_post
def found_view(request: HttpRequest, find_id: int) -> HttpResponse:
    """The result of the person's own search by their present rights; shown for ``BREAK_GLASS_MINUTES`` only."""
    require_permission(request, can_find(reader(request)), Act.FIND)
    record = _own_search(request, find_id)
    own = customers_visible_to(reader(request)).filter(reference__in=[*record.own, *record.elsewhere])
    elsewhere = customers_hidden_from(reader(request)).filter(reference__in=record.elsewhere)
    matches = ContactPoint.objects.filter(pk__in=record.points or []).select_related("customer")
    context = {
        "title": _("Find"),
        "find_is_here": True,
        "form": FindForm(),
        "hit": matches.filter(customer__in=own).order_by("customer__reference", "pk"),
        "held_elsewhere": matches.filter(customer__in=elsewhere, state=ContactPoint.State.SUSPENDED).exists(),
        "found": record,
        "sought": [str(Find.What(kind).label) for kind in record.sought],
        "own": own.select_related("team").prefetch_related("contact_points").order_by("reference"),
        "elsewhere": elsewhere.select_related("team").order_by("reference"),
        "breaks_glass": can_break_glass(reader(request)),
        "minutes": settings.BREAK_GLASS_MINUTES,
    }
    return page(request, FOUND, context)


@get_or_post
def break_glass_view(request: HttpRequest, find_id: int, reference: str) -> HttpResponse:
    """Take rights for ``BREAK_GLASS_MINUTES`` on a customer of another team that this search found."""
    require_permission(request, can_break_glass(reader(request)), Act.BREAK_GLASS)
    record = _own_search(request, find_id)
    if reference not in record.elsewhere:
        raise Http404
    customer = Customer.objects.select_related("team").get(reference=reference)
    person = reader(request)

    def act(**reason: str) -> str:
        break_glass(record, customer, by=person, **reason)
        return customer_url(customer)

    back = reverse("admin:customers_customer_found", args=[record.pk])
    context = {
        "title": _("Break glass: %(reference)s") % {"reference": customer.reference},
        "customer": customer,
        "back": back,
        "minutes": settings.BREAK_GLASS_MINUTES,
    }
    return act_page(
        request, BreakGlassForm(post_data(request)), act, context, "admin/customers/customer/break_glass.html"
    )


def _own_search(request: HttpRequest, key: int) -> Find:
    record = found(key, by=reader(request))
    if record is None:
        raise Http404
    return record


# --- verify --------------------------------------------------------------------------------------------------------


@get_or_post
def verify_view(request: HttpRequest, customer_id: int) -> HttpResponse:
    """POST compares what the caller says with what is on file; the customer's page then shows match or no match."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    require_permission(request, can_verify(person, customer), Act.VERIFY, customer=customer)

    def act(email: str, phone: str, name: str, request: CustomerRequest | None = None) -> str:
        verify(customer, {Kind.EMAIL: email, Kind.PHONE: phone, Kind.NAME: name}, by=person, request=request)
        return customer_url(customer)

    context = {"title": customer.reference, "customer": customer, "page": customer_url(customer)}
    form = VerifyForm(post_data(request), requests=workable_requests(customer))
    return act_page(request, form, act, context, "admin/customers/customer/verify.html")


def workable_requests(customer: Customer) -> Any:
    """The requests of a customer that are open or with an officer, oldest first."""
    return CustomerRequest.objects.filter(customer=customer, state__in=("open", "with_officer")).order_by("pk")


# --- reveal --------------------------------------------------------------------------------------------------------


def find_row(customer: Customer, table: str, key: int) -> Any:
    """A row of this customer, or 404."""
    if table == "customer" and key == customer.pk:
        return customer
    if table in VERSIONS:
        return find_version(customer, VERSIONS[table], key)
    manager = getattr(customer, ROWS[table]) if table in ROWS else None
    row = manager.filter(pk=key).first() if manager else None
    if row is None:
        raise Http404
    row.customer = customer
    return row


def find_version(customer: Customer, model: Any, key: int) -> Any:
    """A history version of this customer or of one of their addresses, or 404."""
    owner_filter = {"id": customer.pk} if model is Customer else {"customer_id": customer.pk}
    version = model.history.filter(pk=key, **owner_filter).first()
    if version is None:
        raise Http404
    return version


@get_or_post
def reveal_view(request: HttpRequest, customer_id: int, table: str, key: int, field: str) -> HttpResponse:
    """GET asks for the reason; POST records it and shows the value in this one response."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    row = find_row(customer, table, key)
    sealed = next(
        (
            sealed_field
            for sealed_field in sealed_fields(row)
            if sealed_field.name == field and sealed_field.kind not in NEVER_OPENED
        ),
        None,
    )
    if sealed is None or getattr(row, field) is None:
        raise Http404
    if request.method != "POST" and not can_reveal(person, customer, sealed.kind):
        raise PermissionDenied  # a POST is refused by the act, with a record
    context: dict[str, Any] = {
        "customer": customer,
        "label": sealed.verbose_name,
        "value": getattr(row, field),
        "page": customer_url(customer),
        "back": customer_url(customer),
        "seconds": settings.REVEAL_SECONDS,
        "title": customer.reference,
        "not_done": _("Not shown: %(label)s") % {"label": sealed.verbose_name},
    }

    def act(**reason: str) -> HttpResponse:
        revealed = reveal(row, field, by=person, **reason)
        seconds = max(1, round((revealed.closes_at - timezone.now()).total_seconds()))
        response = page(
            request,
            "admin/customers/customer/revealed.html",
            {**context, "revealed": revealed, "seconds": seconds},
        )
        response["Refresh"] = f"{seconds}; url={customer_url(customer)}"
        return response

    secret = sealed.kind == Kind.SERVICE_ACCESS
    return act_page(request, RevealForm(post_data(request)), act, context, REVEAL, fresh=secret)
