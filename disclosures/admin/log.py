"""The log of disclosures: one entry for each customer and disclosure, newest first."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.admin.base import DeskAdmin
from customers.models import StaffMember
from disclosures import permissions
from disclosures.accounting.log import FILTERS, months, narrowed
from disclosures.accounting.notifications import with_secrecy
from disclosures.admin_views import customer, log
from disclosures.models import Disclosure, DisclosureRequest, Recipient

MOST_CHOICES = 30


class LogFilter(admin.SimpleListFilter):
    """Narrows the log as its export and its report are narrowed."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Disclosure]) -> QuerySet[Disclosure]:
        """Those chosen."""
        value = self.value()
        found = FILTERS[str(self.parameter_name)](value) if value else None
        return queryset.filter(found) if found is not None else queryset


class LogMonthFilter(LogFilter):
    """By month, Vietnam's."""

    title, parameter_name = _("month"), "month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The last twelve."""
        return [(month, month) for month in months(12)]


class RecipientFilter(LogFilter):
    """By recipient."""

    title, parameter_name = _("recipient"), "recipient"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those who got something."""
        got = Recipient.objects.filter(disclosures__isnull=False).select_related("current__customer").distinct()
        named = got.order_by("pk")[:MOST_CHOICES]
        return [(str(each.pk), each.current.shown if each.current else "") for each in named]


class BasisFilter(LogFilter):
    """By basis."""

    title, parameter_name = _("basis"), "basis"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The three."""
        return [(str(code), label) for code, label in DisclosureRequest.Basis.choices]


class UrgencyFilter(LogFilter):
    """By urgency."""

    title, parameter_name = _("urgency"), "urgency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Both."""
        return [(str(code), label) for code, label in DisclosureRequest.Urgency.choices]


class OfficerFilter(LogFilter):
    """By who proposed, approved or sent."""

    title, parameter_name = _("officer"), "officer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those who did."""
        names: set[str] = set()
        for role in ("proposed_by", "approved_by", "by"):
            acted = StaffMember.objects.filter(pk__in=Disclosure.objects.values(role))
            names |= set(acted.values_list("username", flat=True))
        return [(name, name) for name in sorted(names)[:MOST_CHOICES]]


@admin.register(Disclosure)
class DisclosureAdmin(DeskAdmin):
    """The log."""

    list_display = ["pk"]  # the rows are the template's
    list_filter = [LogMonthFilter, BasisFilter, UrgencyFilter, RecipientFilter, OfficerFilter]
    lookups = frozenset(FILTERS)
    ordering = ["-pk"]
    row_pages = False
    row_select_related = (
        "customer__team",
        "request",
        "details__customer",
        "proposed_by",
        "approved_by",
        "by",
        "commitment",
    )

    def is_visible_to(self, person: Any) -> bool:
        """Those who read disclosures."""
        return permissions.can_read_disclosures(person)

    def action_urls(self) -> list[Any]:
        """About the log as a whole, and about one customer."""
        return [
            ("export.csv", log.export_view, "export"),
            ("report/", log.report_view, "report"),
            ("counts/", log.counts_view, "counts"),
            ("to-tell/", log.to_tell_view, "to_tell"),
            ("<int:object_id>/tell/", customer.tell_view, "tell"),
            ("customer/<int:customer_id>/", customer.who_view, "who"),
            ("customer/<int:customer_id>/statement/<slug:language>/", customer.statement_view, "statement"),
            ("customer/<int:customer_id>/names/", customer.name_view, "name"),
            ("customer/<int:customer_id>/permits/<int:recipient_id>/", customer.permit_view, "permit"),
            ("customer/<int:customer_id>/takes-back/<int:permission_id>/", customer.take_back_view, "take_back"),
            ("customer/<int:customer_id>/corrected/<int:correction_id>/", customer.tell_recipients_view, "corrected"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to narrow an export and a report alike."""
        used = narrowed(request.GET)[1]
        query = request.GET.copy()
        for name in set(query) - set(used):
            del query[name]
        held = {"title": _("Disclosures"), "tab": "log", "query": query.urlencode(), "today": timezone.localdate()}
        response = super().changelist_view(request, {**held, **(extra_context or {})})
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            shown = [row.pk for row in context["cl"].result_list]
            kept = dict(with_secrecy(Disclosure.objects.filter(pk__in=shown)).values_list("pk", "kept_until"))
            today = timezone.localdate(timezone=timezone.get_default_timezone())
            context["rows"] = [(row, _still(kept.get(row.pk), today)) for row in context["cl"].result_list]
        return response


def _still(until: Any, today: Any) -> Any:
    """The day to whose end an entry is kept back; None once that is over."""
    return until if until is not None and until >= today else None
