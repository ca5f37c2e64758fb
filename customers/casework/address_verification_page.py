"""The public page on which a customer confirms an address, reached by the link in a letter. GET changes nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import override

from customers.casework.address_verification import answer_with_link, check_of
from customers.evidence.errors import RecordFailed
from customers.models import AddressCheck
from customers.validation.errors import InvalidInput
from customers.vault.errors import NotAccounted

PAGE = "customers/confirm_address.html"


def confirm_address_view(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button and POST confirms, as mail scanners follow links. The page is in the customer's language."""
    if request.method not in ("GET", "HEAD", "POST"):
        return _page(request, None, 405, over=True)
    check = check_of(token)
    if check is None:
        return _page(request, None, 404, over=True)
    if request.method != "POST":
        return _page(request, check, 200)
    try:
        answer_with_link(check)
    except InvalidInput:
        return _page(request, check, 409, over=True)
    except (RecordFailed, NotAccounted):
        return _page(request, check, 503, later=True)
    return _page(request, check, 200, done=True)


def _page(request: HttpRequest, check: AddressCheck | None, status: int, **flags: bool) -> HttpResponse:
    language = check.customer.locale if check else None
    context = {"email": check.contact_point.channel == "email" if check else True, **flags}
    response = TemplateResponse(request, PAGE, context, status=status)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the path, which holds the token
    if language is None:
        return response.render()
    with override(language):
        response.render()
    response["Content-Language"] = language
    return response
