"""A correction changes one datum, says why in codes, and its version is kept beside its record."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.access.name_index import is_named
from customers.access.reveal import reveal
from customers.acts.acting import acting_on_customer
from customers.casework.addresses import bounce, retire
from customers.casework.approvals import approve
from customers.casework.corrections import correct, propose
from customers.casework.service_access import due_for_rotation
from customers.evidence.recording import recording
from customers.models import Correction, Customer, ServiceAccess
from customers.validation.errors import InvalidInput
from tests import factories
from tests.customers.evidence.logs import payloads
from tests.scenario import (
    EMAIL,
    PHONE,
    SUPPLEMENT,
    Desk,
    desk,
    nothing_happens,
    now,
    point_of,
    refused,
    state,
    why,
)
from tests.worlds import shared

KINDS, GROUNDS = Correction.Kind.values, Correction.Ground.values
NEW = {"name": "Trần Thị Hoa", "company": "Công ty Sen", "email": "new@mail.example.org", "phone": "+84912345688"}
SHOWN = {"name": "full_name", "company": "company"}


@shared
def case() -> Desk:
    """A customer with an address, a number and a service, and who works there."""
    return desk()


def service(case: Desk) -> ServiceAccess:
    return case.customer.services.get()


def right_place(case: Desk, datum: str) -> dict[str, Any]:
    """Where the datum stands that is corrected."""
    if datum in ("email", "phone"):
        return {"point": point_of(case.customer, datum)}
    return {"service": service(case)} if datum == "login" else {}


def corrected(case: Desk, datum: str, value: str = "", **different: Any) -> Correction:
    """A correction on our initiative, of what is on file."""
    reason = different.pop("why", None) or why()
    given = {**right_place(case, datum), "by": case.agent, **different}
    return correct(now(case.customer), datum, value or {**NEW, "login": "mai"}[datum], why=reason, **given)


def ended(case: Desk) -> None:
    with recording(by=factories.system()):
        Customer.objects.filter(pk=case.customer.pk).update(status="ended")
        factories.note()


# --- each datum -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("datum", ["name", "company"])
def test_a_name_or_company_takes_over_at_once_and_its_version_is_on_record(datum: str, case: Desk) -> None:
    versions = case.customer.history.count()
    correction = corrected(case, datum)
    assert (state(correction), getattr(now(case.customer), SHOWN[datum]) == NEW[datum]) == ("done", True)
    version, move = case.customer.history.first(), correction.moves.get(how="carry_out")
    assert (case.customer.history.count(), version.history_user) == (versions + 1, case.agent)
    assert (move.history_table, move.history_row) == (version._meta.db_table, str(version.pk))
    assert move.version_commits == {SHOWN[datum]: getattr(version, SHOWN[datum]).commitment}
    kinds = [entry["kind"] for entry in payloads()[-3:]]
    assert kinds == ["correction_proposed", "correction_move", "correction_move"]
    assert NEW[datum] not in str(payloads())


def test_a_corrected_name_is_the_one_that_is_said_and_the_old_one_no_more(case: Desk) -> None:
    corrected(case, "name")
    assert [is_named(now(case.customer), said) for said in ("tran thi hoa", "Nguyễn Thị Hoa")] == [True, False]


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("datum", ["name", "email", "phone", "login"])
def test_what_is_on_file_is_not_supplemented(datum: str, ground: str, case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput, match="corrects or updates"):
        corrected(case, datum, why=why(kind="supplement", ground=ground))
    assert corrected(case, datum, why=why(kind="correct", ground=ground))


@pytest.mark.parametrize("kind", ["correct", "update"])
def test_an_address_beside_another_supplements(kind: str, case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput, match="choose that kind"):
        corrected(case, "email", point=None, why=why(kind=kind))
    assert state(corrected(case, "email", point=None, why=why(**SUPPLEMENT))) == "proposed"


@pytest.mark.parametrize(("kind", "ground", "there"), list(product(KINDS, GROUNDS, [True, False])))
def test_each_kind_goes_with_each_ground_where_there_is_something_to_do(
    kind: str, ground: str, there: bool, db: None
) -> None:
    case = desk() if there else desk(company=None)
    reason = why(kind=kind, ground=ground)
    if (kind == "supplement") is there:
        with nothing_happens(), pytest.raises(InvalidInput):
            corrected(case, "company", why=reason)
    else:
        made = corrected(case, "company", why=reason)
        assert (made.correction_kind, made.ground, made.origin, state(made)) == (kind, ground, "proactive", "done")
        entry = next(entry for entry in payloads() if entry["kind"] == "correction_proposed")["columns"]
        assert (entry["correction_kind"], entry["ground"], entry["origin"]) == (kind, ground, "proactive")


@pytest.mark.parametrize("datum", ["email", "phone", "login"])
def test_an_address_or_a_login_waits_for_a_second_person(datum: str, case: Desk) -> None:
    correction = corrected(case, datum)
    assert (state(correction), correction.needs_second, correction.proposed_by) == ("proposed", True, case.agent)
    assert [state(case.email), state(case.phone), service(case).login == "hoa"] == ["active", "active", True]


def test_a_login_takes_over_once_it_is_approved_and_stays_out_of_history(case: Desk) -> None:
    correction = corrected(case, "login")
    approve(correction, by=case.lead)
    assert (state(correction), service(case).login == "mai", service(case).secret == "s3cret-value") == (
        "done", True, True,
    )  # fmt: skip
    assert correction.moves.get(how="carry_out").version_commits == {}


def test_a_corrected_login_leaves_a_secret_that_was_seen_due_for_rotation(case: Desk) -> None:
    reveal(service(case), "secret", by=case.lead, reason="call_back")
    assert due_for_rotation(case.customer) == {service(case).pk}
    approve(corrected(case, "login"), by=case.lead)
    assert due_for_rotation(case.customer) == {service(case).pk}


IN_CLEAR = {
    "locale": "en", "status": "ended", "team": 1, "registered_at": "2020-01-01T00:00:00+00:00",
    "services": {"CDN": None}, "password": "x", "salary": "1",
}  # fmt: skip


@pytest.mark.parametrize("datum", IN_CLEAR)
def test_what_comes_from_the_crm_is_not_corrected_by_hand(datum: str, case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput, match="no such datum"):
        correct(case.customer, datum, IN_CLEAR[datum], by=case.agent, why=why())


def test_no_correction_by_hand_rests_on_a_file(case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput, match="Choose the evidence"):
        corrected(case, "name", why=why(proof="file", proof_reference="0" * 64))
    assert state(corrected(case, "name", why=why(proof="document"))) == "done"


@pytest.mark.parametrize("reference", [EMAIL, "x" * 65, "0" * 63, "A" * 64, ""])
def test_the_number_of_a_file_is_its_hash(reference: str, case: Desk) -> None:
    with (
        nothing_happens(),
        pytest.raises(InvalidInput, match="SHA-256"),
        acting_on_customer(case.customer, "correct", by=case.agent),
    ):
        propose(case.customer, "name", NEW["name"], by=case.agent, why=why(proof="file", proof_reference=reference))
    with acting_on_customer(case.customer, "correct", by=case.agent):
        propose(case.customer, "name", NEW["name"], by=case.agent, why=why(proof="file", proof_reference="0" * 64))
    assert now(case.customer).full_name == NEW["name"]


# --- values ---------------------------------------------------------------------------------------------------------

BAD_LINES = ["", "   ", "a\x00b", "Hoa\u202eoaH", "x" * 201, "x" * 1_000_000, "\u0301"]


@pytest.mark.parametrize("value", BAD_LINES)
def test_a_name_stands_on_one_line_of_readable_text(value: str, case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput, match="one line"):
        correct(case.customer, "name", value, by=case.agent, why=why())
    assert correct(case.customer, "name", "  Trần \n Thị  Hoa ", by=case.agent, why=why())
    assert now(case.customer).full_name == "Trần Thị Hoa"


NO_ADDRESSES = ["", "nobody", "@mail.example.org", "a@"]
TAKEN_FOR_ONE = [
    "a b@mail.example.org",
    "a@b@mail.example.org",
    "a@mail.example.org,b@mail.example.org",
    "a\u202eb@mail.example.org",
    "a\x00@mail.example.org",
    "a\nb@mail.example.org",
]


@pytest.mark.parametrize("value", [*NO_ADDRESSES, *TAKEN_FOR_ONE])
def test_what_is_no_address_is_not_put_on_file(value: str, case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput):
        correct(case.customer, "email", value, by=case.agent, why=why(), point=case.email)


@pytest.mark.parametrize(("datum", "same"), [
    ("name", " Nguyễn  Thị Hoa "), ("company", "Mai Công ty TNHH"), ("email", EMAIL.upper()), ("phone", "0912 345 612"),
    ("login", "hoa"),
])  # fmt: skip
def test_what_is_on_file_already_is_not_corrected(datum: str, same: str, case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput, match="on file already"):
        corrected(case, datum, same)
    assert corrected(case, datum)


def test_a_replaced_address_is_the_customer_s_own_of_that_channel_and_in_use(case: Desk) -> None:
    other = factories.customer("BZ0000002", email="other@mail.example.org", phone="+84912345613")
    for wrong in (point_of(other, "email"), case.phone):
        with nothing_happens(), pytest.raises(InvalidInput, match="which address"):
            corrected(case, "email", point=wrong)
    with nothing_happens(), pytest.raises(InvalidInput, match="which service"):
        corrected(case, "login", service=other.services.get())
    with nothing_happens(), pytest.raises(InvalidInput, match="which service"):
        corrected(case, "login", service=None)
    assert state(corrected(case, "phone")) == "proposed"
    bounce(case.email, by=case.agent)
    retire(case.email, by=case.agent)
    with nothing_happens(), pytest.raises(InvalidInput, match="no longer used"):
        corrected(case, "email")
    assert corrected(case, "email", point=None, why=why(**SUPPLEMENT))


def test_a_name_has_no_address_and_no_service_beside_it(case: Desk) -> None:
    other = factories.customer("BZ0000002", email="other@mail.example.org", phone="+84912345613")
    for beside in ({"point": case.email}, {"point": point_of(other, "email")}, {"service": other.services.get()}):
        with nothing_happens(), pytest.raises(InvalidInput):
            corrected(case, "name", **beside)


def test_a_supplement_from_an_old_page_does_not_overwrite_what_came_meanwhile(db: None) -> None:
    case = desk(company=None)
    stale = now(case.customer)
    corrected(case, "company", why=why(**SUPPLEMENT))
    with nothing_happens(), pytest.raises(InvalidInput, match="corrects or updates"):
        correct(stale, "company", "Công ty Mai", by=case.colleague, why=why(**SUPPLEMENT))
    assert now(case.customer).company == NEW["company"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=220))
def test_whatever_is_typed_as_a_name_is_put_on_file_or_nothing_happens(case: Desk, text: str) -> None:
    before = Correction.objects.count()
    try:
        correct(now(case.customer), "name", text, by=case.agent, why=why())
    except InvalidInput:
        assert Correction.objects.count() == before
    else:
        assert now(case.customer).full_name == " ".join(text.split())
        assert is_named(now(case.customer), text)


# --- why ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("different", "sentence"),
    [
        ({"kind": "erase"}, "kind, ground"),
        ({"ground": ""}, "kind, ground"),
        ({"origin": "whim"}, "kind, ground"),
        ({"proof": "hearsay"}, "evidence"),
        ({"proof": "ticket"}, "number of the ticket"),
        ({"proof": "ticket", "proof_reference": EMAIL}, "ticket number"),
        ({"proof": "call", "proof_reference": PHONE}, "ticket number"),
    ],
)
def test_a_correction_says_why_in_codes(different: dict[str, str], sentence: str, case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput, match=sentence):
        corrected(case, "name", why=why(**different))
    corrected(case, "name", why=why(proof="ticket", proof_reference="T-7", text="bà Hoa nói"))
    assert "bà Hoa" not in str(payloads())


def test_a_ticket_is_kept_in_one_spelling(case: Desk) -> None:
    assert corrected(case, "name", why=why(proof="ticket", proof_reference="#t-7")).proof_reference == "T-7"


@pytest.mark.parametrize("text", ["x" * 1_000_000, "a\x00b", "a\u202eb"])
def test_words_of_a_reason_are_bounded_and_readable(text: str, case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput, match=r"1,000|control characters"):
        corrected(case, "name", why=why(text=text))
    assert corrected(case, "name", why=why(text=" x" * 500)).proof_text == " ".join(["x"] * 500)


def test_who_does_not_work_on_the_requests_corrects_nothing(case: Desk) -> None:
    far = factories.person("minh", "Support agent", "Da Nang")
    for person in (far, case.officer, factories.person("binh", "Auditor")):
        with refused("no_right", "correct", by=person):
            corrected(case, "name", by=person)
    factories.move_to_team(case.customer, "Da Nang")
    with refused("no_right", "correct", by=case.agent):
        correct(case.customer, "name", NEW["name"], by=case.agent, why=why())
    assert state(corrected(case, "name", by=far)) == "done"
