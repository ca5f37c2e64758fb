"""Lists of staff and teams, and the page of one member of staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from customers.admin.base import DeskAdmin
from customers.admin_views import staff
from customers.audit_log.timeline import about_person
from customers.models import (
    AccessGrant,
    Membership,
    SignIn,
    StaffMember,
    Team,
)
from customers.permissions.staff import can_manage_staff
from customers.sign_in.second_factors import factors_of
from customers.staff.warnings import without_lead, without_role, without_sign_in

HELD = Membership.objects.select_related("role", "team", "person")


class LacksFilter(admin.SimpleListFilter):
    """Base filter: rows that lack something; subclasses fill ``MISSING`` with label and queryset by name."""

    title = _("what is missing")
    parameter_name = "lacks"
    MISSING: ClassVar[dict[str, tuple[Any, Callable[[Any], QuerySet[Any]]]]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What may be missing, with labels."""
        return [(name, words) for name, (words, _rows) in self.MISSING.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows that lack the chosen thing."""
        chosen = self.MISSING.get(self.value() or "")
        return chosen[1](queryset) if chosen else queryset


class PersonLacksFilter(LacksFilter):
    """Staff without a role, or without a way to sign in."""

    MISSING: ClassVar = {"role": (_("a role"), without_role), "sign_in": (_("a sign-in"), without_sign_in)}


class TeamLacksFilter(LacksFilter):
    """Teams without a lead."""

    MISSING: ClassVar = {"lead": (_("a lead"), without_lead)}


@admin.register(StaffMember)
class StaffMemberAdmin(DeskAdmin):
    """The list of staff for administrators, with those whose access has ended."""

    list_display = ["username"]  # the template renders the rows
    list_filter = ["is_active", PersonLacksFilter]
    lookups = frozenset({"is_active__exact", "lacks"})
    ordering = ["username"]

    row_prefetch_related = (Prefetch("memberships", queryset=HELD.order_by("pk")),)

    def is_visible_to(self, person: Any) -> bool:
        """Visible to staff who manage staff."""
        return can_manage_staff(person)

    def action_urls(self) -> list[Any]:
        """The acts on staff: add, roles, end or give back access, sign-in link, reset, sign out."""
        return [
            ("add/", staff.add_view, "add"),
            ("<int:object_id>/role/", staff.give_role_view, "give_role"),
            ("<int:object_id>/role/<int:membership_id>/end/", staff.end_role_view, "end_role"),
            ("<int:object_id>/end/", staff.end_view, "end"),
            ("<int:object_id>/take-back/", staff.take_back_view, "take_back"),
            ("<int:object_id>/link/", staff.link_view, "link"),
            ("<int:object_id>/reset/", staff.reset_view, "reset"),
            ("<int:object_id>/sessions/", staff.sessions_view, "sessions"),
        ]

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one member of staff: roles, grants, sign-in factors, and changes to their access."""
        person = self.get_queryset(request).filter(pk=object_id).first()
        if person is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "person": person,
            "oneself": person.pk == request.user.pk,
            "grants": AccessGrant.objects.open().filter(person=person).count(),
            "factors": [SignIn.Factor(factor.type).label for factor in factors_of(person)],
            "timeline": about_person(person),
            "opts": self.opts,
            "title": person.username,
        }
        return TemplateResponse(request, "admin/customers/staffmember/page.html", context)


@admin.register(Team)
class TeamAdmin(DeskAdmin):
    """The list of teams, with the people who hold a role for each."""

    list_display = ["name"]  # the template renders the rows
    list_filter = [TeamLacksFilter]
    lookups = frozenset({"lacks"})
    ordering = ["name"]
    row_pages = False

    row_prefetch_related = (Prefetch("memberships", queryset=HELD.order_by("person__username")),)

    def is_visible_to(self, person: Any) -> bool:
        """Visible to staff who manage staff."""
        return can_manage_staff(person)

    def action_urls(self) -> list[Any]:
        """Add a team."""
        return [("add/", staff.add_team_view, "add")]
