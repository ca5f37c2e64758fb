"""Rows of every table of states, in any of its states, and what their moves take besides."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from customers.casework.deadlines import rule
from customers.evidence.recording import recording
from customers.models import (
    ContactPoint,
    Correction,
    Customer,
    CustomerRequest,
    Hold,
    HoldContact,
    InformationRequest,
    StaffMember,
)
from customers.models.requests import Right
from customers.models.state_machine import StatefulModel
from disclosures.models import DisclosureRequest, Recipient
from tests import factories

MODELS: tuple[type[StatefulModel], ...] = (
    ContactPoint, Correction, CustomerRequest, Hold, InformationRequest, Recipient, DisclosureRequest,
)  # fmt: skip
OF_NO_CUSTOMER = (Recipient, DisclosureRequest)
"""Tables whose rows are no customer's own."""
PLAIN: dict[type[StatefulModel], tuple[str, Any]] = {
    ContactPoint: ("source", "staff"),
    Correction: ("proof_reference", "T-77"),
    CustomerRequest: ("ticket", "T-77"),
    Hold: ("ticket", "T-77"),
    InformationRequest: ("about_identity", True),
    Recipient: ("current", None),
    DisclosureRequest: ("rank", "Major"),
}
"""A column of each that anybody may write inside an act."""


def states_of(model: type[StatefulModel]) -> list[str]:
    """Every state a row of this table may be in."""
    return [str(value) for value, _ in model._meta.get_field("state").flatchoices]  # type: ignore[union-attr]


def row_in(model: type[StatefulModel], state: str, customer: Customer | None = None) -> Any:
    """A row in that state, as if it had been made so."""
    if customer is None:
        factories.deadlines()
        customer = factories.customer("BZ0000001")
    with recording(by=factories.system()):
        columns = columns_of(model, customer)
        if model is DisclosureRequest and state == "closed":
            columns["outcome"] = "refused"
        row = model(**columns, state=state)
        row.save()
        factories.note()
    return model._base_manager.get(pk=row.pk)


def columns_of(model: type[StatefulModel], customer: Customer) -> dict[str, Any]:
    """What a row of this table needs besides its state."""
    point = customer.contact_points.get(channel="email")
    system: StaffMember = factories.system()
    if model is ContactPoint:
        return {"customer": customer, "channel": "email", "email": "another@mail.example.com", "source": "import"}
    if model is Hold:
        return {"customer": customer, "contact_point": point, "reason": "odd_request", "opened_by": system}
    if model is Correction:
        return {
            "customer": customer, "datum": "name", "correction_kind": "correct", "ground": "inaccurate",
            "origin": "proactive", "proof": "call", "needs_second": False, "proposed_by": system,
            "new_name": "Nguyễn Thị Hoà",
        }  # fmt: skip
    if model is CustomerRequest:
        now = timezone.now()
        return {
            "customer": customer, "request_kind": "question", "came_by": "in_person", "text": "Khi nào gia hạn?",
            "received_at": now, "acknowledge_rule": rule(Right.ACKNOWLEDGE), "acknowledge_by": now,
            "complete_rule": rule(Right.QUESTION), "complete_by": now,
        }  # fmt: skip
    if model is Recipient:
        return {"recipient_kind": "authority"}
    if model is DisclosureRequest:
        recipient = Recipient(recipient_kind="authority")
        recipient.save()
        return {
            "basis": "authority", "recipient": recipient, "came_by": "post", "urgency": "emergency",
            "in_emergency": True, "received_at": timezone.now(), "rule": rule(Right.EMERGENCY),
            "reply_by": timezone.now(), "identifiers": "Nguyễn Thị Hoa", "asked": ["name"], "meant": 1,
            "registered_by": system,
        }  # fmt: skip
    request = CustomerRequest(**columns_of(CustomerRequest, customer), state="open")
    request.save()
    return {
        "customer": customer, "request": request, "contact_point": point, "fields": ["details"],
        "about_identity": False, "asked_by": system,
    }  # fmt: skip


def said_of(row: Any, how: str) -> dict[str, Any]:
    """What the record of a move of this row takes; inside an act."""
    if isinstance(row, DisclosureRequest):
        return {"update": {"outcome": "refused"}} if how in ("close", "refuse", "withdraw", "no_data") else {}
    if isinstance(row, Recipient):
        return {}
    said = {"customer": row.customer}
    if isinstance(row, Correction):
        return {**said, "datum": row.datum}
    if isinstance(row, Hold):
        contact = HoldContact(
            customer=row.customer, hold=row, way="in_person", spoken_at=timezone.now(), result="confirmed"
        )
        contact.save()
        return {**said, "contact": contact}
    return said


def transition(row: Any, how: str, **columns: Any) -> Any:
    """Make one move as the reserved account, in an act of its own."""
    with recording(by=factories.system()):
        return row.transition(how, **said_of(row, how), **columns)
