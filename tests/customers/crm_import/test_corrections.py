"""A row of a CRM export that differs from the record corrects it, column by column, all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from customers.access.name_index import is_named
from customers.access.verify import verify
from customers.casework.address_verification import answer_with_code
from customers.casework.addresses import retire
from customers.casework.approvals import approve, refuse_correction
from customers.casework.corrections import Why, correct
from customers.casework.requests import register
from customers.crm_import import customers
from customers.crm_import.corrections import services_on_file
from customers.crm_import.customers import import_customers
from customers.crm_import.report import Outcome
from customers.crm_import.rows import Rejection
from customers.models import AccessChange, Correction, Customer, ImportBatch, Refusal, StaffMember
from customers.vault.kinds import Kind
from tests import factories
from tests.customers.evidence.logs import payloads
from tests.exports import AS_OF, export, record
from tests.scenario import codes, everything, now, point_of, state, suspended

BCRYPT = "$2b$12$" + "a" * 53
NEW_EMAIL, NEW_PHONE = "hoa.moi@mail.example.org", "+84912345688"
DIFFERS = "is on record with other data"
TWICE = "stands on an earlier row of this file with other data"


@pytest.fixture
def desk(db: None, tmp_path: Path) -> Path:
    """A house with deadlines that took in a first export of one customer; where the next export goes."""
    factories.deadlines()
    taken_in(tmp_path / "export.csv", record())
    return tmp_path / "export.csv"


def taken_in(path: Path, *rows: dict[str, str], by: StaffMember | None = None, correct: bool = True) -> Outcome:
    """The import of an export of these rows."""
    return import_customers(export(path, rows), by=by or factories.system(), at=AS_OF, correct=correct)


def again(path: Path) -> Outcome:
    """The import of the same file once more."""
    return import_customers(path, by=factories.system(), at=AS_OF, correct=True)


def counts(outcome: Outcome) -> tuple[int, int, int | None, int]:
    """How many rows were new, unchanged, corrected and rejected; they are all there are."""
    found = (outcome.accepted, outcome.unchanged, outcome.corrected, len(outcome.rejected))
    assert outcome.rows == sum(number or 0 for number in found)
    return found


def customer() -> Customer:
    return Customer.objects.select_related("team").get(reference="EX0000001")


def rejected(outcome: Outcome) -> Rejection:
    """The one row that was rejected; no other row was anything else."""
    assert counts(outcome) == (0, 0, 0, 1)
    return outcome.rejected[0]


# --- what takes over at once ------------------------------------------------------------------------------------------

AT_ONCE: dict[str, tuple[dict[str, str], Callable[[Customer], Any], Any]] = {
    "name": ({"full_name": "Trần Hoa"}, lambda row: (row.full_name == "Trần Hoa", is_named(row, "hoa tran")),
             (True, True)),
    "company": ({"company": "Công ty Sen"}, lambda row: row.company == "Công ty Sen", True),
    "locale": ({"locale": "en"}, lambda row: row.locale, "en"),
    "registered_at": ({"registered_at": "2020-01-02"}, lambda row: row.registered_at.isoformat(),
                      "2020-01-01T17:00:00+00:00"),
    "services": ({"services": "CDN|Mail"}, services_on_file, {"CDN": None, "Mail": None}),
    "password": ({"password_hash": BCRYPT}, lambda row: (row.password_hash == BCRYPT, row.password_set_at is None),
                 (True, False)),
    "team": ({"team": "Da Nang"}, lambda row: row.team.name, "Da Nang"),
    "status": ({"status": "closed"}, lambda row: row.status, "ended"),
}  # fmt: skip


@pytest.mark.parametrize("datum", AT_ONCE)
def test_what_needs_nobody_s_word_is_corrected_on_our_initiative_and_once(datum: str, desk: Path) -> None:
    cells, read, after = AT_ONCE[datum]
    assert read(customer()) != after
    assert counts(taken_in(desk, record(**cells))) == (0, 0, 1, 0)
    assert read(customer()) == after
    made = Correction.objects.get()
    assert (made.datum, made.state, made.origin, made.request) == (datum, "done", "proactive", None)
    assert (made.proof, made.proof_reference) == ("file", sha256(desk.read_bytes()).hexdigest())
    assert (made.proposed_by, made.approved_by, made.needs_second) == (factories.system(), None, False)
    supplements = datum == "password"
    assert (made.correction_kind, made.ground) == (
        ("supplement", "incomplete") if supplements else ("update", "outdated")
    )
    before = everything()
    assert counts(again(desk)) == (0, 1, 0, 0)
    assert everything() == before


def test_several_columns_are_several_corrections_of_one_file(desk: Path) -> None:
    assert counts(taken_in(desk, record(company="Công ty Sen", locale="en", team="Hue", status="suspended"))) == (
        0,
        0,
        1,
        0,
    )
    assert sorted(Correction.objects.values_list("datum", "state")) == [
        ("company", "done"), ("locale", "done"), ("status", "done"), ("team", "done"),
    ]  # fmt: skip
    batch = ImportBatch.objects.latest("pk")
    assert (batch.file_sha256, batch.rows, batch.references) == (
        sha256(desk.read_bytes()).hexdigest(), [1], ["EX0000001"],
    )  # fmt: skip


def test_a_service_that_the_export_no_longer_has_ended_and_one_that_comes_back_goes_on(desk: Path) -> None:
    taken_in(desk, record(services="CDN"))
    ended = customer().services.get(service="Cloud Server")
    assert (ended.ended_on is not None, services_on_file(customer())) == (True, {"CDN": None})
    taken_in(desk, record(services="CDN|Cloud Server", renewals="Cloud Server=2030-01-31"))
    assert services_on_file(customer()) == {"CDN": None, "Cloud Server": "2030-01-31"}
    assert (customer().services.count(), now(ended).ended_on) == (2, None)


def test_a_password_s_hash_is_in_no_version_and_no_record(desk: Path) -> None:
    taken_in(desk, record(password_hash=BCRYPT))
    assert BCRYPT not in str(payloads())
    assert not hasattr(customer().history.first(), "password_hash")


def test_what_was_missing_is_supplemented(db: None, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    taken_in(path, record(company="", phone=""))
    assert counts(taken_in(path, record(phone=NEW_PHONE))) == (0, 0, 1, 0)
    made = {each.datum: each for each in Correction.objects.all()}
    assert {(each.correction_kind, each.ground) for each in made.values()} == {("supplement", "incomplete")}
    assert (made["company"].state, made["phone"].state, made["phone"].old_point) == ("done", "proposed", None)


def test_an_empty_cell_corrects_nothing(desk: Path) -> None:
    taken_in(desk, record(password_hash=BCRYPT))
    before = (str(customer().company), customer().contact_points.count(), Correction.objects.count())
    assert counts(taken_in(desk, record(company="", phone="", password_hash=""))) == (0, 0, 1, 0)
    assert (str(customer().company), customer().contact_points.count(), Correction.objects.count()) == before
    assert customer().password_hash == BCRYPT


def test_without_being_told_to_correct_what_differs_is_rejected(desk: Path) -> None:
    before = everything()
    outcome = taken_in(desk, record(company="Công ty Sen"), correct=False)
    assert (outcome.corrected, outcome.rejected) == (None, [Rejection(1, "customer_no", DIFFERS)])
    assert everything() == before
    assert counts(taken_in(desk, record(company="Công ty Sen"))) == (0, 0, 1, 0)


# --- what waits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channel", "value"), [("email", NEW_EMAIL), ("phone", NEW_PHONE)])
def test_an_address_waits_for_a_second_person_and_for_its_owner(channel: str, value: str, desk: Path) -> None:
    assert counts(taken_in(desk, record(**{channel: value}))) == (0, 0, 1, 0)
    old, made = point_of(customer(), channel), Correction.objects.get()
    assert (made.state, made.needs_second, made.old_point) == ("proposed", True, old)
    assert (state(old), state(made.new_point), codes()) == ("active", "unverified", [])
    before = everything()
    assert counts(again(desk)) == (0, 1, 0, 0)
    assert everything() == before
    approve(made, by=factories.person("thao", "Support lead"))
    assert state(made) == "approved"
    answer_with_code(made.new_point, codes()[-1], by=factories.person("linh", "Support agent"))
    assert [state(each) for each in (made, old, made.new_point)] == ["done", "retired", "active"]
    assert counts(again(desk)) == (0, 1, 0, 0)


def test_while_an_address_waits_other_columns_go_on_and_a_third_address_does_not(desk: Path) -> None:
    taken_in(desk, record(email=NEW_EMAIL))
    assert counts(taken_in(desk, record(email=NEW_EMAIL, locale="en"))) == (0, 0, 1, 0)
    assert sorted(Correction.objects.values_list("datum", "state")) == [("email", "proposed"), ("locale", "done")]
    no = rejected(taken_in(desk, record(email="third@mail.example.org", locale="vi")))
    assert (no.column, "waits already" in no.why, customer().locale) == ("email", True, "en")


def test_the_import_s_own_address_is_replaced_and_not_one_that_came_at_the_desk(desk: Path) -> None:
    lead, agent = factories.person("thao", "Support lead"), factories.person("linh", "Support agent")
    why = Why("supplement", "incomplete", "proactive", "call")
    beside = correct(customer(), "email", "second@mail.example.org", by=agent, why=why)
    approve(beside, by=lead)
    answer_with_code(beside.new_point, codes()[-1], by=agent)
    taken_in(desk, record(email=NEW_EMAIL))
    assert Correction.objects.latest("pk").old_point == point_of(customer(), "email")


# --- what is rejected -------------------------------------------------------------------------------------------------


def wished(datum: str, value: str, agent: StaffMember) -> Correction:
    """The customer called and had it corrected at the desk."""
    phone = "+84912300001"
    request = register(
        customer(), "correction", by=agent, came_by="phone", from_point=point_of(customer(), "phone"), text="Đổi",
        about=[datum],
    )  # fmt: skip
    assert verify(customer(), {Kind.PHONE: phone}, by=agent, request=request).misses == 0
    point = point_of(customer(), datum) if datum == "email" else None
    why = Why("update", "outdated", "customer_request", "call", request=request)
    return correct(customer(), datum, value, by=agent, why=why, point=point)


CLASHES = {
    "name": ("full_name", "Lê Thị Hoa", {"full_name": "Trần Thị Hoa"}),
    "company": ("company", "Công ty Lan", {"company": "Công ty Sen"}),
    "email": ("email", "mine@mail.example.org", {"email": NEW_EMAIL}),
}


@pytest.mark.parametrize("datum", CLASHES)
def test_what_the_customer_had_corrected_is_not_taken_back_and_the_row_names_its_column(datum: str, desk: Path) -> None:
    column, wish, cells = CLASHES[datum]
    made = wished(datum, wish, factories.person("linh", "Support agent"))
    before = everything()
    no = rejected(taken_in(desk, record(**cells, locale="en")))
    assert (no.column, no.why) == (column, "this was corrected at the desk; the CRM holds the older value")
    assert (everything(), customer().locale) == (before, "vi")
    assert counts(taken_in(desk, record(locale="en"))) == (0, 0, int(datum == "email"), int(datum != "email"))
    if datum == "email":
        refuse_correction(made, by=factories.person("thao", "Support lead"), why="not_proven")
        assert counts(taken_in(desk, record(**cells, locale="en"))) == (0, 0, 1, 0)


def test_what_the_crm_has_caught_up_with_is_no_clash(desk: Path) -> None:
    wished("name", "Lê Thị Hoa", factories.person("linh", "Support agent"))
    assert counts(taken_in(desk, record(full_name="Lê Thị Hoa", locale="en"))) == (0, 0, 1, 0)
    assert (customer().locale, Correction.objects.count()) == ("en", 2)


def test_an_ended_customer_is_not_corrected_and_the_refusal_is_on_record(desk: Path) -> None:
    taken_in(desk, record(status="closed"))
    no = rejected(taken_in(desk, record(status="closed", company="Công ty Sen")))
    assert (no.column, "contract has ended" in no.why) == ("company", True)
    assert (customer().status, customer().company == "Mai Công ty TNHH") == ("ended", True)
    assert [(each.why, each.act) for each in Refusal.objects.all()] == [("ended_customer", "correct")]


def test_a_customer_who_comes_back_is_connected_and_corrected_again(desk: Path) -> None:
    taken_in(desk, record(status="closed"))
    assert counts(taken_in(desk, record(status="active", company="Công ty Sen"))) == (0, 0, 1, 0)
    assert (customer().status, customer().company == "Công ty Sen") == ("connected", True)


def test_a_row_that_ends_the_customer_is_taken_over_with_all_its_columns(desk: Path) -> None:
    assert counts(taken_in(desk, record(company="Công ty Sen", status="closed"))) == (0, 0, 1, 0)
    assert (customer().status, customer().company == "Công ty Sen") == ("ended", True)


@pytest.mark.parametrize("channel", ["email", "phone"])
def test_an_address_that_the_customer_no_longer_uses_does_not_come_back(channel: str, desk: Path) -> None:
    retire(point_of(customer(), channel), by=factories.person("linh", "Support agent"))
    no = rejected(taken_in(desk, record(company="Công ty Sen")))
    assert (no.column, no.why) == (channel, "the customer no longer uses this address")
    assert customer().company == "Mai Công ty TNHH"
    value = NEW_EMAIL if channel == "email" else NEW_PHONE
    assert counts(taken_in(desk, record(company="Công ty Sen", **{channel: value}))) == (0, 0, 1, 0)
    assert Correction.objects.get(datum=channel).old_point is None


def test_a_suspended_address_is_not_replaced_and_what_else_differs_is_corrected(desk: Path) -> None:
    agent = factories.person("linh", "Support agent")
    suspended(point_of(customer(), "email"), agent)
    no = rejected(taken_in(desk, record(email=NEW_EMAIL, locale="en")))
    assert (no.column, "suspended" in no.why, customer().locale) == ("email", True, "vi")
    assert counts(taken_in(desk, record(locale="en"))) == (0, 0, 1, 0)
    assert (customer().locale, state(point_of(customer(), "email"))) == ("en", "suspended")


def test_an_address_that_is_suspended_elsewhere_does_not_come_in(desk: Path) -> None:
    other = factories.customer("BZ0000002", email=NEW_EMAIL, phone="+84912345613")
    suspended(point_of(other, "email"), factories.person("linh", "Support agent"))
    no = rejected(taken_in(desk, record(email=NEW_EMAIL)))
    assert (no.column, "suspended" in no.why, Correction.objects.count()) == ("email", True, 0)


def test_a_row_is_taken_over_whole_or_not_at_all(desk: Path) -> None:
    factories.person("linh", "Support agent")
    retire(point_of(customer(), "phone"), by=StaffMember.objects.get(username="linh"))
    before, teams = everything(), AccessChange.objects.count()
    rejected(taken_in(desk, record(full_name="Trần Thị Hoa", email=NEW_EMAIL, team="Can Tho")))
    assert (everything(), AccessChange.objects.count()) == (before, teams)


# --- by whom ----------------------------------------------------------------------------------------------------------


def test_a_row_is_corrected_by_whoever_works_on_the_customer_and_nobody_else(desk: Path) -> None:
    far, agent = factories.person("minh", "Support agent", "Da Nang"), factories.person("linh", "Support agent")
    no = rejected(taken_in(desk, record(locale="en"), by=far))
    assert (no.column, "do not work on" in no.why) == ("customer_no", True)
    assert [(each.by, each.why) for each in Refusal.objects.all()] == [(far, "no_right")]
    assert counts(taken_in(desk, record(locale="en"), by=agent)) == (0, 0, 1, 0)
    assert Correction.objects.get().proposed_by == agent


# --- counted, interrupted, run again ----------------------------------------------------------------------------------


def test_the_report_counts_every_row_once_and_holds_no_value(desk: Path, tmp_path: Path) -> None:
    rows = [
        record(locale="en"), record(2), record(3, email="nobody@"), record(locale="vi", company="Công ty Sen"),
        record(2, locale="en"), record(4),
    ]  # fmt: skip
    import_customers(export(desk, rows), by=factories.system(), at=AS_OF, correct=True, report=tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text())
    assert {key: report[key] for key in ("rows", "accepted", "unchanged", "corrected")} == {
        "rows": 6, "accepted": 2, "unchanged": 0, "corrected": 1,
    }  # fmt: skip
    assert [(no["row"], no["column"]) for no in report["rejected"]] == [
        (3, "email"), (4, "customer_no"), (5, "customer_no"),
    ]  # fmt: skip
    assert {no["why"] for no in report["rejected"] if no["row"] > 3} == {TWICE}
    assert [text for text in ("Sen", "nobody@", "EX0000001") if text in str(report)] == []


@pytest.mark.parametrize("size", [1, 500])
def test_of_two_rows_of_one_customer_the_first_is_taken_over(
    size: int, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "BATCH_ROWS", size)
    outcome = taken_in(desk, record(locale="en"), record(company="Công ty Sen"))
    assert (counts(outcome), outcome.rejected) == ((0, 0, 1, 1), [Rejection(2, "customer_no", TWICE)])
    assert (customer().locale, customer().company == "Mai Công ty TNHH") == ("en", True)


def test_the_same_row_twice_is_corrected_once(desk: Path) -> None:
    assert counts(taken_in(desk, record(locale="en"), record(locale="en"))) == (0, 1, 1, 0)


def test_what_was_interrupted_is_completed_when_it_is_run_again(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken_in(desk, *[record(number) for number in range(1, 5)])
    correct_row, calls = customers.correct_row, []

    def interrupted(row: Any, *args: Any, **named: Any) -> Any:
        calls.append(row.number)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return correct_row(row, *args, **named)

    monkeypatch.setattr(customers, "correct_row", interrupted)
    path = export(desk, [record(number, locale="en") for number in range(1, 5)])
    with pytest.raises(CommandError, match="run the same command again"):
        call_command("import_customers", str(path), "--correct", stdout=StringIO())
    assert Customer.objects.filter(locale="en").count() == Correction.objects.count() == 2
    monkeypatch.setattr(customers, "correct_row", correct_row)
    assert counts(again(path)) == (0, 2, 2, 0)
    assert Customer.objects.filter(locale="en").count() == Correction.objects.count() == 4


def test_the_command_corrects_where_it_is_told_to_and_says_how_many(desk: Path) -> None:
    path, out = export(desk, [record(locale="en"), record(2)]), StringIO()
    call_command("import_customers", str(path), stdout=out)
    call_command("import_customers", str(path), "--correct", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("2 rows: 1 accepted, 0 unchanged, 1 rejected.")
    assert lines[1] == "2 rows: 0 accepted, 1 unchanged, 1 corrected or waiting for a second person, 0 rejected."


def test_no_record_of_a_correction_holds_what_the_file_says(desk: Path) -> None:
    taken_in(desk, record(full_name="Trần Thị Hoa", company="Công ty Sen", email=NEW_EMAIL, phone=NEW_PHONE))
    assert Correction.objects.count() == 4
    assert [text for text in ("Trần", "Sen", NEW_EMAIL, NEW_PHONE) if text in str(payloads())] == []
