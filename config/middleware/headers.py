"""The security headers of every answer."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseFileResponse

HSTS = "Strict-Transport-Security"


class HeadersMiddleware:
    """The outermost middleware, so that pages, refusals, errors, redirects, downloads and static files pass it.

    Django turns exceptions further in into answers before they get here. Headers of these names that a view has set are
    overwritten: all answers have the same set, ``settings.RESPONSE_HEADERS``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in settings.RESPONSE_HEADERS.items():
            response[name] = value
        if settings.SECURE_HSTS_SECONDS and request.is_secure():  # over plain HTTP browsers must ignore it (RFC 6797)
            response[HSTS] = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
        if not may_be_kept(response):
            response["Cache-Control"] = "no-store"
        return response


def may_be_kept(response: HttpResponse) -> bool:
    """True for static files, whose server sets ``Cache-Control``; nothing else may be cached by browsers or proxies."""
    return isinstance(response, WhiteNoiseFileResponse) and "Cache-Control" in response
