"""A consent record to give to the customer: as a page to print, as JSON, and as a ZIP with its proof from the log."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from consent.choices.receipts import Receipt, packed, receipt
from consent.models import ConsentEvent
from customers.admin_views.base import REFUSED, get_or_post, page
from customers.admin_views.customer import customer_url
from customers.evidence.errors import RecordFailed
from customers.permissions.querysets import visible_to
from customers.permissions.reader import reader
from customers.vault.errors import KeyringError


def _given(request: HttpRequest, key: int) -> Receipt:
    """The receipt of an event; 404 unless the reader may see its customer."""
    events = visible_to(ConsentEvent, reader(request)).filter(pk=key)
    event = events.select_related("customer", "purpose", "policy_version", "by").first()
    if event is None:
        raise Http404
    return receipt(event)


@get_or_post
def receipt_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """The receipt as a page to print and hand over, in the customer's language."""
    consent_receipt = _given(request, object_id)
    customer = consent_receipt.event.customer
    context = {"title": _("Receipt"), "given": consent_receipt, "customer": customer, "page": customer_url(customer)}
    return page(request, "admin/consent/receipt.html", context)


@get_or_post
def receipt_json_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """The record as a JSON file."""
    consent_receipt = _given(request, object_id)
    return _file(consent_receipt.text.encode(), "application/json", f"{consent_receipt.name}.json")


@get_or_post
def receipt_zip_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """A ZIP of the record, its log entry and the proof of inclusion; 503 where it cannot be signed."""
    consent_receipt = _given(request, object_id)
    try:
        return _file(packed(consent_receipt), "application/zip", f"{consent_receipt.name}.zip")
    except (KeyringError, RecordFailed) as error:
        customer = consent_receipt.event.customer
        context = {"title": _("Receipt"), "sentence": str(error), "customer": customer, "page": customer_url(customer)}
        return page(request, REFUSED, {**context, "back": customer_url(customer)}, 503)


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
