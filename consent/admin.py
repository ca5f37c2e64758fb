"""Pages that show: what customers said, policy versions, purposes, limits, templates, and what the gate stopped."""

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
    """What officers keep and watch."""

    list_display = ["pk"]  # the rows are the template's
    row_pages = False
    tab = ""

    def is_visible_to(self, person: Any) -> bool:
        """Those who keep policies."""
        return can_keep_policies(person)

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """What the list's page needs besides its rows."""
        return {}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Under the heading of the navigation."""
        held = {"title": _("Consent"), "tab": self.tab, "keeps": can_keep_policies(reader(request))}
        return super().changelist_view(request, {**held, **self.shown(request), **(extra_context or {})})


class StoppedByFilter(admin.SimpleListFilter):
    """Those that were stopped for one reason."""

    title = _("why not")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The reasons of the last month."""
        return [(why, words) for words, why, _times in counts(timezone.now() - A_MONTH)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ContactRefusal]) -> QuerySet[ContactRefusal]:
        """Those chosen."""
        return queryset.filter(why=self.value()) if self.value() else queryset


@admin.register(ConsentEvent)
class ConsentEventAdmin(KeptAdmin):
    """What customers said, newest first; and the pages about one customer."""

    ordering = ["-pk"]
    list_filter = ["what", "through"]
    lookups = frozenset({"what__exact", "through__exact"})
    row_select_related = ("customer__team", "purpose", "by")
    tab = "events"

    def action_urls(self) -> list[Any]:
        """About one customer; and receipts."""
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
    """What the gate stopped, newest first, counted by reason."""

    ordering = ["-pk"]
    list_filter = [StoppedByFilter, MonthFilter, "door", "channel"]
    lookups = frozenset({"why", "when", "door__exact", "channel__exact"})
    row_select_related = ("customer__team", "purpose", "by")
    tab = "stopped"

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """The counts of a month."""
        return {"counts": counts(timezone.now() - A_MONTH)}


@admin.register(PolicyVersion)
class PolicyVersionAdmin(KeptAdmin):
    """Versions of the policy, and since when each is in effect."""

    ordering = ["-pk"]
    row_pages = True
    row_select_related = ("by",)
    tab = "versions"

    def is_visible_to(self, person: Any) -> bool:
        """Everybody with a role: what customers are promised is no secret."""
        return bool(rights_at_desk(person))

    def action_urls(self) -> list[Any]:
        """A new one, and where it was seen."""
        return [
            ("add/", policies.write_version_view, "add"),
            ("<int:object_id>/seen/", policies.confirm_view, "confirm"),
        ]

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Since when each is in effect."""
        return {"effects": effects()[::-1]}

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Its words, and where they were seen."""
        found = self.get_queryset(request).filter(pk=object_id).first()
        if found is None:
            raise Http404
        effect = next(each for each in effects() if each.version.pk == found.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": found.label,
            "version": found,
            "effect": effect,
            "publications": found.publications.select_related("by").order_by("pk"),
            "keeps": can_keep_policies(reader(request)),
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/consent/policyversion/page.html", context)


class AloneFilter(admin.SimpleListFilter):
    """Acceptances of customers who have accepted what is asked for now by using the service alone."""

    title = _("by use")
    parameter_name = "alone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those alone."""
        return [("use", _("alone"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PolicyAcceptance]) -> QuerySet[PolicyAcceptance]:
        """Those chosen."""
        return queryset.filter(customer__in=accepted_by_use_only()) if self.value() == "use" else queryset


@admin.register(PolicyAcceptance)
class PolicyAcceptanceAdmin(KeptAdmin):
    """Who accepted the policy how; those by use alone are counted and listed."""

    ordering = ["-pk"]
    list_filter = ["how", AloneFilter]
    lookups = frozenset({"how__exact", "alone"})
    row_select_related = ("customer__team", "version", "by")
    tab = "acceptances"

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """How many have accepted by use alone, and how many not at all."""
        return {
            "asked": to_accept(),
            "by_use": accepted_by_use_only().count(),
            "to_accept": still_to_accept().count(),
        }


@admin.register(Purpose)
class PurposeAdmin(KeptAdmin):
    """What data is used for."""

    ordering = ["pk"]
    tab = "purposes"

    def is_visible_to(self, person: Any) -> bool:
        """Everybody with a role."""
        return bool(rights_at_desk(person))

    def action_urls(self) -> list[Any]:
        """A new one."""
        return [("add/", policies.add_purpose_view, "add")]

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Those of the contract first."""
        return {"purposes": purposes()}


@admin.register(ContactLimit)
class ContactLimitAdmin(KeptAdmin):
    """When and how often news may go."""

    ordering = ["pk"]
    tab = "limits"

    def action_urls(self) -> list[Any]:
        """A new one."""
        return [("<slug:channel>/set/", policies.set_limit_view, "set")]

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Those that hold."""
        return {"limits": limits()}


@admin.register(MessageTemplate)
class MessageTemplateAdmin(KeptAdmin):
    """Texts that messages start from."""

    ordering = ["pk"]
    tab = "templates"

    def action_urls(self) -> list[Any]:
        """A new one, another text, out of use."""
        return [
            ("add/", policies.template_view, "add"),
            ("<slug:code>/set/", policies.template_view, "set"),
            ("<slug:code>/end/", policies.end_template_view, "end"),
        ]

    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Those in use."""
        return {"templates": templates()}
