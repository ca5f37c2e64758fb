"""One line for each request: what was asked for and how it ended, without paths, query strings and addresses."""

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
    """Gives each request its number, puts it on the answer and writes the line. Outside all but the headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        this, began = Asked(request), time.monotonic()
        vars(request)[request_info.KEPT_AS] = this  # Django writes lines of its own after this is over
        token = request_info.now.set(this)
        try:
            response = self.get_response(request)
            response[REQUEST_ID] = this.id
            milliseconds = round((time.monotonic() - began) * 1000)
            said = {"status": response.status_code, "ms": milliseconds, "by": this.by}
            LOG.log(_level(request, response), "answered", extra={"said": said})
        finally:
            request_info.now.reset(token)
        return response


def _level(request: HttpRequest, response: HttpResponse) -> int:
    """Static files and a desk that is well, asked for every few seconds, are no news."""
    no_news = may_be_kept(response) or (request.path_info == HEALTH and response.status_code == 200)
    return logging.DEBUG if no_news else logging.INFO
