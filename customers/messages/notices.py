"""The messages that the policy's own workings need: on record first, then sent; nobody at the desk sees the address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from customers.evidence.errors import NotRecording
from customers.messages.delivery import Words, deliver, settle
from customers.models import ContactPoint, CustomerRequest, Notice, NoticeOutcome, StaffMember

SENT_WITHIN = timedelta(minutes=10)
"""For how long the record of a message accounts for opening its address."""
NEVER_WRITTEN_TO = (ContactPoint.State.RETIRED, ContactPoint.State.SUSPENDED)


@dataclass(frozen=True, repr=False)
class Letter:
    """A message on record that is still to leave. It has no ``repr``: the words may hold a code."""

    notice: Notice
    words: Words
    outcome: NoticeOutcome | None = None

    @property
    def left(self) -> bool:
        """True once it has left."""
        return self.outcome is not None and self.outcome.left


def prepare(
    point: ContactPoint, what: str, words: Words, *, request: CustomerRequest | None = None, keep: bool = True
) -> Letter:
    """Put a message on record, inside an act under way; ``keep`` seals its text into the record.

    Whether the address may be written to is the act's question (``addresses.may_write_to``); one that is retired or
    suspended is refused here whatever the act thought.
    """
    if point.anew().state in NEVER_WRITTEN_TO:
        raise NotRecording("Nobody writes to an address that is retired or suspended: ask may_write_to() first.")
    address = point.address
    assert address is not None
    notice = Notice(
        customer=point.customer,
        contact_point=point,
        request=request,
        what=what,
        language=words.language,
        field=address.field,
        row_seal_id=point.seal_id,
        datum=address.kind,
        text=f"{words.subject}\n\n{words.body}" if keep else None,
        closes_at=timezone.now() + SENT_WITHIN,
    )
    notice.save()
    return Letter(notice, words)


def send(letter: Letter, *, by: StaffMember) -> Letter:
    """Let a message leave, after its act, and put on record whether it did. Returns it with the outcome."""
    notice = letter.notice
    why = deliver(notice, notice.contact_point, letter.words)
    outcome = NoticeOutcome(customer=notice.customer, notice=notice, left=not why, why=why)
    return Letter(notice, letter.words, outcome) if settle(outcome, notice.contact_point, by=by) else letter


def send_all(letters: Iterable[Letter], *, by: StaffMember) -> list[Letter]:
    """Several, one after the other; one that does not leave holds up no other."""
    return [send(letter, by=by) for letter in letters]
