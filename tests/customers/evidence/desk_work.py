"""One customer's case with everything in it: at least one row in each table that the daily work fills."""

from __future__ import annotations

import re

from django.core import mail

from customers.access.verify import verify
from customers.casework.address_verification import answer_with_code, ask_owner
from customers.casework.approvals import approve
from customers.casework.corrections import Why, correct
from customers.casework.deadlines import set_deadline
from customers.casework.holds import close_after_contact, suspend
from customers.casework.information_requests import FieldAnswer, ask, take_answer
from customers.casework.outside_links import add_link, end_link
from customers.casework.requests import acknowledge, complete, register
from customers.models import ContactPoint, Customer
from customers.vault.kinds import Kind
from tests import factories

PHONE = "+84912345699"


def sent_code() -> str:
    """The code in the newest letter."""
    found = re.findall(r"\b\d{6}\b", str(mail.outbox[-1].body))
    return found[0]


def desk_work(customer: Customer) -> None:
    """A request, a question back, a correction with approval and confirmation, a suspension, a link."""
    factories.deadlines()
    mail.outbox = getattr(mail, "outbox", [])
    agent = factories.person(f"worker-{customer.reference}", "Support agent")
    lead = factories.person(f"approver-{customer.reference}", "Support lead")
    officer = factories.person(f"officer-{customer.reference}", "Compliance officer")
    phone = customer.contact_points.get(channel="phone")
    with_name = factories.customer(email="kept@mail.example.com", phone=PHONE)
    known = with_name.contact_points.get(channel="phone")
    verify(with_name, {Kind.PHONE: PHONE}, by=agent)
    request = register(
        with_name, "correction", by=agent, came_by="phone", from_point=known, text="Đổi email giúp tôi", about=["email"]
    )
    acknowledge(request, by=agent)
    question = ask(request, ["identity", "new_company"], by=agent, point=with_name.contact_points.get(channel="email"))
    asked = question.notice.request.information_requests.get()
    taken = {"identity": FieldAnswer("confirmed"), "new_company": FieldAnswer("discarded")}
    take_answer(asked, taken, by=agent, proof="call")
    why = Why("update", "outdated", "customer_request", "call", request=request)
    old = with_name.contact_points.get(channel="email")
    correction = correct(with_name, "email", "new.address@mail.example.com", by=agent, why=why, point=old)
    approve(correction, by=lead)
    answer_with_code(correction.new_point, sent_code(), by=agent)
    complete(request, by=agent, words="Đã đổi")
    ask_owner(phone, by=agent)
    hold = suspend(phone, by=agent, reason="odd_request", ticket="T-1", proof="lạ")
    email = customer.contact_points.get(channel="email")
    close_after_contact(hold, by=agent, way="email", over=email, result="confirmed", who="bà Hoa")
    assert ContactPoint.objects.get(pk=phone.pk).state == "active"
    set_deadline(
        "question", by=officer, amount=4, unit="working_days", third_party=0, extension=4, source="Own promise",
        confidence="open", verified=True,
    )  # fmt: skip
    end_link(add_link("https://www.example.org/help", by=officer, title_vi="Trợ giúp", title_en="Help"), by=officer)
