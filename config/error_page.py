"""The page for unexpected errors (status 500)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

from config.logs.request_info import request_id

BARE = "Something went wrong. / Có lỗi xảy ra.\n{}\n"


def something_went_wrong(request: HttpRequest) -> HttpResponse:
    """The error page; shows the request's number, to find its log lines, and nothing of the exception.

    Where that page cannot be rendered, the answer is one plain sentence in each language.
    """
    try:
        return HttpResponseServerError(render_to_string("500.html", {"request_id": request_id()}))
    except Exception:  # what broke the requested page may break this one too
        return HttpResponseServerError(BARE.format(request_id()), content_type="text/plain; charset=utf-8")
