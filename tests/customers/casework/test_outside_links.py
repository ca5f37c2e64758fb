"""Pages of others: a register that officers keep, sent with a notice, and never with a customer's data in the link."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from customers.acts.refusals import Refused
from customers.casework.addresses import retire
from customers.casework.holds import suspend
from customers.casework.outside_links import add_link, carries_customer_data, end_link, send_links
from customers.casework.requests import hand_over
from customers.models import Customer, OutsideLink, OutsideLinkChange, StaffMember
from customers.staff import accounts
from customers.validation.errors import InvalidInput
from tests import factories
from tests.assertions import nothing_done
from tests.concurrency import at_once
from tests.customers.evidence.logs import newest, payloads
from tests.factories_casework import EMAIL, allrounder, point_of, request_in, request_of
from tests.worlds import shared

HELP = "https://www.example.org/help?lang=vi&page=2#top"


@shared
def officer() -> StaffMember:
    """An officer, in a house with deadlines and one customer."""
    factories.deadlines()
    factories.customer("BZ0000001")
    return factories.person("an", "Compliance officer")


@pytest.fixture
def linh(officer: StaffMember) -> StaffMember:
    """An agent of the customer's team."""
    return factories.person("linh", "Support agent")


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def added(url: str = HELP, *, by: StaffMember, **different: Any) -> OutsideLink:
    return add_link(url, by=by, **{"title_vi": "Trợ giúp", "title_en": "Help", **different})


# --- the register ---------------------------------------------------------------------------------------------------


def test_an_officer_puts_a_page_into_the_register_and_takes_it_out(officer: StaffMember) -> None:
    link = added(f" {HELP}\n", by=officer, title_vi="  Trợ\n giúp ")
    assert (link.url, link.title_vi, link.title_en, link.is_active) == (HELP, "Trợ giúp", "Help", True)
    assert (newest()["kind"], newest()["by"], newest()["columns"]["is_active"]) == ("outside_link_change", "an", True)
    end_link(link, by=officer)
    link.refresh_from_db()
    assert (link.is_active, newest()["columns"]["is_active"]) == (False, False)


def test_a_page_is_in_the_register_once_and_may_come_back(officer: StaffMember) -> None:
    link = added(by=officer)
    with nothing_done(), pytest.raises(InvalidInput, match="already"):
        added(by=officer)
    end_link(link, by=officer)
    with nothing_done(), pytest.raises(InvalidInput, match="out of use already"):
        end_link(link, by=officer)
    assert added(by=officer).pk != link.pk


@pytest.mark.parametrize("role", ["Support agent", "Support lead", "Disclosure approver", "Administrator", "Auditor"])
def test_only_officers_keep_the_register(role: str, officer: StaffMember) -> None:
    other, link = factories.person("other", role), added(by=officer)
    with nothing_done(refused=2):
        with pytest.raises(Refused, match="Officers keep"):
            added("https://www.example.net/", by=other)
        with pytest.raises(Refused, match="Officers keep"):
            end_link(link, by=other)


def test_an_officer_whose_access_has_ended_keeps_nothing(officer: StaffMember) -> None:
    accounts.end_person(officer, by=factories.system())
    with nothing_done(refused=1), pytest.raises(Refused, match="has ended"):
        added(by=officer)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "help",
        "www.example.org/help",
        "http://www.example.org/",
        "javascript:alert(1)",
        "ftp://www.example.org/",
        "https://",
        "https://linh@www.example.org/",
        "https://linh:pw@www.example.org/",
        "https://www.example.org/a b",
        "https://www.example.org/a\x85b",
        "https://www.example.org/\nBcc: x",
        "https://www.example.org/" + "x" * 280,
        "https://www.example.org/" + "x" * 1_000_000,
        "https://[::1",
    ],
    ids=lambda url: ascii(url[:40]),
)
def test_what_is_no_address_of_a_page_is_told(url: str, officer: StaffMember) -> None:
    with nothing_done(), pytest.raises(InvalidInput, match="begins with https"):
        added(url, by=officer)


@pytest.mark.parametrize("hidden", ["\x00", "\x07", "\u202e", "\u200b"], ids=ascii)
def test_an_address_with_characters_that_nobody_sees_is_told(hidden: str, officer: StaffMember) -> None:
    with nothing_done(), pytest.raises(InvalidInput):
        added(f"https://www.example.org/{hidden}gro.elpmaxe", by=officer)


@pytest.mark.parametrize("title", ["", " ", "x" * 101, "bell\x07", "\u202etxt", "hoa@mail.example.com", "0912 345 612"])
@pytest.mark.parametrize("which", ["title_vi", "title_en"])
def test_a_title_is_a_line_in_each_language_without_an_address(which: str, title: str, officer: StaffMember) -> None:
    with nothing_done(), pytest.raises(InvalidInput, match="title"):
        added(by=officer, **{which: title})
    assert added(by=officer, **{which: "x" * 100}).is_active


# --- no customer's data in it ---------------------------------------------------------------------------------------

DATA = [
    f"?mail={EMAIL}",
    f"?mail={quote(EMAIL, safe='')}",
    "?mail=nobody@unknown.example.net",
    f"?{EMAIL}",
    f"?{EMAIL}=1",
    "?phone=0912345612",
    "?phone=%2B84912345612",
    "?phone=091.234.5612",
    "?a=1&customer=BZ0000001",
    "?customer=bz0000001",
    "?BZ0000001",
    "#BZ0000001",
    f"#{EMAIL}",
    "customers/BZ0000001/",
    f"unsubscribe/{EMAIL}",
    "call/0912345612",
]


@pytest.mark.parametrize("rest", DATA)
def test_a_link_that_carries_a_customer_s_data_is_refused_on_record(rest: str, officer: StaffMember) -> None:
    with nothing_done(refused=1), pytest.raises(Refused, match="carries a customer’s data") as refused:
        added(f"https://www.example.org/{rest}", by=officer)
    assert (refused.value.why, newest()["kind"]) == ("customer_data_in_link", "refusal")
    assert not {word for word in (EMAIL, "BZ0000001", "912345612") if word in str(newest())}


@pytest.mark.parametrize(
    "rest", ["", "?lang=vi", "?customer=BZ9999999", "help/2026-01-31", "?q=nguyen", "a%20b#part-3", "?empty=&x"]
)
def test_a_link_that_carries_nobody_s_data_is_taken(rest: str, officer: StaffMember) -> None:
    assert added(f"https://www.example.org/{rest}", by=officer).is_active


@pytest.mark.parametrize(
    "rest",
    [
        f"?mail={quote(quote(EMAIL, safe=''), safe='')}",
        "?ref=BZ0000001;lang=vi",
        "?ref=id:BZ0000001",
        "BZ0000001.html",
        "?name=Nguyễn+Thị+Hoa",
        "?name=nguyen-thi-hoa",
    ],
)
def test_a_customer_s_data_in_another_dress_is_refused_too(rest: str, officer: StaffMember) -> None:
    with nothing_done(refused=1), pytest.raises(Refused):
        added(f"https://www.example.org/{rest}", by=officer)


def test_a_customer_s_number_as_the_name_of_a_host_is_refused_too(officer: StaffMember) -> None:
    with nothing_done(refused=1), pytest.raises(Refused):
        added("https://bz0000001.example.org/", by=officer)


@pytest.mark.one_engine("it asks no database")
@given(before=st.text("abc-_.~/", max_size=10), key=st.text("abcxyz", min_size=1, max_size=8), after=st.booleans())
def test_an_address_in_a_query_is_seen_wherever_it_stands(before: str, key: str, after: bool) -> None:
    rest = f"&{key}=1" if after else ""
    assert carries_customer_data(f"https://www.example.org/{before}?{key}={quote(EMAIL, safe='')}{rest}")


# --- sent -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("locale", "title", "other"), [("vi", "Trợ giúp", "Help"), ("en", "Help", "Trợ giúp")])
def test_links_are_sent_in_the_customer_s_language_with_the_notice(
    locale: str, title: str, other: str, linh: StaffMember, officer: StaffMember
) -> None:
    reader = factories.customer("BZ0000002", locale=locale, email="lan@mail.example.com", phone="+84912345613")
    chosen = [added(by=officer), added("https://www.example.net/", by=officer)]
    letter = send_links(request_of(reader, by=linh), chosen, by=linh)
    body = str(mail.outbox[-1].body)
    assert (letter.left, letter.notice.what, mail.outbox[-1].to) == (True, "links", ["lan@mail.example.com"])
    assert [line for line in body.splitlines() if line.startswith("- ")] == [
        f"- {title}: {HELP}",
        f"- {title}: https://www.example.net/",
    ]
    assert (other in body, EMAIL in str(payloads())) == (False, False)


def test_the_notice_says_that_the_provider_is_not_responsible(linh: StaffMember, officer: StaffMember) -> None:
    reader = factories.customer("BZ0000002", locale="en", email="lan@mail.example.com", phone="+84912345613")
    send_links(request_of(reader, by=linh), [added(by=officer)], by=linh)
    assert "They belong to others. We are not responsible for what stands there" in mail.outbox[-1].body


def test_a_letter_without_a_link_in_use_is_none(linh: StaffMember, officer: StaffMember) -> None:
    request, link = request_of(customer(), by=linh), added(by=officer)
    end_link(link, by=officer)
    for chosen in ([], [link]):
        with nothing_done(), pytest.raises(InvalidInput, match="Choose a link"):
            send_links(request, chosen, by=linh)


def test_a_link_that_was_ended_meanwhile_is_told_and_not_left_out(linh: StaffMember, officer: StaffMember) -> None:
    request, chosen = (
        request_of(customer(), by=linh),
        [added(by=officer), added("https://www.example.net/", by=officer)],
    )
    end_link(chosen[0], by=officer)
    with nothing_done(), pytest.raises(InvalidInput):
        send_links(request, chosen, by=linh)


def test_a_link_that_carries_a_later_customer_s_data_is_not_sent(linh: StaffMember, officer: StaffMember) -> None:
    request, link = request_of(customer(), by=linh), added("https://www.example.org/?ref=BZ0000007", by=officer)
    assert send_links(request, [link], by=linh).left
    factories.customer("BZ0000007", email="lan@mail.example.com", phone="+84912345613")
    with nothing_done(refused=1), pytest.raises(Refused, match="carries a customer’s data"):
        send_links(request, [link], by=linh)


@pytest.mark.parametrize("state", ["parked", "done", "refused", "withdrawn"])
def test_no_links_are_sent_on_a_request_that_is_parked_or_over(state: str, officer: StaffMember) -> None:
    mai, link = allrounder(), added(by=officer)
    request = request_in(state, customer(), by=mai)
    with nothing_done(), pytest.raises(InvalidInput):
        send_links(request, [link], by=mai)


def test_links_are_sent_by_whoever_has_the_request(linh: StaffMember, officer: StaffMember) -> None:
    request, link = request_of(customer(), by=linh), added(by=officer)
    for by in (officer, factories.person("minh", "Support agent", "Da Nang")):
        with nothing_done(refused=1), pytest.raises(Refused):
            send_links(request, [link], by=by)
    hand_over(request, by=linh, words="cần quyết định")
    with nothing_done(refused=1), pytest.raises(Refused, match="with an officer"):
        send_links(request, [link], by=linh)
    assert send_links(request, [link], by=officer).left


def test_links_go_to_an_address_in_use_or_nowhere(linh: StaffMember, officer: StaffMember) -> None:
    request, link = request_of(customer(), by=linh), added(by=officer)
    suspend(point_of(customer()), by=linh, reason="odd_request", ticket="T-1")
    send_links(request, [link], by=linh)
    assert mail.outbox[-1].to == ["84912345612@sms.example.com"]
    retire(point_of(customer(), "phone"), by=linh)
    with nothing_done(), pytest.raises(InvalidInput, match="no address in use"):
        send_links(request, [link], by=linh)


# --- two at once ----------------------------------------------------------------------------------------------------


def test_of_two_that_take_a_link_out_one_does(own_database: str) -> None:
    factories.deadlines()
    first, second = factories.person("an", "Compliance officer"), factories.person("binh", "Compliance officer")
    for number in range(3):
        link = added(f"https://www.example.org/{number}", by=first)
        told = at_once(partial(end_link, link, by=first), partial(end_link, link, by=second))
        assert told == ["InvalidInput: This link is out of use already."]
        assert OutsideLinkChange.objects.filter(link=link).count() == 2


def test_of_two_that_add_a_link_one_does_and_the_other_is_told(own_database: str) -> None:
    factories.deadlines()
    officers = [factories.person(name, "Compliance officer") for name in ("an", "binh", "chau", "dung")]
    for number in range(5):
        url = f"https://www.example.org/{number}"
        told = at_once(*[partial(added, url, by=by) for by in officers])
        assert OutsideLink.objects.filter(url=url).count() == 1
        assert set(told) == {"InvalidInput: This link is in the register already."}
