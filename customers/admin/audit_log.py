"""The list of log entries, and the page of one."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from customers.admin.base import DeskAdmin
from customers.audit_log.descriptions import kind_in_words, kinds_in_words
from customers.audit_log.timeline import lines
from customers.models import (
    Leaf,
)
from customers.permissions.customers import customers_visible_to
from customers.permissions.reader import reader
from customers.permissions.staff import can_read_evidence


class KindFilter(admin.SimpleListFilter):
    """Entries of one kind. The kinds come from the models, not from reading the whole log."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every kind, sorted by its label."""
        return sorted(kinds_in_words().items(), key=lambda kind: kind[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Leaf]) -> QuerySet[Leaf]:
        """Entries of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Leaf)
class LeafAdmin(DeskAdmin):
    """The log, for those who may read evidence."""

    list_display = ["seq"]  # the template renders the rows
    list_filter = [KindFilter]
    lookups = frozenset({"kind"})
    ordering = ["-seq"]

    def is_visible_to(self, person: Any) -> bool:
        """Visible to staff who may read evidence."""
        return can_read_evidence(person)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; each entry is described in a sentence."""
        response = super().changelist_view(request, {"title": _("Log"), **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            entries: list[Leaf] = list(response.context_data["cl"].result_list)
            response.context_data["lines"] = [
                (line, kind_in_words(leaf.kind)) for line, leaf in zip(lines(entries), entries, strict=True)
            ]
        return response

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one entry, with its payload as it was hashed."""
        leaf = self.get_queryset(request).filter(pk=object_id).first()
        if leaf is None:
            raise Http404
        payload = json.loads(bytes(leaf.payload))
        about = customers_visible_to(reader(request)).filter(reference=leaf.customer or "")
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
