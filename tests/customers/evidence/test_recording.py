"""``recording()``: an act and its record happen together, or not at all."""

import hashlib
import json
import unicodedata
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.evidence import payload, schema
from customers.evidence.errors import NotRecording
from customers.evidence.recording import recording
from customers.evidence.verify import canonical
from customers.models import AccessChange, Customer, Head, ImportBatch, Leaf, Refusal, Reveal, SchemaRecord, Team
from customers.vault.tokens import Place, unseal
from tests import factories
from tests.customers.evidence.logs import newest, payloads, root

pytestmark = [pytest.mark.django_db, pytest.mark.bare]


def test_an_act_and_its_record_happen_together() -> None:
    with recording(by=factories.system()):
        Team(name="Hue").save()
        record = factories.note()
    assert Team.objects.filter(name="Hue").exists()
    assert (newest()["table"], newest()["row"]) == ("customers_importbatch", str(record.pk))


def test_an_act_inside_another_is_refused_and_neither_happens() -> None:
    with pytest.raises(RuntimeError, match="durable"), recording(by=factories.system()):
        Team(name="Hue").save()
        factories.note()
        with recording(by=factories.system()):
            factories.note()
    assert (Team.objects.count(), Leaf.objects.count()) == (0, 0)


def test_an_act_inside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), recording(by=factories.system()):
        factories.note()
    assert Leaf.objects.count() == 0


def test_an_act_without_a_record_did_not_happen() -> None:
    with pytest.raises(NotRecording, match="no record"), recording(by=factories.system()):
        Team(name="Hue").save()
    assert (Team.objects.count(), Leaf.objects.count()) == (0, 0)


@pytest.mark.parametrize("nobody", [None, "unsaved"])
def test_nobody_acts_anonymously(nobody: str | None) -> None:
    by = type(factories.system())(username="ghost") if nobody else None
    with pytest.raises(NotRecording, match="anonymously"), recording(by=by):
        factories.note()
    assert Leaf.objects.count() == 0


def test_an_error_in_an_act_undoes_all_of_it() -> None:
    with pytest.raises(ZeroDivisionError), recording(by=factories.system()):
        Team(name="Hue").save()
        factories.note()
        1 / 0  # noqa: B018
    assert (Team.objects.count(), ImportBatch.objects.count(), Leaf.objects.count()) == (0, 0, 0)


def test_after_an_act_that_failed_the_next_one_works() -> None:
    with pytest.raises(ZeroDivisionError), recording(by=factories.system()):
        1 / 0  # noqa: B018
    factories.team("Hue")
    assert [entry["kind"] for entry in payloads()] == ["schema", "access_change"]


CHANGES = {
    "save a new row": lambda team: Team(name="Hue").save(),
    "save a row": lambda team: team.save(),
    "save some columns": lambda team: team.save(update_fields=["name"]),
    "create": lambda team: Team.objects.create(name="Hue"),
    "get or create": lambda team: Team.objects.get_or_create(name="Hue"),
    "update or create": lambda team: Team.objects.update_or_create(name="Hanoi", defaults={"name": "Hue"}),
    "bulk create": lambda team: Team.objects.bulk_create([Team(name="Hue")]),
    "bulk update": lambda team: Team.objects.bulk_update([team], ["name"]),
    "update": lambda team: Team.objects.update(name="Hue"),
    "delete a row": lambda team: team.delete(),
    "delete": lambda team: Team.objects.all().delete(),
    "base manager": lambda team: Team._base_manager.update(name="Hue"),
    "related manager": lambda team: team.customers.update(locale="en"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_recorded_table_is_changed_inside_an_act_only(change: str) -> None:
    team = Team(name="Hanoi")
    with recording(by=factories.system()):
        team.save()
        factories.note()
    with pytest.raises(NotRecording):
        CHANGES[change](team)
    assert list(Team.objects.values_list("name", flat=True)) == ["Hanoi"]
    with recording(by=factories.system()):
        CHANGES[change](team)
        factories.note()


def test_the_leaf_and_the_head_are_the_last_statements_of_an_act() -> None:
    factories.team()
    system = factories.system()
    with CaptureQueriesContext(connection) as captured, recording(by=system):
        factories.note()
        Team(name="Hue").save()
    statements = [query["sql"].removeprefix("1 times: ") for query in captured if "SAVEPOINT" not in query["sql"]]
    first_words = [statement.split(" (")[0].split(" SET")[0].replace('"', "") for statement in statements]
    written = [words for words in first_words if words.startswith(("INSERT", "UPDATE"))]
    assert written == [
        "INSERT INTO customers_importbatch",
        "INSERT INTO customers_team",
        "INSERT INTO customers_leaf",
        "UPDATE customers_head",
    ]
    assert first_words[-2:] == written[-2:]


def test_whoever_acts_stands_in_the_record_its_leaf_and_the_history() -> None:
    customer, linh = factories.customer(), factories.person("linh")
    with recording(by=linh):
        customer.locale = "en"
        customer.save()
        record = factories.note()
    assert (record.by, newest()["by"], customer.history.first().history_user) == (linh, "linh", linh)


def test_by_is_whoever_acts_whatever_the_caller_wrote() -> None:
    linh = factories.person("linh")
    with recording(by=linh):
        record = Refusal(act="reveal", why="no_right", by=factories.system())
        record.save()
    assert Refusal.objects.get(pk=record.pk).by == linh


def test_a_payload_holds_exactly_what_was_agreed() -> None:
    customer, linh = factories.customer(), factories.person("linh")
    closes = timezone.now() + timedelta(seconds=60)
    with recording(by=linh):
        record = Reveal(
            customer=customer,
            datum="name",
            field="customers.Customer.full_name",
            row_seal_id=customer.seal_id,
            reason="other",
            ticket="T-1",
            reason_text="Bà Hoa gọi lại",
            closes_at=closes,
        )
        record.save()
    leaf = Leaf.objects.order_by("-seq").first()
    assert leaf is not None
    raw, before = bytes(leaf.payload), Leaf.objects.get(seq=leaf.seq - 1)
    found = json.loads(raw)
    token = str(Reveal.objects.get().reason_text._token)
    opened = unseal(token, Place("customers.Reveal.reason_text", record.seal_id))
    assert found == {
        "v": 1,
        "seq": leaf.seq,
        "prev": bytes(before.leaf_hash).hex(),
        "salt": found["salt"],
        "at": record.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "kind": "reveal",
        "by": "linh",
        "customer": customer.reference,
        "table": "customers_reveal",
        "row": str(record.pk),
        "columns": {
            "id": record.pk,
            "seal_id": str(record.seal_id),
            "at": record.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "by_id": linh.pk,
            "customer_id": customer.pk,
            "datum": "name",
            "field": "customers.Customer.full_name",
            "row_seal_id": str(customer.seal_id),
            "reason": "other",
            "ticket": "T-1",
            "version": None,
            "closes_at": closes.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        },
        "commits": {"reason_text": hashlib.sha256(opened.salt + "Bà Hoa gọi lại".encode()).hexdigest()},
    }
    assert raw == canonical(found)
    assert bytes(leaf.leaf_hash) == hashlib.sha256(b"\0" + raw).digest()
    assert (leaf.kind, leaf.customer, leaf.table_name, leaf.row_key) == (
        "reveal",
        customer.reference,
        "customers_reveal",
        str(record.pk),
    )
    assert not any(secret in raw.decode() for secret in ("Hoa", token, opened.salt.hex(), "Nguyễn", "hoa.nguyen"))


def test_a_sealed_column_left_empty_is_committed_to_by_nothing() -> None:
    customer, linh = factories.customer(), factories.person("linh")
    with recording(by=linh):
        Reveal(
            customer=customer,
            datum="name",
            field="customers.Customer.full_name",
            row_seal_id=customer.seal_id,
            reason="call_back",
            closes_at=timezone.now(),
        ).save()
    assert newest()["commits"] == {}


def test_no_two_entries_share_a_salt_and_the_first_follows_nothing() -> None:
    for name in ("Hue", "Da Nang", "Can Tho"):
        factories.team(name)
    entries = payloads()
    assert len({entry["salt"] for entry in entries}) == len(entries) == 4
    assert entries[0]["prev"] == "0" * 64


def test_every_record_of_an_act_has_a_leaf_of_its_own_in_their_order() -> None:
    with recording(by=factories.system()):
        one = factories.note(["BZ1"])
        many = ImportBatch.objects.bulk_create(
            [ImportBatch(file_sha256="1" * 64, rows=[n], references=[]) for n in range(3)]
        )
        last = factories.note(["BZ2"])
    assert [entry["row"] for entry in payloads()[1:]] == [str(row.pk) for row in (one, *many, last)]


def test_the_head_holds_the_root_of_all_leaves_at_every_size() -> None:
    for number in range(1, 20):
        factories.team(f"Team {number}")
        head, hashes = Head.objects.get(), [bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("seq")]
        frontier = bytes(head.frontier)
        peaks = [frontier[at : at + 32] for at in range(0, len(frontier), 32)]
        found = peaks.pop()
        while peaks:
            found = hashlib.sha256(b"\1" + peaks.pop() + found).digest()
        assert (head.size, found) == (len(hashes), root(hashes))


# --- the list of tables ------------------------------------------------------------------------------------------


def test_the_list_of_tables_is_the_first_entry_of_a_log() -> None:
    factories.team()
    first = payloads()[0]
    assert (first["seq"], first["kind"], first["by"]) == (0, "schema", "system")
    assert first["columns"]["tables"] == SchemaRecord.objects.get().tables == schema.describe(connection.vendor)
    assert first["columns"]["tables"]["customers_reveal"]["sealed"] == ["reason_text"]


def test_the_list_of_tables_is_written_again_where_it_changes_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.team("Hue")
    factories.team("Da Nang")
    today = schema.describe(connection.vendor)
    tomorrow = {**today, "customers_visit": today["customers_refusal"]}
    monkeypatch.setattr(schema, "describe", lambda vendor: tomorrow)
    monkeypatch.setattr(schema, "current_digest", lambda using: "f" * 64)
    factories.team("Can Tho")
    factories.team("Vinh")
    kinds = [entry["kind"] for entry in payloads()]
    assert kinds == ["schema", "access_change", "access_change", "schema", "access_change", "access_change"]
    assert payloads()[3]["columns"]["tables"] == tomorrow


# --- values ------------------------------------------------------------------------------------------------------


def test_texts_are_composed_alike_in_column_and_payload() -> None:
    apart = unicodedata.normalize("NFD", "Nguyễn")
    with recording(by=factories.system()):
        AccessChange(what="role_written", role=apart, detail={apart: [apart]}).save()
    row = AccessChange.objects.get()
    assert apart != "Nguyễn"
    assert (row.role, row.detail) == ("Nguyễn", {"Nguyễn": ["Nguyễn"]})
    assert (newest()["columns"]["role"], newest()["columns"]["detail"]) == (row.role, row.detail)


@pytest.mark.parametrize(
    "detail",
    [
        0.5,
        {"share": 1.0},
        [float("nan")],
        {1: "one"},
        {"when": datetime(2026, 1, 31, tzinfo=UTC)},
        ("a", "tuple"),
        {"a set"},
        "\ud800",
    ],
    ids=repr,
)
def test_a_value_json_cannot_hold_exactly_is_refused(detail: Any) -> None:
    with pytest.raises(ValueError, match="Evidence holds|JSON|surrogates"), recording(by=factories.system()):  # noqa: RUF043
        AccessChange(what="role_written", detail=detail).save()
    assert (AccessChange.objects.count(), Leaf.objects.count()) == (0, 0)


@pytest.mark.parametrize("detail", [{}, [], "text", 7, -(2**53), True, {"a": [None, {"b": ""}]}], ids=repr)
def test_a_value_json_holds_exactly_comes_back_as_it_was(detail: Any) -> None:
    with recording(by=factories.system()):
        AccessChange(what="role_written", detail=detail).save()
    assert AccessChange.objects.get().detail == newest()["columns"]["detail"] == detail


def test_values_spelled_as_text_are_kept_in_their_column_s_type() -> None:
    customer = factories.customer()
    with recording(by=factories.system()):
        Reveal(
            customer_id=str(customer.pk),
            datum="name",
            field="x",
            row_seal_id=customer.seal_id.hex,
            reason="call_back",
            closes_at="2026-01-31T15:15:00+07:00",
        ).save()
    columns = newest()["columns"]
    assert columns["customer_id"] == customer.pk
    assert uuid.UUID(columns["row_seal_id"]) == customer.seal_id
    assert (columns["row_seal_id"], columns["closes_at"]) == (str(customer.seal_id), "2026-01-31T08:15:00.000000Z")


def test_a_value_that_is_not_of_its_column_s_type_is_refused() -> None:
    customer = factories.customer()
    before = Leaf.objects.count()
    with pytest.raises(ValidationError), recording(by=factories.system()):
        Reveal(
            customer=customer,
            datum="name",
            field="x",
            row_seal_id="no id",
            reason="call_back",
            closes_at=timezone.now(),
        ).save()
    assert Leaf.objects.count() == before


def test_a_time_without_its_zone_is_refused() -> None:
    customer = factories.customer()
    with pytest.raises(ValueError, match="zone"), recording(by=factories.system()):
        Reveal(
            customer=customer,
            datum="name",
            field="x",
            row_seal_id=customer.seal_id,
            reason="call_back",
            closes_at=datetime(2026, 1, 31, 8, 15),
        ).save()
    assert payload.time_text(datetime(2026, 1, 31, 8, 15, tzinfo=UTC)) == "2026-01-31T08:15:00.000000Z"


def test_an_entry_names_its_customer_by_reference_and_others_name_none() -> None:
    customer = factories.customer("BZ0000077")
    with recording(by=factories.system()):
        Refusal(act="reveal", customer=Customer.objects.get(pk=customer.pk), datum="name", why="no_right").save()
    assert newest()["customer"] == "BZ0000077"
    factories.team("Hue")
    assert newest()["customer"] is None
