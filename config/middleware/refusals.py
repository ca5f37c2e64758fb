"""Turns refusals, and acts that could not be recorded, into a page with a sentence."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from customers.acts.refusals import Refused
from customers.admin_views.base import REFUSED, page
from customers.evidence.errors import RecordFailed
from customers.vault.errors import NotAccounted


class RefusingMiddleware:
    """For exceptions that no view has caught: a refusal answers 403, an act that could not be recorded 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The rendered page; None for every other exception."""
        if not isinstance(exception, Refused | RecordFailed | NotAccounted):
            return None
        status = 403 if isinstance(exception, Refused) else 503
        return page(request, REFUSED, {"title": "", "sentence": str(exception)}, status).render()  # type: ignore[attr-defined,no-any-return]
