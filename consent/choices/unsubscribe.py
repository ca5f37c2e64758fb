"""One click out of news (RFC 8058): a signed link names customer and purpose by opaque keys, and needs no login."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.urls import reverse

from consent.choices.consents import Evidence, OptOut, news, opt_out
from consent.models import ConsentEvent, Purpose
from customers.evidence.schema import SYSTEM
from customers.models import Customer, StaffMember

SALT = "consent.choices.unsubscribe"
MINUTE = 60
A_MINUTE = 30
"""How often one link may be asked in a minute, and how many that are none may come from one address."""


@dataclass(frozen=True)
class WayOut:
    """What a link is about."""

    customer: Customer
    purpose: Purpose


def token_for(customer: Customer, purpose: Purpose) -> str:
    """What stands in the link: two opaque keys, signed. It works for good, for what it does only ever protects."""
    return signing.Signer(salt=SALT).sign(f"{customer.seal_id.hex}{purpose.pk:x}")


def link_for(customer: Customer, purpose: Purpose) -> str:
    """The whole link, as letters carry it."""
    return f"{settings.SITE_URL.rstrip('/')}{reverse('unsubscribe', args=[token_for(customer, purpose)])}"


def headers_for(link: str) -> dict[str, str]:
    """The headers by which a mail program offers the one click (RFC 2369, RFC 8058)."""
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def way_out(token: str) -> WayOut | None:
    """What a token is about; None for any other text."""
    try:
        keys = signing.Signer(salt=SALT).unsign(token.removesuffix("/"))  # mail programs add one, or leave one out
        seal_id, purpose = UUID(hex=keys[:32]), int(keys[32:], 16)
    except (signing.BadSignature, ValueError):
        return None
    customer = Customer.objects.filter(seal_id=seal_id).first()
    found = Purpose.objects.filter(pk=purpose, stopped_by_opt_out=True).first()
    return WayOut(customer, found) if customer is not None and found is not None else None


def stop(way: WayOut, *, everything: bool = False) -> OptOut:
    """The customer followed the link and wants no more of this, or of any news. The page confirms; no letter does."""
    system = StaffMember.objects.get(username=SYSTEM)
    purposes = news() if everything else [way.purpose]
    evidence = Evidence(through=ConsentEvent.Through.WEB)
    return opt_out(way.customer, purposes, by=system, evidence=evidence, may=lambda by, customer: True, confirm=False)


def too_often(what: str) -> bool:
    """Count one more asking of a link, or from an address; true once there were too many in this minute."""
    key = f"unsubscribe:{signing.Signer(salt=SALT).signature(what)}"
    cache.add(key, 0, MINUTE)
    try:
        return int(cache.incr(key)) > A_MINUTE
    except ValueError:  # it has just run out
        return False
