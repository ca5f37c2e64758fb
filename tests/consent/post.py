"""A mail server on loopback, and what a house needs to write to customers."""

from __future__ import annotations

import email
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from django.conf import LazySettings

from consent.choices.consents import Evidence, grant
from consent.gate.limits import set_limit
from consent.gate.purposes import purpose_of
from consent.models import ConsentEvent, Purpose
from customers.models import Customer, StaffMember
from tests import factories
from tests.consent.lives import house

SITE = "https://desk.example.com"
NO_SUCH_MAILBOX, TRY_LATER = "550 5.1.1 no such mailbox", "450 4.2.1 try again later"


class Inbox:
    """Takes whatever an SMTP client hands over, byte for byte; ``says`` answers each recipient, ``sees`` each mail."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.says = "250 fine"
        self.sees: Callable[[], Any] = lambda: None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.says.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.sees()
        self.raw.append(envelope.original_content)
        self.recipients.append(envelope.rcpt_tos)
        return "250 taken"

    @property
    def mails(self) -> list[EmailMessage]:
        """What arrived, read as a mail program does."""
        return [email.message_from_bytes(raw, policy=default) for raw in self.raw]  # type: ignore[misc]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def mail_server(settings: LazySettings) -> Iterator[Inbox]:
    """Django's own SMTP client talks to a server on loopback for a while."""
    inbox, port = Inbox(), free_port()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.SITE_URL = SITE
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox
    controller.stop()


def open_house() -> StaffMember:
    """Purposes, limits without quiet hours, an officer, and an agent of Hanoi's, who is returned."""
    house()
    officer = factories.person("an", "Compliance officer")
    for channel in ("email", "sms", "phone"):
        set_limit(
            channel, by=officer, from_hour=0, to_hour=24, a_day=100, source="Ours", confidence="likely", verified=False
        )
    return factories.person("linh", "Support agent")


def consented(customer: Customer, by: StaffMember, code: str = "promotions", channel: str = "email") -> ConsentEvent:
    """The customer wants this news this way."""
    return grant(customer, purpose_of(code), channel, by=by, evidence=Evidence("ticket", "T-1"))


def purpose(code: str = "promotions") -> Purpose:
    """A purpose by its code."""
    return purpose_of(code)
