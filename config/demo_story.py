"""What has happened at the demo's desk before anybody signs in, done by the acts that pages call."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from customers.find import find
from customers.grants import break_glass, end_grant, give_grant
from customers.models import AccessGrant, Customer, StaffMember
from customers.refusals import Refused
from customers.reveal import reveal
from customers.vault.kinds import Kind
from customers.verify import verify

TICKET = "T-88120"
"""The ticket that the story is about; finding it leads to the customer."""
OWN, CLOSED, COVERED, ELSEWHERE = "DM0000004", "DM0000008", "DM0000012", "DM0000001"
"""Three of Hanoi's customers, and one of Da Nang's."""


def tell() -> None:
    """Calls answered, glass broken, a colleague covered, a caller who knew too little, and somebody who asked too much.

    Told once: where there are grants already, nothing is done.
    """
    if AccessGrant.objects.exists():
        return
    linh, minh, thao = (StaffMember.objects.get(username=name) for name in ("linh", "minh", "thao"))
    own, closed, covered = (Customer.objects.get(reference=reference) for reference in (OWN, CLOSED, COVERED))
    find(OWN, by=linh)
    verify(own, {Kind.PHONE: "0900000004"}, by=linh)
    reveal(own.contact_points.get(channel="phone"), "phone", by=linh, reason="call_back", ticket=TICKET)
    for guess in range(5):
        verify(closed, {Kind.PHONE: f"0900099{guess:03d}"}, by=linh)
    with suppress(Refused):
        reveal(own.services.order_by("pk")[0], "login", by=linh, reason="service_notice")
    week = timezone.now() + timedelta(days=7)
    give_grant(covered, minh, ["reveal_email", "reveal_phone"], by=thao, reason="cover", ends_at=week)
    end_grant(give_grant(own, minh, ["see_customers"], by=thao, reason="escalation", ends_at=week), by=thao)
    elsewhere = Customer.objects.get(reference=ELSEWHERE)
    break_glass(find(ELSEWHERE, by=linh), elsewhere, by=linh, reason="suspected_fraud", ticket="T-88131")
