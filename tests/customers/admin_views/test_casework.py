"""The pages of the daily work: the queue, a request, an address, a correction, and what they say when it goes wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.access.find import find
from customers.access.verify import verify
from customers.casework.approvals import withdraw_correction
from customers.casework.corrections import Why, correct
from customers.casework.holds import suspend
from customers.casework.requests import hand_over, register
from customers.models import (
    ContactPoint,
    Correction,
    Customer,
    CustomerRequest,
    Hold,
    Leaf,
    LegalDeadline,
    Refusal,
    StaffMember,
)
from customers.vault.kinds import Kind
from tests import factories
from tests.engines import PAGES_ONLY
from tests.reading import customer_url, leaks, markup, signed_in, texts
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    PAGES_ONLY,
]
QUEUE = "admin:customers_customerrequest_changelist"
ASKED = {"kind": "question", "came_by": "ticket", "ticket": "T-1", "text": "Hoá đơn sai?"}


@shared
def linh() -> StaffMember:
    factories.deadlines()
    return factories.person("linh", "Support agent")


@pytest.fixture
def customer(linh: StaffMember) -> Customer:
    return factories.customer("BZ0000001")


def a_request(customer: Customer, by: StaffMember, **given: Any) -> CustomerRequest:
    return register(customer, given.pop("kind", "question"), by=by, **{"came_by": "ticket", "text": "?", **given})


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:customers_{name}", args=args)


def post_request(customer: Customer, client: Client, **data: Any) -> Any:
    return client.post(url("customer_register", customer.pk), {**ASKED, **data})


def test_the_queue_shows_ones_own_due_first_and_says_overdue_in_words(customer: Customer, linh: StaffMember) -> None:
    old = a_request(customer, linh, text="a", received_at=timezone.now() - timedelta(days=20))
    new = a_request(customer, linh, text="b")
    other = a_request(customer, factories.person("ha", "Support agent"), text="c")
    page = signed_in(linh).get(reverse(QUEUE))
    assert [found.pk for found in page.context["cl"].result_list] == [old.pk, new.pk]
    assert any("overdue by" in text for text in texts(page))
    everything = signed_in(linh).get(reverse(QUEUE), {"queue": "all"})
    assert other.pk in [found.pk for found in everything.context["cl"].result_list]
    overdue = signed_in(linh).get(reverse(QUEUE), {"queue": "overdue"})
    assert [found.pk for found in overdue.context["cl"].result_list] == [old.pk]


def test_the_queue_and_the_customer_s_page_ask_no_more_for_many_than_for_one(
    customer: Customer, linh: StaffMember
) -> None:
    client, counts = signed_in(linh), []
    email = customer.contact_points.get(channel="email")
    for number in (1, 12):
        for each in range(number):
            a_request(customer, linh, came_by="email", from_point=email, text=f"{number} {each}")
        with CaptureQueriesContext(connection) as queue:
            assert client.get(reverse(QUEUE)).status_code == 200
        with CaptureQueriesContext(connection) as hub:
            assert client.get(customer_url(customer)).status_code == 200
        counts.append((len(queue), len(hub)))
    assert counts[0] == counts[1]


def test_a_megabyte_of_text_is_told_in_a_sentence_and_nothing_is_kept(customer: Customer, linh: StaffMember) -> None:
    size, client = Leaf.objects.count(), signed_in(linh)
    answer = post_request(customer, client, text="ạ" * 400_000)
    assert answer.status_code == 400
    assert any(text.startswith("This is longer than 20,000 characters") for text in texts(answer))
    assert (CustomerRequest.objects.count(), Leaf.objects.count()) == (0, size)
    assert post_request(customer, client, text="ạ" * 20_000).status_code == 302


@pytest.mark.parametrize("text", ["\x00", "a\x07b", ""])
def test_text_that_is_none_is_told(text: str, customer: Customer, linh: StaffMember) -> None:
    assert post_request(customer, signed_in(linh), text=text).status_code == 400
    assert CustomerRequest.objects.count() == 0


def test_text_that_runs_from_right_to_left_is_kept_as_it_is(customer: Customer, linh: StaffMember) -> None:
    assert post_request(customer, signed_in(linh), text="مرحبا ‮hoa").status_code == 302
    assert CustomerRequest.objects.get().text == "مرحبا ‮hoa"


def test_a_form_sent_twice_puts_one_request_on_file(customer: Customer, linh: StaffMember) -> None:
    client = signed_in(linh)
    assert [post_request(customer, client).status_code for _ in range(2)] == [302, 400]
    assert CustomerRequest.objects.count() == 1


def test_an_address_of_another_customer_cannot_be_named(customer: Customer, linh: StaffMember) -> None:
    other = factories.customer("BZ0000009", email="nam@post.example.com", phone="+84912345699")
    foreign = other.contact_points.get(channel="email")
    answer = post_request(customer, signed_in(linh), came_by="email", from_point=foreign.pk)
    assert (answer.status_code, CustomerRequest.objects.count()) == (400, 0)
    own = customer.contact_points.get(channel="email")
    assert post_request(customer, signed_in(linh), came_by="email", from_point=own.pk).status_code == 302


def test_a_suspended_address_stands_first_on_the_page_and_is_answered_first(
    customer: Customer, linh: StaffMember
) -> None:
    client, email = signed_in(linh), customer.contact_points.get(channel="email")
    assert b"Do not act on requests from" not in client.get(customer_url(customer)).content
    suspend(email, by=linh, reason="odd_request", ticket="T-1")
    find("hoa.nguyen@mail.example.com", by=linh)
    page = client.get(customer_url(customer))
    body = page.content.decode()
    assert body.index("Do not act on requests from") < body.index("Addresses and identity")
    assert any("do not act on it" in text for text in texts(page))
    assert leaks(page) == []


def test_another_team_s_suspended_address_is_told_without_its_customer_s_page(
    customer: Customer, linh: StaffMember
) -> None:
    elsewhere = factories.customer("BZ0000002", team_name="Da Nang", email="nam@post.example.com", phone="+84912345699")
    minh = factories.person("minh", "Support agent", "Da Nang")
    client = signed_in(linh)
    before = client.post(url("customer_find"), {"text": "nam@post.example.com"}, follow=True)
    assert b"do not act on it" not in before.content
    suspend(elsewhere.contact_points.get(channel="email"), by=minh, reason="reported", ticket="T-2")
    after = client.post(url("customer_find"), {"text": "nam@post.example.com"}, follow=True)
    assert b"do not act on it" in after.content


def test_a_retired_address_is_told_and_another_asked_for(customer: Customer, linh: StaffMember) -> None:
    client, email = signed_in(linh), customer.contact_points.get(channel="email")
    assert client.post(url("customer_retire", customer.pk, email.pk), {}).status_code == 302
    assert client.post(url("customer_retire", customer.pk, email.pk), {}).status_code == 400
    assert len(mail.outbox) == 1
    find("hoa.nguyen@mail.example.com", by=linh)
    assert any("ask for the one in use" in text for text in texts(client.get(customer_url(customer))))


def test_an_address_that_was_another_s_is_added_only_knowingly(customer: Customer, linh: StaffMember) -> None:
    client = signed_in(linh)
    once = factories.customer("BZ0000009", email="moved@post.example.com", phone="+84912345699").contact_points.get(
        channel="email"
    )
    assert client.post(url("customer_retire", once.customer_id, once.pk), {}).status_code == 302
    typed = {"value": "moved@post.example.com", "kind": "supplement", "ground": "incomplete", "proof": "call"}
    page = url("customer_correct", customer.pk, "email", 0)
    told = client.post(page, typed)
    assert told.status_code == 400
    assert 'type="checkbox" name="knowingly"' in told.content.decode()
    assert client.post(page, {**typed, "knowingly": "on"}).status_code == 302
    assert Correction.objects.get().new_point.added.known_elsewhere is True


def test_a_stale_page_is_told_and_changes_nothing(customer: Customer, linh: StaffMember) -> None:
    why = Why("update", "outdated", "proactive", "call")
    point = customer.contact_points.get(channel="email")
    waiting = correct(customer, "email", "moi@mail.example.com", by=linh, why=why, point=point)
    lead = signed_in(factories.person("thao", "Support lead"))
    assert lead.get(url("correction_approve", waiting.pk)).status_code == 200
    withdraw_correction(waiting, by=linh)
    late = lead.post(url("correction_approve", waiting.pk))
    assert late.status_code == 400
    assert any("meanwhile this is “withdrawn”" in text for text in texts(late))
    assert (Correction.objects.get().state, mail.outbox) == ("withdrawn", [])


def test_who_proposed_it_is_refused_on_record_and_offered_no_button(customer: Customer, linh: StaffMember) -> None:
    thao = factories.person("thao", "Support lead")
    why = Why("update", "outdated", "proactive", "call")
    point = customer.contact_points.get(channel="email")
    own = correct(customer, "email", "moi@mail.example.com", by=thao, why=why, point=point)
    client = signed_in(thao)
    assert url("correction_approve", own.pk) not in client.get(customer_url(customer)).content.decode()
    assert client.post(url("correction_approve", own.pk)).status_code == 403
    assert Refusal.objects.get().why == "own_proposal"


def test_a_customer_who_was_moved_meanwhile_is_gone(customer: Customer, linh: StaffMember) -> None:
    client, found = signed_in(linh), a_request(customer, linh)
    pages = [url("customerrequest_change", found.pk), url("customer_register", customer.pk)]
    assert [client.get(page).status_code for page in pages] == [200, 200]
    factories.move_to_team(customer, "Da Nang")
    assert [client.get(page).status_code for page in pages] == [404, 404]
    assert post_request(customer, client).status_code == 404


def test_a_past_value_is_masked_and_revealed_on_record(customer: Customer, linh: StaffMember) -> None:
    why = Why("correct", "inaccurate", "proactive", "call")
    correct(customer, "name", "Nguyễn Thị Hà", by=linh, why=why)
    client = signed_in(linh)
    page = client.get(url("customer_versions", customer.pk))
    assert leaks(page) == []
    assert {"N. T. Hoa", "N. T. Hà", "Correct · Inaccurate"} <= texts(page)
    version = customer.history.order_by("history_id")[0]
    reveal = url("customer_reveal", customer.pk, "customer-version", version.pk, "full_name")
    shown = client.post(reveal, {"reason": "legal_request"})
    assert "Nguyễn Thị Hoa" in shown.content.decode()
    assert customer.reveals.get().version == version.pk
    foreign = factories.customer("BZ0000009", email="nam@post.example.com", phone="+84912345699", team_name="Da Nang")
    other = foreign.history.order_by("history_id")[0]
    assert client.get(url("customer_reveal", customer.pk, "customer-version", other.pk, "full_name")).status_code == 404


def test_two_officers_with_one_deadline_s_page_do_not_overwrite_each_other(linh: StaffMember) -> None:
    client = signed_in(factories.person("an", "Compliance officer"))
    page = url("legaldeadline_set", "access")
    form = client.get(page).context["form"]
    typed = {name: form[name].value() for name in form.fields if name != "verified"}
    assert client.post(page, {**typed, "amount": 9}).status_code == 302
    assert client.post(page, {**typed, "amount": 8}).status_code == 400
    assert LegalDeadline.objects.filter(right="access").latest("pk").amount == 9


def test_no_page_of_the_work_is_kept_by_a_browser(customer: Customer, linh: StaffMember) -> None:
    client, found = signed_in(linh), a_request(customer, linh)
    email = customer.contact_points.get(channel="email")
    hold = suspend(email, by=linh, reason="reported", ticket="T-1")
    pages = [
        url("customerrequest_change", found.pk), url("customer_versions", customer.pk), url("hold_contact", hold.pk),
        url("customerrequest_refuse", found.pk), url("customer_correct", customer.pk, "name", 0),
    ]  # fmt: skip
    assert {client.get(page)["Cache-Control"] for page in pages} == {"no-store"}
    assert {(ContactPoint.objects.get(pk=email.pk).state, Hold.objects.get().state)} == {("suspended", "open")}


# --- telling a customer that it is done -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["deletion", "restriction", "access", "objection"])
def test_who_completes_what_the_desk_does_not_do_is_told_so_first(
    kind: str, customer: Customer, linh: StaffMember
) -> None:
    officer = factories.person("an", "Compliance officer")
    found = a_request(customer, linh, kind=kind)
    hand_over(found, by=linh, words="Xin quyết định")
    client = signed_in(officer)
    page = client.get(url("customerrequest_words", found.pk, "complete")).content.decode()
    assert "deletes nothing by itself" in page
    assert "Nobody has verified for this request who it came from." in page
    verify(customer, {Kind.EMAIL: "hoa.nguyen@mail.example.com"}, by=linh, request=found)
    page = client.get(url("customerrequest_words", found.pk, "complete")).content.decode()
    assert ("deletes nothing by itself" in page, "Nobody has verified" in page) == (True, False)


def test_who_completes_a_correction_before_anything_was_corrected_is_told(
    customer: Customer, linh: StaffMember
) -> None:
    found, client = a_request(customer, linh, kind="correction", about=["name"]), signed_in(linh)
    page = url("customerrequest_words", found.pk, "complete")
    assert "No data was corrected for this request yet." in client.get(page).content.decode()
    verify(customer, {Kind.EMAIL: "hoa.nguyen@mail.example.com"}, by=linh, request=found)
    why = Why("update", "outdated", "customer_request", "call", "T-88142", found)
    correct(customer, "name", "Nguyễn Thị Hoà", by=linh, why=why)
    assert found.corrections.get().state == "done"
    assert "No data was corrected" not in client.get(page).content.decode()


def test_a_question_is_answered_without_a_warning_and_its_page_says_when(customer: Customer, linh: StaffMember) -> None:
    found, client = a_request(customer, linh), signed_in(linh)
    page = url("customerrequest_words", found.pk, "complete")
    assert "deletes nothing by itself" not in client.get(page).content.decode()
    shown = markup(client.get(url("customerrequest_change", found.pk)))
    assert ">Complete</dt><dd>by the end of" in shown
    assert client.post(page, {"words": "Đã trả lời"}).status_code == 302
    shown = markup(client.get(url("customerrequest_change", found.pk)))
    assert ">Complete</dt><dd>done<time" in shown
    assert "· linh" in shown


def test_the_search_box_takes_no_blame_for_another_field(customer: Customer, linh: StaffMember) -> None:
    page = url("customer_reveal", customer.pk, "customer", customer.pk, "full_name")
    wrong = signed_in(linh).post(page, {"reason": "other"})
    assert wrong.status_code == 400
    inputs = re.findall(r'<input[^>]*name="text"[^>]*>', wrong.content.decode())
    assert ["aria-invalid" in each for each in inputs if 'type="search"' in each] == [False]
    assert any("aria-invalid" in each for each in inputs)
