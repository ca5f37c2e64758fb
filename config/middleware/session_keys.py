"""What a cookie may name as its session."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class PlainSessionKeyMiddleware:
    """Forgets a session key that is none of ours: PostgreSQL would not even look for one with a NUL in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "a").isalnum():
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return self.get_response(request)
