"""Lists of casework: corrections, holds on addresses, legal deadlines, and the register of links.

Requests are in ``requests``.
"""

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
from customers.permissions.reader import reader
from customers.permissions.standing import rights_at_desk


class WaitingFilter(admin.SimpleListFilter):
    """Corrections that wait for the reader's approval or the customer's confirmation, or that are settled."""

    title = _("state")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The choices, the reader's own approval first."""
        return [("me", _("waiting for your approval")), ("confirmation", _("for the customer")), ("over", _("settled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Correction]) -> QuerySet[Correction]:
        """Corrections of the chosen state; all that wait where none is chosen."""
        if self.value() == "me":
            return queryset.filter(pk__in=corrections_approvable_by(reader(request)).values("pk"))
        if self.value() == "confirmation":
            return queryset.filter(state=Correction.State.APPROVED)
        waiting = Q(state__in=Correction.WAITING)
        return queryset.exclude(waiting) if self.value() == "over" else queryset.filter(waiting)


@admin.register(Correction)
class CorrectionAdmin(DeskAdmin):
    """The list of corrections, the longest waiting first."""

    list_display = ["pk"]  # the template renders the rows
    list_filter = [WaitingFilter, "datum"]
    lookups = frozenset({"waits", "datum__exact"})
    ordering = ["proposed_at", "pk"]
    row_pages = False

    row_select_related = ("customer__team", "proposed_by", "approved_by", "request", "old_point", "new_point")

    def is_visible_to(self, person: Any) -> bool:
        """Visible to staff who see customers."""
        return can_see_customers(person)

    def action_urls(self) -> list[Any]:
        """Approve or refuse a correction as a second person, or withdraw it."""
        return [
            ("<int:object_id>/approve/", corrections.approve_view, "approve"),
            ("<int:object_id>/refuse/", corrections.refuse_view, "refuse"),
            ("<int:object_id>/withdraw/", corrections.withdraw_view, "withdraw"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; each row also says whether the reader may approve it."""
        response = super().changelist_view(
            request, {"title": _("Corrections"), "tab": "corrections", **(extra_context or {})}
        )
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            rows = list(response.context_data["cl"].result_list)
            approvable = corrections_approvable_by(reader(request)).filter(pk__in=[row.pk for row in rows])
            keys = set(approvable.values_list("pk", flat=True))
            response.context_data["rows"] = [(row, row.pk in keys) for row in rows]
        return response


class AgeFilter(admin.SimpleListFilter):
    """Holds that are older than their review deadline."""

    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The only choice."""
        return [("old", _("suspended for too long"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> QuerySet[Hold]:
        """Holds past their deadline where that is chosen."""
        return too_old(queryset) if self.value() == "old" else queryset


@admin.register(Hold)
class HoldAdmin(DeskAdmin):
    """The list of holds on addresses, the oldest first."""

    list_display = ["pk"]  # the template renders the rows
    list_filter = ["state", AgeFilter]
    lookups = frozenset({"state__exact", "age"})
    ordering = ["opened_at", "pk"]
    row_pages = False

    row_select_related = ("customer__team", "opened_by", "closed_by", "contact_point")

    def is_visible_to(self, person: Any) -> bool:
        """Visible to staff who see customers."""
        return can_see_customers(person)

    def action_urls(self) -> list[Any]:
        """Record how the customer was contacted about a hold."""
        return [("<int:object_id>/contact/", addresses.contact_view, "contact")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with its title and tab."""
        return super().changelist_view(
            request, {"title": _("Suspended addresses"), "tab": "holds", **(extra_context or {})}
        )


@admin.register(LegalDeadline)
class LegalDeadlineAdmin(DeskAdmin):
    """The list of legal deadlines in force, with who set and verified them."""

    list_display = ["pk"]  # the template renders the rows
    ordering = ["pk"]
    row_pages = False

    row_select_related = ("by", "verified_by")

    def is_visible_to(self, person: Any) -> bool:
        """Visible to everybody with a role."""
        return bool(rights_at_desk(person))

    def action_urls(self) -> list[Any]:
        """Set a new deadline for a right."""
        return [("<slug:right>/set/", rules.deadline_view, "set")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The deadlines in force; replaced ones are in the log only."""
        keeps = can_keep_rules(reader(request))
        context = {"rules": rules_in_force(), "keeps": keeps, "tab": "deadlines", "title": _("Rules")}
        return super().changelist_view(request, {**context, **(extra_context or {})})


@admin.register(OutsideLink)
class OutsideLinkAdmin(DeskAdmin):
    """The register of other organisations' pages that letters may link to."""

    list_display = ["pk"]  # the template renders the rows
    ordering = ["-is_active", "pk"]
    row_pages = False

    def is_visible_to(self, person: Any) -> bool:
        """Visible to everybody with a role."""
        return bool(rights_at_desk(person))

    def action_urls(self) -> list[Any]:
        """Add a link, or take one out of use."""
        return [("add/", rules.add_link_view, "add"), ("<int:object_id>/end/", rules.end_link_view, "end")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with a button to add a link for staff who keep the rules."""
        keeps = can_keep_rules(reader(request))
        return super().changelist_view(
            request, {"keeps": keeps, "tab": "links", "title": _("Rules"), **(extra_context or {})}
        )
