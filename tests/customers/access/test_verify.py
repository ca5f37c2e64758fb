"""Verifying a caller: match or no match, never which part, and closed after too many misses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from customers.access.name_index import is_named
from customers.access.verify import just_verified, misses_left, verify
from customers.acts.refusals import Refused
from customers.models import ContactPoint, Customer, Refusal, StaffMember, Verification, VerificationClosure
from customers.validation.errors import InvalidInput
from customers.vault import tokens
from customers.vault.blind_index import whole_name_index
from customers.vault.kinds import Kind
from tests import factories
from tests.concurrency import at_once
from tests.conftest import Clock
from tests.customers.evidence.logs import payloads
from tests.worlds import shared

WRONG = {Kind.EMAIL: "somebody.else@mail.example.com"}


@shared
def linh() -> StaffMember:
    """An agent of the customer's team."""
    factories.customer("BZ0000001")
    return factories.person("linh", "Support agent")


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def answers(said: dict[Kind, str], by: StaffMember) -> tuple[list[str], list[str]]:
    record = verify(customer(), said, by=by)
    return record.matched, record.missed


def test_each_kind_is_answered_by_itself(linh: StaffMember) -> None:
    said = {Kind.EMAIL: " Hoa.Nguyen@MAIL.example.com", Kind.PHONE: "091 234 5613", Kind.NAME: "nguyen thi hoa"}
    assert answers(said, linh) == (["email", "name"], ["phone"])
    assert answers({Kind.PHONE: "(091) 2345612"}, linh) == (["phone"], [])


@pytest.mark.parametrize(
    ("on_file", "said", "same"),
    [
        ("Nguyễn Thị Hoa", "Nguyễn Thị Hoa", True),
        ("Nguyễn Thị Hoa", "hoa nguyen thi", True),
        ("Nguyễn Thị Hoa", "Chị Nguyễn Thị Hoa", True),
        ("Nguyễn Thị Hoa", "Nguyễn Thị", False),
        ("Nguyễn Thị Hoa", "Nguyễn Thị Hoa Lan", False),
        ("Nguyễn Thị Hoa", "Hoa", False),
        ("Ông Ích Khiêm", "Khiêm Ích Ông", True),
        ("Lê Văn An", "Chu Lê Văn An", False),
        ("Lê Văn An", "chú Lê Văn An", True),
        ("Bà Lâm Mai", "ba lam mai", True),
        ("Nguyễn Văn Ba", "Nguyễn Văn", False),
        ("Chị Nguyễn Thị Hoa", "Nguyễn Thị Hoa", True),
        ("Quý cô Hồng Dương", "duong hong", True),
        ("Quý cô Hồng Dương", "quy co hong duong", True),
        ("Lê Anh", "Lê", False),
        ("Nguyễn Văn Anh", "Nguyễn Văn", False),
        ("Nguyễn Linh Chi", "Nguyễn Linh", False),
        ("Trần Văn Bắc", "Trần Văn", False),
        ("Anh", "\u0301", False),
        ("Anh", "anh", True),
        ("Hoàng Anh", "Anh Hoàng", True),
        ("Anh Tuấn Trần", "Tuấn Trần", False),
        ("Anh Tuấn Trần", "Trần Anh Tuấn", True),
    ],
)
def test_a_name_matches_whole_or_not_at_all(on_file: str, said: str, same: bool, db: None) -> None:
    named = factories.customer("BZ0000009", full_name=on_file)
    assert is_named(named, said) is same


@pytest.mark.parametrize(
    ("said", "same"), [("hoa nguyen thi", True), ("Nguyễn Thị", False), ("Nguyễn Thị Hoa Lan", False)]
)
def test_a_name_indexed_by_pairs_only_is_told_by_all_of_them(said: str, same: bool, linh: StaffMember) -> None:
    with factories.recording(by=factories.system()):
        customer().name_indexes.filter(digest=whole_name_index("Nguyễn Thị Hoa")).delete()
        factories.note()
    assert is_named(customer(), said) is same


@pytest.mark.parametrize("how", ["retire", "bounce", "suspend"])
def test_an_address_that_is_not_the_customer_s_alone_proves_nothing(how: str, linh: StaffMember) -> None:
    said = {Kind.EMAIL: "hoa.nguyen@mail.example.com"}
    assert answers(said, linh) == (["email"], [])
    with factories.recording(by=factories.system()):
        ContactPoint.objects.get(customer=customer(), channel="email").transition(how, customer=customer())
    assert answers(said, linh) == ([], ["email"])


def test_nothing_is_opened_and_nothing_said_is_kept(linh: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    unseal = tokens.unseal
    monkeypatch.setattr(tokens, "unseal", lambda token, place: opened.append(place.field) or unseal(token, place))
    verify(customer(), {Kind.EMAIL: "wrong@mail.example.com", Kind.NAME: "Nguyễn Thị Hoa"}, by=linh)
    entry = payloads()[-1]
    assert opened == []
    assert (entry["kind"], entry["customer"], entry["columns"]["misses"]) == ("verification", "BZ0000001", 1)
    assert (entry["columns"]["matched"], entry["columns"]["missed"]) == (["name"], ["email"])
    assert "wrong" not in str(entry)


@pytest.mark.parametrize(
    "said", [{}, {Kind.EMAIL: " "}, {Kind.EMAIL: "no address"}, {Kind.PHONE: "12"}, {Kind.NAME: "\u0301"}]
)
def test_what_cannot_be_such_a_datum_is_told_and_not_counted(said: dict[Kind, str], linh: StaffMember) -> None:
    with pytest.raises(InvalidInput):
        verify(customer(), said, by=linh)
    assert (Verification.objects.count(), misses_left(customer())) == (0, 5)


def test_five_misses_close_it_for_everybody_for_an_hour_and_then_it_counts_anew(
    linh: StaffMember, clock: Clock
) -> None:
    officer = factories.person("an", "Compliance officer")
    for left in (5, 4, 3, 2, 1):
        assert misses_left(customer()) == left
        verify(customer(), WRONG, by=linh if left % 2 else officer)
    closure = VerificationClosure.objects.get()
    for person in (linh, officer):
        with pytest.raises(Refused, match="closed until"):
            verify(customer(), {Kind.EMAIL: "hoa.nguyen@mail.example.com"}, by=person)
    assert {refusal.why for refusal in Refusal.objects.all()} == {"too_many_misses"}
    assert just_verified(customer(), by=linh).missed == ["email"]

    clock.now = closure.until + timedelta(seconds=1)
    assert (misses_left(customer()), answers(WRONG, linh)) == (5, ([], ["email"]))
    assert misses_left(customer()) == 4


def test_misses_of_an_hour_ago_count_no_more(linh: StaffMember, clock: Clock) -> None:
    for _ in range(4):
        verify(customer(), WRONG, by=linh)
    assert misses_left(customer()) == 1
    clock.now += timedelta(minutes=61)
    assert misses_left(customer()) == 5


def test_a_number_of_misses_that_was_lowered_closes_and_says_so(linh: StaffMember, settings) -> None:
    for _ in range(4):
        verify(customer(), WRONG, by=linh)
    settings.MISSES_AN_HOUR = 3
    with pytest.raises(Refused, match="closed until"):
        verify(customer(), WRONG, by=linh)


def test_misses_on_one_customer_close_no_other(linh: StaffMember) -> None:
    other = factories.customer("BZ0000002")
    for _ in range(5):
        verify(customer(), WRONG, by=linh)
    assert verify(other, WRONG, by=linh).missed == ["email"]


def test_nobody_gets_more_answers_than_may_still_be_wrong(linh: StaffMember) -> None:
    for _ in range(4):
        verify(customer(), WRONG, by=linh)
    with pytest.raises(InvalidInput, match="Only 1 more answer"):
        verify(customer(), {**WRONG, Kind.NAME: "Somebody Else"}, by=linh)
    assert verify(customer(), {Kind.NAME: "Somebody Else"}, by=linh).misses == 1


def test_who_has_no_right_is_refused_on_record(linh: StaffMember) -> None:
    for person in (
        factories.person("binh", "Disclosure approver"),
        factories.person("minh", "Support agent", "Da Nang"),
    ):
        with pytest.raises(Refused, match="no right to verify"):
            verify(customer(), WRONG, by=person)
    assert Verification.objects.count() == 0
    assert [refusal.act for refusal in Refusal.objects.all()] == ["verify", "verify"]


def test_of_ten_at_once_five_are_answered(own_database: str) -> None:
    made, linh = factories.customer("BZ0000001"), factories.person("linh", "Support agent")
    told = at_once(*[lambda: verify(made, WRONG, by=linh)] * 10)
    assert (len(told), {sentence.partition(":")[0] for sentence in told}) == (5, {"Refused"})
    assert (Verification.objects.count(), VerificationClosure.objects.count()) == (5, 1)
