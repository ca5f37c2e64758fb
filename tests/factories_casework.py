"""Plain functions that put what customers ask on file, and bring it where a test needs it."""

from __future__ import annotations

from itertools import count
from typing import Any

from customers.access.verify import verify
from customers.casework.holds import suspend
from customers.casework.information_requests import ask
from customers.casework.requests import complete, hand_over, refuse_request, register, withdraw
from customers.models import ContactPoint, Customer, CustomerRequest, InformationRequest, Role, StaffMember
from customers.staff import accounts
from customers.vault.kinds import Kind
from tests import factories

_each = count(1)
EMAIL, PHONE = "hoa.nguyen@mail.example.com", "+84912345612"


def allrounder(username: str = "mai") -> StaffMember:
    """Somebody who works on requests in Hanoi and decides what is handed to the officers, too."""
    both = factories.person(username, "Support agent")
    accounts.give_role(both, Role.objects.get(name="Compliance officer"), None, by=factories.system())
    return both


def point_of(customer: Customer, channel: str = "email") -> ContactPoint:
    """The customer's first address of that channel, as it is now."""
    return ContactPoint.objects.filter(customer=customer, channel=channel).order_by("pk")[0]


def request_of(customer: Customer, kind: str = "question", *, by: StaffMember, **different: Any) -> CustomerRequest:
    """A request by phone from the number on file."""
    given: dict[str, Any] = {"came_by": "phone", "text": f"Nhờ xem giúp {next(_each)}", **different}
    if given["came_by"] in ("email", "phone") and not given.get("from_text"):
        given.setdefault("from_point", point_of(customer, given["came_by"]))
    if kind == "correction":
        given.setdefault("about", ["name"])
    return register(customer, kind, by=by, **given)


def request_in(state: str, customer: Customer, *, by: StaffMember, kind: str = "question") -> CustomerRequest:
    """A request in that state; ``by`` is an allrounder. A parked one came by e-mail, which is suspended after."""
    request = request_of(customer, kind, by=by, came_by="email")
    if state == "parked":
        suspend(point_of(customer), by=by, reason="odd_request", ticket="T-1")
    elif state == "with_officer":
        hand_over(request, by=by, words="cần quyết định")
    elif state == "done":
        hand_over(request, by=by, words="cần quyết định")
        complete(request, by=by, words="đã làm")
    elif state == "refused":
        refuse_request(request, by=by, why="unfounded")
    elif state == "withdrawn":
        withdraw(request, by=by, words="khách rút lại")
    return CustomerRequest.objects.get(pk=request.pk)


def verified(customer: Customer, *, by: StaffMember, request: CustomerRequest | None = None) -> None:
    """The caller knows the phone number on file, and stands by the request if one is named."""
    assert verify(customer, {Kind.PHONE: PHONE}, by=by, request=request).missed == []


def question_on(request: CustomerRequest, *fields: str, by: StaffMember) -> InformationRequest:
    """The customer is asked for these fields at the e-mail address on file."""
    ask(request, list(fields), by=by, point=point_of(request.customer))
    return InformationRequest.objects.filter(request=request).latest("pk")
