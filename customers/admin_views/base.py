"""What every page that does has in common: it asks, calls the act, and says what came of it."""

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
from customers.sign_in.sessions import is_fresh
from customers.validation.errors import InvalidInput
from customers.vault.errors import NotAccounted, Unreadable

ACT = "admin/customers/act.html"
REFUSED = "admin/customers/refused.html"


def page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A page of the desk, in its frame; nobody keeps it."""
    frame = admin.site.each_context(request)  # asked last: an act has just added to the log
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
    """GET shows the form. POST calls ``act`` with what was typed and goes where it says, or shows what it returns.

    What makes no sense is said on the form (400), a refusal on a page of its own (403), a record that could not be
    written too (503); in each case the act has done nothing.

    ``fresh``: only with a second factor given within ``STEP_UP_MINUTES``. One is sent to give it again before the form
    is shown; where it got too old over the form, nothing is done and what was typed stays on the page.
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
        except (Refused, RecordFailed, NotAccounted, Unreadable) as error:  # waiting to be recorded may take too long
            status = 403 if isinstance(error, Refused) else 503
            return page(request, REFUSED, {**context, "sentence": str(error)}, status)
        else:
            return redirect(done) if isinstance(done, str) else done
    return page(request, template, {**context, "form": form}, 400 if form.errors else 200)


def require_permission(
    request: HttpRequest,
    may: bool,
    act: str,
    *,
    customer: Customer | None = None,
    about: StaffMember | None = None,
) -> None:
    """Answer 403 where the reader may not open this page; a POST to it is put on record besides."""
    if may:
        return
    if request.method == "POST":
        with suppress(Refused):
            refuse(act, by=request.user, why="no_right", sentence="", customer=customer, about=about)  # type: ignore[arg-type]
    raise PermissionDenied


def post_data(request: HttpRequest) -> Any:
    """What was posted, or None for a page that is only being opened."""
    return request.POST if request.method == "POST" else None


get_or_post = require_http_methods(["GET", "HEAD", "POST"])
