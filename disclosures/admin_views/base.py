"""What the pages of this floor have in common: rows by key, files out, and the frame of an act."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.permissions.querysets import visible_to
from customers.permissions.reader import reader
from disclosures.models import DisclosureRequest, Recipient

ON_RECORD = _("Your name and the time go on record.")


def row_of(model: Any, request: HttpRequest, key: int, *beside: str) -> Any:
    """A row this person may see, or 404."""
    found = visible_to(model, reader(request)).filter(pk=key).select_related(*beside).first()
    if found is None:
        raise Http404
    return found


def request_of(request: HttpRequest, key: int) -> DisclosureRequest:
    """A request from outside this person may see, or 404."""
    return row_of(DisclosureRequest, request, key, "recipient__current")  # type: ignore[no-any-return]


def disclosure_request_url(found: DisclosureRequest) -> str:
    """Where a request's page is."""
    return reverse("admin:disclosures_disclosurerequest_change", args=[found.pk])


def recipient_url(found: Recipient) -> str:
    """Where a recipient's page is."""
    return reverse("admin:disclosures_recipient_change", args=[found.pk])


def about(found: DisclosureRequest) -> dict[str, Any]:
    """What every page about a request has."""
    return {"found": found, "back": disclosure_request_url(found), "on_record": ON_RECORD}


def files(request: HttpRequest) -> Any:
    """What was uploaded, or None for a page that is only being opened."""
    return request.FILES if request.method == "POST" else None


def file_out(content: bytes, media_type: str, name: str) -> HttpResponse:
    """A file, saved by the browser and shown by none; nobody on the way keeps it."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
