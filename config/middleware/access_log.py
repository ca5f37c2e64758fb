"""The access log: one line for each request, without paths, query strings and network addresses."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.logs import request_info
from config.logs.request_info import HEALTH, Asked
from config.middleware.headers import may_be_kept

LOG = logging.getLogger("desk.access")
REQUEST_ID = "X-Request-ID"


class AccessLogMiddleware:
    """Gives each request its number, adds it to the answer's headers, and writes the line.

    Only ``HeadersMiddleware`` runs outside of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        current, began = Asked(request), time.monotonic()
        vars(request)[request_info.KEPT_AS] = current  # for lines that Django writes after this middleware has returned
        token = request_info.now.set(current)
        try:
            response = self.get_response(request)
            response[REQUEST_ID] = current.id
            milliseconds = round((time.monotonic() - began) * 1000)
            fields = {"status": response.status_code, "ms": milliseconds, "by": current.by}
            LOG.log(_level(request, response), "answered", extra={"said": fields})
        finally:
            request_info.now.reset(token)
        return response


def _level(request: HttpRequest, response: HttpResponse) -> int:
    """DEBUG for static files and for a healthy ``/healthz``, which is requested every few seconds; else INFO."""
    no_news = may_be_kept(response) or (request.path_info == HEALTH and response.status_code == 200)
    return logging.DEBUG if no_news else logging.INFO
