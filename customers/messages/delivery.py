"""How a message on record leaves the house, and what became of it. Its address is opened for that alone."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from customers.evidence.append_only import AppendOnly
from customers.evidence.errors import RecordFailed
from customers.evidence.recording import recording
from customers.models import ContactPoint, Customer, StaffMember
from customers.vault.errors import NotAccounted, Unreadable

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


def deliver(record: AppendOnly, point: ContactPoint, words: Words, headers: Mapping[str, str] | None = None) -> str:
    """Hand the message to the mail server; "" where it took it, else why not.

    ``record`` is the committed row that accounts for opening the address of ``point``.
    """
    if ContactPoint.objects.filter(pk=point.pk, state=ContactPoint.State.SUSPENDED).exists():
        return SUSPENDED  # since the act: the last word is the address's state
    try:
        assert point.address is not None
        to = point.address.expose(record)
    except (Unreadable, NotAccounted):
        return UNREADABLE
    try:
        if point.channel == ContactPoint.Channel.PHONE:
            to = settings.SMS_GATEWAY.format(number=to.removeprefix("+"))
        EmailMessage(words.subject, words.body, to=[to], headers=dict(headers or {})).send()
    except smtplib.SMTPRecipientsRefused as refused:
        for_good = all(code >= FOR_GOOD for code, _said in refused.recipients.values())
        return CAME_BACK if for_good else UNREACHABLE
    except (OSError, smtplib.SMTPException, ValueError, LookupError):
        return UNREACHABLE
    return ""


def settle(outcome: Any, point: ContactPoint, *, by: StaffMember) -> bool:
    """Put an outcome (``left``, ``why``) on record; a mailbox that does not exist makes the address a bounced one.

    False where the outcome cannot be kept and so stays unknown: the act is done, and nobody is told that it was not.
    """
    try:
        with recording(by=by):
            outcome.save()
            if outcome.why == CAME_BACK:
                Customer.objects.select_for_update(no_key=True).get(pk=outcome.customer_id)  # whoever retires it waits
                if point.anew().can("bounce"):
                    point.transition("bounce", customer=outcome.customer)
    except RecordFailed:
        return False
    return True
