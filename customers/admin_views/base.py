"""Helpers of pages that carry out acts: show a form, check the right, call the act, show the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers.acts.refusals import Refused, refuse
from customers.admin_views.step_up import ask_again, step_up_url
from customers.evidence.errors import RecordFailed
from customers.models import Customer, StaffMember
from customers.models.acts import ActCode, RefusalReason
from customers.permissions.reader import reader
from customers.sign_in.sessions import is_fresh
from customers.validation.errors import InvalidInput
from customers.vault.errors import NotAccounted, Unreadable

ACT = "admin/customers/act.html"
REFUSED = "admin/customers/refused.html"


def page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """Render a page in the frame of the admin; browsers may not store it."""
    frame = admin.site.each_context(request)  # read last: an act may just have added to the log
    response = TemplateResponse(request, template, {**frame, **context}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def act_page(
    request: HttpRequest,
    form: Form,
    act: Callable[..., str | HttpResponse],
    context: Mapping[str, Any],
    template: str = ACT,
    *,
    fresh: bool = False,
) -> HttpResponse:
    """GET shows the form. POST calls ``act``, which returns a URL to redirect to or a response.

    Invalid input is shown on the form (400), a refusal on a page of its own (403), as is a record that could not be
    written (503); in each case the act has done nothing.

    ``fresh`` requires a second factor given within ``STEP_UP_MINUTES``. GET redirects to give it again; where it
    became too old while the form was filled in, nothing is done and the typed values stay on the page.
    """
    if fresh and not is_fresh(request):
        if request.method != "POST":
            return ask_again(request)
        form.add_error(None, _("Nothing was done yet. Give your second factor once more, then press the button again."))
        context = {**context, "step_up": step_up_url(request)}
    if request.method == "POST" and form.is_valid():
        try:
            done = act(**form.cleaned_data)
        except InvalidInput as error:
            form.add_error(None, str(error))
        except (
            Refused,
            RecordFailed,
            NotAccounted,
            Unreadable,
        ) as error:  # NotAccounted: recording took so long that the value may no longer be exposed
            status = 403 if isinstance(error, Refused) else 503
            return page(request, REFUSED, {**context, "sentence": str(error)}, status)
        else:
            return redirect(done) if isinstance(done, str) else done
    return page(request, template, {**context, "form": form}, 400 if form.errors else 200)


def require_permission(
    request: HttpRequest,
    may: bool,
    act: ActCode,
    *,
    customer: Customer | None = None,
    about: StaffMember | None = None,
) -> None:
    """Raise ``PermissionDenied`` (403) unless ``may``; for a POST, the refusal is recorded too."""
    if may:
        return
    if request.method == "POST":
        with suppress(Refused):
            refuse(act, by=reader(request), why=RefusalReason.NO_RIGHT, sentence="", customer=customer, about=about)
    raise PermissionDenied


def post_data(request: HttpRequest) -> Any:
    """The posted data, or None for any other method, so that the form is unbound."""
    return request.POST if request.method == "POST" else None


get_or_post = require_http_methods(["GET", "HEAD", "POST"])
