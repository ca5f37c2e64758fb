"""The people at the desk, and their teams."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from customers import permissions
from customers.admin_base import DeskAdmin
from customers.admin_views import staff
from customers.models import (
    AccessGrant,
    Membership,
    SignIn,
    StaffMember,
    Team,
)
from customers.second_factors import factors_of
from customers.timeline import about_person

HELD = Membership.objects.select_related("role", "team", "person")


@admin.register(StaffMember)
class StaffMemberAdmin(DeskAdmin):
    """The people at the desk, for administrators; ended ones too."""

    list_display = ["username"]  # the rows are the template's
    list_filter = ["is_active"]
    lookups = frozenset({"is_active__exact"})
    ordering = ["username"]

    along = (Prefetch("memberships", queryset=HELD.order_by("pk")),)

    def offered_to(self, person: Any) -> bool:
        """Those who look after staff."""
        return permissions.can_manage_staff(person)

    def acts(self) -> list[Any]:
        """Add, roles, end, take back, link, reset, sign out."""
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
        """A person: roles, access, and what was changed about them."""
        person = self.get_queryset(request).filter(pk=object_id).first()
        if person is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "person": person,
            "oneself": person.pk == request.user.pk,
            "grants": AccessGrant.objects.open().filter(person=person).count(),
            "factors": [SignIn.Factor(each.type).label for each in factors_of(person)],
            "timeline": about_person(person),
            "opts": self.opts,
            "title": person.username,
        }
        return TemplateResponse(request, "admin/customers/staffmember/page.html", context)


@admin.register(Team)
class TeamAdmin(DeskAdmin):
    """The teams, with how many people hold a role for each."""

    list_display = ["name"]  # the rows are the template's
    ordering = ["name"]
    row_pages = False

    along = (Prefetch("memberships", queryset=HELD.order_by("person__username")),)

    def offered_to(self, person: Any) -> bool:
        """Those who look after staff."""
        return permissions.can_manage_staff(person)

    def acts(self) -> list[Any]:
        """A new one."""
        return [("add/", staff.add_team_view, "add")]
