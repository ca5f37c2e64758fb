"""The desk's admin site: Django's admin with the desk's frame, sign-in and first page."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import PasswordChangeView
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy as _

from config.desks import first_page
from config.frame import frame
from config.guides import help_view
from config.policy.page import policy_rules_view
from customers.admin_forms.staff import OwnPasswordForm
from customers.admin_views import own_sign_in
from customers.admin_views.second_factor import SignInView
from customers.admin_views.step_up import ask_again
from customers.sign_in.allauth_adapters import AccountAdapter
from customers.sign_in.known_browsers import remember
from customers.sign_in.sessions import is_fresh, second_factor_at

OURS = {"customers", "consent", "disclosures"}
"""The apps whose models have pages."""

NOT_ROUTED = {"autocomplete", "view_on_site", "jsi18n"}
"""Django's pages that answer for any model by key, or without sign-in; the desk does not use them."""


class DeskSite(AdminSite):
    """Django's admin under the desk's name and frame, with the first page instead of a list of models."""

    site_header = _("Privacy Desk")
    site_title = _("Privacy Desk")
    index_title = _("Desk")
    site_url = None
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register models of the desk's own apps only: pages of Django's and of packages' would bypass the acts."""
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable
        ours = [model for model in models if model._meta.app_label in OURS]
        super().register(ours, admin_class, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Adds the policy as rules, help and the person's own sign-in; leaves out ``NOT_ROUTED``."""
        policy = path("policy/", self.admin_view(policy_rules_view), name="policy_rules")
        guides = path("help/", self.admin_view(help_view), name="help")
        own = [policy, guides, *own_sign_in.urls(self.admin_view)]
        return [*own, *(url for url in super().get_urls() if getattr(url, "name", None) not in NOT_ROUTED)]

    def has_permission(self, request: HttpRequest) -> bool:
        """True for staff who signed in with a second factor; a session made in any other way opens nothing."""
        return super().has_permission(request) and second_factor_at(request) is not None

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        """The page for username and password; the second factor is asked for on the next page."""
        answer: HttpResponseBase = SignInView.as_view()(request)
        return answer

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The context of every page: the frame is added for those who are signed in."""
        context = super().each_context(request)
        if context["has_permission"]:
            context["frame"] = frame(request, request.user)  # type: ignore[arg-type]
        return context

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Empty: the menu is in ``config.frame``, which queries the rights once."""
        return []

    def get_log_entries(self, request: HttpRequest) -> Any:
        """Empty: acts are in the desk's own log, not in Django's table of admin actions."""
        return []

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The first page, by the person's rights."""
        context = self.each_context(request)
        context |= {"title": self.index_title, "find_is_here": True, **first_page(request.user, context["frame"])}  # type: ignore[arg-type]
        return TemplateResponse(request, "admin/index.html", context | (extra_context or {}))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        """Sign out by POST, on record. The page after it has no frame."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        AccountAdapter(request).logout(request)
        return TemplateResponse(request, "registration/logged_out.html", {**self.each_context(request), "title": ""})

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Change one's own password, on record; asks for the second factor again unless it is fresh."""
        if not is_fresh(request):
            return ask_again(request)
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        answer = view(request)
        if isinstance(answer, HttpResponseRedirect):  # the change made all browsers unknown; this one is known again
            remember(request, answer, request.user)  # type: ignore[arg-type]
        return answer

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """Redirect to the first page; there are no pages for single apps."""
        return redirect("admin:index")
