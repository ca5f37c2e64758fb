"""Drops session cookies that cannot be valid."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class PlainSessionKeyMiddleware:
    """Removes a session key that is not alphanumeric: with a NUL in it, PostgreSQL would raise an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "a").isalnum():
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return self.get_response(request)
