"""The first page of one person, put together from the parts that the person's rights open."""

from __future__ import annotations

from typing import Any

from config.desks import personal
from config.desks.administration import administration_desk
from config.desks.audit import audit_desk, state_of
from config.desks.compliance import compliance_desk
from config.desks.first_hour import first_hour
from config.desks.support import support_desk
from config.frame import Frame
from customers.access import anomalies
from customers.casework.worklists import waiting_for
from customers.models import StaffMember
from customers.permissions.standing import rights_at_desk
from disclosures.worklists import watch_of


def first_page(person: StaffMember, frame: Frame) -> dict[str, Any]:
    """The context of a person's first page. The number of queries does not grow with the number of rows."""
    rights = rights_at_desk(person)
    waiting, leaving = waiting_for(person), watch_of(person)
    support = support_desk(person, rights, waiting)
    compliance = compliance_desk(person, rights, waiting, leaving)
    audit = audit_desk(person, rights)
    administration = administration_desk(person, frame)
    tiles = [tile for desk in (compliance, support, administration) if desk for tile in desk.tiles]
    return {
        "greeting": personal.greeting(person),
        "support": support,
        "compliance": compliance,
        "audit": audit,
        "administration": administration,
        "tiles": list({tile.url or tile.label: tile for tile in tiles}.values()),
        "waiting": waiting,
        "leaving": leaving,
        "watch": anomalies.counts(person) if frame.watches_access else None,
        "state": state_of(frame.evidence) if frame.reads_evidence or frame.manages_staff else None,
        "left": personal.budgets_left(person, rights, frame.reveals_left),
        "grants": personal.own_grants(person),
        "done": personal.last_acts(person) if frame.sees_customers else [],
        "first_hour": first_hour(person, rights),
        "allowed": personal.allowed(person) if frame.sees_customers else [],
    }
