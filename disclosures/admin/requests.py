"""Requests from outside: the list, the one that is due first on top, and the page of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.admin.base import DeskAdmin
from customers.audit_log.timeline import lines
from customers.models import Customer, Leaf, StaffMember
from customers.permissions.reader import reader
from disclosures import models, permissions
from disclosures.accounting.notifications import order_on
from disclosures.admin_views import decisions, requests
from disclosures.models import DisclosureRequest, PackageGone
from disclosures.requests.decisions import lines_of, unchecked
from disclosures.requests.emergencies import review_due

State = DisclosureRequest.State
CHECKS = {
    "sender": _("that it comes from this sender"),
    "signer": _("that the signer may ask for it"),
    "instrument": _("that the instrument covers what is asked"),
    "call": _("a call back on a number found independently"),
}
"""What has to be checked, in words."""


class StandFilter(admin.SimpleListFilter):
    """Requests by what is to be done with them."""

    title = _("state")
    parameter_name = "stand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """One's own word first."""
        return [
            ("waiting", _("whose asker waits")), ("approve", _("waiting for your approval")),
            ("release", _("to release")), ("disclosed", _("disclosed")),
            ("emergency", _("emergencies unreviewed")), ("closed", _("closed")), ("all", _("all, closed ones too")),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet[DisclosureRequest]) -> QuerySet[DisclosureRequest]:
        """Those chosen; all that are not closed where none is."""
        chosen = self.value()
        if chosen == "approve":
            return queryset.filter(pk__in=permissions.approvable_by(reader(request)).values("pk"))
        if chosen == "waiting":
            return queryset.filter(state__in=DisclosureRequest.WAITING)
        if chosen == "release":
            return queryset.filter(state=State.APPROVED)
        if chosen == "emergency":
            return queryset.filter(in_emergency=True, emergency_review=None)
        if chosen in (State.DISCLOSED, State.CLOSED):
            return queryset.filter(state=chosen)
        return queryset if chosen == "all" else queryset.exclude(state=State.CLOSED)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """As Django's; where nothing is chosen, closed ones are left out, and it says so."""
        first, *rest = super().choices(changelist)
        yield {**first, "display": _("not closed")}
        yield from rest


@admin.register(DisclosureRequest)
class DisclosureRequestAdmin(DeskAdmin):
    """Requests from outside."""

    list_display = ["pk"]  # the rows are the template's
    list_filter = [StandFilter, "basis", "urgency"]
    lookups = frozenset({"stand", "basis__exact", "urgency__exact"})
    ordering = ["reply_by", "pk"]
    row_select_related = (
        "recipient__current",
        "registered_by",
        "proposed_by",
        "approved_by",
        "emergency_review",
        "rule",
    )

    def is_visible_to(self, person: Any) -> bool:
        """Those who read disclosures."""
        return permissions.can_read_disclosures(person)

    def action_urls(self) -> list[Any]:
        """From the letter to the package, and every other end."""
        return [
            ("add/", requests.register_view, "add"),
            ("permitted/<int:permission_id>/", requests.register_permitted_view, "permitted"),
            ("<int:object_id>/meant/", requests.match_view, "match"),
            ("<int:object_id>/words/", requests.words_view, "words"),
            ("<int:object_id>/document/", requests.add_document_view, "add_document"),
            ("<int:object_id>/document/<int:document_id>/", requests.document_view, "document"),
            ("<int:object_id>/scope/", decisions.propose_view, "propose"),
            ("<int:object_id>/send-back/", decisions.send_back_view, "send_back"),
            ("<int:object_id>/approve/", decisions.approve_view, "approve"),
            ("<int:object_id>/release/", decisions.release_view, "release"),
            ("<int:object_id>/again/", decisions.again_view, "again"),
            ("<int:object_id>/fetch/", decisions.fetch_view, "fetch"),
            ("<int:object_id>/close/", decisions.close_view, "close"),
            ("<int:object_id>/review/", decisions.review_emergency_view, "review_emergency"),
            ("<int:object_id>/refuse/", requests.refuse_view, "refuse"),
            ("<int:object_id>/withdraw/", requests.withdraw_view, "withdraw"),
            ("<int:object_id>/no-data/", requests.no_data_view, "no_data"),
            ("<int:object_id>/keep-back/", requests.order_view, "keep_back"),
            ("<int:object_id>/answer/<slug:language>/", requests.answer_view, "answer"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Under the heading of the navigation."""
        proposes = permissions.can_propose(reader(request))
        held = {"title": _("Disclosures"), "tab": "requests", "proposes": proposes}
        return super().changelist_view(request, {**held, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: Any, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One request: what it asks, what was checked, what is given, and the likely next step."""
        found: DisclosureRequest | None = self.get_queryset(request).filter(pk=object_id).first()
        if found is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **page_context(found, reader(request)),
            "opts": self.opts,
            "title": found.number,
        }
        return TemplateResponse(request, "admin/disclosures/disclosurerequest/page.html", context)


def page_context(found: DisclosureRequest, person: StaffMember) -> dict[str, Any]:
    """What a request's page shows to one person."""
    can = steps(found, person)
    proposal = found.proposals.select_related("by").order_by("-pk").first()
    approval = getattr(proposal, "approval", None)
    package = getattr(found, "package", None)
    return {
        "found": found,
        "steps": can,
        "reads": permissions.can_work_on_disclosures(person),
        "customers": Customer.objects.filter(disclosure_subjects__request=found).order_by("reference"),
        "documents": found.documents.order_by("pk"),
        "unchecked": [CHECKS[item] for item in unchecked(found)] if found.is_waiting else [],
        "checks": [(each, [CHECKS[item] for item in each.items]) for each in _checks(found)],
        "scope_form": decisions.scope_form(found) if can["propose"] else None,
        "approve_form": decisions.approve_form(found) if can["approve"] else None,
        "proposal": proposal if found.proposed_by_id else None,
        "approval": approval,
        "scope": lines_of((approval or proposal).lines) if proposal and found.proposed_by_id else [],
        "package": package if package is not None and package.closes_at > timezone.now() else None,
        "mine": package is not None and package.person_id == person.pk,
        "order": order_on(found),
        "review_by": review_due(found) if found.in_emergency and not _reviewed(found) else None,
        "timeline": _timeline(found),
    }


def _checks(found: DisclosureRequest) -> Any:
    return found.checks.select_related("by").order_by("pk")


def _reviewed(found: DisclosureRequest) -> bool:
    return getattr(found, "emergency_review", None) is not None


def steps(found: DisclosureRequest, person: StaffMember) -> dict[str, bool]:
    """Which steps the reader may take now: what the buttons ask, from the table of moves."""
    proposes, approves = permissions.can_propose(person), permissions.can_approve(person)
    fetched = found.packages_gone.filter(how=PackageGone.How.FETCHED).exists()
    open_still = found.state in (State.RECEIVED, State.REVIEW)
    return {
        "match": proposes and open_still,
        "propose": proposes and open_still and not found.ambiguous and found.subjects.exists(),
        "at_once": proposes and open_still and found.urgency == DisclosureRequest.Urgency.EMERGENCY,
        "send_back": found.can("send_back") and (approves or found.proposed_by_id == person.pk),
        "approve": approves and found.can("approve") and found.proposed_by_id != person.pk,
        "release": proposes and found.can("release"),
        "again": proposes and found.state == State.DISCLOSED,
        "close": proposes and found.can("close") and fetched,
        "refuse": (proposes or approves) and found.can("refuse"),
        "withdraw": proposes and found.can("withdraw"),
        "no_data": proposes and found.can("no_data") and not found.ambiguous and not found.subjects.exists(),
        "keep_back": proposes and found.basis == DisclosureRequest.Basis.AUTHORITY,
        "add_document": proposes,
        "review": (proposes or approves)
        and found.in_emergency
        and not _reviewed(found)
        and found.proposed_by_id != person.pk,
    }


def _timeline(found: DisclosureRequest) -> Any:
    """The newest entries of the log about a request."""
    rows: list[tuple[Any, str]] = [
        (models.DisclosureReceived, "request"), (models.DisclosureMatch, "request"), (models.Reading, "request"),
        (models.AuthenticityCheck, "request"), (models.DisclosureMove, "subject"), (models.Proposal, "request"),
        (models.Approval, "request"), (models.Packing, "request"), (models.Disclosure, "request"),
        (models.PackageMade, "request"), (models.PackageGone, "request"), (models.EmergencyReview, "request"),
        (models.NonDisclosure, "request"), (models.CustomerTold, "request"), (models.Document, "request"),
    ]  # fmt: skip
    named = Q(pk__in=())
    for model, field in rows:
        keys = model.objects.filter(**{field: found}).order_by("-pk").values_list("pk", flat=True)[:20]
        named |= Q(table_name=model._meta.db_table, row_key__in=[str(key) for key in keys])
    return lines(Leaf.objects.filter(named).order_by("-seq")[:20])
