"""Step-up: pages that require a second factor given within ``STEP_UP_MINUTES``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.sign_in.sessions import is_fresh


def step_up_url(request: HttpRequest, onward: str = "") -> str:
    """URL of the step-up page, which then leads to ``onward``, by default back to the present page."""
    onward = onward or (request.path if request.method == "POST" else request.get_full_path())
    return f"{reverse('admin:step_up')}?{urlencode({'next': onward})}"


def ask_again(request: HttpRequest, onward: str = "") -> HttpResponse:
    """Redirect to the step-up page; after a POST, with a message that nothing was done."""
    if request.method == "POST":
        messages.warning(request, _("Nothing was done yet: give your second factor once more, then do it again."))
    return redirect(step_up_url(request, onward))


def stepped_up(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Require step-up for a view without typed data. A form's page passes ``fresh=True`` to ``act_page`` instead."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if is_fresh(request) else ask_again(request)

    return asked
