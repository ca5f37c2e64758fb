"""What is held of one customer under each field that may go out; counted without opening anything."""

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
    """One value: sealed, in the row with that seal id, or plain; ``about`` is what it belongs to, as a service."""

    value: Sealed | str
    about: str = ""
    seal_id: str = ""

    def opening(self, customer: Customer) -> list[str] | None:
        """What a record names to account for opening it; None for what is plain."""
        if not isinstance(self.value, Sealed):
            return None
        return [customer.reference, str(self.value.kind), self.value.field, self.seal_id]


def held(customer: Customer, field: str) -> list[Value]:
    """The values of a field as they stand. Addresses that are out of use, or not confirmed, are not the customer's."""
    return {
        Field.NAME: lambda: _of(customer, "full_name"),
        Field.COMPANY: lambda: _of(customer, "company"),
        Field.EMAIL: lambda: _addresses(customer, ContactPoint.Channel.EMAIL),
        Field.PHONE: lambda: _addresses(customer, ContactPoint.Channel.PHONE),
        Field.REGISTERED: lambda: [
            Value(timezone.localdate(customer.registered_at, timezone.get_default_timezone()).isoformat())
        ],
        Field.STATUS: lambda: [Value(customer.status)],
        Field.SERVICES: lambda: [Value(each.service, _since(each)) for each in _services(customer)],
        Field.LOGINS: lambda: [value for each in _services(customer) for value in _of(each, "login", each.service)],
    }[Field(field)]()


def _day(at: datetime) -> str:
    """The day it was in Vietnam."""
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
