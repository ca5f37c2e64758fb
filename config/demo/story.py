"""What happened in the demo in the last days before anybody signs in, made by the acts that pages call."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from config.demo.clock import Story
from customers.access.find import find
from customers.access.grants import break_glass, end_grant, give_grant
from customers.access.reveal import reveal
from customers.access.verify import verify
from customers.acts.refusals import Refused
from customers.casework.corrections import Why, correct
from customers.casework.holds import suspend
from customers.casework.outside_links import add_link
from customers.casework.requests import acknowledge, hand_over, register
from customers.models import AccessGrant, Customer, CustomerRequest, StaffMember
from customers.vault.kinds import Kind

TICKET = "T-88120"
"""The ticket of the first call; the desk finds the customer by it."""
OWN, CLOSED, COVERED, ELSEWHERE = "DM0000004", "DM0000008", "DM0000012", "DM0000001"
"""Three customers of Hanoi, and one of Da Nang."""
HIJACKED, MOVED, LATE, LEAVING = "DM0000020", "DM0000016", "DM0000024", "DM0000028"
"""Customers of Hanoi: a hijacked mailbox, a new e-mail address, an overdue correction, a request for deletion."""
NIGHT = "DM0000005"
"""A customer of Da Nang, whose data somebody revealed late in the evening."""


def tell_days(clock: Story) -> None:
    """Make the last days at the desk. Once only: where a request exists, nothing is done."""
    if CustomerRequest.objects.exists():
        return
    linh, minh, thao = (StaffMember.objects.get(username=name) for name in ("linh", "minh", "thao"))
    _late(clock, linh)
    _hijacked(clock, linh, thao)
    _at_night(clock, minh)
    clock.goes_to(clock.today - timedelta(days=1))
    _leaving(thao)


def tell_today(clock: Story) -> None:
    """Make today: a call, failed verification, broken glass, a grant for cover and one that was ended, a refusal.

    Once only: where a personal grant exists, nothing is done.
    """
    if AccessGrant.objects.filter(how=AccessGrant.How.PERSONAL).exists():
        return
    linh, minh, thao = (StaffMember.objects.get(username=name) for name in ("linh", "minh", "thao"))
    own, closed, covered = (Customer.objects.get(reference=reference) for reference in (OWN, CLOSED, COVERED))
    clock.goes_to(clock.today - timedelta(minutes=20))
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
    _moved(linh)
    elsewhere = Customer.objects.get(reference=ELSEWHERE)
    break_glass(find(ELSEWHERE, by=linh), elsewhere, by=linh, reason="suspected_fraud", ticket="T-88131")


def _late(clock: Story, linh: StaffMember) -> None:
    """A correction that was acknowledged in time and then forgotten, so that it is overdue."""
    clock.goes_to(clock.today - timedelta(days=12))
    customer = Customer.objects.get(reference=LATE)
    phone = customer.contact_points.get(channel="phone")
    request = register(
        customer, "correction", by=linh, came_by="phone", from_point=phone, ticket="T-87001", about=["company"],
        text="Tên công ty trên hoá đơn sai, xin sửa lại theo giấy phép.",
    )  # fmt: skip
    clock.goes_to(clock.today - timedelta(days=11))
    acknowledge(request, by=linh)


def _hijacked(clock: Story, linh: StaffMember, thao: StaffMember) -> None:
    """A mailbox under suspicion, suspended for longer than it should be; the request that came from it is parked.

    The lead suspended it, so the agent may contact the customer and release it: nobody releases their own suspension.
    """
    clock.goes_to(clock.today - timedelta(days=4))
    customer = Customer.objects.get(reference=HIJACKED)
    email = customer.contact_points.get(channel="email")
    register(
        customer, "correction", by=linh, came_by="email", from_point=email, ticket="T-88140", about=["phone"],
        text="Tôi đổi số điện thoại, xin cập nhật giúp: 0900000999.",
    )  # fmt: skip
    suspend(email, by=thao, reason="odd_request", ticket="T-88140", proof="Giọng văn lạ, gửi lúc 3 giờ sáng.")


def _at_night(clock: Story, minh: StaffMember) -> None:
    """An agent of Da Nang reveals a customer's phone and e-mail late in the evening."""
    evening = timezone.localtime(clock.today - timedelta(days=2)).replace(hour=22, minute=40)
    clock.goes_to(evening)
    customer = Customer.objects.get(reference=NIGHT)
    find(NIGHT, by=minh)
    reveal(customer.contact_points.get(channel="phone"), "phone", by=minh, reason="call_back", ticket="T-88102")
    reveal(customer.contact_points.get(channel="email"), "email", by=minh, reason="call_back", ticket="T-88102")


def _leaving(thao: StaffMember) -> None:
    """A request for deletion that only an officer decides; and an outside link that letters may use."""
    customer = Customer.objects.get(reference=LEAVING)
    deletion = register(
        customer, "deletion", by=thao, came_by="phone", from_point=customer.contact_points.get(channel="phone"),
        text="Yêu cầu xoá toàn bộ dữ liệu cá nhân.",
    )  # fmt: skip
    hand_over(deletion, by=thao, words="Khách còn hoá đơn chưa thanh toán; xin quyết định.")
    an = StaffMember.objects.get(username="an")
    help_page = "https://www.example.org/email-security"
    add_link(help_page, by=an, title_vi="Bảo vệ hộp thư của bạn", title_en="Keeping your mailbox safe")


def _moved(linh: StaffMember) -> None:
    """A correction that waits for its second person."""
    customer = Customer.objects.get(reference=MOVED)
    phone = customer.contact_points.get(channel="phone")
    request = register(
        customer, "correction", by=linh, came_by="phone", from_point=phone, ticket="T-88142", about=["email"],
        text="Khách gọi: địa chỉ email cũ không dùng nữa.",
    )  # fmt: skip
    verify(customer, {Kind.PHONE: f"09000{MOVED[-5:]}"}, by=linh)
    why = Why("update", "outdated", "customer_request", "call", "T-88142", request)
    old = customer.contact_points.get(channel="email")
    correct(customer, "email", "new.address.16@mail.example.com", by=linh, why=why, point=old)
