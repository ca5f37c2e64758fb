"""The page for what nobody foresaw."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

from config.logs.request_info import request_id

BARE = "Something went wrong. / Có lỗi xảy ra.\n{}\n"


def something_went_wrong(request: HttpRequest) -> HttpResponse:
    """Names the request by its number, so that the log's lines about it are found; knows nothing of the exception.

    Where the page itself cannot be made, two plain sentences stand for it.
    """
    try:
        return HttpResponseServerError(render_to_string("500.html", {"request_id": request_id()}))
    except Exception:  # whatever broke the first page may break this one
        return HttpResponseServerError(BARE.format(request_id()), content_type="text/plain; charset=utf-8")
