"""Customers with a life behind them, many at once: where they stand, their addresses, what they said, what they got."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from consent.gate import limits, purposes
from consent.gate.purposes import purpose_of
from consent.models import ConsentEvent, Message, Purpose
from customers.evidence.recording import recording
from customers.models import ContactPoint, Customer
from tests import factories

_numbers = count(1)
NEWS = ("new_products", "promotions", "surveys")
CONTRACT = ("payment_confirmation", "support", "renewal_notice")


@dataclass(frozen=True)
class Life:
    """One customer's: status, states of addresses in the order they came, words (purpose, channel, what), news got."""

    status: str = "connected"
    emails: tuple[str, ...] = ("active",)
    phones: tuple[str, ...] = ("active",)
    words: tuple[tuple[str, str, str], ...] = ()
    got: tuple[str, ...] = ()


def house() -> None:
    """What a house begins with: deadlines, purposes, limits."""
    factories.deadlines()
    purposes.provide(by=factories.system())
    limits.provide(by=factories.system())


def live(lives: Iterable[Life], at: datetime | None = None) -> dict[int, Life]:
    """Make a customer for each life, in one act; by key. What they got, they got an hour before ``at``."""
    chosen, team = list(lives), factories.team()
    with recording(by=factories.system()):
        made = Customer.objects.bulk_create(
            Customer(
                reference=f"LV{next(_numbers):07d}", full_name="Trần Văn A", locale="vi", status=life.status,
                registered_at=timezone.now(), team=team,
            )
            for life in chosen
        )  # fmt: skip
        pairs = list(zip(made, chosen, strict=True))
        points = ContactPoint.objects.bulk_create(point for pair in pairs for point in _points(*pair))
        by_customer = {(point.customer_id, point.channel): point for point in points}
        ConsentEvent.objects.bulk_create(event for pair in pairs for event in _events(*pair))
        hour = (at or timezone.now()) - timedelta(hours=1)
        Message.objects.bulk_create(
            _message(customer, by_customer, channel, hour)
            for customer, life in pairs
            for channel in life.got
            if (customer.pk, "email" if channel == "email" else "phone") in by_customer
        )
        factories.note()
    return {customer.pk: life for customer, life in pairs}


def _points(customer: Customer, life: Life) -> Iterable[ContactPoint]:
    for state in life.emails:
        email = f"c{next(_numbers)}@mail.example.com"
        yield ContactPoint(customer=customer, channel="email", email=email, state=state, source="import")
    for state in life.phones:
        phone = f"+8491{next(_numbers):07d}"
        yield ContactPoint(customer=customer, channel="phone", phone=phone, state=state, source="import")


def _events(customer: Customer, life: Life) -> Iterable[ConsentEvent]:
    for code, channel, what in life.words:
        yield ConsentEvent(customer=customer, purpose_id=code, channel=channel, what=what, through="phone")


def _message(customer: Customer, points: dict[tuple[int, str], ContactPoint], channel: str, at: datetime) -> Message:
    point = points[(customer.pk, "email" if channel == "email" else "phone")]
    address = point.address
    assert address is not None
    promotions: Purpose = purpose_of("promotions")
    return Message(
        at=at, customer=customer, contact_point=point, purpose=promotions, channel=channel, is_news=True,
        language="vi", field=address.field, row_seal_id=point.seal_id, datum=address.kind, text="Ưu đãi",
        closes_at=timezone.now(),
    )  # fmt: skip
