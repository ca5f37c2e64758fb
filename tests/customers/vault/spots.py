"""The places a sealed value lies in, each with a value of its own that nothing else holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, models
from django.utils import timezone

from customers.evidence.recording import recording
from customers.models import ContactPoint, Customer, Reveal, ServiceAccess
from customers.vault.blind_index import email_index, phone_index
from tests import factories

VersionOfCustomer = Customer.history.model
VersionOfContactPoint = ContactPoint.history.model


@dataclass(frozen=True)
class Spot:
    """One sealed field: what is in it, what may be put there instead, what is shown of it."""

    model: type[models.Model]
    field: str
    value: str
    mask: str
    other: str = ""
    index: str = ""

    @property
    def name(self) -> str:
        """``Model.field``."""
        return f"{self.model.__name__}.{self.field}"

    def rows(self) -> models.QuerySet[Any]:
        """The rows that hold the value: one, the oldest of its table that is not empty."""
        first = self.model._base_manager.filter(**{f"{self.field}__isnull": False}).order_by("pk").values("pk")[:1]
        return self.model._base_manager.filter(pk__in=list(first.values_list("pk", flat=True)))

    def row(self) -> Any:
        """The row, read anew."""
        return self.rows().get()

    def of(self, row: Any) -> Any:
        """What the row gives for this field."""
        return getattr(row, self.field)

    def stored(self, row: Any = None) -> str | None:
        """What stands in the column, by plain SQL."""
        meta = self.model._meta
        pk = (self.row() if row is None else row).pk
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT "{self.field}" FROM "{meta.db_table}" WHERE "{meta.pk.column}" = %s', [pk])
            return cursor.fetchone()[0]

    def plant(self, text: str, row: Any = None) -> None:
        """Put a text into the column as it is, by plain SQL."""
        meta = self.model._meta
        pk = (self.row() if row is None else row).pk
        with connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{meta.db_table}" SET "{self.field}" = %s WHERE "{meta.pk.column}" = %s', [text, pk]
            )

    def index_of(self, text: str) -> str:
        """The blind index that must stand beside a text."""
        return {"email": email_index, "phone": phone_index}[self.field](text)


NAME = Spot(Customer, "full_name", "Nguyễn Thị Canari", "N. T. Canari", "Trần Văn Chim")
COMPANY = Spot(Customer, "company", "Canari Bí Mật TNHH", "C•••", "Vàng Anh Kín Đáo JSC")
PASSWORD = Spot(Customer, "password_hash", "argon2$canari-in-a-mine", "•••", "argon2$finch-in-a-mine")
EMAIL = Spot(
    ContactPoint,
    "email",
    "canari.nguyen@mail.example.com",
    "c•••@m•••.com",
    "chim.tran@post.example.net",
    "email_index",
)
PHONE = Spot(ContactPoint, "phone", "+84912345612", "+84 •• ••• •12", "+84987654398", "phone_index")
SECRET = Spot(ServiceAccess, "secret", "canari-s3cret-value", "•••", "finch-s3cret-value")
REASON = Spot(Reveal, "reason_text", "the canari rang up twice", "•••", "the finch wrote a letter")
OLD_NAME = Spot(VersionOfCustomer, "full_name", NAME.value, NAME.mask, NAME.other)
OLD_EMAIL = Spot(VersionOfContactPoint, "email", EMAIL.value, EMAIL.mask, EMAIL.other)

LIVE = (NAME, COMPANY, PASSWORD, EMAIL, PHONE, SECRET)
KEPT = (REASON,)
VERSIONS = (OLD_NAME, OLD_EMAIL)
INDEXED = (EMAIL, PHONE)
NULLABLE = (COMPANY, PASSWORD, SECRET)
MASKED_ONLY = tuple(spot for spot in LIVE if spot not in INDEXED)
EVERY = LIVE + KEPT + VERSIONS

SECRETS = sorted(
    {text for spot in EVERY for text in (spot.value, spot.other)} | {"Nguyễn Thị", "canari.nguyen", "912345612"}
)
"""Whole values and their telling parts; the given name is meant to be seen."""
MASKS = sorted({spot.mask for spot in EVERY} | {"••", "T. V. Chim"})


@dataclass
class Stock:
    """What every cell of the matrix starts from: two customers with all they can have."""

    customer: Customer
    stranger: Customer

    @property
    def team(self) -> Any:
        """The team of both."""
        return self.customer.team


def make_stock() -> Stock:
    """The customer whose values the spots are, and another one."""
    stock = Stock(
        *(
            _person(*values)
            for values in (
                (NAME.value, COMPANY.value, EMAIL.value, PHONE.value, SECRET.value),
                (NAME.other, COMPANY.other, EMAIL.other, PHONE.other, SECRET.other),
            )
        )
    )
    with recording(by=factories.system()):
        reveal_record(stock, REASON.value).save()
        reveal_record(stock, REASON.other).save()
    return stock


def _person(name: str, company: str, email: str, phone: str, secret: str) -> Customer:
    password = PASSWORD.value if name == NAME.value else PASSWORD.other
    made = factories.customer(full_name=name, company=company, email=email, phone=phone, password_hash=password)
    service = made.services.get()
    with acting():
        service.secret = secret
        service.save()
    return made


def reveal_record(stock: Stock, text: str) -> Reveal:
    """A reveal with a reason in words, not yet saved."""
    point = stock.customer.contact_points.get(channel="email")
    return Reveal(
        customer=stock.customer,
        datum="email",
        field="customers.ContactPoint.email",
        row_seal_id=point.seal_id,
        reason="other",
        reason_text=text,
        closes_at=timezone.now() + timedelta(minutes=1),
    )


@contextmanager
def acting() -> Iterator[None]:
    """An act that a test makes up, on record."""
    with recording(by=factories.system()):
        yield
        factories.note()


def fresh(spot: Spot, stock: Stock, **given: Any) -> Any:
    """A row of the spot's table, not yet saved, with ``given`` and what else it needs."""
    needed: dict[Any, dict[str, Any]] = {
        Customer: {
            "reference": "BZ9999999",
            "full_name": "Lê Sáo",
            "locale": "vi",
            "status": "connected",
            "registered_at": stock.customer.registered_at,
            "team": stock.team,
        },
        ContactPoint: {"customer": stock.customer, "channel": spot.field, "source": "staff"},
        ServiceAccess: {"customer": stock.customer, "service": "Backup"},
    }
    return spot.model(**{**needed[spot.model], **given})
