"""Sign-in pages: password, second factor, enrolment of a first factor, and the step-up that asks for it again."""

from __future__ import annotations

from typing import Any

from allauth.account.stages import LoginStageController
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.stages import AuthenticateStage
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe

from customers.admin_forms.sign_in import AppForm, CodeForm, KeyForm, NewKeyForm
from customers.admin_views.base import get_or_post, page, post_data
from customers.models import SignIn, StaffMember
from customers.permissions.reader import reader
from customers.sign_in.allauth_adapters import BOUND, EnrolStage, is_still_good
from customers.sign_in.allauth_internals import clear_login, login_stage_required, record_authentication, webauthn
from customers.sign_in.second_factors import factors_of, has_factor
from customers.validation.errors import InvalidInput

WAYS = "admin/customers/sign_in/"
Factor = SignIn.Factor


class SignInView(LoginView):
    """The page for username and password."""

    template_name = f"{WAYS}password.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Discard a sign-in begun earlier in this session, so that it starts again from the password."""
        if not request.user.is_authenticated:
            clear_login(request)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class SecondFactorView(AuthenticateView):
    """The page for the second factor, after a correct password."""

    template_name = f"{WAYS}second_factor.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Discard a sign-in whose password was changed since it began."""
        stage = LoginStageController.enter(request, AuthenticateStage.key)
        if stage is not None and not is_still_good(request, stage.login.user):  # type: ignore[arg-type]
            clear_login(request)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the person and the kinds of factor they have."""
        person = self.stage.login.user
        return {**super().get_context_data(**kwargs), **ways_of(person), "person": person, "title": ""}


def ways_of(person: StaffMember) -> dict[str, Any]:
    """The kinds of second factor that a person has, for templates."""
    types = {factor.type for factor in factors_of(person)}
    return {"has_app": Factor.TOTP in types, "has_key": Factor.WEBAUTHN in types}


# --- setting a factor up ---------------------------------------------------------------------------------------------


def set_up(request: HttpRequest, person: StaffMember) -> tuple[Form, Form, bool]:
    """The forms for an app and for a security key, and whether the one that was posted is valid."""
    data = post_data(request)
    by_key = data is not None and "credential" in data
    app = AppForm(None if by_key else data, user=person)
    key = NewKeyForm(data if by_key else None, user=person)
    return app, key, (key if by_key else app).is_valid() if data is not None else False


def to_show(request: HttpRequest, person: StaffMember, app: Any, key: Form) -> dict[str, Any]:
    """Template context of the pages that set a factor up."""
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(person, app.secret))
    return {
        "person": person,
        "form": app,
        "key_form": key,
        "secret": " ".join(app.secret[i : i + 4] for i in range(0, len(app.secret), 4)),
        "picture": mark_safe(svg[svg.index("<svg") :]),  # noqa: S308 (made by the library from the URL: squares only)
        "key_options": webauthn.begin_registration(person, False),
    }


@get_or_post
@login_stage_required(stage=EnrolStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
def enrol_view(request: HttpRequest) -> HttpResponseBase:
    """Set up the first second factor as the last step of a sign-in; then show the recovery codes once."""
    stage = request._login_stage  # type: ignore[attr-defined]
    person: StaffMember = stage.login.user
    if has_factor(person) or not is_still_good(request, person):
        clear_login(request)
        return redirect("account_login")
    app, key, is_valid = set_up(request, person)
    if not is_valid:
        context = {"title": "", **to_show(request, person, app, key)}
        return page(request, f"{WAYS}enrol.html", context, 400 if app.errors or key.errors else 200)
    form = key if key.is_bound else app
    try:
        codes = form.save(bound=request.session[BOUND])  # type: ignore[attr-defined]
    except InvalidInput as late:
        clear_login(request)
        messages.warning(request, str(late))
        return redirect("account_login")
    kind = Factor.WEBAUTHN if key.is_bound else Factor.TOTP
    record_authentication(request, person, "mfa", type=kind)
    onward = stage.exit()
    response = page(request, f"{WAYS}codes.html", {"title": "", "codes": codes, "onward": onward.url})
    response.cookies.update(onward.cookies)
    return response if codes else onward  # type: ignore[no-any-return]


# --- giving the second factor again ----------------------------------------------------------------------------------


@get_or_post
def step_up_view(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor again, then redirect to the page that required it."""
    person = reader(request)
    data = post_data(request)
    by_key = data is not None and "credential" in data
    code = CodeForm(None if by_key else data, user=person, again=True)
    key = KeyForm(data if by_key else None, user=person, again=True)
    form = key if by_key else code
    onward = get_next_redirect_url(request) or reverse("admin:index")
    if data is not None and form.is_valid():
        form.save()
        return redirect(onward)
    context = {
        "title": "",
        "form": code,
        "webauthn_form": key,
        "js_data": {"request_options": webauthn.begin_authentication(person)},
        "onward": onward,
        **ways_of(person),
    }
    return page(request, f"{WAYS}step_up.html", context, 400 if form.errors else 200)
