"""Whether commitments hold, how soon they end, and which ask for another document."""

from __future__ import annotations

from datetime import timedelta

from customers.validation.calendar import today
from disclosures.models import Commitment, Recipient, RecipientKind
from disclosures.recipients.legal_bases import WARN_DAYS, holds


class Term:
    """A processor's commitment in words: whether it holds, and how soon it ends."""

    def __init__(self, commitment: Commitment | None) -> None:
        self.commitment = commitment
        self.holds = commitment is not None and holds(commitment)
        left = commitment.valid_until - today() if commitment is not None else timedelta(0)
        self.days = left.days
        self.soon = self.holds and self.days <= WARN_DAYS[0]
        self.urgent = self.holds and self.days <= WARN_DAYS[1]


def terms() -> list[tuple[Recipient, Term]]:
    """Processors whose commitment has ended or ends within a month, the most urgent on top; three queries."""
    processors = Recipient.objects.filter(recipient_kind=RecipientKind.PROCESSOR, state=Recipient.State.ACTIVE)
    newest: dict[int, Commitment] = {}
    for row in Commitment.objects.filter(recipient__in=processors).select_related("stop").order_by("pk"):
        newest[row.recipient_id] = row
    found = [(each, Term(newest.get(each.pk))) for each in processors.select_related("current")]
    return sorted(((each, term) for each, term in found if term.soon or not term.holds), key=lambda pair: pair[1].days)
