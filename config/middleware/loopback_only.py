"""Restricts a demo to its own machine."""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden


class LoopbackOnlyMiddleware:
    """Refuses other machines, whatever address the server listens on: a demo's passwords are in a file."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if settings.MODE != "demo":
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not ip_address(request.META["REMOTE_ADDR"]).is_loopback:
            return HttpResponseForbidden("A demo answers on this machine only.\n", content_type="text/plain")
        return self.get_response(request)
