"""A consent record as the customer is given it: what it says, what it leaves out, and that anybody can check it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consent.choices.consents import Evidence, grant, opt_out, withdraw
from consent.choices.import_consents import import_consents
from consent.choices.receipts import packed, receipt
from consent.gate.purposes import purpose_of
from consent.models import ConsentEvent
from consent.policies.versions import confirm_publication, write_version
from customers.audit_log.signer import log_signer
from customers.crm_import.customers import import_customers
from customers.models import Customer, Leaf, StaffMember
from tests import factories
from tests.consent.lives import house
from tests.exports import ROOT, export, record
from tests.reading import leaks, signed_in, texts
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_engine("a receipt is made of records, which are tried on both"),
]
VERIFY = ROOT / "customers" / "evidence" / "verify.py"
TEXT = "Chính sách"


@shared
def linh() -> StaffMember:
    """An agent of Hanoi's, in a house with a policy in effect."""
    house()
    officer = factories.person("an", "Compliance officer")
    version = write_version("2026-01", by=officer, text_vi=TEXT, is_material=True, changes="First version")
    for site in ("bizflycloud.vn", "docs.bizflycloud.vn"):
        confirm_publication(version, by=officer, site=site, language="vi", url=f"https://{site}/policy", text=TEXT)
    return factories.person("linh", "Support agent")


@pytest.fixture
def hoa(linh: StaffMember) -> Customer:
    return factories.customer("BZ0000001")


def granted(hoa: Customer, linh: StaffMember) -> ConsentEvent:
    evidence = Evidence("ticket", "T-7", words="Bà Hoa đồng ý nhận tin")
    return grant(hoa, purpose_of("promotions"), "email", by=linh, evidence=evidence)


def event_of(made: ConsentEvent) -> dict[str, Any]:
    events: list[dict[str, Any]] = receipt(made).record["events"]
    assert len(events) == 1
    return events[0]


def test_a_receipt_has_the_sections_of_ts_27560_and_says_what_was_said(hoa: Customer, linh: StaffMember) -> None:
    made = granted(hoa, linh)
    given = receipt(made).record
    assert list(given) == [
        "record_header", "pii_processing", "party_identification", "events", "receipt_metadata",
    ]  # fmt: skip
    assert given["record_header"] == {
        "schema_version": "ISO/IEC TS 27560:2023", "record_id": f"urn:uuid:{made.seal_id}",
        "pii_principal_id": "BZ0000001",
    }  # fmt: skip
    notice, (purpose,) = given["pii_processing"]["privacy_notice"], given["pii_processing"]["purposes"]
    assert (notice["version"], notice["sha256"]) == ("2026-01", made.policy_sha256)
    assert notice["locations"] == ["https://bizflycloud.vn/policy", "https://docs.bizflycloud.vn/policy"]
    assert (purpose["purpose"], purpose["collection_method"]) == ("promotions", "ticket")
    assert purpose["pii_information"] == [{"pii_type": "contact address", "contacted_by": ["e-mail"]}]
    assert purpose["recipient_third_parties"] == []
    event = event_of(made)
    assert (event["event_type"], event["event_state"], event["evidence"], event["recorded_by"]) == (
        "consent", "given", "T-7", "linh",
    )  # fmt: skip
    leaf = Leaf.objects.get(table_name="consent_consentevent", row_key=str(made.pk))
    assert given["receipt_metadata"]["log_entry"] == leaf.seq


def test_a_no_reads_as_a_no_and_an_import_does_not_know_when_it_was_said(
    hoa: Customer, linh: StaffMember, tmp_path: Path
) -> None:
    granted(hoa, linh)
    taken_back = withdraw(hoa, purpose_of("promotions"), by=linh, evidence=Evidence("phone"))
    objected = opt_out(hoa, [purpose_of("surveys")], by=linh, evidence=Evidence("phone")).events[0]
    assert [event_of(each)["event_state"] for each in (taken_back, objected)] == ["withdrawn", "objected"]
    path = export(tmp_path / "crm.csv", [record(1, marketing_email="yes")])
    import_customers(path, by=factories.system())
    import_consents(path, by=factories.system())
    imported = ConsentEvent.objects.filter(through="import").order_by("pk")[0]
    assert (event_of(imported)["event_time"], event_of(imported)["event_state"]) == (None, "given")


def test_no_name_address_or_words_of_the_customer_are_in_it(hoa: Customer, linh: StaffMember) -> None:
    given = receipt(granted(hoa, linh))
    whole = given.text + packed(given).decode(errors="replace")
    assert "BZ0000001" in whole
    assert [told for told in ("Hoa", "hoa.nguyen", "912345612", "đồng ý nhận") if told in whole] == []


def verdict(folder: Path, seq: int) -> int:
    """The standalone verifier's exit code about the proof, with the installation's key."""
    (folder / "key").write_text(f"{log_signer().vkey()}\n")
    command = [sys.executable, str(VERIFY), "--proof", str(folder / f"{seq}.tlog-proof"), "--key", str(folder / "key")]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_the_standalone_verifier_accepts_the_proof_and_no_altered_entry(
    hoa: Customer, linh: StaffMember, tmp_path: Path
) -> None:
    given = receipt(granted(hoa, linh))
    with zipfile.ZipFile(io.BytesIO(packed(given))) as file:
        file.extractall(tmp_path)
    seq = given.seq
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [f"receipt-{seq}.json", f"{seq}.json", f"{seq}.tlog-proof"]
    )
    assert json.loads((tmp_path / f"receipt-{seq}.json").read_text()) == given.record
    entry = json.loads((tmp_path / f"{seq}.json").read_text())
    assert (entry["customer"], entry["columns"]["purpose"], entry["columns"]["what"]) == (
        "BZ0000001", "promotions", "granted",
    )  # fmt: skip
    assert verdict(tmp_path, seq) == 0
    altered = (tmp_path / f"{seq}.json").read_bytes().replace(b"granted", b"grant3d")
    (tmp_path / f"{seq}.json").write_bytes(altered)
    assert verdict(tmp_path, seq) == 1


PAGES = ("receipt", "receipt_json", "receipt_zip")


def asked(client: Client, page: str, made: ConsentEvent) -> Any:
    return client.get(reverse(f"admin:consent_consentevent_{page}", args=[made.pk]))


def test_where_the_installation_cannot_sign_the_record_is_given_and_its_proof_is_not(
    hoa: Customer, linh: StaffMember, settings: Any
) -> None:
    made, client = granted(hoa, linh), signed_in(linh)
    settings.CHECKPOINT_KEY = "A" * 43 + "="
    assert [asked(client, page, made).status_code for page in PAGES] == [200, 200, 503]
    assert "is not this database" in asked(client, "receipt_zip", made).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_receipt_is_given_out_by_who_sees_the_customer(page: str, hoa: Customer, linh: StaffMember) -> None:
    made = granted(hoa, linh)
    response = asked(signed_in(linh), page, made)
    assert response.status_code == 200
    if page != "receipt":
        assert response["Content-Disposition"].startswith('attachment; filename="receipt-')
    for stranger in (factories.person("minh", "Support agent", "Da Nang"), factories.person("yen", "Auditor")):
        assert asked(signed_in(stranger), page, made).status_code == 404


def test_the_page_to_print_is_in_the_customer_s_language_whatever_the_reader_s(
    hoa: Customer, linh: StaffMember
) -> None:
    response = asked(signed_in(linh, "en"), "receipt", granted(hoa, linh))
    assert {"Biên nhận ý kiến của quý khách", "Khuyến mại và tin khác", "Customers"} <= texts(response)
    assert leaks(response) == []
    english = factories.customer("BZ0000002", locale="en", email="en@mail.example.com", phone="+84912345699")
    shown = texts(asked(signed_in(linh, "vi"), "receipt", granted(english, linh)))
    assert {"Receipt of what you told us", "Promotions and other news", "Khách hàng"} <= shown
