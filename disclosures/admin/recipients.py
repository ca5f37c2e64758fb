"""Recipients: the list, and the page of each with its commitments and what it got."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from customers.admin.base import DeskAdmin
from customers.permissions.reader import reader
from disclosures import permissions
from disclosures.admin_views import recipients
from disclosures.models import Recipient, RecipientKind
from disclosures.recipients.commitment_terms import Term, terms
from disclosures.recipients.legal_bases import commitment_of


@admin.register(Recipient)
class RecipientAdmin(DeskAdmin):
    """Who may get data at all."""

    list_display = ["pk"]  # the rows are the template's
    list_filter = ["recipient_kind", "state"]
    lookups = frozenset({"recipient_kind__exact", "state__exact"})
    ordering = ["recipient_kind", "pk"]
    row_select_related = ("current__customer", "customer")

    def is_visible_to(self, person: Any) -> bool:
        """Those who read disclosures."""
        return permissions.can_read_disclosures(person)

    def action_urls(self) -> list[Any]:
        """Put on file, change, suspend; and commitments."""
        return [
            ("add/", recipients.add_view, "add"),
            ("<int:object_id>/details/", recipients.change_view, "details"),
            ("<int:object_id>/suspend/", recipients.suspend_view, "suspend"),
            ("<int:object_id>/resume/", recipients.resume_view, "resume"),
            ("<int:object_id>/commitment/", recipients.commit_view, "commit"),
            ("<int:object_id>/commitment/<int:commitment_id>/suspend/", recipients.stop_view, "stop"),
            ("<int:object_id>/document/<int:document_id>/", recipients.document_view, "document"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the commitments that run out first."""
        held = {
            "title": _("Disclosures"), "tab": "recipients", "terms": terms(),
            "keeps": permissions.can_keep_recipients(reader(request)),
        }  # fmt: skip
        return super().changelist_view(request, {**held, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One recipient."""
        found: Recipient | None = self.get_queryset(request).filter(pk=object_id).first()
        if found is None:
            raise Http404
        person = reader(request)
        processor = found.recipient_kind == RecipientKind.PROCESSOR
        keeps = permissions.can_keep_recipients(person)
        context = {
            **self.admin_site.each_context(request),
            "recipient": found,
            "keeps": keeps,
            "reads": permissions.can_work_on_disclosures(person),
            "processor": processor,
            "term": Term(commitment_of(found)) if processor else None,
            "commit_form": recipients.commit_form(found)
            if processor and permissions.can_keep_recipients(person)
            else None,
            "commitments": found.commitments.select_related("stop", "by", "document").order_by("-pk"),
            "entries": found.disclosures.select_related("customer", "request").order_by("-pk")[:20],
            "history": found.details.select_related("by", "customer").order_by("-pk"),
            "opts": self.opts,
            "title": found.current.shown if found.current else str(found),
        }
        return TemplateResponse(request, "admin/disclosures/recipient/page.html", context)
