"""A police letter, a processor whose commitment lapsed, and a customer who asks who got the data, in real browsers."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from customers.audit_log.signer import log_signer
from customers.evidence.recording import recording
from customers.validation.calendar import today
from disclosures.models import Commitment, Disclosure, DisclosureRequest, Document, Package, Recipient
from disclosures.recipients.documents import keep
from disclosures.requests.download import fetch
from disclosures.requests.register import register
from disclosures.requests.release import release
from tests.browser.conftest import Visitor
from tests.browser.steps import Steps
from tests.disclosures.outside import PDF, Desk, a_desk, approved, as_json, document, letter, processor

VERIFIER = Path(__file__).parents[2] / "customers/evidence/verify.py"
ON_ONE_ENGINE = pytest.mark.one_engine("a story of its kind is told on both; its acts are tested on both")


@pytest.fixture
def desk(own_database: str) -> Desk:
    """The police are on file, and somebody whom they mean."""
    return a_desk()


def upload(page: Page, label: str, content: bytes = PDF) -> None:
    page.get_by_label(label).set_input_files({"name": "../../x.pdf", "mimeType": "text/html", "buffer": content})


def auditor_accepts(directory: Path) -> bool:
    """Whether the standalone verifier accepts the bundle that an auditor takes away, under the key they were given."""
    bundle, key = directory / "bundle", directory / "key"
    call_command("export_evidence", str(bundle), stdout=StringIO())
    key.write_text(f"{log_signer().vkey()}\n")
    run = subprocess.run([sys.executable, VERIFIER, bundle, "--key", key], capture_output=True, check=False)
    return run.returncode == 0


def fill_checks(page: Page) -> None:
    page.get_by_label("How you know that it comes from this sender").fill("Stamp as on their site")
    page.get_by_label("How you know that the signer may ask for it").fill("Deputy head, on their site")
    page.get_by_label("Where the instrument covers what is asked").fill("Article 88")
    page.get_by_label("Call back: number").fill("024 3888 8888")
    page.get_by_label("Where you found the number").fill("The ministry’s directory")
    page.get_by_label("Whom you spoke to").fill("Phạm Văn Trực")


def test_a_police_letter_ends_in_a_package_only_the_police_can_open(
    visitor: Visitor, desk: Desk, tmp_path: Path
) -> None:
    officer, approver = visitor("an"), visitor("binh")
    officer.get_by_role("link", name="Disclosures", exact=True).click()
    steps = Steps(officer)
    steps.click(officer.get_by_role("link", name="A request came in"))
    upload(officer, "Original document")
    officer.get_by_label("Who is meant").fill("hoa.nguyen@mail.example.com")
    steps.choose("Name")
    steps.choose("E-mail addresses")
    officer.get_by_label("Instrument", exact=True).fill("Criminal Procedure Code, article 88")
    officer.get_by_label("Signed by").fill("Nguyễn Văn Điều")
    steps.click(officer.get_by_role("button", name="Put it on file"))
    expect(officer.get_by_text("It is on file; its clock runs.")).to_be_visible()
    steps.click(officer.get_by_label("Give name of BZ0000001", exact=True))
    fill_checks(officer)
    steps.click(officer.get_by_role("button", name="Propose"))
    expect(officer.get_by_text("Proposed. Somebody else decides now.")).to_be_visible()

    request = DisclosureRequest.objects.get()
    approver.goto(f"/disclosures/disclosurerequest/{request.pk}/")
    others = Steps(approver)
    others.click(approver.get_by_role("button", name="Approve"))
    expect(approver.get_by_text("Approved. An officer can release it now.")).to_be_visible()

    officer.reload()
    steps.click(officer.get_by_role("button", name="Release"))
    expect(officer.get_by_role("button", name="Fetch the package")).to_be_visible()
    assert Package.objects.exists()
    assert (len(steps.screens), steps.clicks + others.clicks) <= (3, 8)
    assert others.screens <= steps.screens
    with officer.expect_download() as waiting:
        officer.get_by_role("button", name="Fetch the package").click()
    content = Path(waiting.value.path()).read_bytes()
    assert as_json(content)["customers"] == [
        {"reference": "BZ0000001", "fields": {"name": [{"value": "Nguyễn Thị Hoa"}]}}
    ]
    officer.reload()
    assert not Package.objects.exists()
    officer.get_by_role("link", name="Close", exact=True).click()
    officer.get_by_role("button", name="Close it").click()
    expect(officer.get_by_text("part of it", exact=True)).to_be_visible()
    officer.get_by_role("link", name="Disclosures", exact=True).first.click()
    officer.get_by_role("link", name="Disclosure log").first.click()
    expect(officer.get_by_role("link", name="BZ0000001")).to_be_visible()
    assert auditor_accepts(tmp_path)


def lapsed(desk: Desk) -> Recipient:
    """A payment processor whose commitment ended yesterday."""
    bank = processor(desk.officer)
    yesterday = today() - timedelta(days=1)
    with recording(by=desk.officer):
        paper = keep(document(PDF + b" lapsed"), Document.What.COMMITMENT, recipient=bank)
        Commitment(
            recipient=bank, document=paper, document_sha256=paper.sha256, signed_on=yesterday - timedelta(days=365),
            valid_until=yesterday, fields=["name", "email"],
        ).save()  # fmt: skip
    return bank


@ON_ONE_ENGINE
def test_a_processor_whose_commitment_lapsed_gets_nothing_until_there_is_another(
    visitor: Visitor, desk: Desk, tmp_path: Path
) -> None:
    bank = lapsed(desk)
    request = register(bank, letter(asked=["name"]), by=desk.officer)
    officer = visitor("an", at=f"/disclosures/disclosurerequest/{request.pk}/")
    officer.get_by_label("Give name of BZ0000001", exact=True).check()
    officer.get_by_label("How you know that it comes from this sender").fill("Their contract")
    officer.get_by_role("button", name="Propose").click()
    expect(officer.get_by_text("This processor has no commitment in force.")).to_be_visible()

    officer.get_by_role("link", name="Disclosures", exact=True).first.click()
    officer.get_by_role("link", name="Recipients", exact=True).click()
    expect(officer.get_by_text("expired after")).to_be_visible()
    officer.get_by_role("link", name="Pay Example").first.click()
    expect(officer.get_by_role("heading", name="Commitments")).to_be_visible()
    steps = Steps(officer)
    steps.click(officer.locator("summary").filter(has_text="New commitment"))
    upload(officer, "Signed document", PDF + b" another")
    officer.get_by_label("Signed on").fill((today() - timedelta(days=1)).isoformat())
    officer.get_by_label("Valid until").fill((today() + timedelta(days=365)).isoformat())
    steps.click(officer.get_by_role("button", name="Put it on file"))
    expect(officer.get_by_text("365 days left")).to_be_visible()
    assert steps.cost <= (1, 2)

    officer.goto(f"/disclosures/disclosurerequest/{request.pk}/")
    officer.get_by_label("Give name of BZ0000001", exact=True).check()
    officer.get_by_label("How you know that it comes from this sender").fill("Their contract")
    officer.get_by_role("button", name="Propose").click()
    approver = visitor("binh")
    approver.get_by_role("link", name="Disclosures waiting for your decision").click()
    approver.get_by_role("link", name=request.number).click()
    approver.get_by_role("button", name="Approve").click()
    officer.reload()
    officer.get_by_role("button", name="Release").click()
    expect(officer.get_by_role("button", name="Fetch the package")).to_be_visible()
    assert Disclosure.objects.get().commitment == bank.commitments.latest("pk")
    assert auditor_accepts(tmp_path)


@ON_ONE_ENGINE
def test_a_customer_is_told_who_got_the_data(visitor: Visitor, desk: Desk, tmp_path: Path) -> None:
    request = approved(desk)
    release(request, by=desk.officer)
    fetch(request, by=desk.officer)
    officer = visitor("an")
    officer.get_by_role("searchbox").fill("BZ0000001")
    officer.keyboard.press("Enter")
    expect(officer.get_by_role("link", name="Who got it, and statements")).to_be_visible()
    steps = Steps(officer)
    steps.click(officer.get_by_role("link", name="Who got it, and statements"))
    assert steps.cost <= (2, 2)
    with officer.expect_download() as waiting:
        steps.click(officer.get_by_role("button", name="Statement in Vietnamese"))
    assert waiting.value.suggested_filename.startswith("BZ0000001-")
    assert steps.clicks <= 3
    assert Disclosure.objects.count() == 1
    assert auditor_accepts(tmp_path)
