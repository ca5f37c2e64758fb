"""The values held of a customer under each field that may be disclosed; they stay sealed, so counting opens nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from customers.models import ContactPoint, Customer, ServiceAccess
from customers.vault.models import SealedRow
from customers.vault.sealed import Sealed
from disclosures.models.requests import Field


@dataclass(frozen=True)
class Value:
    """One value, plain or sealed (then with the seal id of its row); ``about``: what it belongs to, as a service."""

    value: Sealed | str
    about: str = ""
    seal_id: str = ""

    def opening(self, customer: Customer) -> list[str] | None:
        """The entry that accounts for opening the value, as kept in a record's ``openings``; None for a plain value."""
        if not isinstance(self.value, Sealed):
            return None
        return [customer.reference, str(self.value.kind), self.value.field, self.seal_id]


def held(customer: Customer, field: str) -> list[Value]:
    """The customer's present values of a field. Contact points that are unconfirmed or out of use are omitted."""
    return {
        Field.NAME: lambda: _of(customer, "full_name"),
        Field.COMPANY: lambda: _of(customer, "company"),
        Field.EMAIL: lambda: _addresses(customer, ContactPoint.Channel.EMAIL),
        Field.PHONE: lambda: _addresses(customer, ContactPoint.Channel.PHONE),
        Field.REGISTERED: lambda: [
            Value(timezone.localdate(customer.registered_at, timezone.get_default_timezone()).isoformat())
        ],
        Field.STATUS: lambda: [Value(customer.status)],
        Field.SERVICES: lambda: [Value(service.service, _since(service)) for service in _services(customer)],
        Field.LOGINS: lambda: [
            value for service in _services(customer) for value in _of(service, "login", service.service)
        ],
    }[Field(field)]()


def _day(at: datetime) -> str:
    """The date of a time in Vietnam, in ISO format."""
    return timezone.localdate(at, timezone.get_default_timezone()).isoformat()


def _of(row: SealedRow, name: str, about: str = "") -> list[Value]:
    value: Sealed | None = getattr(row, name)
    return [] if value is None else [Value(value, about, str(row.seal_id))]


def _addresses(customer: Customer, channel: str) -> list[Value]:
    in_use = (ContactPoint.State.ACTIVE, ContactPoint.State.SUSPENDED, ContactPoint.State.BOUNCED)
    points = customer.contact_points.filter(channel=channel, state__in=in_use).order_by("pk")
    return [value for point in points for value in _of(point, "address")]


def _services(customer: Customer) -> list[ServiceAccess]:
    return list(customer.services.order_by("service"))


def _since(service: ServiceAccess) -> str:
    return service.renews_on.isoformat() if service.renews_on else ""
