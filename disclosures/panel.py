"""What the customer's page shows of this floor: who got the data, to those who may know; permissions, to all."""

from __future__ import annotations

from typing import Any

from customers.models import Customer, StaffMember
from customers.permissions.standing import Standing
from customers.validation.calendar import today
from disclosures.models import CustomerPermission, Disclosure
from disclosures.permissions import can_read_disclosures

TEMPLATE = "admin/disclosures/panel.html"


def panel(customer: Customer, person: StaffMember, standing: Standing) -> dict[str, Any]:
    """How often something left, and the permissions that hold: whoever sees the customer may put an end on record."""
    reads = can_read_disclosures(person)
    holding = CustomerPermission.objects.filter(customer=customer, until__gte=today(), withdrawal=None)
    return {
        "reads": reads,
        "left": Disclosure.objects.filter(customer=customer).count() if reads else 0,
        "permissions": list(holding.select_related("recipient__current__customer", "customer").order_by("pk")),
    }
