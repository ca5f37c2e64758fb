"""Customers whose every sealed value is unmistakable: wherever one comes out, it can have come from nowhere else.

The words are of no language, the addresses of domains that are kept for examples, and no value is part of a mask.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.apps import apps
from django.utils import timezone

from customers.evidence.recording import recording
from customers.grants import end_grant, give_grant
from customers.models import ContactPoint, Customer
from customers.names import reindex_name
from customers.reveal import reveal
from customers.vault.fields import sealed_fields
from customers.vault.kinds import Kind
from customers.vault.sealed import owner_of
from tests import making

TEAMS = ("Hanoi", "Da Nang")

PLACES: dict[str, tuple[Kind, str, str]] = {
    "Customer.full_name": (Kind.NAME, "Zưởng Fậtđệ Wần", "Jĩnh Zuđoàng Fẳnwoa"),
    "former Customer.full_name": (Kind.NAME, "Đzợp Khuỵwn Vjắng", "Wởtfoan Đjậuz Plễng"),
    "Customer.company": (Kind.COMPANY, 'Wompát & Zíngđa "Fjordquark"', "Blixợm & Krávwuđ <Snørfel>"),
    "Customer.password_hash": (
        Kind.PASSWORD,
        "argon2$argon2id$v=19$m=19456,t=2,p=1$Q2FuYXJ5SGFub2lTYWx0$Zk9wUXVhZ2dhSGFub2lOZXZlclNob3du",
        "argon2$argon2id$v=19$m=19456,t=2,p=1$Q2FuYXJ5RGFOYW5nU2Fs$VmV4Wnlnb3RlRGFOYW5nTmV2ZXJTZWVu",
    ),
    "ContactPoint.email": (Kind.EMAIL, "quokkazebra.fjord@example.com", "Wombatzither_Quill@example.org"),
    "former ContactPoint.email": (Kind.EMAIL, "marmotgazette@example.net", "ibexkazoo-pylon@example.com"),
    "deleted ContactPoint.email": (Kind.EMAIL, "walrusfez.odeon@example.org", "gnuzeppelin.axiom@example.net"),
    "ContactPoint.phone": (Kind.PHONE, "+84785319462", "+84936071584"),
    "ServiceAccess.login": (Kind.SERVICE_ACCESS, "root-zymurgyfjeld", "ops.vexilkwartz"),
    "ServiceAccess.secret": (Kind.SERVICE_ACCESS, "Gq7&xW'vK<zJ2\"pTnD", "Hf4>yB\"kZ&wM9'rLcV"),
    "Reveal.reason_text": (Kind.REASON, "quagga marzipan, turbine “zeppelin”", "narwhal kumquat & gyroscope fandango"),
    "AccessGrant.reason_text": (Kind.REASON, "okapi nougat; windlass “fez”", "tapir pumpernickel & oboe lagoon"),
}
"""What is planted where: its kind, and the value of each team's customer, in the order of ``TEAMS``."""


@dataclass(frozen=True)
class Canary:
    """A planted value. ``label`` says whose and where from; nothing that prints a canary prints its value."""

    label: str
    kind: Kind
    value: str = field(repr=False)

    def __str__(self) -> str:
        return self.label


CANARIES: dict[str, Canary] = {
    f"{team} {place}": Canary(f"{team} {place}", kind, values[number])
    for number, team in enumerate(TEAMS)
    for place, (kind, *values) in PLACES.items()
}
"""Every planted value by its label, for instance ``Da Nang former ContactPoint.email``."""


@dataclass(frozen=True)
class Planted:
    """The customers who hold the canaries."""

    hanoi: Customer
    da_nang: Customer


def plant() -> Planted:
    """Both customers, through the acts of life where there are any. Needs a database, and no one called ``sower-…``."""
    return Planted(*(sow(team) for team in TEAMS))


def sow(team: str) -> Customer:
    """The customer of a team: with a past name and a past address, and with an address that was deleted."""
    value = {place: CANARIES[f"{team} {place}"].value for place in PLACES}
    lead = making.person(f"sower-{team.lower().replace(' ', '-')}", "Support lead", team)
    customer = making.customer(
        team_name=team,
        full_name=value["former Customer.full_name"],
        company=value["Customer.company"],
        password_hash=value["Customer.password_hash"],
        email=value["former ContactPoint.email"],
        phone=value["ContactPoint.phone"],
        login=value["ServiceAccess.login"],
        secret=value["ServiceAccess.secret"],
    )
    address = customer.contact_points.get(channel="email")
    gone = ContactPoint(
        customer=customer, channel="email", email=value["deleted ContactPoint.email"], source="staff", state="retired"
    )
    with recording(by=making.system()):
        customer.full_name = value["Customer.full_name"]
        customer.save()
        reindex_name(customer, value["Customer.full_name"])
        address.email = value["ContactPoint.email"]
        address.save()
        gone.save()
        making.note([customer.reference])
    with recording(by=making.system()):
        gone.delete()
        making.note([customer.reference])
    reveal(customer, "full_name", by=lead, reason="other", text=value["Reveal.reason_text"])
    keeper = making.person(f"keeper-{lead.username}", "Support agent", "Vinh")
    until, why = timezone.now() + timedelta(hours=1), value["AccessGrant.reason_text"]
    end_grant(
        give_grant(customer, keeper, ["see_customers"], by=lead, ends_at=until, reason="other", text=why), by=lead
    )
    return customer


def barren(planted: Planted) -> list[str]:
    """The sealed fields, as ``Model.field of reference``, that hold no canary of a planted customer; none must be."""
    found = []
    for model in apps.get_models():
        for sealed in sealed_fields(model):
            rows = list(model._base_manager.filter(**{f"{sealed.name}__isnull": False}))
            for customer in (planted.hanoi, planted.da_nang):
                held = [getattr(row, sealed.name) for row in rows if owner_of(row) == customer.reference]
                if not any(value == canary.value for value in held for canary in CANARIES.values()):
                    found.append(f"{model.__name__}.{sealed.name} of {customer.reference}")
    return found
