"""The pictures of the README, each in both languages, taken of the pages as they are.

    TAKE_PICTURES=1 uv run pytest -n 0 tests/browser/test_pictures.py

takes them anew. Beside the pictures lies what could be read on each page when it was taken: once a page says something
else, the picture is out of date and its test fails until it is taken again.
"""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core import mail
from django.db.models import DateTimeField
from django.utils import timezone
from playwright.sync_api import Page

from customers.access.reveal import reveal
from customers.access.verify import verify
from customers.audit_log.anchoring import take_checkpoint
from customers.audit_log.signer import log_signer
from customers.casework.corrections import Why, correct
from customers.casework.holds import suspend
from customers.casework.requests import register
from customers.models import Customer
from customers.vault.kinds import Kind
from tests import factories
from tests.browser.conftest import Visitor
from tests.conftest import Clock
from tests.disclosures.looking_back import AFTER, MONDAY, a_house, entries, entry, own_anchors
from tests.disclosures.outside import a_desk, proposed

__all__ = ["own_anchors"]

HERE = Path(__file__).parent / "pictures"
README = Path(__file__).parents[2] / "README.md"
WIDTH, HEIGHT, MOST_BYTES = 1200, 860, 150_000
LOCALES = {"en": "en-GB", "vi": "vi-VN"}
PICTURES = {"desk", "customer", "correction", "letter", "review"}
WEDNESDAY = datetime(2031, 3, 12, 9, 41, tzinfo=timezone.get_default_timezone())

pytestmark = [
    pytest.mark.parametrize("language", LOCALES),
    pytest.mark.one_engine("no page looks different on another database"),
    pytest.mark.bare,  # the pictures are of pages from before there were purposes of contact
]


def taken(page: Page, name: str, url: str) -> None:
    """The picture of a page is of the page as it is; where pictures are to be taken, it is from now on."""
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.goto(url)
    said = re.sub(r"\b[0-9a-f]{4,}\b|[0-9]+", "#", page.locator("body").inner_text()).split("\n")
    picture, read = HERE / f"{name}.png", HERE / f"{name}.json"
    if os.environ.get("TAKE_PICTURES"):
        picture.write_bytes(page.screenshot())
        read.write_text(json.dumps(said, ensure_ascii=False, indent=0) + "\n")
    assert json.loads(read.read_text()) == said, f"{picture.name} is out of date: take it again."
    assert picture.stat().st_size < MOST_BYTES


@pytest.fixture
def morning(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """It is a Wednesday morning, for every row that notes when it was made."""
    clock.now = WEDNESDAY
    for field in (field for model in apps.get_models() for field in model._meta.concrete_fields):
        if isinstance(field, DateTimeField) and field.has_default():
            monkeypatch.setattr(field, "_get_default", lambda: clock.now)
    return clock


@pytest.fixture
def customers(own_database: str, morning: Clock) -> dict[str, Customer]:
    """One whose mailbox is under suspicion, one who uses a new address, on a Wednesday morning."""
    mail.outbox = []
    factories.deadlines()
    linh, _thao = factories.person("linh", "Support agent"), factories.person("thao", "Support lead")
    morning.now = WEDNESDAY - timedelta(days=500)
    held = factories.customer("BZ0000001")
    moved = factories.customer("BZ0000002", email="nam.tran@post.example.com", phone="+84912345699")
    morning.now = WEDNESDAY
    point = held.contact_points.get(channel="email")
    register(held, "correction", by=linh, came_by="email", from_point=point, text="Đổi số", about=["phone"])
    suspend(point, by=linh, reason="odd_request", ticket="T-88140")
    phone = moved.contact_points.get(channel="phone")
    verify(moved, {Kind.PHONE: "+84912345699"}, by=linh)
    request = register(moved, "correction", by=linh, came_by="phone", from_point=phone, text="Email", about=["email"])
    why = Why("update", "outdated", "customer_request", "call", "T-88142", request)
    old = moved.contact_points.get(channel="email")
    correct(moved, "email", "nam.moi@post.example.com", by=linh, why=why, point=old)
    reveal(phone, "phone", by=linh, reason="call_back", ticket="T-88142")
    return {"suspended": held, "correction": moved}


def test_support_desk_and_customer(visitor: Visitor, customers: dict[str, Customer], language: str) -> None:
    agent, lead = (visitor(username, LOCALES[language]) for username in ("linh", "thao"))
    taken(agent, f"desk.{language}", "/")
    taken(agent, f"customer.{language}", f"/customers/customer/{customers['suspended'].pk}/")
    approving = customers["correction"].corrections.get()
    taken(lead, f"correction.{language}", f"/customers/correction/{approving.pk}/approve/")


def test_a_police_letter_under_way(visitor: Visitor, own_database: str, morning: Clock, language: str) -> None:
    desk = a_desk()
    request = proposed(desk, ["name"])
    morning.now = WEDNESDAY.replace(hour=14)
    taken(visitor("binh", LOCALES[language]), f"letter.{language}", f"/disclosures/disclosurerequest/{request.pk}/")


def test_an_officers_review(visitor: Visitor, own_database: str, morning: Clock, language: str) -> None:
    house = a_house(morning)
    entries(house, 3)
    entry(house, at=MONDAY.replace(hour=22))
    morning.now = AFTER
    officer = visitor("chi", LOCALES[language])
    officer.goto("/disclosures/monthreview/2031-03/")
    officer.locator("main button.primary").click()  # begins the review: from here on the sample stands
    officer.wait_for_load_state()
    take_checkpoint(log_signer())
    taken(officer, f"review.{language}", "/disclosures/monthreview/2031-03/")


def test_the_readme_shows_every_picture_that_there_is(language: str) -> None:
    shown = set(re.findall(r"tests/browser/pictures/([\w.]+)\.png", README.read_text()))
    assert (
        shown
        == {path.stem for path in HERE.glob("*.png")}
        == {f"{name}.{each}" for name in PICTURES for each in LOCALES}
    )
