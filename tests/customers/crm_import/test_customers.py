"""Taking in a CRM export: what is written, what is not, and what is on record of it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.access.name_index import reindex_name
from customers.crm_import import customers
from customers.crm_import.customers import import_customers
from customers.crm_import.rows import OPTIONAL_COLUMNS, REQUIRED_COLUMNS, Row, judge
from customers.evidence.errors import NotRecording
from customers.evidence.recording import recording
from customers.models import (
    AccessChange,
    ContactPoint,
    Customer,
    ImportBatch,
    Leaf,
    Membership,
    NameIndex,
    ServiceAccess,
    StaffMember,
    Team,
)
from customers.vault import tokens
from customers.vault.blind_index import name_indexes, whole_name_index
from tests import factories
from tests.exports import AS_OF, EXTRACT, FILES, expected, export, record, records, where

pytestmark = pytest.mark.django_db

BCRYPT = "$2b$12$" + "a" * 53
HASHED = [*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS]


def written() -> dict[str, int]:
    """How many rows every table of the ground floor has."""
    return {model.__name__: model._default_manager.count() for model in apps.get_app_config("customers").get_models()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_row_of_an_export_comes_out_as_expected_and_the_second_time_nothing_is_written(
    path: Path, system: StaffMember, tmp_path: Path
) -> None:
    import_customers(path, by=system, at=AS_OF, report=tmp_path / "first.json")
    first = json.loads((tmp_path / "first.json").read_text())
    assert {**first, "rejected": where(first)} == expected(path)
    assert Customer.objects.count() == first["accepted"]
    before = written()

    import_customers(path, by=system, at=AS_OF, report=tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text())
    assert (again["accepted"], again["unchanged"]) == (0, first["accepted"] + first["unchanged"])
    assert again["rejected"] == first["rejected"]
    assert written() == before


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_leaf_holds_a_name_company_address_or_number_of_the_file(path: Path, system: StaffMember) -> None:
    import_customers(path, by=system, at=AS_OF)
    assert Leaf.objects.filter(kind="import_batch").exists()
    assert in_leaves(personal(path)) == set()

    planted = records(path)[0]["full_name"]
    with recording(by=system):
        factories.note([planted])
    assert in_leaves(personal(path)) == {planted}


def personal(path: Path) -> set[str]:
    """Every name, company, address and number of a file, as it stands there and in normal form.

    What is shorter than five characters is left out: it would be found in any hash.
    """
    found: set[str] = set()
    for number, cells in enumerate(records(path), start=1):
        found |= {cells[column].strip() for column in ("full_name", "company", "email", "phone")}
        row = judge(number, list(cells), list(cells.values()), at=AS_OF)
        if isinstance(row, Row):
            found |= {row.full_name, row.company or "", row.email, row.email.lower(), row.phone or ""}
    return {text for text in found if len(text) > 4}


def in_leaves(texts: set[str]) -> set[str]:
    """Which of the texts the log's payloads hold, anywhere."""
    log = "\n".join(said(json.loads(bytes(leaf.payload))) for leaf in Leaf.objects.all())
    return {text for text in texts if text in log}


def said(payload: Any) -> str:
    """All the texts of a payload, keys too."""
    if isinstance(payload, dict):
        payload = [*payload.keys(), *payload.values()]
    return "\n".join(map(said, payload)) if isinstance(payload, list) else str(payload)


def test_no_table_holds_a_name_company_address_or_number_in_clear(system: StaffMember) -> None:
    import_customers(EXTRACT, by=system, at=AS_OF)
    tables, texts = stored(), personal(EXTRACT)
    assert [(table, text) for table, cells in tables.items() for text in texts if text in cells] == []
    assert "EX0000001" in tables["customers_customer"]


def stored() -> dict[str, str]:
    """All that each table of the ground floor holds, as text, straight from the database."""
    found = {}
    for model in apps.get_app_config("customers").get_models():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            found[model._meta.db_table] = "\n".join(readable(cell) for row in cursor.fetchall() for cell in row)
    return found


def readable(cell: Any) -> str:
    """A cell as text; bytes are taken for UTF-8."""
    return bytes(cell).decode("utf-8", "replace") if isinstance(cell, (bytes, memoryview)) else str(cell)


def test_each_batch_is_one_record_that_names_file_rows_and_references(
    system: StaffMember, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "BATCH_ROWS", 2)
    wrong = record(2, email="nobody@")
    path = export(tmp_path / "export.csv", [record(1), wrong, record(3), record(4), record(5)])
    import_customers(path, by=system)

    batches = list(ImportBatch.objects.order_by("pk"))
    assert [batch.rows for batch in batches] == [[1], [3, 4], [5]]
    assert [batch.references for batch in batches] == [["EX0000001"], ["EX0000003", "EX0000004"], ["EX0000005"]]
    assert {batch.file_sha256 for batch in batches} == {hashlib.sha256(path.read_bytes()).hexdigest()}
    assert [list(batch.customers.order_by("pk").values_list("reference", flat=True)) for batch in batches] == [
        batch.references for batch in batches
    ]
    leaves = Leaf.objects.filter(kind="import_batch").order_by("seq")
    assert [leaf.row_key for leaf in leaves] == [str(batch.pk) for batch in batches]
    assert [json.loads(bytes(leaf.payload))["columns"]["rows"] for leaf in leaves] == [b.rows for b in batches]


def test_a_customer_comes_in_with_address_number_services_and_indexes(system: StaffMember, tmp_path: Path) -> None:
    row = record(password_hash=BCRYPT, renewals="CDN=2027-01-31|DNS=2027-02-28", phone="091 230 0001")
    import_customers(export(tmp_path / "export.csv", [row], HASHED), by=system)

    customer = Customer.objects.get(reference="EX0000001")
    assert (customer.status, customer.locale, customer.team.name) == ("connected", "vi", "Hanoi")
    assert (customer.full_name, customer.company, customer.password_hash) == (
        "Nguyễn Thị Hoa", "Mai Công ty TNHH", BCRYPT,
    )  # fmt: skip
    assert customer.password_set_at is None
    points = {point.channel: point for point in customer.contact_points.all()}
    assert (points["email"].email, points["phone"].phone) == ("hoa.nguyen1@mail.example.com", "+84912300001")
    assert {(p.state, p.source, p.verified_at) for p in points.values()} == {("active", "import", None)}
    assert dict(customer.services.values_list("service", "renews_on")) == {
        "CDN": date(2027, 1, 31),
        "Cloud Server": None,
        "DNS": date(2027, 2, 28),
    }
    assert Customer.objects.by_email("HOA.nguyen1@mail.example.com").get() == customer
    assert Customer.objects.by_phone("0912 300 001").get() == customer
    assert set(customer.name_indexes.values_list("digest", flat=True)) == {
        *name_indexes("Hoa Nguyen Thi"),
        whole_name_index("Hoa Nguyen Thi"),
    }


def test_a_customer_without_a_phone_has_an_address_only(system: StaffMember, tmp_path: Path) -> None:
    import_customers(export(tmp_path / "export.csv", [record(phone="")]), by=system)
    assert [point.channel for point in ContactPoint.objects.all()] == ["email"]


def test_history_is_as_if_every_row_had_been_saved_by_whoever_imports(tmp_path: Path) -> None:
    saved = factories.customer()
    person = factories.person("mai")
    import_customers(export(tmp_path / "export.csv", [record(1), record(2)]), by=person)
    imported = Customer.objects.get(reference="EX0000002")
    for model, pk, pk_of_saved in (
        (Customer, imported.pk, saved.pk),
        (ContactPoint, imported.contact_points.first().pk, saved.contact_points.first().pk),
        (ServiceAccess, imported.services.first().pk, saved.services.first().pk),
    ):
        version, like = model.history.get(id=pk), model.history.get(id=pk_of_saved)
        assert version.history_user == person
        assert (version.history_type, version.history_change_reason) == (like.history_type, like.history_change_reason)
        kept = [field.column for field in model.history.model.tracked_fields]
        assert cells(model.history.model._meta.db_table, kept, pk) == cells(model._meta.db_table, kept, pk)
        assert model.history.count() == model.objects.count()


def cells(table: str, columns: list[str], pk: int) -> Any:
    """One row as it is stored, tokens and all."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {", ".join(columns)} FROM "{table}" WHERE id = %s', [pk])
        return cursor.fetchone()


def test_a_team_the_desk_does_not_know_is_made_with_no_members_of_its_own(system: StaffMember, tmp_path: Path) -> None:
    agent = factories.person("linh", "Support agent")
    rows = [record(1), record(2, team="Da Nang"), record(3, team="Da Nang")]
    import_customers(export(tmp_path / "export.csv", rows), by=system)
    made = Team.objects.get(name="Da Nang")
    assert AccessChange.objects.filter(what="team_made", team=made).count() == 1
    assert Team.objects.count() == 2
    assert not Membership.objects.filter(team=made).exists()
    seen = [agent.has_perm("customers.see_customers", team) for team in (Team.objects.get(name="Hanoi"), made)]
    assert seen == [True, False]


def test_rows_that_share_an_address_are_different_customers(system: StaffMember, tmp_path: Path) -> None:
    rows = [record(1), record(2, email=record(1)["email"])]
    assert import_customers(export(tmp_path / "export.csv", rows), by=system).accepted == 2


# --- what is there already --------------------------------------------------------------------------------------


def test_a_row_that_differs_from_the_record_is_rejected_and_changes_nothing(
    system: StaffMember, tmp_path: Path
) -> None:
    import_customers(export(tmp_path / "first.csv", [record(1), record(2)]), by=system)
    before = written()
    rows = [record(1, email="other@example.com"), record(2, marketing_email="no", phone="091 230 0002")]
    outcome = import_customers(export(tmp_path / "second.csv", rows), by=system)
    assert (outcome.accepted, outcome.unchanged) == (0, 1)
    assert [(r.row, r.column, r.why) for r in outcome.rejected] == [(1, "customer_no", str(customers.DIFFERS))]
    assert written() == before


@pytest.mark.parametrize("batch_rows", [1, 500])
def test_a_reference_twice_in_a_file_is_unchanged_if_it_says_the_same_and_rejected_if_not(
    system: StaffMember, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_rows: int
) -> None:
    monkeypatch.setattr(customers, "BATCH_ROWS", batch_rows)
    rows = [record(1), record(1, company=""), record(1, marketing_sms="no")]
    path = export(tmp_path / "export.csv", rows)
    for accepted, unchanged in ((1, 1), (0, 2)):
        outcome = import_customers(path, by=system)
        assert (outcome.accepted, outcome.unchanged) == (accepted, unchanged)
        assert [(r.row, r.column, r.why) for r in outcome.rejected] == [(2, "customer_no", str(customers.TWICE))]
    assert Customer.objects.get().company == "Mai Công ty TNHH"


def test_a_reference_is_free_again_after_a_row_that_was_rejected(system: StaffMember, tmp_path: Path) -> None:
    outcome = import_customers(export(tmp_path / "export.csv", [record(1, phone="12"), record(1)]), by=system)
    assert (outcome.accepted, [r.row for r in outcome.rejected]) == (1, [1])


def test_a_batch_that_another_import_has_just_written_counts_as_unchanged(
    system: StaffMember, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(tmp_path / "export.csv", [record(1), record(2)])
    write, meanwhile = customers.write, []

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        if not meanwhile:
            meanwhile.append(write(*args, **kwargs))
        return write(*args, **kwargs)

    monkeypatch.setattr(customers, "write", overtaken)
    outcome = import_customers(path, by=system)
    assert (outcome.accepted, outcome.unchanged, outcome.rejected) == (0, 2, [])
    assert (Customer.objects.count(), ImportBatch.objects.count()) == (2, 1)


def test_an_import_opens_nothing(system: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    unseal = tokens.unseal
    monkeypatch.setattr(tokens, "unseal", lambda *args: opened.append(args) or unseal(*args))
    import_customers(EXTRACT, by=system, at=AS_OF)
    import_customers(EXTRACT, by=system, at=AS_OF)
    assert opened == []
    assert Customer.objects.get(reference="EX0000024").full_name.mask == "V. T. Yến"
    assert len(opened) == 1


def test_a_batch_takes_the_same_number_of_queries_for_3_rows_and_for_30(system: StaffMember, tmp_path: Path) -> None:
    import_customers(export(tmp_path / "first.csv", [record(1)]), by=system)
    few = export(tmp_path / "few.csv", [record(n) for n in range(10, 13)])
    many = export(tmp_path / "many.csv", [record(n) for n in range(20, 50)])
    with CaptureQueriesContext(connection) as for_few:
        import_customers(few, by=system)
    with CaptureQueriesContext(connection) as for_many:
        import_customers(many, by=system)
    assert (Customer.objects.count(), NameIndex.objects.count()) == (34, 136)
    assert len(for_many) == len(for_few)


def test_the_sum_of_what_became_of_the_rows_is_told_after_every_batch(
    system: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "BATCH_ROWS", 10)
    told: list[tuple[int, int]] = []
    outcome = import_customers(EXTRACT, by=system, at=AS_OF, progress=lambda done, total: told.append((done, total)))
    assert told == [(10, 24), (20, 24), (24, 24)]
    assert outcome.rows == outcome.accepted + outcome.unchanged + len(outcome.rejected)


def test_a_name_is_indexed_anew_in_place_of_the_old_one_and_only_on_record(system: StaffMember) -> None:
    customer = factories.customer(full_name="Nguyễn Thị Hoa")
    with pytest.raises(NotRecording):
        reindex_name(customer, "Trần Mai")
    for name in ("Nguyễn Thị Hoa", "Trần Mai", ""):
        with recording(by=system):
            reindex_name(customer, name)
            factories.note([customer.reference])
        indexes = {*name_indexes(name), whole_name_index(name)} if name else set()
        assert set(customer.name_indexes.values_list("digest", flat=True)) == indexes
