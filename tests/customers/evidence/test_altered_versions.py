"""A version that a correction made says what its record says, or the verifier with keys tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command

from customers.casework.address_verification import answer_with_code
from customers.casework.corrections import correct
from customers.evidence.verify import canonical
from customers.models import CorrectionMove, CorrectionProposed, Leaf
from tests.customers.evidence.logs import as_owner, execute
from tests.scenario import Desk, approved, codes, desk, why

NAMES, ADDRESSES = "customers_historicalcustomer", "customers_historicalcontactpoint"


@pytest.fixture
def case(own_database: str) -> Desk:
    """A customer whose name and e-mail address were corrected."""
    case = desk()
    correct(case.customer, "name", "Trần Thị Mai", by=case.agent, why=why())
    _request, correction = approved(case)
    answer_with_code(correction.new_point, codes()[-1], by=case.agent)
    call_command("checkpoint", stdout=StringIO())
    return case


def verdict() -> tuple[int, str]:
    """Exit code and words of ``manage.py verify_evidence``."""
    out = StringIO()
    try:
        call_command("verify_evidence", stdout=out)
    except SystemExit as stop:
        return int(str(stop.code)), out.getvalue()
    return 0, out.getvalue()


def made_in(table: str) -> str:
    """The key of the version that a correction made there."""
    return CorrectionMove.objects.get(history_table=table, how="carry_out").history_row


ALTERED: dict[str, tuple[str, str, str]] = {
    "another name is put in": (
        NAMES,
        f"UPDATE {NAMES} SET full_name = (SELECT full_name FROM {NAMES} ORDER BY history_id LIMIT 1)"
        " WHERE history_id = %s",
        "holds another value in full_name",
    ),
    "the name is blanked": (
        NAMES, f"UPDATE {NAMES} SET full_name = 'no token' WHERE history_id = %s", "does not open in full_name",
    ),
    "the state is another": (
        ADDRESSES, f"UPDATE {ADDRESSES} SET state = 'retired' WHERE history_id = %s", "says something else in state",
    ),
    "the version is gone": (ADDRESSES, f"DELETE FROM {ADDRESSES} WHERE history_id = %s", "is not there"),
}  # fmt: skip


def test_versions_that_nobody_touched_are_whole(case: Desk) -> None:
    assert verdict()[0] == 0
    assert {move.history_table for move in CorrectionMove.objects.filter(how="carry_out")} == {NAMES, ADDRESSES}


@pytest.mark.parametrize("what", ALTERED)
def test_a_version_that_was_altered_is_told_by_its_number(what: str, case: Desk) -> None:
    table, statement, sentence = ALTERED[what]
    key = made_in(table)
    with as_owner(table):
        assert execute(statement, [key]) == 1
    code, said = verdict()
    assert (code, f"Version {key} of table {table} {sentence}" in said) == (1, True), said


UNTOLD: dict[str, Callable[[bytes], bytes]] = {
    "nothing readable": lambda payload: b"garbage",
    "no columns": lambda payload: canonical({**json.loads(payload), "columns": {}}),
    "a version that no table could have": lambda payload: payload.replace(
        b'"history_row":"', b'"history_row":"no key '
    ),
}


@pytest.mark.parametrize("what", UNTOLD)
def test_a_correction_whose_entry_was_rewritten_hides_no_tampering(what: str, case: Desk) -> None:
    leaf = Leaf.objects.filter(kind="correction_move", row_key=str(CorrectionMove.objects.latest("pk").pk)).get()
    with as_owner("customers_leaf"):
        execute("UPDATE customers_leaf SET payload = %s WHERE seq = %s", [UNTOLD[what](bytes(leaf.payload)), leaf.seq])
    code, said = verdict()
    assert (code, f"the first bad sequence is {leaf.seq}." in said) == (1, True), said
    assert f"Sequence {leaf.seq}: The entry does not say which version its correction made." in said


@pytest.mark.parametrize("pick", [lambda: "name", lambda: "email"], ids=["name", "email"])
def test_what_was_agreed_to_is_what_was_proposed(pick: Callable[[], str], case: Desk) -> None:
    proposed = CorrectionProposed.objects.get(datum=pick())
    value = proposed.correction.new_value
    assert value is not None
    assert proposed.value_commit == value.commitment
