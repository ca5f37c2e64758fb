"""Delivery of a recorded message and the record of its outcome; the address is decrypted for sending only."""

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
"""SMTP reply codes from here on are permanent failures, lower ones transient (RFC 5321, 4.2.1)."""
UNREACHABLE, CAME_BACK, UNREADABLE = "mail_server", "no_such_mailbox", "unreadable"


@dataclass(frozen=True)
class Words:
    """Language, subject and body of a message. The subject contains no personal data."""

    language: str
    subject: str
    body: str


def deliver(record: AppendOnly, point: ContactPoint, words: Words, headers: Mapping[str, str] | None = None) -> str:
    """Hand the message to the mail server. Returns "" where it was accepted, else the code of the reason.

    ``record`` is the committed record that permits decrypting the address of ``point``.
    """
    if ContactPoint.objects.filter(pk=point.pk, state=ContactPoint.State.SUSPENDED).exists():
        return SUSPENDED  # suspended after the act was committed
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
        for_good = all(code >= FOR_GOOD for code, _reply in refused.recipients.values())
        return CAME_BACK if for_good else UNREACHABLE
    except (OSError, smtplib.SMTPException, ValueError, LookupError):
        return UNREACHABLE
    return ""


def settle(outcome: Any, point: ContactPoint, *, by: StaffMember) -> bool:
    """Record an outcome (``left``, ``why``); where the mailbox does not exist, the address becomes bounced.

    Returns False where the outcome could not be recorded and so stays unknown; the act itself is committed already.
    """
    try:
        with recording(by=by):
            outcome.save()
            if outcome.why == CAME_BACK:
                Customer.objects.select_for_update(no_key=True).get(
                    pk=outcome.customer_id
                )  # locked, so that no other act changes the address
                if point.anew().can("bounce"):
                    point.transition("bounce", customer=outcome.customer)
    except RecordFailed:
        return False
    return True
