"""A new agent's and a new officer's first hour, from README's first command to the end of the guided list."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.browser.budgets import Tally
from tests.browser.telling import Look
from tests.processes import demo, demo_served

PDF = b"%PDF-1.4\n% renewed\n%%EOF\n"
Newcomer = Callable[[str], Page]

pytestmark = pytest.mark.one_engine("a demo keeps its own database, which is SQLite")


@pytest.fixture
def newcomer(
    browser: Browser, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Newcomer]:
    """Call it with a username: that person's browser on a demo of the test's own, signed in by what its pages say."""
    made, said = demo()
    var = tmp_path / "var"
    shutil.copytree(made, var)
    tally, complaints = Tally(monkeypatch), list[str]()
    with demo_served(var) as url:

        def come_in(username: str) -> Page:
            context = browser.new_context(base_url=url, locale=look.locale, color_scheme=look.scheme)
            page = tally.watched(context.new_page())
            page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
            page.goto("/")
            page.locator("[name=login]").fill(username)
            page.locator("[name=password]").fill(re.findall(rf"(?m)^ *{username} +(\S+)", said)[0])
            page.locator("form .button.primary").click()
            page.locator("[name=code]").fill(page.locator(".note code").inner_text().strip())
            page.locator("form .button.primary").click()
            return page

        yield come_in
        for context in browser.contexts:
            context.close()
    assert complaints == []
    tally.check(request.function.__name__)


def step(page: Page, words: str) -> None:
    """Take a step of the list, from the first page."""
    page.goto("/")
    page.locator(".steps").get_by_role("link", name=words).click()


def is_done(page: Page, words: str) -> None:
    """The first page ticks it off: there are words now, and no link."""
    page.goto("/")
    expect(page.locator(".steps .done").get_by_text(words)).to_be_visible()


def test_a_new_agent_comes_to_the_end_of_the_list(newcomer: Newcomer) -> None:
    page = newcomer("linh")
    expect(page.locator(".steps li")).to_have_count(6)
    finding = "Find a customer by e-mail, phone, reference or name"
    step(page, finding)
    page.get_by_role("searchbox").fill("0900000004")
    page.keyboard.press("Enter")
    expect(page.get_by_text("DM0000004").first).to_be_visible()
    is_done(page, finding)

    verifying = "Verify a caller: the page answers match or no match"
    step(page, verifying)
    page.get_by_label("Phone", exact=True).fill("0900000004")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("Phone: match", exact=True)).to_be_visible()
    is_done(page, verifying)

    revealing = "Reveal one value, with a reason"
    step(page, revealing)
    page.locator("summary").filter(has_text="+84 •• ••• •04").click()
    page.get_by_role("button", name="Reveal for").locator("visible=true").click()
    expect(page.get_by_text("+84900000004")).to_be_visible()
    is_done(page, revealing)

    acting_on_customer = "See a request through: the one that is due first"
    step(page, acting_on_customer)
    page.get_by_role("link", name="It is carried out").click()
    page.get_by_label("In your own words").fill("Đã ghi tên công ty mới")
    page.get_by_role("button", name="Done, tell the customer").click()
    expect(page.get_by_text("It is done and on record.")).to_be_visible()
    is_done(page, acting_on_customer)

    reaching = "Reach the customer of a suspended address over another channel"
    step(page, reaching)
    page.get_by_role("link", name="Confirm by contact").first.click()
    page.get_by_label("The customer confirms it was them").check()
    page.get_by_label("Who was spoken to").fill("bà Hoa")
    page.get_by_role("button", name="Register").click()
    is_done(page, reaching)

    step(page, "Put on record that a customer wants no more news")
    page.get_by_role("link", name="Opt out…").click()
    page.get_by_role("button", name="Opt out").click()
    page.goto("/")
    expect(page.locator(".steps")).to_have_count(0)


def test_a_new_officer_comes_to_the_end_of_the_list(newcomer: Newcomer) -> None:
    page = newcomer("an")
    expect(page.locator(".steps li")).to_have_count(5)
    proposing = "Propose what a letter gets, field by field, after a call back"
    step(page, proposing)
    page.get_by_label("Give name of DM0000040", exact=True).check()
    for label, words in (
        ("How you know that it comes from this sender", "Con dấu như trên trang của cơ quan"),
        ("How you know that the signer may ask for it", "Có tên trên trang của cơ quan"),
        ("Where the instrument covers what is asked", "Điều 88 nói đến họ tên"),
        ("Call back: number", "024 3000 0000"),
        ("Where you found the number", "Danh bạ của Bộ"),
        ("Whom you spoke to", "Trực ban"),
    ):
        page.get_by_label(label).fill(words)
    page.get_by_role("button", name="Propose").click()
    is_done(page, proposing)

    deciding = "Decide what was handed over to you"
    step(page, deciding)
    page.get_by_role("link", name="It is carried out").click()
    page.get_by_label("In your own words").fill("Đã xoá theo quy trình")
    page.get_by_role("button", name="Done, tell the customer").click()
    is_done(page, deciding)

    renewing = "Renew a commitment before it ends"
    step(page, renewing)
    page.locator("summary").filter(has_text="New commitment").click()
    paper = {"name": "cam-ket.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page.get_by_label("Signed document").set_input_files(files=[paper])  # type: ignore[list-item]
    today = timezone.localdate()
    page.get_by_label("Signed on").fill((today - timedelta(days=1)).isoformat())
    page.get_by_label("Valid until").fill((today + timedelta(days=365)).isoformat())
    page.get_by_label("Name", exact=True).check()
    page.get_by_role("button", name="Put it on file").click()
    is_done(page, renewing)

    looking_back = "Look back at a month, and say what was right"
    step(page, looking_back)
    page.get_by_role("button", name="Review").click()
    page.locator(".judging li").first.get_by_label("Right", exact=True).check()
    page.get_by_role("button", name="Put it on record").click()
    expect(page.get_by_text("Your verdicts are on record.")).to_be_visible()
    is_done(page, looking_back)

    step(page, "Have the log checked: is it whole?")
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("heading", name="Whole when it was last checked")).to_be_visible()
    page.goto("/")
    expect(page.locator(".steps")).to_have_count(0)
