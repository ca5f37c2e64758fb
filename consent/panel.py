"""This app's panel on the customer's page: for what the customer may be contacted, by which channel, and why not."""

from __future__ import annotations

from typing import Any

from consent.gate.gate import matrix
from consent.permissions import RECORD, WRITE
from consent.policies.versions import must_accept_again
from customers.models import Customer, StaffMember
from customers.permissions.standing import Standing

TEMPLATE = "admin/consent/panel.html"


def panel(customer: Customer, person: StaffMember, standing: Standing) -> dict[str, Any]:
    """The panel's context: the gate's matrix, and what the reader may do."""
    return {
        "matrix": matrix(customer),
        "records": standing.holds(RECORD, customer),
        "writes": standing.holds(WRITE, customer),
        "asks_again": must_accept_again(customer),
    }
