"""Ends sessions that were idle, or have lasted, for too long."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from customers.evidence.errors import RecordFailed
from customers.sign_in.allauth_adapters import AccountAdapter
from customers.sign_in.sessions import is_over, mark_seen


class SessionLimitsMiddleware:
    """Signs the person out, on record, once a session is over; the request goes on without a user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if is_over(request):
                with suppress(RecordFailed):  # the session ends even where that cannot be recorded
                    AccountAdapter(request).logout(request)
                messages.info(request, _("You were signed out: nothing happened for a while, or it was a long day."))
            else:
                mark_seen(request)
        return self.get_response(request)
