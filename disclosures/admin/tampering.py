"""Whether the log is whole: the checks, the freeze, and the newest anchor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from customers.admin.base import DeskAdmin
from customers.models import Checkpoint
from customers.permissions.querysets import visible_to
from customers.permissions.reader import reader
from disclosures.admin_views import tampering
from disclosures.models import FreezeLift, TamperCheck
from disclosures.permissions import can_check_log, can_read_disclosures, can_work_on_disclosures, liftable_by
from disclosures.tamper_check.tamper_check import takes_entries, verdict, with_entries


@admin.register(TamperCheck)
class TamperCheckAdmin(DeskAdmin):
    """Every check, the newest on top; above them where the log stands, and the button."""

    list_display = ["pk"]  # the rows are the template's
    ordering = ["-pk"]
    row_select_related = ("by",)
    row_prefetch_related = ("lifts__by",)
    row_pages = False

    def is_visible_to(self, person: Any) -> bool:
        """Those who have it checked."""
        return can_check_log(person)

    def action_urls(self) -> list[Any]:
        """The check, and what comes of one that failed."""
        return [
            ("check/", tampering.check_view, "check"),
            ("<int:object_id>/lift/", tampering.lift_view, "lift"),
            ("<int:object_id>/said/", tampering.said_view, "said"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Where the log stands, and the entries that the checks themselves are."""
        person = reader(request)
        held: dict[str, Any] = {
            "title": _("Is the log whole?"),
            "verdict": verdict(),
            "takes_entries": takes_entries(),
            "newest": Checkpoint.objects.order_by("-pk").first(),
            "liftable": liftable_by(person).first(),
            "reads_disclosures": can_read_disclosures(person),
            "opens_words": can_work_on_disclosures(person) and visible_to(FreezeLift, person).exists(),
        }
        response = super().changelist_view(request, {**held, **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            response.context_data["checks"] = with_entries(response.context_data["cl"].result_list)
        return response
