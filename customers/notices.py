"""The messages that the policy's own workings need: on record first, then sent; nobody at the desk sees the address."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from customers.evidence.errors import NotRecording, RecordFailed
from customers.evidence.recording import recording
from customers.models import ContactPoint, CustomerRequest, Notice, NoticeOutcome, StaffMember
from customers.vault.errors import NotAccounted, Unreadable

SENT_WITHIN = timedelta(minutes=10)
"""For how long the record of a message accounts for opening its address."""
NEVER_WRITTEN_TO = (ContactPoint.State.RETIRED, ContactPoint.State.SUSPENDED)
SUSPENDED = "suspended"
FOR_GOOD = 500
"""From this reply on, a mail server says no for good (RFC 5321, 4.2.1); below, only for the moment."""
UNREACHABLE, CAME_BACK, UNREADABLE = "mail_server", "no_such_mailbox", "unreadable"


@dataclass(frozen=True)
class Words:
    """What a message says, in its language. The subject names nobody."""

    language: str
    subject: str
    body: str


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
    if point.locked().state in NEVER_WRITTEN_TO:
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
    """Let a message leave, after its act, and put on record whether it did. Returns it with the outcome.

    A mailbox that does not exist makes the address a bounced one. Where the outcome cannot be kept, it stays unknown:
    the act is done, and nobody is told that it was not.
    """
    notice = letter.notice
    why = _deliver(letter)
    try:
        with recording(by=by):
            outcome = NoticeOutcome(customer=notice.customer, notice=notice, left=not why, why=why)
            outcome.save()
            point = notice.contact_point.locked()
            if why == CAME_BACK and point.can("bounce"):
                point.move("bounce", customer=notice.customer)
    except RecordFailed:
        return letter
    return Letter(notice, letter.words, outcome)


def send_all(letters: Iterable[Letter], *, by: StaffMember) -> list[Letter]:
    """Several, one after the other; one that does not leave holds up no other."""
    return [send(letter, by=by) for letter in letters]


def _deliver(letter: Letter) -> str:
    """Hand the message to the mail server; "" where it took it, else why not."""
    point = letter.notice.contact_point
    if ContactPoint.objects.filter(pk=point.pk, state=ContactPoint.State.SUSPENDED).exists():
        return SUSPENDED  # since the act: the last word is the address's state
    try:
        assert point.address is not None
        to = point.address.expose(letter.notice)
    except (Unreadable, NotAccounted):
        return UNREADABLE
    try:
        if point.channel == ContactPoint.Channel.PHONE:
            to = settings.SMS_GATEWAY.format(number=to.removeprefix("+"))
        EmailMessage(letter.words.subject, letter.words.body, to=[to]).send()
    except smtplib.SMTPRecipientsRefused as refused:
        for_good = all(code >= FOR_GOOD for code, _said in refused.recipients.values())
        return CAME_BACK if for_good else UNREACHABLE
    except (OSError, smtplib.SMTPException, ValueError, LookupError):
        return UNREACHABLE
    return ""
