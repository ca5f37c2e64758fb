"""Lists and read-only pages: consent events, policy versions, acceptances, purposes, limits, templates, gate refusals.

Pages that carry out acts are in ``consent.admin_views``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consent.admin_views import customer, policies, receipts
from consent.gate.limits import limits
from consent.gate.purposes import purposes
from consent.gate.refusals import counts
from consent.models import (
    ConsentEvent,
    ContactLimit,
    ContactRefusal,
    MessageTemplate,
    PolicyAcceptance,
    PolicyVersion,
    Purpose,
)
from consent.outreach.templates import templates
from consent.permissions import can_keep_policies
from consent.policies.versions import accepted_by_use_only, effects, still_to_accept, to_accept
from customers.admin.access import MonthFilter
from customers.admin.base import DeskAdmin
from customers.permissions.reader import reader
from customers.permissions.standing import rights_at_desk

A_MONTH = timedelta(days=30)


class KeptAdmin(DeskAdmin):
    """The lists under *Consent*, which officers keep and watch; each has its tab."""

    list_display = ["pk"]  # the template lays out the rows
    row_pages = False
    tab = ""

    def is_visible_to(self, person: Any) -> bool:
        """For those who keep policies."""
        return can_keep_policies(person)

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Context of the list's page besides its rows."""
        return {}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the title and tab of the navigation."""
        context = {"title": _("Consent"), "tab": self.tab, "keeps": can_keep_policies(reader(request))}
        return super().changelist_view(request, {**context, **self.shown(request), **(extra_context or {})})


class StoppedByFilter(admin.SimpleListFilter):
    """Filters the gate's refusals by reason."""

    title = _("why not")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The reasons that occurred in the last 30 days."""
        return [(why, words) for words, why, _times in counts(timezone.now() - A_MONTH)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ContactRefusal]) -> QuerySet[ContactRefusal]:
        """The refusals for the chosen reason; all without one."""
        return queryset.filter(why=self.value()) if self.value() else queryset


@admin.register(ConsentEvent)
class ConsentEventAdmin(KeptAdmin):
    """What customers said, newest first; and the pages of one customer's consents."""

    ordering = ["-pk"]
    list_filter = ["what", "through"]
    lookups = frozenset({"what__exact", "through__exact"})
    row_select_related = ("customer__team", "purpose", "by")
    tab = "events"

    def action_urls(self) -> list[Any]:
        """The pages of one customer, and receipts."""
        return [
            ("customer/<int:customer_id>/", customer.of_view, "of"),
            ("customer/<int:customer_id>/opt-out/", customer.opt_out_view, "opt_out"),
            ("customer/<int:customer_id>/consent/<slug:code>/", customer.grant_view, "grant"),
            ("customer/<int:customer_id>/withdraw/<slug:code>/", customer.withdraw_view, "withdraw"),
            ("customer/<int:customer_id>/accept/", customer.accept_view, "accept"),
            ("customer/<int:customer_id>/write/", customer.write_view, "write"),
            ("<int:object_id>/receipt/", receipts.receipt_view, "receipt"),
            ("<int:object_id>/receipt.json", receipts.receipt_json_view, "receipt_json"),
            ("<int:object_id>/receipt.zip", receipts.receipt_zip_view, "receipt_zip"),
        ]


@admin.register(ContactRefusal)
class ContactRefusalAdmin(KeptAdmin):
    """What the gate refused, newest first, counted by reason."""

    ordering = ["-pk"]
    list_filter = [StoppedByFilter, MonthFilter, "door", "channel"]
    lookups = frozenset({"why", "when", "door__exact", "channel__exact"})
    row_select_related = ("customer__team", "purpose", "by")
    tab = "stopped"

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """The counts of the last 30 days."""
        return {"counts": counts(timezone.now() - A_MONTH)}


@admin.register(PolicyVersion)
class PolicyVersionAdmin(KeptAdmin):
    """Versions of the policy, and since when each is in effect."""

    ordering = ["-pk"]
    row_pages = True
    row_select_related = ("by",)
    tab = "versions"

    def is_visible_to(self, person: Any) -> bool:
        """For everybody with a role: the policy is no secret."""
        return bool(rights_at_desk(person))

    def action_urls(self) -> list[Any]:
        """Adding a version, and confirming where it was seen."""
        return [
            ("add/", policies.write_version_view, "add"),
            ("<int:object_id>/seen/", policies.confirm_view, "confirm"),
        ]

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """When each version is in effect, newest version first."""
        return {"effects": effects()[::-1]}

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One version: its texts, and the sites where it was seen."""
        version = self.get_queryset(request).filter(pk=object_id).first()
        if version is None:
            raise Http404
        effect = next(row for row in effects() if row.version.pk == version.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": version.label,
            "version": version,
            "effect": effect,
            "publications": version.publications.select_related("by").order_by("pk"),
            "keeps": can_keep_policies(reader(request)),
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/consent/policyversion/page.html", context)


class AloneFilter(admin.SimpleListFilter):
    """Filters for acceptances of customers who accepted the version of ``to_accept`` by use alone."""

    title = _("by use")
    parameter_name = "alone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The one choice: by use alone."""
        return [("use", _("alone"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PolicyAcceptance]) -> QuerySet[PolicyAcceptance]:
        """The acceptances of those customers; all without a choice."""
        return queryset.filter(customer__in=accepted_by_use_only()) if self.value() == "use" else queryset


@admin.register(PolicyAcceptance)
class PolicyAcceptanceAdmin(KeptAdmin):
    """Which customers accepted the policy, and how; those who did by use alone are counted."""

    ordering = ["-pk"]
    list_filter = ["how", AloneFilter]
    lookups = frozenset({"how__exact", "alone"})
    row_select_related = ("customer__team", "version", "by")
    tab = "acceptances"

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """The version to accept; how many accepted it by use alone, and how many not at all."""
        return {
            "asked": to_accept(),
            "by_use": accepted_by_use_only().count(),
            "to_accept": still_to_accept().count(),
        }


@admin.register(Purpose)
class PurposeAdmin(KeptAdmin):
    """The purposes that customers' data is used for."""

    ordering = ["pk"]
    tab = "purposes"

    def is_visible_to(self, person: Any) -> bool:
        """For everybody with a role."""
        return bool(rights_at_desk(person))

    def action_urls(self) -> list[Any]:
        """Adding a purpose."""
        return [("add/", policies.add_purpose_view, "add")]

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """The purposes, those based on the contract first."""
        return {"purposes": purposes()}


@admin.register(ContactLimit)
class ContactLimitAdmin(KeptAdmin):
    """When and how often news may be sent, by channel."""

    ordering = ["pk"]
    tab = "limits"

    def action_urls(self) -> list[Any]:
        """Setting a channel's limit."""
        return [("<slug:channel>/set/", policies.set_limit_view, "set")]

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """The limits in force."""
        return {"limits": limits()}


@admin.register(MessageTemplate)
class MessageTemplateAdmin(KeptAdmin):
    """The templates that messages start from."""

    ordering = ["pk"]
    tab = "templates"

    def action_urls(self) -> list[Any]:
        """Adding a template, setting its text, and taking it out of use."""
        return [
            ("add/", policies.template_view, "add"),
            ("<slug:code>/set/", policies.template_view, "set"),
            ("<slug:code>/end/", policies.end_template_view, "end"),
        ]

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """The templates in use."""
        return {"templates": templates()}
