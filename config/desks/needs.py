"""What needs an officer or an approver, the clock that runs out first on top."""

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
"""What is due within these stands out in red, what is due within a day in amber; a word stands beside both."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Need:
    """One thing to do: what (and its number), whose, which step, by when (None: no clock runs)."""

    what: str
    url: str
    number: str
    whose: str
    step: str
    due: datetime | None

    @property
    def left(self) -> timedelta | None:
        """How much time is left, less than nothing once it is over."""
        return None if self.due is None else self.due - timezone.now()

    @property
    def is_overdue(self) -> bool:
        """True where its time is over."""
        return self.left is not None and self.left < timedelta(0)

    @property
    def tone(self) -> str:
        """How soon it is."""
        if self.left is None or self.left >= A_DAY:
            return GOOD
        return BAD if self.left < HOURS else WARN


def needs_of(person: StaffMember, months: Iterable[ReviewStatus]) -> list[Need]:
    """The first of them; each kind is asked for no more than is shown."""
    found = [*_letters(person), *_handed(person), *_corrections(person), *_emergencies(person), *_months(months)]
    return sorted(found, key=lambda need: (need.due is None, need.due or timezone.now()))[:MOST]


def _letters(person: StaffMember) -> Iterator[Need]:
    """Requests from outside whose next step is this person's."""
    if not can_work_on_disclosures(person):
        return
    steps = (State.RECEIVED, State.REVIEW, State.APPROVED) if can_propose(person) else ()
    acting_on_customer = DisclosureRequest.objects.filter(state__in=steps)
    for found in [*_first(acting_on_customer), *_first(approvable_by(person))]:
        yield Need(
            what=str(found.recipient.current.shown) if found.recipient.current else str(found.recipient),
            url=reverse("admin:disclosures_disclosurerequest_change", args=[found.pk]),
            number=found.number,
            whose=str(found.get_basis_display()),
            step=_step(found),
            due=found.reply_by,
        )


def _first(rows: object) -> list[DisclosureRequest]:
    queryset = rows.select_related("recipient__current__customer").prefetch_related("checks")  # type: ignore[attr-defined]
    return list(queryset.order_by("reply_by", "pk")[:MOST])


def _step(found: DisclosureRequest) -> str:
    """The next step of a request from outside, in words."""
    if found.state == State.PROPOSED:
        return _("approve or narrow")
    if found.state == State.APPROVED:
        return _("release")
    done = {item for check in found.checks.all() for item in check.items}
    missing = [item for item in NEEDED[DisclosureRequest.Basis(found.basis)] if item not in done]
    if not missing:
        return _("propose what is given")
    return _("call back not done") if missing == ["call"] else _("see that it is genuine")


def _handed(person: StaffMember) -> Iterator[Need]:
    """Customers' requests that were handed over to whoever decides."""
    rows = requests_visible_to(person).filter(customer__in=customers_escalated_to(person))
    waiting: list[CustomerRequest] = list(
        in_queue(rows, "officer", person).select_related("customer").order_by("due_at", "pk")[:MOST]
    )
    for found in waiting:
        kind = capfirst(str(found.get_request_kind_display()))
        url = reverse("admin:customers_customerrequest_change", args=[found.pk])
        yield Need(kind, url, found.number, found.customer.reference, _("decide"), found.due_at)


def _corrections(person: StaffMember) -> Iterator[Need]:
    """Corrections that take this person's word; their clock is the one of the request behind them."""
    mine = corrections_approvable_by(person).select_related("customer", "request")
    waiting: list[Correction] = list(mine.order_by("proposed_at", "pk")[:MOST])
    for found in waiting:
        what = _("Correction: %(datum)s") % {"datum": found.get_datum_display()}
        url = reverse("admin:customers_correction_approve", args=[found.pk])
        number, until = (found.request.number, found.request.due_at) if found.request else ("", None)
        yield Need(what, url, number, found.customer.reference, _("approve or refuse"), until)


def _emergencies(person: StaffMember) -> Iterator[Need]:
    """What somebody else released alone, and nobody has looked at since."""
    if not can_work_on_disclosures(person):
        return
    held = LegalDeadline.objects.filter(right=Right.EMERGENCY_REVIEW).order_by("-pk").first()
    rows = DisclosureRequest.objects.filter(in_emergency=True, emergency_review=None)
    others = rows.exclude(proposed_by=person).exclude(packages_made__by=person).annotate(left_at=Min("disclosures__at"))
    for found in others.select_related("recipient__current__customer").order_by("left_at", "pk")[:MOST]:
        until = due(found.left_at, held.amount, held.unit) if held and found.left_at else None
        url = reverse("admin:disclosures_disclosurerequest_change", args=[found.pk])
        shown = str(found.recipient.current.shown) if found.recipient.current else str(found.recipient)
        yield Need(shown, url, found.number, _("released in an emergency"), _("review"), until)


def _months(months: Iterable[ReviewStatus]) -> Iterator[Need]:
    """Months to sign off: those that were begun lead to their page, the others to the list, where they are begun."""
    for each in months:
        url = reverse("admin:disclosures_monthreview_changelist") + "?stand=unsigned"
        if each.begun:
            url = reverse("admin:disclosures_monthreview_month", args=[each.month])
        step = _("look back, sign off") if each.begun else _("begin the review")
        what = _("Review of %(month)s") % {"month": month_name(each.month)}
        yield Need(what, url, "", _("the log of disclosures"), step, each.month.due_at)
