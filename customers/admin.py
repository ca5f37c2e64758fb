"""Pages that show: customers, masked, and the log."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from customers import permissions
from customers.admin_forms import RevealForm
from customers.admin_views import reveal_view
from customers.evidence.models import Leaf
from customers.models import ContactPoint, Customer
from customers.paging import BoundedPaginator
from customers.timeline import MOST_LINES, kind_in_words, kinds_in_words, line, timeline


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows; never adds, changes or deletes, and has no pages but the list and the row's own."""

    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    lookups: frozenset[str] = frozenset()
    """The lookups that the filters on the page use; any other one in a URL is refused."""

    IGNORED = ("q", "o", "all", "_facets", "_popup", "_to_field")
    """What Django's list would take from a URL and the desk does not offer: no search terms, no sorting by URL."""

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
        """Only what the filters on the page use; no crafted lookup."""
        return lookup in self.lookups

    def get_urls(self) -> list[URLPattern]:
        """The list and the row's page: add, delete and history are not routed."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name=f"{name}_changelist"),
            path("<int:object_id>/", wrap(self.change_view), name=f"{name}_change"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """As Django's, asked for nothing but page and filters."""
        asked = request.GET.copy()
        for name in self.IGNORED:
            asked.pop(name, None)
        if any("\0" in value for _name, values in asked.lists() for value in values):
            raise BadRequest("A NUL is no value of anything; PostgreSQL would not even take it.")
        request.GET = asked  # type: ignore[assignment]
        return super().changelist_view(request, {"title": self.opts.verbose_name_plural, **(extra_context or {})})


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """Customers a person may see: a list and a page, masked."""

    list_display = ["reference"]  # the rows are the template's
    list_filter = ["status", "locale"]
    lookups = frozenset({"status__exact", "locale__exact"})
    ordering = ["reference"]

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
            "seconds": settings.REVEAL_SECONDS,
            "timeline": timeline(customer),
            "most_lines": MOST_LINES,
            "opts": self.opts,
            "title": customer.reference,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/customers/customer/page.html", context)


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
class LeafAdmin(ReadOnlyAdmin):
    """The log, for those who may read evidence."""

    list_display = ["seq"]  # the rows are the template's
    list_filter = [KindFilter]
    lookups = frozenset({"kind"})
    ordering = ["-seq"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Offered to those who read evidence."""
        return permissions.can_read_evidence(request.user)  # type: ignore[arg-type]

    def has_view_permission(self, request: HttpRequest, obj: Leaf | None = None) -> bool:
        """Those who read evidence."""
        return permissions.can_read_evidence(request.user)  # type: ignore[arg-type]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The entries in words."""
        response = super().changelist_view(request, {"title": _("Log"), **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            shown: ChangeList = response.context_data["cl"]
            response.context_data["lines"] = [(line(leaf), kind_in_words(leaf.kind)) for leaf in shown.result_list]
        return response

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One entry: its payload as it was hashed."""
        leaf = Leaf.objects.filter(pk=object_id).first() if self.has_view_permission(request) else None
        if leaf is None:
            raise Http404
        payload = json.loads(bytes(leaf.payload))
        about = permissions.customers_visible_to(request.user).filter(reference=leaf.customer or "")  # type: ignore[arg-type]
        context = {
            **self.admin_site.each_context(request),
            "leaf": leaf,
            "line": line(leaf),
            "kind": kind_in_words(leaf.kind),
            "customer": about.first() if leaf.customer else None,
            "payload": json.dumps(payload, indent=2, sort_keys=True, ensure_ascii=False),
            "hash": bytes(leaf.leaf_hash).hex(),
            "prev": payload["prev"],
            "opts": self.opts,
            "title": _("Log entry %(entry)s") % {"entry": leaf},
        }
        return TemplateResponse(request, "admin/customers/leaf/page.html", context)
