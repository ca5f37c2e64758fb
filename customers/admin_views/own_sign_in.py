"""Pages about the person's own sign-in: second factors, recovery codes, and signing out everywhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from customers.admin_forms.base import AskingForm
from customers.admin_views.base import act_page, get_or_post, page, post_data
from customers.admin_views.second_factor import WAYS, Factor, set_up, step_up_view, to_show
from customers.admin_views.step_up import stepped_up
from customers.models import SignIn
from customers.permissions.reader import reader
from customers.sign_in.second_factors import codes_left, factors_of, make_codes, remove_factor
from customers.staff.accounts import end_own_other_sessions

NEWEST = 10
"""How many of the latest sign-ins are shown."""


def _home() -> str:
    return reverse("admin:own_sign_in")


@get_or_post
def own_sign_in_view(request: HttpRequest) -> HttpResponse:
    """The person's second factors and their latest sign-ins."""
    person = reader(request)
    factors = factors_of(person)
    context = {
        "title": _("Your sign-in"),
        "factors": [
            {"row": factor, "label": Factor(factor.type).label, "name": factor.data.get("name", "")}
            for factor in factors
        ],
        "only_one": len(factors) == 1,
        "codes_left": codes_left(person),
        "newest": SignIn.objects.filter(person=person).order_by("-pk")[:NEWEST],
        "idle": settings.SESSION_IDLE_MINUTES,
        "hours": settings.SESSION_HOURS,
    }
    return page(request, f"{WAYS}own.html", context)


@get_or_post
@stepped_up
def add_view(request: HttpRequest) -> HttpResponse:
    """Replace the authenticator app, or add a security key."""
    person = reader(request)
    app, key, is_valid = set_up(request, person)
    if not is_valid:
        context = {"title": _("Another second factor"), "back": _home(), **to_show(request, person, app, key)}
        return page(request, f"{WAYS}add.html", context, 400 if app.errors or key.errors else 200)
    codes = (key if key.is_bound else app).save()  # type: ignore[attr-defined]
    messages.success(request, _("From now on you can sign in with it."))
    return page(request, f"{WAYS}codes.html", {"title": "", "codes": codes, "onward": _home()})


@get_or_post
@stepped_up
def codes_view(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, which are shown once."""
    person = reader(request)

    def act() -> HttpResponse:
        return page(request, f"{WAYS}codes.html", {"title": "", "codes": make_codes(person), "onward": _home()})

    context = _asking(
        title=_("New recovery codes"), button=_("Make new codes"),
        on_record=_("The old ones no longer work from then on. The time goes on record, the codes do not."),
    )  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context)


@get_or_post
@stepped_up
def remove_view(request: HttpRequest, key: int) -> HttpResponse:
    """Remove an app or a security key."""
    person = reader(request)

    def act() -> str:
        remove_factor(person, key)
        messages.success(request, _("It is removed."))
        return _home()

    context = _asking(
        title=_("Remove a second factor"), button=_("Remove it"),
        on_record=_("You can no longer sign in with it. Your name and the time go on record."),
    )  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context)


@get_or_post
def elsewhere_view(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    person = reader(request)

    def act() -> str:
        end_own_other_sessions(person, but=request.session.session_key or "")
        messages.success(request, _("You are signed in here only."))
        return _home()

    context = _asking(
        title=_("Sign out everywhere else"), button=_("Sign out elsewhere"),
        on_record=_("Your name and the time go on record."),
    )  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context)


def _asking(**extra: Any) -> dict[str, Any]:
    return {"page": _home(), "back": _home(), **extra}


def urls(admin_view: Callable[..., Any]) -> list[URLPattern]:
    """URL patterns of these pages, for signed-in staff."""
    routes: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
        ("sign-in/", own_sign_in_view, "own_sign_in"),
        ("sign-in/add/", add_view, "own_sign_in_add"),
        ("sign-in/codes/", codes_view, "own_sign_in_codes"),
        ("sign-in/<int:key>/remove/", remove_view, "own_sign_in_remove"),
        ("sign-in/elsewhere/", elsewhere_view, "own_sign_in_elsewhere"),
        ("sign-in/again/", step_up_view, "step_up"),
    ]
    return [path(route, admin_view(view), name=name) for route, view, name in routes]
