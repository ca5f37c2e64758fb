"""Pages that show: customers, masked, and the log."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from customers import permissions
from customers.admin_forms import RevealForm
from customers.admin_views import reveal_view
from customers.evidence.accounting import parse_time
from customers.evidence.models import Leaf
from customers.models import ContactPoint, Customer
from customers.paging import BoundedPaginator
from customers.timeline import timeline
from customers.vault.sealed import Sealed


def pill(value: Sealed | None) -> SafeString:
    """A mask as masks look everywhere."""
    return format_html('<span class="mask">{}</span>', value) if value is not None else SafeString("")


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows; never adds, changes or deletes, and has no pages but the list and the row's own."""

    actions = None
    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: acts add."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: acts change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only the filters on the page; no crafted lookup."""
        return lookup.partition("__")[0] in self.list_filter and lookup.count("__") <= 1

    def get_urls(self) -> list[URLPattern]:
        """The list and the row's page: add, delete and history are not routed."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name=f"{name}_changelist"),
            path("<int:object_id>/", wrap(self.change_view), name=f"{name}_change"),
        ]


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """Customers a person may see: a list and a page, masked."""

    list_display = ["name", "company_mask", "addresses", "status", "team"]
    list_display_links = ["name"]
    list_filter = ["status", "locale"]
    ordering = ["reference"]
    sortable_by: list[str] = []

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Offered to those who see customers."""
        return permissions.can_see_customers(request.user)  # type: ignore[arg-type]

    def has_view_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Of a team whose customers the person sees."""
        if obj is None:
            return permissions.can_see_customers(request.user)  # type: ignore[arg-type]
        return permissions.can_see(request.user, obj)  # type: ignore[arg-type]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """Those the person may see, with their addresses."""
        points = ContactPoint.objects.order_by("channel", "pk")
        return (
            permissions.customers_visible_to(request.user)  # type: ignore[arg-type]
            .select_related("team")
            .prefetch_related(Prefetch("contact_points", queryset=points))
        )

    def get_urls(self) -> list[URLPattern]:
        """The page that reveals, besides the two that show."""
        reveal = path(
            "<int:customer_id>/reveal/<slug:table>/<int:key>/<slug:field>/",
            self.admin_site.admin_view(reveal_view),
            name="customers_customer_reveal",
        )
        return [reveal, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The customer's page: the hub of the desk."""
        customer = self.get_queryset(request).filter(pk=object_id).first()
        if customer is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "customer": customer,
            "contact_points": customer.contact_points.all(),
            "services": customer.services.all(),
            "revealable": permissions.kinds_revealable_by(request.user, customer),  # type: ignore[arg-type]
            "reveal_form": RevealForm(auto_id=False),
            "timeline": timeline(customer),
            "opts": self.opts,
            "title": customer.reference,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/customers/customer/page.html", context)

    @admin.display(description=_("name"))
    def name(self, customer: Customer) -> SafeString:
        """The mask of the name, with the reference below."""
        return format_html('{}<span class="quiet line">{}</span>', pill(customer.full_name), customer.reference)

    @admin.display(description=_("company"))
    def company_mask(self, customer: Customer) -> SafeString:
        """The mask of the company."""
        return pill(customer.company)

    @admin.display(description=_("addresses"))
    def addresses(self, customer: Customer) -> SafeString:
        """The masks of all addresses and numbers."""
        points = customer.contact_points.all()
        return format_html_join(" ", "{}", ((pill(point.email or point.phone),) for point in points))


@admin.register(Leaf)
class LeafAdmin(ReadOnlyAdmin):
    """The log, for those who may read evidence."""

    list_display = ["entry", "at", "kind", "by", "customer", "table_name"]
    list_filter = ["kind"]
    ordering = ["-seq"]
    sortable_by: list[str] = []

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Offered to those who read evidence."""
        return permissions.can_read_evidence(request.user)  # type: ignore[arg-type]

    def has_view_permission(self, request: HttpRequest, obj: Leaf | None = None) -> bool:
        """Those who read evidence."""
        return permissions.can_read_evidence(request.user)  # type: ignore[arg-type]

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One entry: its payload as it was hashed."""
        leaf = Leaf.objects.filter(pk=object_id).first() if self.has_view_permission(request) else None
        if leaf is None:
            raise Http404
        payload = json.loads(bytes(leaf.payload))
        context = {
            **self.admin_site.each_context(request),
            "leaf": leaf,
            "payload": json.dumps(payload, indent=2, sort_keys=True, ensure_ascii=False),
            "hash": bytes(leaf.leaf_hash).hex(),
            "opts": self.opts,
            "title": str(leaf),
        }
        return TemplateResponse(request, "admin/customers/leaf/page.html", context)

    @admin.display(description=_("entry"))
    def entry(self, leaf: Leaf) -> str:
        """Its number."""
        return str(leaf)

    @admin.display(description=_("at"))
    def at(self, leaf: Leaf) -> Any:
        """When it was written."""
        return parse_time(json.loads(bytes(leaf.payload))["at"])

    @admin.display(description=_("by"))
    def by(self, leaf: Leaf) -> str:
        """Who acted."""
        return str(json.loads(bytes(leaf.payload))["by"])
