"""What every answer tells the browser, whoever gives it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseFileResponse

HSTS = "Strict-Transport-Security"


class HeadersMiddleware:
    """The first of all, so that pages, refusals, errors, redirects, downloads and static files leave through it.

    Django turns what fails further in into an answer before it comes back to here. What a view set of these headers
    is overwritten: there is one set, ``settings.RESPONSE_HEADERS``, and no page of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in settings.RESPONSE_HEADERS.items():
            response[name] = value
        if settings.SECURE_HSTS_SECONDS and request.is_secure():  # over plain HTTP browsers must not heed it
            response[HSTS] = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
        if not may_be_kept(response):
            response["Cache-Control"] = "no-store"
        return response


def may_be_kept(response: HttpResponse) -> bool:
    """True for static files, whose server says for how long; nothing else of the desk is kept by browser or proxy."""
    return isinstance(response, WhiteNoiseFileResponse) and "Cache-Control" in response
