"""Lists of grants, refusals, and customers closed to verification."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.acts.budgets import month_began
from customers.acts.refusals import WHYS
from customers.admin.base import DeskAdmin
from customers.admin_views import access
from customers.models import (
    AccessGrant,
    Refusal,
    VerificationClosure,
)
from customers.permissions.access import can_watch_access, with_customers_told
from customers.permissions.reader import reader
from customers.permissions.standing import standing_of

How = AccessGrant.How


class GrantStateFilter(admin.SimpleListFilter):
    """Grants in force, to come, or over."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The three states, grants in force first."""
        return [("live", _("in force")), ("to_come", _("to come")), ("ended", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> QuerySet[AccessGrant]:
        """Grants in the chosen state at this moment; all where none is chosen."""
        now = timezone.now()
        over = Q(ends_at__lte=now) | Q(end__isnull=False)
        states = {"live": ~over & Q(starts_at__lte=now), "to_come": ~over & Q(starts_at__gt=now), "ended": over}
        return queryset.filter(states[self.value()]) if self.value() in states else queryset  # type: ignore[index]


@admin.register(AccessGrant)
class AccessGrantAdmin(DeskAdmin):
    """Grants, ended ones included; and the route of the page of access anomalies."""

    list_display = ["pk"]  # the template renders the rows
    list_filter = [GrantStateFilter, "how"]
    lookups = frozenset({"state", "how__exact"})
    ordering = ["-pk"]
    row_pages = False

    row_select_related = ("customer__team", "person", "by", "end__by")

    def is_visible_to(self, person: Any) -> bool:
        """Visible to staff who decide access or review it."""
        return can_watch_access(person)

    def action_urls(self) -> list[Any]:
        """Access anomalies, allowing more of a budget for today, and ending a grant."""
        return [
            ("watch/", access.watch_view, "watch"),
            ("allow/", access.allow_view, "allow"),
            ("<int:object_id>/end/", access.end_grant_view, "end"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; each row also says whether the reader sees its customer and may end the grant."""
        response = super().changelist_view(request, {"title": _("Access"), "tab": "grants", **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            standing = standing_of(reader(request), "see_customers", "decide_access")
            grants: list[AccessGrant] = response.context_data["cl"].result_list
            visible = [standing.holds("see_customers", grant.customer) for grant in grants]
            decidable = [standing.by_role("decide_access", grant.customer) for grant in grants]
            response.context_data["rows"] = list(zip(grants, visible, decidable, strict=True))
        return response


class MonthFilter(admin.SimpleListFilter):
    """Rows of the current month in Vietnam's time zone."""

    title = _("month")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The only choice."""
        return [("month", _("this month"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows since the month began where it is chosen."""
        return queryset.filter(at__gte=month_began()) if self.value() == "month" else queryset


class WhyFilter(admin.SimpleListFilter):
    """Refusals by their reason. The reasons come from the code, not from reading the whole table."""

    title = _("why")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every reason with its label."""
        return list(WHYS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Refusal]) -> QuerySet[Refusal]:
        """Refusals for the chosen reason."""
        return queryset.filter(why=self.value()) if self.value() else queryset


@admin.register(Refusal)
class RefusalAdmin(DeskAdmin):
    """The list of refused acts: who asked for what, and why it was refused."""

    list_display = ["pk"]  # the template renders the rows
    list_filter = [WhyFilter, MonthFilter]
    lookups = frozenset({"why", "when"})
    ordering = ["-pk"]
    row_pages = False

    row_select_related = ("by", "customer", "person")

    def is_visible_to(self, person: Any) -> bool:
        """Visible to staff who decide access or review it."""
        return can_watch_access(person)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; a row names its customer only to readers who see that customer or review access."""
        response = super().changelist_view(request, {"title": _("Access"), "tab": "refusals", **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            refusals = response.context_data["cl"].result_list
            response.context_data["rows"] = with_customers_told(reader(request), refusals)
        return response


class ClosureStateFilter(admin.SimpleListFilter):
    """Closures in force at this moment."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The only choice."""
        return [("live", _("closed just now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[VerificationClosure]) -> QuerySet[VerificationClosure]:
        """Closures that have not run out where that is chosen."""
        return queryset.filter(until__gt=timezone.now()) if self.value() == "live" else queryset


@admin.register(VerificationClosure)
class VerificationClosureAdmin(DeskAdmin):
    """The list of closures: after too many misses, nobody could verify the customer for an hour."""

    list_display = ["pk"]  # the template renders the rows
    list_filter = [ClosureStateFilter]
    lookups = frozenset({"state"})
    ordering = ["-pk"]
    row_pages = False

    row_select_related = ("customer__team", "by")

    def is_visible_to(self, person: Any) -> bool:
        """Visible to staff who decide access or review it."""
        return can_watch_access(person)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under the same heading as the grants."""
        return super().changelist_view(request, {"title": _("Access"), "tab": "closures", **(extra_context or {})})
