"""The list of customers and the page of one, with masked data, and the history of one customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from customers.access.verify import closed_until, just_verified, misses_left
from customers.admin.access import How
from customers.admin.base import DeskAdmin
from customers.admin.casework_panels import at_work, newest_ticket
from customers.admin_forms.customer import RevealForm, VerifyForm
from customers.admin_views import access, addresses, corrections, customer, requests, service_access
from customers.audit_log.timeline import MOST_LINES, timeline
from customers.casework.versions import versions
from customers.models import (
    AccessGrant,
    ContactPoint,
    Customer,
)
from customers.permissions.customers import RIGHT_TO_REVEAL, can_see_customers, kinds_revealable_by
from customers.permissions.reader import reader
from customers.permissions.standing import Standing, rights_at_desk, standing_of


@dataclass(frozen=True)
class Panel:
    """A part of the customer's page that another app adds: its template, and the function that builds its context."""

    template: str
    shown: Callable[[Customer, Any, Standing], dict[str, Any]]


@admin.register(Customer)
class CustomerAdmin(DeskAdmin):
    """The customers a person may see, masked, with the routes of all acts on one customer."""

    list_display = ["reference"]  # the template renders the rows
    list_filter = ["status", "locale"]
    lookups = frozenset({"status__exact", "locale__exact"})
    ordering = ["reference"]

    panels: ClassVar[list[Panel]] = []
    """Panels of other apps in the order of the page; ``config`` fills the list at start."""

    row_select_related = ("team",)
    row_prefetch_related = (Prefetch("contact_points", queryset=ContactPoint.objects.order_by("channel", "pk")),)

    def is_visible_to(self, person: Any) -> bool:
        """Visible to staff who see customers."""
        return can_see_customers(person)

    def action_urls(self) -> list[Any]:
        """All acts on one customer, from find and verify to addresses and services; and the history."""
        return [
            ("find/", customer.find_view, "find"),
            ("found/<int:find_id>/", customer.found_view, "found"),
            ("found/<int:find_id>/break-glass/<str:reference>/", customer.break_glass_view, "break_glass"),
            ("<int:customer_id>/verify/", customer.verify_view, "verify"),
            ("<int:customer_id>/reveal/<slug:table>/<int:key>/<slug:field>/", customer.reveal_view, "reveal"),
            ("<int:customer_id>/grant/", access.grant_view, "grant"),
            ("<int:customer_id>/request/", requests.register_view, "register"),
            ("<int:customer_id>/correct/<slug:datum>/<int:key>/", corrections.correct_view, "correct"),
            ("<int:customer_id>/address/<int:key>/no-longer-used/", addresses.retire_view, "retire"),
            ("<int:customer_id>/address/<int:key>/comes-back/", addresses.bounce_view, "bounce"),
            ("<int:customer_id>/address/<int:key>/confirm/", addresses.ask_owner_view, "ask_owner"),
            ("<int:customer_id>/address/<int:key>/code/", addresses.code_view, "code"),
            ("<int:customer_id>/address/<int:key>/suspend/", addresses.suspend_view, "suspend"),
            ("<int:customer_id>/address/<int:key>/password-reset/", service_access.reset_view, "reset"),
            ("<int:customer_id>/service/<int:key>/set/", service_access.set_view, "set_access"),
            ("<int:customer_id>/service/<int:key>/rotate/", service_access.rotate_view, "rotate"),
            ("<int:object_id>/versions/", self.versions_view, "versions"),
        ]

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The customer's page, with every panel and what the reader may do."""
        row = self.get_queryset(request).filter(pk=object_id).first()
        if row is None:
            raise Http404
        person = reader(request)
        standing = standing_of(person)
        decides = standing.by_role("decide_access", row)
        context = {
            **self.admin_site.each_context(request),
            "customer": row,
            "contact_points": row.contact_points.all(),
            "revealable": {kind for kind, right in RIGHT_TO_REVEAL.items() if standing.holds(right, row)},
            "reveal_form": RevealForm(auto_id=False, initial={"ticket": newest_ticket(row)}),
            "verify_form": _verify_form(row) if standing.holds("verify_customers", row) else None,
            "verified": just_verified(row, by=person),
            "misses_left": misses_left(row),
            "closed": closed_until(row),
            "seen_until": standing.until("see_customers", row),
            "glass_is_broken": How.BREAK_GLASS in _held(row, person),
            "decides": decides,
            "grants": _in_force(row) if decides else [],
            "seconds": settings.REVEAL_SECONDS,
            **at_work(row, person, standing),
            "panels": [(panel.template, panel.shown(row, person, standing)) for panel in self.panels],
            "timeline": timeline(row, rights=rights_at_desk(person)),
            "most_lines": MOST_LINES,
            "opts": self.opts,
            "title": row.reference,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/customers/customer/page.html", context)

    def versions_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The history of the customer's data, version by version."""
        row = self.get_queryset(request).filter(pk=object_id).first()
        if row is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "customer": row,
            "page": customer.customer_url(row),
            "versions": versions(row),
            "revealable": kinds_revealable_by(reader(request), row),
            "opts": self.opts,
            "title": _("History of %(reference)s") % {"reference": row.reference},
        }
        return TemplateResponse(request, "admin/customers/customer/versions.html", context)


def _verify_form(row: Customer) -> VerifyForm:
    """The form for verifying a caller, with a choice of the open requests where there are any."""
    return VerifyForm(requests=customer.workable_requests(row))


def _held(row: Customer, person: Any) -> set[str]:
    """How the reader obtained the grants they hold on this customer (``AccessGrant.How`` codes)."""
    return set(AccessGrant.objects.open().filter(customer=row, person=person).values_list("how", flat=True))


def _in_force(row: Customer) -> list[AccessGrant]:
    """The grants on a customer that are in force or to come, the first to end first."""
    return list(AccessGrant.objects.open().filter(customer=row).select_related("person", "by").order_by("ends_at"))
