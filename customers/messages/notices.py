"""Service messages to customers: a notice is recorded inside the act, then sent; staff never see the address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from customers.evidence.errors import NotRecording
from customers.messages.delivery import Words, deliver, settle
from customers.models import ContactPoint, CustomerRequest, Notice, NoticeOutcome, StaffMember

SENT_WITHIN = timedelta(minutes=10)
"""How long the record of a message permits decrypting its address."""
NEVER_WRITTEN_TO = (ContactPoint.State.RETIRED, ContactPoint.State.SUSPENDED)


@dataclass(frozen=True, repr=False)
class Letter:
    """A recorded message, with its outcome once it was sent. It has no ``repr``, as the text may contain a code."""

    notice: Notice
    words: Words
    outcome: NoticeOutcome | None = None

    @property
    def left(self) -> bool:
        """True once it was handed to the mail server."""
        return self.outcome is not None and self.outcome.left


def prepare(
    point: ContactPoint, what: str, words: Words, *, request: CustomerRequest | None = None, keep: bool = True
) -> Letter:
    """Record a message inside an act under way; with ``keep``, its text is stored sealed in the record.

    The act checks whether the address may be written to (``addresses.may_write_to``). As a safeguard, this raises
    ``NotRecording`` for an address that is retired or suspended.
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
    """Send a message after its act is committed, and record the outcome. Returns the letter with its outcome.

    The outcome stays None where it could not be recorded.
    """
    notice = letter.notice
    why = deliver(notice, notice.contact_point, letter.words)
    outcome = NoticeOutcome(customer=notice.customer, notice=notice, left=not why, why=why)
    return Letter(notice, letter.words, outcome) if settle(outcome, notice.contact_point, by=by) else letter


def send_all(letters: Iterable[Letter], *, by: StaffMember) -> list[Letter]:
    """Send several letters; one that fails does not stop the others."""
    return [send(letter, by=by) for letter in letters]
