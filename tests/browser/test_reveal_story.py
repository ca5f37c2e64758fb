"""The main job in a real browser: import, list, reveal, and an auditor's check of the log."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Route, expect

from customers.models import Leaf, Reveal
from tests import factories
from tests.browser.conftest import Visitor
from tests.processes import ROOT

pytestmark = pytest.mark.one_engine(
    "its acts are tested on both engines; no page, key or click is another on one of them"
)

EXPORT = """\
customer_no,full_name,company,email,phone,locale,registered_at,status,team,services,marketing_email,marketing_sms
BZ0000001,Nguyễn Thị Hoa,Mai Công ty TNHH,hoa.nguyen@mail.example.com,0912345612,vi,2021-10-25,active,Hanoi,CDN,yes,
BZ0000002,Trần Văn Nam,,nam.tran@post.example.com,0912345699,vi,2022-03-27,active,Da Nang,CDN,,yes
"""


def test_an_export_comes_in_and_one_value_is_revealed_and_proven(visitor: Visitor, tmp_path: Path) -> None:
    factories.roles()
    (tmp_path / "export.csv").write_text(EXPORT)
    call_command("import_customers", str(tmp_path / "export.csv"))
    factories.person("linh", "Support agent", "Hanoi")

    page = visitor("linh")
    page.get_by_role("link", name="Customers").first.click()
    expect(page.get_by_text("BZ0000001")).to_be_visible()
    expect(page.get_by_text("BZ0000002")).to_have_count(0)
    page.get_by_role("link", name="N. T. Hoa").click()

    expect(page.get_by_text("hoa.nguyen@mail.example.com")).to_have_count(0)
    page.get_by_text("h•••@m•••.com").click()
    page.get_by_role("button", name="Reveal for").first.click()
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


def test_a_revealed_value_leaves_the_page_when_its_time_is_over(visitor: Visitor, settings) -> None:
    settings.REVEAL_SECONDS = 3
    factories.customer("BZ0000001")
    factories.person("linh", "Support agent")
    page = visitor("linh")
    page.get_by_role("link", name="Customers").first.click()
    page.get_by_role("link", name="N. T. Hoa").click()
    page.get_by_text("h•••@m•••.com").click()
    customers_page = page.url
    asked: list[str] = []

    def slowly(route: Route) -> None:
        asked.append(route.request.url)
        page.wait_for_timeout(1000)
        route.continue_()

    page.route(customers_page, slowly)
    page.get_by_role("button", name="Reveal for").first.click()
    expect(page.get_by_text("hoa.nguyen@mail.example.com")).to_be_visible()
    page.wait_for_url(customers_page)
    expect(page.get_by_text("hoa.nguyen@mail.example.com")).to_have_count(0)
    assert asked == [customers_page]  # once, however long the desk takes to answer
