"""Pages that show: customers, masked, grants and refusals, the staff, and the log."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers import permissions
from customers.admin_base import DeskAdmin
from customers.admin_forms import RevealForm, VerifyForm
from customers.admin_views import access, customer, staff
from customers.models import (
    AccessGrant,
    ContactPoint,
    Customer,
    Leaf,
    Membership,
    Refusal,
    StaffMember,
    Team,
    VerificationClosure,
)
from customers.refusals import WHYS
from customers.timeline import MOST_LINES, about_person, kind_in_words, kinds_in_words, lines, timeline
from customers.verify import closed_until, just_verified, misses_left


@admin.register(Customer)
class CustomerAdmin(DeskAdmin):
    """Customers a person may see: a list and a page, masked, and what is done about one."""

    list_display = ["reference"]  # the rows are the template's
    list_filter = ["status", "locale"]
    lookups = frozenset({"status__exact", "locale__exact"})
    ordering = ["reference"]

    beside = ("team",)
    along = (Prefetch("contact_points", queryset=ContactPoint.objects.order_by("channel", "pk")),)

    def offered_to(self, person: Any) -> bool:
        """Those who see customers."""
        return permissions.can_see_customers(person)

    def acts(self) -> list[Any]:
        """Find, verify, reveal, break glass, give rights."""
        return [
            ("find/", customer.find_view, "find"),
            ("found/<int:find_id>/", customer.found_view, "found"),
            ("found/<int:find_id>/break-glass/<str:reference>/", customer.break_glass_view, "break_glass"),
            ("<int:customer_id>/verify/", customer.verify_view, "verify"),
            ("<int:customer_id>/reveal/<slug:table>/<int:key>/<slug:field>/", customer.reveal_view, "reveal"),
            ("<int:customer_id>/grant/", access.grant_view, "grant"),
        ]

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The customer's page: the hub of the desk."""
        found = self.get_queryset(request).filter(pk=object_id).first()
        if found is None:
            raise Http404
        person: Any = request.user
        standing = permissions.standing_of(person)
        decides = standing.by_role("decide_access", found)
        context = {
            **self.admin_site.each_context(request),
            "customer": found,
            "contact_points": found.contact_points.all(),
            "services": found.services.all(),
            "revealable": {kind for kind, right in permissions.RIGHT_TO_REVEAL.items() if standing.holds(right, found)},
            "reveal_form": RevealForm(auto_id=False),
            "verify_form": VerifyForm() if standing.holds("verify_customers", found) else None,
            "verified": just_verified(found, by=person),
            "misses_left": misses_left(found),
            "closed": closed_until(found),
            "seen_until": standing.until("see_customers", found),
            "glass_is_broken": How.BREAK_GLASS in _held(found, person),
            "decides": decides,
            "grants": _in_force(found) if decides else [],
            "seconds": settings.REVEAL_SECONDS,
            "timeline": timeline(found),
            "most_lines": MOST_LINES,
            "opts": self.opts,
            "title": found.reference,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/customers/customer/page.html", context)


def _held(found: Customer, person: Any) -> set[str]:
    """How the reader came by the grants that are in force on this customer."""
    return set(AccessGrant.objects.open().filter(customer=found, person=person).values_list("how", flat=True))


def _in_force(found: Customer) -> list[AccessGrant]:
    """The grants on a customer that are in force or to come."""
    return list(AccessGrant.objects.open().filter(customer=found).select_related("person", "by").order_by("ends_at"))


How = AccessGrant.How


class GrantStateFilter(admin.SimpleListFilter):
    """Grants in force, to come, or over."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """In the order of their urgency."""
        return [("live", _("in force")), ("to_come", _("to come")), ("ended", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> QuerySet[AccessGrant]:
        """Those in the state chosen, just now."""
        now = timezone.now()
        over = Q(ends_at__lte=now) | Q(end__isnull=False)
        states = {"live": ~over & Q(starts_at__lte=now), "to_come": ~over & Q(starts_at__gt=now), "ended": over}
        return queryset.filter(states[self.value()]) if self.value() in states else queryset  # type: ignore[index]


@admin.register(AccessGrant)
class AccessGrantAdmin(DeskAdmin):
    """Rights for a time, ended ones too; and the list of what is worth a look about access."""

    list_display = ["pk"]  # the rows are the template's
    list_filter = [GrantStateFilter, "how"]
    lookups = frozenset({"state", "how__exact"})
    ordering = ["-pk"]
    row_pages = False

    beside = ("customer__team", "person", "by", "end__by")

    def offered_to(self, person: Any) -> bool:
        """Those who decide about access or review it."""
        return permissions.can_watch_access(person)

    def acts(self) -> list[Any]:
        """The list worth a look, more for today, an end before its time."""
        return [
            ("watch/", access.watch_view, "watch"),
            ("allow/", access.allow_view, "allow"),
            ("<int:object_id>/end/", access.end_grant_view, "end"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Each row knows whether the reader sees its customer, and may end it."""
        response = super().changelist_view(request, {"title": _("Access"), "tab": "grants", **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            standing = permissions.standing_of(request.user, "see_customers", "decide_access")  # type: ignore[arg-type]
            grants: list[AccessGrant] = response.context_data["cl"].result_list
            seen = [standing.holds("see_customers", grant.customer) for grant in grants]
            decided = [standing.by_role("decide_access", grant.customer) for grant in grants]
            response.context_data["rows"] = list(zip(grants, seen, decided, strict=True))
        return response


class WhyFilter(admin.SimpleListFilter):
    """Refusals by their reason. The reasons come from the code, not from reading the whole table."""

    title = _("why")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every reason."""
        return list(WHYS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Refusal]) -> QuerySet[Refusal]:
        """Those of the reason chosen."""
        return queryset.filter(why=self.value()) if self.value() else queryset


@admin.register(Refusal)
class RefusalAdmin(DeskAdmin):
    """What was refused, to whom and why."""

    list_display = ["pk"]  # the rows are the template's
    list_filter = [WhyFilter]
    lookups = frozenset({"why"})
    ordering = ["-pk"]
    row_pages = False

    beside = ("by", "customer", "person")

    def offered_to(self, person: Any) -> bool:
        """Those who decide about access or review it."""
        return permissions.can_watch_access(person)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Each row tells its customer to those who may know of it."""
        response = super().changelist_view(request, {"title": _("Access"), "tab": "refusals", **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            refusals = response.context_data["cl"].result_list
            response.context_data["rows"] = permissions.with_customers_told(request.user, refusals)  # type: ignore[arg-type]
        return response


@admin.register(VerificationClosure)
class VerificationClosureAdmin(DeskAdmin):
    """Customers whom nobody could verify for an hour, after too many misses."""

    list_display = ["pk"]  # the rows are the template's
    ordering = ["-pk"]
    row_pages = False

    beside = ("customer__team", "by")

    def offered_to(self, person: Any) -> bool:
        """Those who decide about access or review it."""
        return permissions.can_watch_access(person)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Under the same heading as the grants."""
        return super().changelist_view(request, {"title": _("Access"), "tab": "closures", **(extra_context or {})})


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
        """Add, roles, end, take back, link."""
        return [
            ("add/", staff.add_view, "add"),
            ("<int:object_id>/role/", staff.give_role_view, "give_role"),
            ("<int:object_id>/role/<int:membership_id>/end/", staff.end_role_view, "end_role"),
            ("<int:object_id>/end/", staff.end_view, "end"),
            ("<int:object_id>/take-back/", staff.take_back_view, "take_back"),
            ("<int:object_id>/link/", staff.link_view, "link"),
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


class KindFilter(admin.SimpleListFilter):
    """Entries of one kind. The kinds come from the models, not from reading the whole log."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every kind, in the order of its name."""
        return sorted(kinds_in_words().items(), key=lambda kind: kind[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Leaf]) -> QuerySet[Leaf]:
        """Those of the kind chosen."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Leaf)
class LeafAdmin(DeskAdmin):
    """The log, for those who may read evidence."""

    list_display = ["seq"]  # the rows are the template's
    list_filter = [KindFilter]
    lookups = frozenset({"kind"})
    ordering = ["-seq"]

    def offered_to(self, person: Any) -> bool:
        """Those who read evidence."""
        return permissions.can_read_evidence(person)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The entries in words."""
        response = super().changelist_view(request, {"title": _("Log"), **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            found: list[Leaf] = list(response.context_data["cl"].result_list)
            response.context_data["lines"] = [
                (line, kind_in_words(leaf.kind)) for line, leaf in zip(lines(found), found, strict=True)
            ]
        return response

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One entry: its payload as it was hashed."""
        leaf = self.get_queryset(request).filter(pk=object_id).first()
        if leaf is None:
            raise Http404
        payload = json.loads(bytes(leaf.payload))
        about = permissions.customers_visible_to(request.user).filter(reference=leaf.customer or "")  # type: ignore[arg-type]
        context = {
            **self.admin_site.each_context(request),
            "leaf": leaf,
            "line": lines([leaf])[0],
            "kind": kind_in_words(leaf.kind),
            "customer": about.first() if leaf.customer else None,
            "payload": json.dumps(payload, indent=2, sort_keys=True, ensure_ascii=False),
            "hash": bytes(leaf.leaf_hash).hex(),
            "prev": payload["prev"],
            "opts": self.opts,
            "title": _("Log entry %(entry)s") % {"entry": leaf},
        }
        return TemplateResponse(request, "admin/customers/leaf/page.html", context)
