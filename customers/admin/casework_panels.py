"""What the customer's page shows of the daily work: suspended addresses, requests, corrections, services."""

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
"""For how long the page says which address a search hit."""


@dataclass(frozen=True)
class Address:
    """An address with what may be done about it now: from the table of its moves.

    ``brings`` is the correction that waits for it, if one does: until that is settled, the correction is what is acted
    on, and only once it is approved is the owner asked.
    """

    point: ContactPoint
    hold: Hold | None
    code_waits: bool
    brings: Correction | None

    @property
    def to_confirm(self) -> bool:
        """True where its owner can be asked to confirm it, and has not."""
        unconfirmed = self.point.verified_at is None or self.point.state != ContactPoint.State.ACTIVE
        approved = self.brings is None or self.brings.state == Correction.State.APPROVED
        return unconfirmed and approved and self.point.can("confirm")

    @property
    def to_retire(self) -> bool:
        """True where it can go out of use."""
        return self.brings is None and self.point.can("retire")

    @property
    def to_bounce(self) -> bool:
        """True where mail to it may come back."""
        return self.brings is None and self.point.can("bounce")

    @property
    def to_suspend(self) -> bool:
        """True where it can be suspended."""
        return self.point.can("suspend")

    @property
    def to_correct(self) -> bool:
        """True where another one may take its place."""
        return self.brings is None and self.point.state != ContactPoint.State.RETIRED


@dataclass(frozen=True)
class Banner:
    """A suspended address, first on the page: how many requests wait, and how the customer can be reached instead."""

    hold: Hold
    parked: int
    ways: list[ContactPoint]


def at_work(customer: Customer, person: StaffMember, standing: Standing) -> dict[str, Any]:
    """The panels of the daily work: the same number of queries, however much there is of it."""
    held = Hold.objects.filter(customer=customer, state=Hold.State.OPEN)
    holds = list(held.select_related("opened_by", "contact_point").order_by("pk"))
    by_point = {hold.contact_point_id: hold for hold in holds}
    asked = AddressCheck.objects.filter(customer=customer, closes_at__gt=timezone.now())
    coded = set(asked.values_list("contact_point_id", flat=True))
    points: list[ContactPoint] = list(customer.contact_points.all())
    services: list[ServiceAccess] = list(customer.services.all())
    for own in (*holds, *services):
        own.customer = customer
    waiting = Correction.objects.filter(customer=customer, state__in=Correction.WAITING)
    mine = corrections_approvable_by(person).filter(customer=customer)
    approvable = set(mine.values_list("pk", flat=True))
    rows = list(waiting.select_related("proposed_by", "new_point", "old_point").order_by("pk"))
    brings = {row.new_point_id: row for row in rows if row.new_point_id}
    unfinished = CustomerRequest.objects.filter(customer=customer).unfinished()
    asked_for = list(unfinished.select_related("worker").order_by("due_at"))
    confidential = (point for point in points if point.channel == "email" and may_send_confidential(point))
    works = works_on(standing, customer)
    decides = standing.by_role("decide_escalated", customer)
    return {
        "works": works,
        "handles": works or decides,
        "corrects": works or (decides and any(row.state == HANDED for row in asked_for)),
        "decides_escalated": decides,
        "sets_access": standing.holds("set_service_access", customer),
        "addresses": [
            Address(point, by_point.get(point.pk), point.pk in coded, brings.get(point.pk)) for point in points
        ],
        "banners": [Banner(hold, parked_by(hold).count(), ways_for(hold)) for hold in holds],
        "requests": asked_for,
        "corrections": [(correction, correction.pk in approvable) for correction in rows],
        "services": services,
        "rotate": due_for_rotation(customer),
        "reset_to": next(confidential, None),
        "hit": _hit(customer, person),
    }


def newest_ticket(customer: Customer) -> str:
    """The ticket of the newest open request, for a reason's form."""
    rows = CustomerRequest.objects.filter(customer=customer).unfinished().exclude(ticket="")
    return str(rows.order_by("-pk").values_list("ticket", flat=True).first() or "")


def _hit(customer: Customer, person: StaffMember) -> list[int]:
    """The addresses of this customer that the reader's newest search hit, a few minutes ago."""
    newest = Find.objects.filter(by=person, at__gte=timezone.now() - JUST).order_by("-at").first()
    return list(newest.points or []) if newest is not None else []
