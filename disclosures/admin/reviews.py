"""Reviews: the months of the log and where each stands, and the quarters in which access was looked through."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from customers.admin.base import DeskAdmin
from customers.admin_views.base import page, require_permission
from customers.permissions.access import can_decide_access
from customers.permissions.reader import reader
from disclosures import permissions
from disclosures.admin_views import access_reviews, reviews
from disclosures.models import AccessReview, MonthReview
from disclosures.models.acts import DisclosureAct
from disclosures.reviews.access import quarters, to_end
from disclosures.reviews.due_dates import all_months, unsigned_months


class ReviewsAdmin(DeskAdmin):
    """A list whose rows are stretches of time, whether or not they were signed off."""

    list_display = ["pk"]  # the rows are the template's
    row_pages = False

    def is_visible_to(self, person: Any) -> bool:
        """Those who read disclosures."""
        return permissions.can_read_disclosures(person)

    def rows(self, request: HttpRequest) -> dict[str, Any]:
        """What the list shows."""
        return {}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All of them on one page; there are twelve months in a year."""
        require_permission(request, self.is_visible_to(request.user), DisclosureAct.JUDGE)
        context = {"title": _("Disclosures"), "reviews": permissions.can_review(reader(request))}
        template = f"admin/disclosures/{self.opts.model_name}/list.html"
        return page(request, template, {**context, **self.rows(request), **(extra_context or {})})


@admin.register(MonthReview)
class MonthReviewAdmin(ReviewsAdmin):
    """The months."""

    def action_urls(self) -> list[Any]:
        """Each month's page, and the words on it."""
        return [
            ("<str:month>/", reviews.month_view, "month"),
            ("<str:month>/words/", reviews.words_view, "words"),
        ]

    def rows(self, request: HttpRequest) -> dict[str, Any]:
        """The newest first; or those alone that wait to be signed off, the oldest first."""
        if request.GET.get("stand") == "unsigned":
            return {"tab": "reviews", "months": unsigned_months(), "unsigned": True}
        return {"tab": "reviews", "months": all_months()}


@admin.register(AccessReview)
class AccessReviewAdmin(ReviewsAdmin):
    """The quarters."""

    def action_urls(self) -> list[Any]:
        """The quarter that runs."""
        return [("<str:quarter>/", access_reviews.quarter_view, "quarter")]

    def rows(self, request: HttpRequest) -> dict[str, Any]:
        """The newest first, and what was to end and has not yet."""
        person = reader(request)
        ends = [(each, each.what == "grant" and can_decide_access(person, each.row.customer)) for each in to_end()]
        return {"tab": "access", "quarters": quarters(), "to_end": ends}
