"""What waits for somebody: corrections, suspended addresses; and the rules behind the clocks, and the links."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from customers.admin.base import DeskAdmin
from customers.admin_views import addresses, corrections, rules
from customers.casework.deadlines import rules as rules_in_force
from customers.casework.holds import too_old
from customers.models import Correction, Hold, LegalDeadline, OutsideLink
from customers.permissions.casework import can_keep_rules, corrections_approvable_by
from customers.permissions.customers import can_see_customers
from customers.permissions.standing import rights_at_desk


class WaitingFilter(admin.SimpleListFilter):
    """Corrections that wait for the reader's word, for anybody's, or that are settled."""

    title = _("state")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """One's own word first."""
        return [("me", _("for your word")), ("confirmation", _("for the customer")), ("over", _("settled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Correction]) -> QuerySet[Correction]:
        """Those chosen; all that wait where none is."""
        if self.value() == "me":
            return queryset.filter(pk__in=corrections_approvable_by(request.user).values("pk"))  # type: ignore[arg-type]
        if self.value() == "confirmation":
            return queryset.filter(state=Correction.State.APPROVED)
        waiting = Q(state__in=Correction.WAITING)
        return queryset.exclude(waiting) if self.value() == "over" else queryset.filter(waiting)


@admin.register(Correction)
class CorrectionAdmin(DeskAdmin):
    """Corrections, those that wait longest on top."""

    list_display = ["pk"]  # the rows are the template's
    list_filter = [WaitingFilter, "datum"]
    lookups = frozenset({"waits", "datum__exact"})
    ordering = ["proposed_at", "pk"]
    row_pages = False

    row_select_related = ("customer__team", "proposed_by", "approved_by", "request", "old_point", "new_point")

    def is_visible_to(self, person: Any) -> bool:
        """Those who see customers."""
        return can_see_customers(person)

    def action_urls(self) -> list[Any]:
        """The second person's word, and taking it back."""
        return [
            ("<int:object_id>/approve/", corrections.approve_view, "approve"),
            ("<int:object_id>/refuse/", corrections.refuse_view, "refuse"),
            ("<int:object_id>/withdraw/", corrections.withdraw_view, "withdraw"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Each row knows whether it waits for the reader's word."""
        response = super().changelist_view(
            request, {"title": _("Corrections"), "tab": "corrections", **(extra_context or {})}
        )
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            found = list(response.context_data["cl"].result_list)
            mine = corrections_approvable_by(request.user).filter(pk__in=[each.pk for each in found])  # type: ignore[arg-type]
            keys = set(mine.values_list("pk", flat=True))
            response.context_data["rows"] = [(each, each.pk in keys) for each in found]
        return response


class AgeFilter(admin.SimpleListFilter):
    """Suspensions that are older than their deadline."""

    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """One choice."""
        return [("old", _("suspended for too long"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> QuerySet[Hold]:
        """Those chosen."""
        return too_old(queryset) if self.value() == "old" else queryset


@admin.register(Hold)
class HoldAdmin(DeskAdmin):
    """Suspended addresses, the oldest on top."""

    list_display = ["pk"]  # the rows are the template's
    list_filter = ["state", AgeFilter]
    lookups = frozenset({"state__exact", "age"})
    ordering = ["opened_at", "pk"]
    row_pages = False

    row_select_related = ("customer__team", "opened_by", "closed_by", "contact_point")

    def is_visible_to(self, person: Any) -> bool:
        """Those who see customers."""
        return can_see_customers(person)

    def action_urls(self) -> list[Any]:
        """How the customer was reached."""
        return [("<int:object_id>/contact/", addresses.contact_view, "contact")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Under the heading of the navigation."""
        return super().changelist_view(
            request, {"title": _("Suspended addresses"), "tab": "holds", **(extra_context or {})}
        )


@admin.register(LegalDeadline)
class LegalDeadlineAdmin(DeskAdmin):
    """How long something may take, on whose word."""

    list_display = ["pk"]  # the rows are the template's
    ordering = ["pk"]
    row_pages = False

    row_select_related = ("by", "verified_by")

    def is_visible_to(self, person: Any) -> bool:
        """Everybody with a role."""
        return bool(rights_at_desk(person))

    def action_urls(self) -> list[Any]:
        """A new one."""
        return [("<slug:right>/set/", rules.deadline_view, "set")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Those that hold; older ones stand in the log."""
        keeps = can_keep_rules(request.user)  # type: ignore[arg-type]
        held = {"rules": rules_in_force(), "keeps": keeps, "tab": "deadlines", "title": _("Rules")}
        return super().changelist_view(request, {**held, **(extra_context or {})})


@admin.register(OutsideLink)
class OutsideLinkAdmin(DeskAdmin):
    """Pages of others that letters may point to."""

    list_display = ["pk"]  # the rows are the template's
    ordering = ["-is_active", "pk"]
    row_pages = False

    def is_visible_to(self, person: Any) -> bool:
        """Everybody with a role."""
        return bool(rights_at_desk(person))

    def action_urls(self) -> list[Any]:
        """A new one, and out of use."""
        return [("add/", rules.add_link_view, "add"), ("<int:object_id>/end/", rules.end_link_view, "end")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With a way to add one for those who keep the rules."""
        keeps = can_keep_rules(request.user)  # type: ignore[arg-type]
        return super().changelist_view(
            request, {"keeps": keeps, "tab": "links", "title": _("Rules"), **(extra_context or {})}
        )
