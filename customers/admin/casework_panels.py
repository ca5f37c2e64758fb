"""The casework panels of the customer's page: holds, addresses, requests, corrections, services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from customers.casework.addresses import may_send_confidential
from customers.casework.holds import parked_by, ways_for
from customers.casework.service_access import due_for_rotation
from customers.models import (
    AddressCheck,
    ContactPoint,
    Correction,
    Customer,
    CustomerRequest,
    Find,
    Hold,
    ServiceAccess,
    StaffMember,
)
from customers.permissions.casework import corrections_approvable_by, works_on
from customers.permissions.standing import Standing

HANDED = CustomerRequest.State.WITH_OFFICER
JUST = timedelta(minutes=10)
"""How long the page marks the address that the reader's search matched."""


@dataclass(frozen=True)
class Address:
    """An address with the acts its state allows now, for the buttons of the page.

    ``brings`` is the waiting correction whose new address this is, or None. Until that is settled, staff act on the
    correction, and the owner is asked to confirm the address only once it is approved.
    """

    point: ContactPoint
    hold: Hold | None
    code_waits: bool
    brings: Correction | None

    @property
    def to_confirm(self) -> bool:
        """True where the owner has not confirmed the address and may be asked to."""
        unconfirmed = self.point.verified_at is None or self.point.state != ContactPoint.State.ACTIVE
        approved = self.brings is None or self.brings.state == Correction.State.APPROVED
        return unconfirmed and approved and self.point.can("confirm")

    @property
    def to_retire(self) -> bool:
        """True where the address can be retired."""
        return self.brings is None and self.point.can("retire")

    @property
    def to_bounce(self) -> bool:
        """True where the address can be marked as bounced."""
        return self.brings is None and self.point.can("bounce")

    @property
    def to_suspend(self) -> bool:
        """True where the address can be suspended."""
        return self.point.can("suspend")

    @property
    def to_correct(self) -> bool:
        """True where a correction may replace the address."""
        return self.brings is None and self.point.state != ContactPoint.State.RETIRED


@dataclass(frozen=True)
class Banner:
    """A hold, shown first on the page: how many requests are parked, and the addresses for contacting the customer."""

    hold: Hold
    parked: int
    ways: list[ContactPoint]


def at_work(customer: Customer, person: StaffMember, standing: Standing) -> dict[str, Any]:
    """The template context of the casework panels. Two queries per open hold, otherwise a fixed number of queries."""
    open_holds = Hold.objects.filter(customer=customer, state=Hold.State.OPEN)
    holds = list(open_holds.select_related("opened_by", "contact_point").order_by("pk"))
    by_point = {hold.contact_point_id: hold for hold in holds}
    open_checks = AddressCheck.objects.filter(customer=customer, closes_at__gt=timezone.now())
    coded = set(open_checks.values_list("contact_point_id", flat=True))
    points: list[ContactPoint] = list(customer.contact_points.all())
    services: list[ServiceAccess] = list(customer.services.all())
    for owned in (*holds, *services):
        owned.customer = customer
    waiting = Correction.objects.filter(customer=customer, state__in=Correction.WAITING)
    own_approvals = corrections_approvable_by(person).filter(customer=customer)
    approvable = set(own_approvals.values_list("pk", flat=True))
    rows = list(waiting.select_related("proposed_by", "new_point", "old_point").order_by("pk"))
    brings = {row.new_point_id: row for row in rows if row.new_point_id}
    unfinished = CustomerRequest.objects.filter(customer=customer).unfinished()
    requests = list(unfinished.select_related("worker").order_by("due_at"))
    confidential = (point for point in points if point.channel == "email" and may_send_confidential(point))
    works = works_on(standing, customer)
    decides = standing.by_role("decide_escalated", customer)
    return {
        "works": works,
        "handles": works or decides,
        "corrects": works or (decides and any(row.state == HANDED for row in requests)),
        "decides_escalated": decides,
        "sets_access": standing.holds("set_service_access", customer),
        "addresses": [
            Address(point, by_point.get(point.pk), point.pk in coded, brings.get(point.pk)) for point in points
        ],
        "banners": [Banner(hold, parked_by(hold).count(), ways_for(hold)) for hold in holds],
        "requests": requests,
        "corrections": [(correction, correction.pk in approvable) for correction in rows],
        "services": services,
        "rotate": due_for_rotation(customer),
        "reset_to": next(confidential, None),
        "hit": _hit(customer, person),
    }


def newest_ticket(customer: Customer) -> str:
    """The ticket of the newest unfinished request that has one, to prefill the form for a reason; or ""."""
    rows = CustomerRequest.objects.filter(customer=customer).unfinished().exclude(ticket="")
    return str(rows.order_by("-pk").values_list("ticket", flat=True).first() or "")


def _hit(customer: Customer, person: StaffMember) -> list[int]:
    """Keys of the addresses that the reader's newest search within ``JUST`` matched."""
    newest = Find.objects.filter(by=person, at__gte=timezone.now() - JUST).order_by("-at").first()
    return list(newest.points or []) if newest is not None else []
