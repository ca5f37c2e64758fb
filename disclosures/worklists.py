"""What of the disclosures waits for one person: clocks, proposals, commitments, people to tell, reviews."""

from __future__ import annotations

from dataclasses import dataclass

from customers.models import StaffMember
from disclosures.accounting.notifications import to_tell
from disclosures.models import DisclosureRequest
from disclosures.permissions import approvable_by, can_read_disclosures, can_review, can_work_on_disclosures
from disclosures.recipients.commitment_terms import terms
from disclosures.reviews import access, due_dates

State = DisclosureRequest.State
MOST = 5


@dataclass(frozen=True)
class DisclosureWorklist:
    """How much of each there is, the requests whose clocks run out first, and what is still to be reviewed."""

    waiting: int
    for_my_word: int
    to_release: int
    unreviewed: int
    terms: int
    to_tell: int
    next: list[DisclosureRequest]
    months: list[due_dates.ReviewStatus]
    quarter: access.AccessReviewStatus | None


def watch_of(person: StaffMember) -> DisclosureWorklist | None:
    """The list of one reader; None for whoever reads no disclosures. The same number of queries whatever there is."""
    if not can_read_disclosures(person):
        return None
    open_now = DisclosureRequest.objects.waiting()
    first = open_now.select_related("recipient__current__customer").order_by("reply_by", "pk")[:MOST]
    return DisclosureWorklist(
        waiting=open_now.count(),
        for_my_word=approvable_by(person).count(),
        to_release=open_now.filter(state=State.APPROVED).count(),
        unreviewed=DisclosureRequest.objects.filter(in_emergency=True, emergency_review=None).count(),
        terms=len(terms()),
        to_tell=to_tell().count(),
        next=list(first) if can_work_on_disclosures(person) else [],
        months=due_dates.unsigned_months() if can_review(person) else [],
        quarter=access.open_quarter() if can_review(person) else None,
    )
