"""What an officer or approver has to do next, the earliest deadline first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from config.desks.tiles import BAD, GOOD, MOST, WARN
from customers.casework.deadlines import due
from customers.casework.worklists import in_queue
from customers.models import Correction, CustomerRequest, LegalDeadline, StaffMember
from customers.models.requests import Right
from customers.permissions.casework import corrections_approvable_by, customers_escalated_to, requests_visible_to
from disclosures.models import DisclosureRequest
from disclosures.permissions import approvable_by, can_propose, can_work_on_disclosures
from disclosures.requests.decisions import NEEDED
from disclosures.reviews.due_dates import ReviewStatus
from disclosures.templatetags.reviewing import month_name

State = DisclosureRequest.State
HOURS = timedelta(hours=6)
"""What is due within this time is shown in red, what is due within a day in amber; both with a word beside."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Need:
    """One thing to do: what and its number, on whose behalf, the next step, the deadline (None: there is none)."""

    what: str
    url: str
    number: str
    whose: str
    step: str
    due: datetime | None

    @property
    def left(self) -> timedelta | None:
        """The time left; negative once the deadline has passed."""
        return None if self.due is None else self.due - timezone.now()

    @property
    def is_overdue(self) -> bool:
        """True once the deadline has passed."""
        return self.left is not None and self.left < timedelta(0)

    @property
    def tone(self) -> str:
        """The colour by the time left: ``bad`` within ``HOURS``, ``warn`` within a day."""
        if self.left is None or self.left >= A_DAY:
            return GOOD
        return BAD if self.left < HOURS else WARN


def needs_of(person: StaffMember, months: Iterable[ReviewStatus]) -> list[Need]:
    """The first ``MOST`` things to do; of each kind no more rows are read than are shown."""
    needs = [*_letters(person), *_handed(person), *_corrections(person), *_emergencies(person), *_months(months)]
    return sorted(needs, key=lambda need: (need.due is None, need.due or timezone.now()))[:MOST]


def _letters(person: StaffMember) -> Iterator[Need]:
    """Requests from outside whose next step is this person's."""
    if not can_work_on_disclosures(person):
        return
    steps = (State.RECEIVED, State.REVIEW, State.APPROVED) if can_propose(person) else ()
    actionable = DisclosureRequest.objects.filter(state__in=steps)
    for request in [*_first(actionable), *_first(approvable_by(person))]:
        yield Need(
            what=str(request.recipient.current.shown) if request.recipient.current else str(request.recipient),
            url=reverse("admin:disclosures_disclosurerequest_change", args=[request.pk]),
            number=request.number,
            whose=str(request.get_basis_display()),
            step=_step(request),
            due=request.reply_by,
        )


def _first(rows: object) -> list[DisclosureRequest]:
    queryset = rows.select_related("recipient__current__customer").prefetch_related("checks")  # type: ignore[attr-defined]
    return list(queryset.order_by("reply_by", "pk")[:MOST])


def _step(request: DisclosureRequest) -> str:
    """The next step of a request from outside."""
    if request.state == State.PROPOSED:
        return _("approve or narrow")
    if request.state == State.APPROVED:
        return _("release")
    done = {item for check in request.checks.all() for item in check.items}
    missing = [item for item in NEEDED[DisclosureRequest.Basis(request.basis)] if item not in done]
    if not missing:
        return _("propose what is given")
    return _("call back not done") if missing == ["call"] else _("see that it is genuine")


def _handed(person: StaffMember) -> Iterator[Need]:
    """Customers' requests that were handed over to the officers."""
    rows = requests_visible_to(person).filter(customer__in=customers_escalated_to(person))
    waiting: list[CustomerRequest] = list(
        in_queue(rows, "officer", person).select_related("customer").order_by("due_at", "pk")[:MOST]
    )
    for request in waiting:
        kind = capfirst(str(request.get_request_kind_display()))
        url = reverse("admin:customers_customerrequest_change", args=[request.pk])
        yield Need(kind, url, request.number, request.customer.reference, _("decide"), request.due_at)


def _corrections(person: StaffMember) -> Iterator[Need]:
    """Corrections that wait for this person's approval; the deadline is that of the request behind them."""
    mine = corrections_approvable_by(person).select_related("customer", "request")
    waiting: list[Correction] = list(mine.order_by("proposed_at", "pk")[:MOST])
    for correction in waiting:
        title = _("Correction: %(datum)s") % {"datum": correction.get_datum_display()}
        url = reverse("admin:customers_correction_approve", args=[correction.pk])
        number, until = (correction.request.number, correction.request.due_at) if correction.request else ("", None)
        yield Need(title, url, number, correction.customer.reference, _("approve or refuse"), until)


def _emergencies(person: StaffMember) -> Iterator[Need]:
    """What somebody else released alone in an emergency and nobody has reviewed."""
    if not can_work_on_disclosures(person):
        return
    deadline = LegalDeadline.objects.filter(right=Right.EMERGENCY_REVIEW).order_by("-pk").first()
    rows = DisclosureRequest.objects.filter(in_emergency=True, emergency_review=None)
    unreviewed = (
        rows.exclude(proposed_by=person).exclude(packages_made__by=person).annotate(left_at=Min("disclosures__at"))
    )
    for request in unreviewed.select_related("recipient__current__customer").order_by("left_at", "pk")[:MOST]:
        until = due(request.left_at, deadline.amount, deadline.unit) if deadline and request.left_at else None
        url = reverse("admin:disclosures_disclosurerequest_change", args=[request.pk])
        recipient = str(request.recipient.current.shown) if request.recipient.current else str(request.recipient)
        yield Need(recipient, url, request.number, _("released in an emergency"), _("review"), until)


def _months(months: Iterable[ReviewStatus]) -> Iterator[Need]:
    """Months to sign off: those whose review was begun link to its page, the others to the list where it begins."""
    for status in months:
        url = reverse("admin:disclosures_monthreview_changelist") + "?stand=unsigned"
        if status.begun:
            url = reverse("admin:disclosures_monthreview_month", args=[status.month])
        step = _("look back, sign off") if status.begun else _("begin the review")
        title = _("Review of %(month)s") % {"month": month_name(status.month)}
        yield Need(title, url, "", _("the log of disclosures"), step, status.month.due_at)
