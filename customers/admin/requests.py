"""The list of requests by queue, and the page of one request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from customers.admin.base import DeskAdmin
from customers.admin_forms.customer import RevealForm
from customers.admin_views import requests
from customers.admin_views.customer import customer_url
from customers.audit_log.timeline import about_request
from customers.casework.information_requests import FIELDS, NEEDED
from customers.casework.worklists import in_queue
from customers.models import CustomerRequest
from customers.permissions.casework import can_decide_escalated, can_handle, can_work_on
from customers.permissions.customers import can_reveal, can_see_customers
from customers.permissions.reader import reader
from customers.vault.kinds import Kind


class QueueFilter(admin.SimpleListFilter):
    """Queues of requests by worker and state; the reader's own is the default."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The queues, the reader's own first."""
        return [
            ("mine", _("mine")),
            ("all", _("all that wait")),
            ("overdue", _("overdue")),
            ("nobody", _("nobody’s")),
            ("parked", _("parked")),
            ("officer", _("with an officer")),
            ("over", _("finished")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CustomerRequest]) -> QuerySet[CustomerRequest]:
        """Requests of the chosen queue; the reader's own where none is chosen."""
        return in_queue(queryset, self.value() or "mine", reader(request))

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Django's choices without "All"; the first queue is marked where nothing is chosen."""
        everything, *rest = super().choices(changelist)
        for choice in rest:
            yield {**choice, "selected": choice["selected"] or (everything["selected"] and choice is rest[0])}


@admin.register(CustomerRequest)
class CustomerRequestAdmin(DeskAdmin):
    """The list of requests, the next due first; and the page of one with the steps that are possible."""

    list_display = ["pk"]  # the template renders the rows
    list_filter = [QueueFilter, "request_kind"]
    lookups = frozenset({"queue", "request_kind__exact"})
    ordering = ["due_at", "pk"]

    row_select_related = ("customer__team", "worker", "from_point")

    def is_visible_to(self, person: Any) -> bool:
        """Visible to staff who see customers."""
        return can_see_customers(person)

    def action_urls(self) -> list[Any]:
        """The acts on a request and on its information requests."""
        return [
            ("<int:object_id>/step/<slug:step>/", requests.plain_view, "plain"),
            ("<int:object_id>/words/<slug:step>/", requests.words_view, "words"),
            ("<int:object_id>/refuse/", requests.refuse_view, "refuse"),
            ("<int:object_id>/extend/", requests.extend_view, "extend"),
            ("<int:object_id>/ask/", requests.ask_view, "ask"),
            ("<int:object_id>/links/", requests.links_view, "links"),
            ("question/<int:object_id>/answer/", requests.answer_view, "answer"),
            ("question/<int:object_id>/close/", requests.close_question_view, "close_question"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with its title and tab."""
        return super().changelist_view(request, {"title": _("Requests"), "tab": "requests", **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one request: clocks, information requests, corrections, letters, and possible steps."""
        customer_request: CustomerRequest | None = self.get_queryset(request).filter(pk=object_id).first()
        if customer_request is None:
            raise Http404
        person = reader(request)
        handles = can_handle(person, customer_request.customer)
        context = {
            **self.admin_site.each_context(request),
            "found": customer_request,
            "customer": customer_request.customer,
            "page": customer_url(customer_request.customer),
            "steps": steps(customer_request, person) if handles else {},
            "questions": _questions(customer_request),
            "ended": None
            if customer_request.is_unfinished
            else customer_request.moves.select_related("by").order_by("-pk").first(),
            "words": customer_request.moves.filter(words__isnull=False).select_related("by").order_by("pk"),
            "corrections": customer_request.corrections.select_related("proposed_by", "approved_by").order_by("pk"),
            "letters": customer_request.notices.select_related("outcome", "contact_point").order_by("-pk"),
            "reads": can_reveal(person, customer_request.customer, Kind.REQUEST),
            "reads_kinds": {Kind.REQUEST, Kind.LETTER},
            "seconds": settings.REVEAL_SECONDS,
            "reveal_form": RevealForm(auto_id=False, initial={"ticket": customer_request.ticket}),
            "timeline": about_request(customer_request),
            "opts": self.opts,
            "title": customer_request.number,
        }
        return TemplateResponse(request, "admin/customers/customerrequest/page.html", context)


def _questions(request: CustomerRequest) -> list[tuple[Any, list[Any]]]:
    """Each information request with the labels of the fields it asks for, newest first."""
    rows = request.information_requests.select_related("asked_by", "contact_point").order_by("-pk")
    return [(question, [FIELDS[name].label for name in question.fields]) for question in rows]


def steps(found: CustomerRequest, person: Any) -> dict[str, bool]:
    """Which steps the reader may take now, for the buttons: from the reader's rights and the request's state."""
    decides = can_decide_escalated(person, found.customer)
    works = can_work_on(person, found.customer)
    responsible = decides if found.state == CustomerRequest.State.WITH_OFFICER else works
    workable = responsible and found.state in (CustomerRequest.State.OPEN, CustomerRequest.State.WITH_OFFICER)
    return {
        "take": found.is_unfinished and found.worker_id != person.pk and responsible,
        "acknowledge": workable and found.acknowledged_at is None,
        "extend": workable and found.extended_at is None and bool(found.complete_rule.extension),
        "ask": workable and bool(NEEDED[found.request_kind]),
        "links": workable,
        "hand_over": works and found.can("hand_over"),
        "hand_back": decides and found.can("hand_back"),
        "complete": workable and found.can("complete") and (decides or not found.for_officer),
        "refuse": workable and found.can("refuse") and (decides or not found.for_officer),
        "withdraw": workable and found.can("withdraw"),
        "any": workable,
    }
