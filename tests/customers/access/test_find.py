"""Looking for customers: who is found by what, what is told of whom, and what goes on record."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customers.access.find import find, found, matching
from customers.access.reveal import reveal
from customers.acts.refusals import Refused
from customers.models import Find, Leaf, Refusal, StaffMember
from customers.validation.errors import InvalidInput
from tests import factories
from tests.customers.evidence.logs import payloads
from tests.worlds import shared

pytestmark = pytest.mark.django_db


@shared
def linh() -> StaffMember:
    """An agent of Hanoi's; a customer of each team's is there."""
    factories.customer("BZ0000001", full_name="Nguyễn Thị Hoa")
    factories.customer(
        "BZ0000002", team_name="Da Nang", full_name="Trần Văn Nam", email="nam.tran@post.example.com",
        phone="+84912345699",
    )  # fmt: skip
    return factories.person("linh", "Support agent")


def both(record: Find) -> tuple[list[str], list[str]]:
    return record.own, record.elsewhere


@pytest.mark.parametrize(
    "typed",
    [
        *("hoa.nguyen@mail.example.com", "  HOA.Nguyen@Mail.Example.com "),
        *("0912345612", "+84 91 234 56 12", "84912345612", "(091) 2345612", "091-234-5612"),
        *("BZ0000001", "bz0000001", "BZ 0000001", "ＢＺ０００００01"),
        *("Nguyễn Thị Hoa", "hoa nguyen", "HOA THI", "Thị Nguyễn Hoa", "chị Nguyễn Hoa", "nguyen  thi   hoa"),
    ],
)
def test_an_own_customer_is_found_by(typed: str, linh: StaffMember) -> None:
    assert both(find(typed, by=linh)) == (["BZ0000001"], [])


@pytest.mark.parametrize("typed", ["nam.tran@post.example.com", "0912345699", "BZ0000002", "bz0000002"])
def test_another_team_s_customer_is_told_only_for_an_exact_value(typed: str, linh: StaffMember) -> None:
    assert both(find(typed, by=linh)) == ([], ["BZ0000002"])


@pytest.mark.parametrize("typed", ["Trần Văn Nam", "tran nam", "nam.tran@mail.example.com", "0912345698", "BZ000000"])
def test_another_team_s_customer_is_told_for_nothing_less(typed: str, linh: StaffMember) -> None:
    assert both(find(typed, by=linh)) == ([], [])


@pytest.mark.parametrize("typed", ["Nguyễn Hoa Lan", "Hoa", "Thị", "Lê Hoa"])
def test_a_name_with_another_word_and_a_single_word_find_nobody(typed: str, linh: StaffMember) -> None:
    assert both(find(typed, by=linh)) == ([], [])


def test_a_name_is_found_whole_whatever_it_begins_with(linh: StaffMember) -> None:
    factories.customer("BZ0000004", full_name="Ông Ích Khiêm")
    factories.customer("BZ0000005", full_name="Chu Văn An")
    factories.customer("BZ0000006", full_name="Lê Văn An")
    factories.customer("BZ0000007", full_name="Chị Hà Hoàng")
    for typed, expected in (
        ("Khiêm Ông", "BZ0000004"), ("ich khiem", "BZ0000004"), ("Chu Văn An", "BZ0000005"), ("chú Lê An", "BZ0000006"),
        ("Hoàng Hà", "BZ0000007"), ("chị Hà Hoàng", "BZ0000007"), ("cô Hà Hoàng", "BZ0000007"),
    ):  # fmt: skip
        assert both(find(typed, by=linh)) == ([expected], []), typed


def test_every_word_of_a_name_counts_and_the_first_fifty_are_listed(linh: StaffMember) -> None:
    assert both(find("Nguyễn Thị Zuyên", by=linh)) == ([], [])
    for number in range(10, 61):
        factories.customer(f"BZ{number:07d}", full_name="Lý Thường Kiệt", email="kiet@example.org")
    record = find("Thường Kiệt", by=linh)
    assert (len(record.own), record.more) == (50, True)
    shared = find("kiet@example.org", by=linh)
    assert (len(shared.own), shared.more) == (51, False)


def test_a_customer_with_a_name_of_one_word_is_found_by_it(linh: StaffMember) -> None:
    factories.customer("BZ0000003", full_name="Hoa")
    assert both(find("hoa", by=linh)) == (["BZ0000003"], [])


def test_a_ticket_finds_the_customers_it_was_about_among_ones_own(linh: StaffMember) -> None:
    other = factories.person("minh", "Support agent", "Da Nang")
    for person, reference in ((linh, "BZ0000001"), (other, "BZ0000002")):
        row = factories.Customer.objects.get(reference=reference)
        reveal(row, "full_name", by=person, reason="call_back", ticket="#t-88120")
    for typed in ("T-88120", "t-88120", "#T-88120"):
        assert both(find(typed, by=linh)) == (["BZ0000001"], [])
    assert both(find("T-88121", by=linh)) == ([], [])
    factories.grant(factories.customer("BZ0000003"), other, ticket="T-9")
    assert both(find("T-9", by=linh)) == (["BZ0000003"], [])


def test_all_who_share_an_address_are_listed_each_on_its_side(linh: StaffMember) -> None:
    for number in range(3, 60):
        factories.customer(
            f"BZ{number:07d}", team_name="Da Nang" if number % 2 else "Hanoi", email="agency@example.org"
        )
    record = find("agency@example.org", by=linh)
    assert (len(record.own), len(record.elsewhere), record.more) == (28, 29, False)


def test_an_officer_s_customers_are_all_the_own_and_an_approver_does_not_look(linh: StaffMember) -> None:
    officer, approver = factories.person("an", "Compliance officer"), factories.person("binh", "Disclosure approver")
    assert both(find("BZ0000002", by=officer)) == (["BZ0000002"], [])
    with pytest.raises(Refused, match="does not look for customers"):
        find("BZ0000002", by=approver)
    assert Refusal.objects.get().act == "find"


def test_glass_broken_for_e_mail_and_phone_finds_no_name_word_by_word(linh: StaffMember) -> None:
    customer = factories.Customer.objects.get(reference="BZ0000002")
    factories.grant(customer, linh, ["reveal_email", "reveal_phone"])
    assert both(find("BZ0000002", by=linh)) == (["BZ0000002"], [])
    assert both(find("Trần Nam", by=linh)) == ([], [])
    factories.grant(customer, linh, ["reveal_name"])
    assert both(find("Trần Nam", by=linh)) == (["BZ0000002"], [])


@pytest.mark.parametrize("typed", ["", "   ", "@", "...", "x" * 201, "☎"])
def test_what_can_be_nobody_is_told_and_neither_counted_nor_recorded(typed: str, linh: StaffMember) -> None:
    with pytest.raises(InvalidInput):
        find(typed, by=linh)
    assert Find.objects.count() == 0


def test_the_record_names_what_was_found_and_never_what_was_typed(linh: StaffMember) -> None:
    find("nam.tran@post.example.com", by=linh)
    entry = payloads()[-1]
    assert (entry["kind"], entry["by"], entry["columns"]["elsewhere"]) == ("find", "linh", ["BZ0000002"])
    assert (entry["columns"]["sought"], "nam" in json.dumps(entry), "post" in json.dumps(entry)) == (
        ["email"], False, False,
    )  # fmt: skip


def test_a_search_is_shown_to_who_made_it_and_for_an_hour(linh: StaffMember, settings) -> None:
    record, minh = find("BZ0000001", by=linh), factories.person("minh", "Support agent")
    assert found(record.pk, by=linh) == record
    assert found(record.pk, by=minh) is None
    settings.BREAK_GLASS_MINUTES = 0
    assert found(record.pk, by=linh) is None


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_any_text_is_taken_for_something_or_refused_in_a_sentence(text: str) -> None:
    told = ""
    try:
        conditions = matching(text.strip() or "a b")
    except InvalidInput as sentence:
        conditions, told = {}, str(sentence)
    assert bool(conditions) is not bool(told)


def test_nothing_is_found_where_it_cannot_be_recorded(linh: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise OSError("disk full")

    before = Leaf.objects.count()
    monkeypatch.setattr("customers.evidence.recording.leaves.append", broken)
    with pytest.raises(Exception, match="could not be put on record"):
        find("BZ0000001", by=linh)
    assert (Find.objects.count(), Leaf.objects.count()) == (0, before)
