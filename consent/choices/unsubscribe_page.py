"""The page behind the unsubscribe link. Opening it changes nothing; a POST, by button or mail program, opts out."""

from __future__ import annotations

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from consent.choices.unsubscribe import WayOut, stop, too_often, way_out
from consent.gate.purposes import purposes
from customers.evidence.errors import RecordFailed

PAGE = "consent/unsubscribe.html"
METHODS = ("GET", "HEAD", "POST")


@csrf_exempt  # the signed link authorises the request, and mail programs post without having loaded the page
def unsubscribe_view(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the page, as mail scanners follow links too; POST opts out. In the customer's language."""
    if request.method not in METHODS:
        return _page(request, None, 405, over=True)
    way = way_out(token)
    known = token.removesuffix("/") if way is not None else f"from {request.META.get('REMOTE_ADDR', '')}"
    counted = f"{'POST' if request.method == 'POST' else 'GET'} {known}"  # many GETs must not block a POST
    if too_often(counted):
        return _page(request, way, 429, later=True)
    if way is None:
        return _page(request, None, 404, over=True)
    if request.method != "POST":
        return _page(request, way, 200)
    everything = _asks_for_everything(request)
    try:
        outcome = stop(way, everything=everything)
    except RecordFailed:
        return _page(request, way, 503, later=True)
    return _page(
        request, way, 200, done=outcome.events[0].at if outcome.events else timezone.now(), everything=everything
    )


def _asks_for_everything(request: HttpRequest) -> bool:
    """True for the button that stops all news. An unreadable body counts as the one click, and is not logged."""
    try:
        return "everything" in request.POST
    except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return False


def _page(request: HttpRequest, way: WayOut | None, status: int, **more: object) -> HttpResponse:
    context = {"way": way, "still": [purpose for purpose in purposes() if not purpose.is_news], **more}
    response = TemplateResponse(request, PAGE, context, status=status)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the path, which holds the token
    if status == 405:
        response["Allow"] = ", ".join(METHODS)
    if status == 429:
        response["Retry-After"] = "60"
    if way is None:
        return response.render()
    with override(way.customer.locale):
        response.render()
    response["Content-Language"] = way.customer.locale
    return response
