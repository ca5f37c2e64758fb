"""The terms of commitments: whether each is in force, how soon it ends, and which need a new document."""

from __future__ import annotations

from datetime import timedelta

from customers.validation.calendar import today
from disclosures.models import Commitment, Recipient, RecipientKind
from disclosures.recipients.legal_bases import WARN_DAYS, holds


class Term:
    """The term of a commitment (None: the processor has none): whether it is in force, and the days left."""

    def __init__(self, commitment: Commitment | None) -> None:
        self.commitment = commitment
        self.holds = commitment is not None and holds(commitment)
        remaining = commitment.valid_until - today() if commitment is not None else timedelta(0)
        self.days = remaining.days
        self.soon = self.holds and self.days <= WARN_DAYS[0]
        self.urgent = self.holds and self.days <= WARN_DAYS[1]


def terms() -> list[tuple[Recipient, Term]]:
    """Active processors without a commitment in force, or with one that ends within 30 days, most urgent first."""
    processors = Recipient.objects.filter(recipient_kind=RecipientKind.PROCESSOR, state=Recipient.State.ACTIVE)
    newest: dict[int, Commitment] = {}
    for row in Commitment.objects.filter(recipient__in=processors).select_related("stop").order_by("pk"):
        newest[row.recipient_id] = row
    pairs = [(processor, Term(newest.get(processor.pk))) for processor in processors.select_related("current")]
    return sorted((pair for pair in pairs if pair[1].soon or not pair[1].holds), key=lambda pair: pair[1].days)
