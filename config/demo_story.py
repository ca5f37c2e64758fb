"""What has happened at the demo's desk before anybody signs in, done by the acts that pages call."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from customers.corrections import Why, correct
from customers.find import find
from customers.grants import break_glass, end_grant, give_grant
from customers.holds import suspend
from customers.models import AccessGrant, Customer, StaffMember
from customers.outside_links import add_link
from customers.refusals import Refused
from customers.requests import hand_over, register
from customers.reveal import reveal
from customers.vault.kinds import Kind
from customers.verify import verify

TICKET = "T-88120"
"""The ticket that the story is about; finding it leads to the customer."""
OWN, CLOSED, COVERED, ELSEWHERE = "DM0000004", "DM0000008", "DM0000012", "DM0000001"
"""Three of Hanoi's customers, and one of Da Nang's."""
AT_WORK = ("DM0000020", "DM0000016", "DM0000024", "DM0000028")
"""Hanoi's too: a hijacked mailbox, a new address, a late answer, somebody who leaves."""


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
    at_work(linh, thao)
    elsewhere = Customer.objects.get(reference=ELSEWHERE)
    break_glass(find(ELSEWHERE, by=linh), elsewhere, by=linh, reason="suspected_fraud", ticket="T-88131")


def at_work(linh: StaffMember, thao: StaffMember) -> None:
    """A mailbox under suspicion, a correction that waits for its second person, an overdue question, a deletion."""
    now = timezone.now()
    hijacked, moved, late, leaving = (Customer.objects.get(reference=reference) for reference in AT_WORK)
    email = hijacked.contact_points.get(channel="email")
    asked = "Tôi đổi số điện thoại, xin cập nhật giúp: 0900000999."
    register(
        hijacked,
        "correction",
        by=linh,
        came_by="email",
        from_point=email,
        ticket="T-88140",
        text=asked,
        about=["phone"],
    )
    suspend(email, by=linh, reason="odd_request", ticket="T-88140", proof="Giọng văn lạ, gửi lúc 3 giờ sáng.")
    phone = moved.contact_points.get(channel="phone")
    request = register(
        moved, "correction", by=linh, came_by="phone", from_point=phone, ticket="T-88142", about=["email"],
        text="Khách gọi: địa chỉ email cũ không dùng nữa.",
    )  # fmt: skip
    verify(moved, {Kind.PHONE: f"09000{AT_WORK[1][-5:]}"}, by=linh)
    why = Why("update", "outdated", "customer_request", "call", "T-88142", request)
    correct(
        moved,
        "email",
        "new.address.16@mail.example.com",
        by=linh,
        why=why,
        point=moved.contact_points.get(channel="email"),
    )
    register(
        late, "question", by=linh, came_by="ticket", ticket="T-87001", text="Hoá đơn tháng trước sai tên công ty?",
        received_at=now - timedelta(days=12),
    )  # fmt: skip
    deletion = register(
        leaving, "deletion", by=thao, came_by="phone", from_point=leaving.contact_points.get(channel="phone"),
        text="Yêu cầu xoá toàn bộ dữ liệu cá nhân.",
    )  # fmt: skip
    hand_over(deletion, by=thao, words="Khách còn hoá đơn chưa thanh toán; xin quyết định.")
    an = StaffMember.objects.get(username="an")
    help_page = "https://www.example.org/email-security"
    add_link(help_page, by=an, title_vi="Bảo vệ hộp thư của bạn", title_en="Keeping your mailbox safe")
