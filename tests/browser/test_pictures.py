"""The pictures of the README, taken of the pages as they are; with TAKE_PICTURES=1 they are written anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from customers.corrections import Why, correct
from customers.holds import suspend
from customers.models import Customer
from customers.requests import register
from customers.vault.kinds import Kind
from customers.verify import verify
from tests import making
from tests.browser.conftest import Visitor

HERE = Path(__file__).parent / "pictures"
README = Path(__file__).parents[2] / "README.md"
WIDTH, HEIGHT = 1200, 900


@pytest.fixture
def customers(own_database: str) -> dict[str, Customer]:
    """One whose mailbox is under suspicion, one who uses a new address."""
    mail.outbox = []
    making.deadlines()
    linh, _ha = making.person("linh", "Support agent"), making.person("thao", "Support lead")
    held = making.customer("BZ0000001")
    point = held.contact_points.get(channel="email")
    register(held, "correction", by=linh, came_by="email", from_point=point, text="Đổi số", about=["phone"])
    suspend(point, by=linh, reason="odd_request", ticket="T-88140")
    moved = making.customer("BZ0000002", email="nam.tran@post.example.com", phone="+84912345699")
    phone = moved.contact_points.get(channel="phone")
    verify(moved, {Kind.PHONE: "+84912345699"}, by=linh)
    request = register(moved, "correction", by=linh, came_by="phone", from_point=phone, text="Email", about=["email"])
    why = Why("update", "outdated", "customer_request", "call", "T-88142", request)
    old = moved.contact_points.get(channel="email")
    correct(moved, "email", "nam.moi@post.example.com", by=linh, why=why, point=old)
    return {"suspended": held, "correction": moved}


def taken(page: Page, name: str) -> bytes:
    """A picture of the page; kept where pictures are to be taken."""
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    shot = page.screenshot()
    if os.environ.get("TAKE_PICTURES"):
        HERE.mkdir(exist_ok=True)
        (HERE / f"{name}.png").write_bytes(shot)
    return shot


def test_the_pictures_of_the_readme_are_of_pages_that_there_are(
    visitor: Visitor, customers: dict[str, Customer]
) -> None:
    agent = visitor("linh")
    agent.goto(f"/customers/customer/{customers['suspended'].pk}/")
    expect(agent.get_by_text("Do not act on requests from")).to_be_visible()
    assert taken(agent, "suspended")
    lead = visitor("thao")
    lead.goto(f"/customers/correction/{customers['correction'].corrections.get().pk}/approve/")
    expect(lead.get_by_role("button", name="Approve")).to_be_visible()
    assert taken(lead, "correction")
    named = set(re.findall(r"\]\(tests/browser/pictures/(\w+)\.png\)", README.read_text()))
    assert named == {path.stem for path in HERE.glob("*.png")} == {"suspended", "correction"}
