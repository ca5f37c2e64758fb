"""The unsubscribe link of news: one click (RFC 8058), signed, with opaque keys for customer and purpose; no login."""

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
"""How many requests a minute are allowed for one link, and with invalid links from one network address."""


@dataclass(frozen=True)
class WayOut:
    """The customer and the purpose that an unsubscribe link is for."""

    customer: Customer
    purpose: Purpose


def token_for(customer: Customer, purpose: Purpose) -> str:
    """The token in the link: two opaque keys, signed. It does not expire, as all it can do is stop news."""
    return signing.Signer(salt=SALT).sign(f"{customer.seal_id.hex}{purpose.pk:x}")


def link_for(customer: Customer, purpose: Purpose) -> str:
    """The whole link, as it is written in messages."""
    return f"{settings.SITE_URL.rstrip('/')}{reverse('unsubscribe', args=[token_for(customer, purpose)])}"


def headers_for(link: str) -> dict[str, str]:
    """The headers by which mail programs offer to unsubscribe with one click (RFC 2369, RFC 8058)."""
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def way_out(token: str) -> WayOut | None:
    """The customer and purpose of a token; None for an invalid one."""
    try:
        keys = signing.Signer(salt=SALT).unsign(token.removesuffix("/"))  # mail programs may add or drop a slash
        seal_id, purpose = UUID(hex=keys[:32]), int(keys[32:], 16)
    except (signing.BadSignature, ValueError):
        return None
    customer = Customer.objects.filter(seal_id=seal_id).first()
    purpose_row = Purpose.objects.filter(pk=purpose, stopped_by_opt_out=True).first()
    return WayOut(customer, purpose_row) if customer is not None and purpose_row is not None else None


def stop(way: WayOut, *, everything: bool = False) -> OptOut:
    """Opt out, for the customer who followed the link, of its purpose or of all news.

    The act is the system account's. The page confirms it, so no letter is sent.
    """
    system = StaffMember.objects.get(username=SYSTEM)
    purposes = news() if everything else [way.purpose]
    evidence = Evidence(through=ConsentEvent.Through.WEB)
    return opt_out(way.customer, purposes, by=system, evidence=evidence, may=lambda by, customer: True, confirm=False)


def too_often(what: str) -> bool:
    """Count a request for a link or from an address; True once there are too many in this minute."""
    key = f"unsubscribe:{signing.Signer(salt=SALT).signature(what)}"
    cache.add(key, 0, MINUTE)
    try:
        return int(cache.incr(key)) > A_MINUTE
    except ValueError:  # the counter has just expired
        return False
