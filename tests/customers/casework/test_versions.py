"""What is on file is told version by version: what changed, old and new as masks, by whom, by which correction."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from customers.access.reveal import reveal
from customers.casework.address_verification import answer_with_code
from customers.casework.addresses import bounce, retire
from customers.casework.approvals import approve
from customers.casework.corrections import correct
from customers.casework.service_access import rotate_secret
from customers.casework.versions import Version, versions
from customers.crm_import.customers import import_customers
from customers.models import Correction, Customer
from tests import factories
from tests.customers.evidence.logs import as_owner, execute
from tests.exports import AS_OF, export, record
from tests.scenario import SUPPLEMENT, Desk, approved, codes, desk, now, point_of, reached, suspended, why
from tests.worlds import shared

NEW = "new@mail.example.org"
IN_CLEAR = ("Nguyễn Thị Hoa", "Trần Thị Mai", "Mai Công ty TNHH", "Công ty Sen", "hoa.nguyen@mail", NEW, "912345612")
BCRYPT = "$2b$12$" + "a" * 53


@shared
def case() -> Desk:
    """A customer with an address, a number and a service, and who works there."""
    return desk()


def history(customer: Customer) -> list[Version]:
    """What is told of a customer, newest first."""
    return versions(now(customer))


def told(version: Version) -> tuple[str, str, list[tuple[str, str, str]], Correction | None]:
    """Of what, by whom, what changed as a page shows it, and the correction behind it."""
    return (
        version.of,
        version.by,
        [(each.label, str(each.old), str(each.new)) for each in version.changes],
        version.correction,
    )


def test_a_customer_nobody_has_changed_has_a_first_version_of_each_row(case: Desk) -> None:
    found = history(case.customer)
    assert sorted((each.of, each.by, each.is_first, len(each.changes)) for each in found) == [
        (of, "system", True, 0) for of in ("Cloud Server", "Customer", "E-mail", "Phone")
    ]
    assert {each.correction for each in found} == {None}


@pytest.mark.parametrize(
    ("datum", "value", "label"), [("name", "Trần Thị Mai", "Name"), ("company", "Công ty Sen", "Company")]
)
def test_a_corrected_name_or_company_is_told_masked_with_its_correction(
    datum: str, value: str, label: str, case: Desk
) -> None:
    before = {"name": case.customer.full_name, "company": case.customer.company}[datum]
    made = correct(case.customer, datum, value, by=case.agent, why=why())
    after = {"name": now(case.customer).full_name, "company": now(case.customer).company}[datum]
    newest = history(case.customer)[0]
    assert told(newest) == ("Customer", "linh", [(label, before.mask, after.mask)], made)
    assert (newest.is_first, newest.changes[0].old == before, newest.changes[0].new == value) == (False, True, True)


def test_what_a_version_was_is_revealed_by_what_its_change_names(case: Desk) -> None:
    correct(case.customer, "name", "Trần Thị Mai", by=case.agent, why=why())
    change = history(case.customer)[0].changes[0]
    assert (change.table, change.field, change.kind) == ("customer-version", "full_name", "name")
    version = case.customer.history.get(pk=change.key)
    assert reveal(version, change.field, by=case.agent, reason="call_back").value == "Nguyễn Thị Hoa"


def test_a_replaced_address_is_told_as_two_rows_and_the_new_one_by_its_correction(case: Desk) -> None:
    _request, made = approved(case, NEW)
    answer_with_code(made.new_point, codes()[-1], by=case.agent)
    retired, active, first = history(case.customer)[:3]
    assert told(retired) == ("E-mail", "linh", [("State", "active", "retired")], None)
    assert (active.of, active.by, active.correction) == ("E-mail", "linh", made)
    assert [(each.label, each.old, each.kind) for each in active.changes] == [
        ("State", "unverified", ""), ("Verified", None, ""),
    ]  # fmt: skip
    assert active.changes[1].new == now(made.new_point).verified_at
    assert (first.is_first, first.correction) == (True, None)


def test_each_step_in_the_life_of_an_address_is_a_version_in_words(case: Desk) -> None:
    bounce(case.email, by=case.agent)
    hold = suspended(case.email, case.colleague)
    reached(hold, "confirmed", by=case.colleague)
    retire(case.email, by=case.agent)
    steps = [told(version)[1:3] for version in history(case.customer)[:4]]
    assert steps == [
        ("linh", [("State", "bounced", "retired")]),
        ("ha", [("State", "suspended", "bounced")]),
        ("ha", [("State", "bounced", "suspended")]),
        ("linh", [("State", "active", "bounced")]),
    ]


def test_a_customer_put_into_another_team_is_told_by_the_teams_names(case: Desk) -> None:
    factories.move_to_team(case.customer, "Da Nang")
    assert told(history(case.customer)[0]) == ("Customer", "system", [("Team", "Hanoi", "Da Nang")], None)


FROM_THE_CRM: list[tuple[dict[str, str], str, tuple[str, Any, Any]]] = [
    ({"locale": "en"}, "Customer", ("Language", "Vietnamese", "English")),
    ({"status": "suspended"}, "Customer", ("Status", "connected", "suspended")),
    ({"team": "Hue"}, "Customer", ("Team", "Hanoi", "Hue")),
    ({"registered_at": "2020-01-02T00:00:00Z"}, "Customer",
     ("Registered", datetime(2021, 10, 24, 17, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC))),
    ({"renewals": "CDN=2030-01-31"}, "CDN", ("Renews on", None, date(2030, 1, 31))),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "of", "change"), FROM_THE_CRM, ids=[str(case[0]) for case in FROM_THE_CRM])
def test_what_an_export_corrects_is_told_too(
    cells: dict[str, str], of: str, change: tuple[str, Any, Any], db: None, tmp_path: Path
) -> None:
    factories.deadlines()
    for row in (record(), record(**cells)):
        import_customers(export(tmp_path / "export.csv", [row]), by=factories.system(), at=AS_OF, correct=True)
    found = history(Customer.objects.get())[0]
    label, old, new = change
    changes = [(each.label, each.old, each.new) for each in found.changes]
    if label in ("Language", "Status", "Team"):
        changes = [(each.label, str(each.old), str(each.new)) for each in found.changes]
    assert (found.of, found.by, changes) == (of, "system", [(label, old, new)])
    assert found.correction == (None if of == "CDN" else Correction.objects.get())


def test_no_version_holds_a_login_a_secret_or_a_password(db: None, tmp_path: Path) -> None:
    factories.deadlines()
    for row in (record(), record(password_hash=BCRYPT)):
        import_customers(export(tmp_path / "export.csv", [row]), by=factories.system(), at=AS_OF, correct=True)
    labels = [change.label for version in history(Customer.objects.get()) for change in version.changes]
    assert labels == ["Password set"]


def test_of_a_login_or_a_secret_that_changes_only_the_time_is_told(case: Desk) -> None:
    before = len(history(case.customer))
    service = case.customer.services.get()
    approve(correct(case.customer, "login", "mai", by=case.agent, why=why(), service=service), by=case.lead)
    assert len(history(case.customer)) == before
    rotate_secret(now(service), by=case.lead)
    newest = history(case.customer)[0]
    assert (newest.of, newest.by, [change.label for change in newest.changes]) == (
        "Cloud Server",
        "thao",
        ["Access set"],
    )


def test_nothing_of_it_is_in_clear(case: Desk) -> None:
    correct(case.customer, "name", "Trần Thị Mai", by=case.agent, why=why())
    correct(case.customer, "company", "Công ty Sen", by=case.agent, why=why())
    correct(case.customer, "email", NEW, by=case.agent, why=why(**SUPPLEMENT))
    shown = str(history(case.customer)) + str([told(version) for version in history(case.customer)])
    assert [text for text in IN_CLEAR if text in shown] == []
    assert "T. T. Mai" in shown


def test_one_customer_s_versions_are_of_no_other(case: Desk) -> None:
    other = factories.customer("BZ0000002", email="other@mail.example.org", phone="+84912345613")
    correct(other, "name", "Trần Thị Mai", by=case.agent, why=why())
    bounce(point_of(other, "email"), by=case.agent)
    assert [each.changes for each in history(case.customer)] == [[]] * 4
    assert len(history(other)) == 6


def test_a_version_that_cannot_be_read_hides_itself_and_no_other(case: Desk) -> None:
    correct(case.customer, "name", "Trần Thị Mai", by=case.agent, why=why())
    first = case.customer.history.order_by("history_id")[0]
    if connection.vendor == "postgresql":  # what is deferred to the end of a test holds its tables
        execute("SET CONSTRAINTS ALL IMMEDIATE")
    with as_owner("customers_historicalcustomer"):
        execute("UPDATE customers_historicalcustomer SET full_name = 'x' WHERE history_id = %s", [first.pk])
    newest = history(case.customer)[0]
    assert (len(history(case.customer)), str(newest.changes[0].new)) == (5, "T. T. Mai")
    assert "Hoa" not in str(newest.changes[0].old)
