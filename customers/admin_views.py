"""Pages that do: revealing a value."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from customers.admin_forms import RevealForm
from customers.evidence.errors import RecordFailed
from customers.models import ContactPoint, Customer, ServiceAccess
from customers.permissions import customers_visible_to
from customers.refusals import Refused, Unusable
from customers.reveal import reveal
from customers.vault.errors import NotAccounted
from customers.vault.fields import sealed_fields
from customers.vault.kinds import NEVER_OPENED

ROWS = {"contactpoint": "contact_points", "serviceaccess": "services"}
"""The tables besides the customer's whose values can be revealed, and how to get from the customer to their rows."""


def find_row(customer: Customer, table: str, key: int) -> Customer | ContactPoint | ServiceAccess:
    """A row of this customer, or 404 whether it is missing or somebody else's."""
    if table == "customer" and key == customer.pk:
        return customer
    manager = getattr(customer, ROWS[table]) if table in ROWS else None
    row = manager.filter(pk=key).first() if manager else None
    if row is None:
        raise Http404
    row.customer = customer
    return row  # type: ignore[no-any-return]


def reveal_view(request: HttpRequest, customer_id: int, table: str, key: int, field: str) -> HttpResponse:
    """GET asks for the reason; POST puts it on record and shows the value on this one response."""
    customer = customers_visible_to(request.user).filter(pk=customer_id).first()  # type: ignore[arg-type]
    if customer is None:
        raise Http404
    row = find_row(customer, table, key)
    found = next((f for f in sealed_fields(row) if f.name == field and f.kind not in NEVER_OPENED), None)
    if found is None or getattr(row, field) is None:
        raise Http404
    page = reverse("admin:customers_customer_change", args=[customer.pk])
    context: dict[str, Any] = {
        "customer": customer,
        "label": found.verbose_name,
        "value": getattr(row, field),
        "page": page,
        "seconds": settings.REVEAL_SECONDS,
        "title": customer.reference,
    }
    form = RevealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            revealed = reveal(row, field, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except Unusable as error:
            form.add_error(None, str(error))
        except (Refused, RecordFailed, NotAccounted) as error:  # the last: waiting to be recorded took too long
            status = 403 if isinstance(error, Refused) else 503
            return _page(request, "refused", {**context, "sentence": str(error)}, status)
        else:
            response = _page(request, "revealed", {**context, "revealed": revealed})
            response["Refresh"] = f"{settings.REVEAL_SECONDS}; url={page}"
            return response
    return _page(request, "reveal", {**context, "form": form}, 400 if form.errors else 200)


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    frame = admin.site.each_context(request)  # asked last: an act has just added to the log
    response = TemplateResponse(request, f"admin/customers/customer/{name}.html", {**frame, **context}, status=status)
    response["Cache-Control"] = "no-store"
    return response
