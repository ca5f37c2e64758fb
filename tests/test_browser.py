"""The main job in a real browser: import, list, reveal, and an auditor's check of the log."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page, expect, sync_playwright

from customers.models import Leaf, Reveal
from tests import making
from tests.test_modes import ROOT

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

EXPORT = """\
customer_no,full_name,company,email,phone,locale,registered_at,status,team,services,marketing_email,marketing_sms
BZ0000001,Nguyễn Thị Hoa,Mai Công ty TNHH,hoa.nguyen@mail.example.com,0912345612,vi,2021-10-25,active,Hanoi,CDN,yes,
BZ0000002,Trần Văn Nam,,nam.tran@post.example.com,0912345699,vi,2022-03-27,active,Da Nang,CDN,,yes
"""


@pytest.fixture
def server(own_database: str) -> Iterator[str]:
    """The desk, served from the test's own database."""
    thread = LiveServerThread("127.0.0.1", static_handler=lambda handler: handler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None
    try:
        yield f"http://127.0.0.1:{thread.port}"
    finally:
        thread.terminate()


@pytest.fixture
def page(server: str) -> Iterator[Page]:
    """A browser page that fails the test when the console complains, of the content policy above all."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(base_url=server, locale="en-GB")
        complaints: list[str] = []
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        yield page
        browser.close()
        connections.close_all()  # what the test opened beside the driver's event loop is not seen after it
        assert complaints == []


def sign_in(page: Page, username: str) -> None:
    """Through the sign-in page, as a person does."""
    page.goto("/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(making.PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_an_export_comes_in_and_one_value_is_revealed_and_proven(page: Page, tmp_path: Path) -> None:
    making.roles()
    (tmp_path / "export.csv").write_text(EXPORT)
    call_command("import_customers", str(tmp_path / "export.csv"))
    making.person("linh", "Support agent", "Hanoi")

    sign_in(page, "linh")
    page.get_by_role("link", name="Customers").first.click()
    expect(page.get_by_text("BZ0000001")).to_be_visible()
    expect(page.get_by_text("BZ0000002")).to_have_count(0)
    page.get_by_role("link", name="N. T. Hoa").click()

    expect(page.get_by_text("hoa.nguyen@mail.example.com")).to_have_count(0)
    page.get_by_text("h•••@m•••.com").click()
    page.get_by_role("button", name=re.compile("^Reveal")).first.click()
    expect(page.get_by_text("hoa.nguyen@mail.example.com")).to_be_visible()
    seq = Leaf.objects.get(table_name="customers_reveal", row_key=str(Reveal.objects.get().pk)).seq
    page.get_by_role("link", name="Close now").click()
    expect(page.get_by_text("hoa.nguyen@mail.example.com")).to_have_count(0)
    expect(page.get_by_text(f"#{seq}")).to_be_visible()

    call_command("export_evidence", str(tmp_path / "bundle"))
    verifier = [sys.executable, str(ROOT / "customers" / "evidence" / "verify.py"), str(tmp_path / "bundle")]
    key = ["--key", str(tmp_path / "bundle" / "key")]
    whole = subprocess.run([*verifier, *key], capture_output=True, text=True, check=False)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    entries = tmp_path / "bundle" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b'"reason":"call_back"', b'"reason":"other_one"'))
    told = subprocess.run([*verifier, *key], capture_output=True, text=True, check=False)
    assert (told.returncode, str(seq) in told.stdout) == (1, True)


def test_a_revealed_value_leaves_the_page_when_its_time_is_over(page: Page, settings) -> None:
    settings.REVEAL_SECONDS = 3
    making.customer("BZ0000001")
    making.person("linh", "Support agent")
    sign_in(page, "linh")
    page.get_by_role("link", name="Customers").first.click()
    page.get_by_role("link", name="N. T. Hoa").click()
    page.get_by_text("h•••@m•••.com").click()
    page.get_by_role("button", name=re.compile("^Reveal")).first.click()
    expect(page.get_by_text("hoa.nguyen@mail.example.com")).to_be_visible()
    page.wait_for_url("**/customers/customer/*/")
    expect(page.get_by_text("hoa.nguyen@mail.example.com")).to_have_count(0)
