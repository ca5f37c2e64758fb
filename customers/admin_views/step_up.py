"""Pages that ask for the second factor again, unless it was given within ``STEP_UP_MINUTES``."""

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
    """Where the second factor is given again, to come back to this page, or to go on to another one."""
    onward = onward or (request.path if request.method == "POST" else request.get_full_path())
    return f"{reverse('admin:step_up')}?{urlencode({'next': onward})}"


def ask_again(request: HttpRequest, onward: str = "") -> HttpResponse:
    """Off to give the second factor again; a POST that comes too late has done nothing."""
    if request.method == "POST":
        messages.warning(request, _("Nothing was done yet: give your second factor once more, then do it again."))
    return redirect(step_up_url(request, onward))


def stepped_up(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For a page that nothing is typed on. One with a form says ``fresh=True`` to ``act_page``, which keeps it."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if is_fresh(request) else ask_again(request)

    return asked
