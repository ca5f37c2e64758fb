"""The pages of disclosures say what is true, keep what was typed, and lead nobody where they may not go."""

from __future__ import annotations

import re

import pytest

from customers.acts.refusals import Refused
from customers.models import Refusal
from disclosures.accounting.letters import answer
from disclosures.requests.decisions import propose
from disclosures.requests.register import withdraw_request
from tests import factories
from tests.disclosures.outside import Desk, asked, committed, desk, fresh, processor, proposed
from tests.engines import PAGES_ONLY
from tests.reading import markup, signed_in, texts

__all__ = ["desk"]
pytestmark = [
    pytest.mark.django_db,
    PAGES_ONLY,
]
REQUESTS = "/disclosures/disclosurerequest/"
TYPED = {
    "sender": "Stamp and layout as on their site", "signer": "Deputy head", "instrument": "Article 88",
    "call_number": "024 3888 8888", "call_found": "The ministry’s directory", "call_to": "Phạm Văn Trực",
}  # fmt: skip


@pytest.mark.parametrize("left_out", sorted(TYPED))
def test_a_check_left_out_is_said_at_its_field_and_nothing_typed_is_lost(desk: Desk, left_out: str) -> None:
    request = asked(desk)
    client, page = signed_in(desk.officer), f"{REQUESTS}{request.pk}/scope/"
    given = {"give": f"{desk.reference}/name"}
    answer = client.post(page, {**given, **{name: text for name, text in TYPED.items() if name != left_out}})
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert shown.count("This has to be checked before anything is proposed.") == 1
    assert [text for name, text in TYPED.items() if name != left_out and text not in shown] == []
    assert re.search(rf'<input[^>]*name="{left_out}"[^>]*autofocus', shown)
    assert (fresh(request).state, Refusal.objects.count()) == ("received", 0)
    assert client.post(page, {**given, **TYPED}).status_code == 302
    assert fresh(request).state == "proposed"


def test_what_was_checked_before_is_not_asked_for_again(desk: Desk) -> None:
    request = proposed(desk)
    signed_in(desk.approver).post(f"{REQUESTS}{request.pk}/send-back/", {"words": "Less, please."})
    assert fresh(request).state == "review"
    page = f"{REQUESTS}{request.pk}/scope/"
    assert signed_in(desk.officer).post(page, {"give": f"{desk.reference}/name"}).status_code == 302


def test_the_list_says_that_it_leaves_closed_ones_out_and_shows_them_too(desk: Desk) -> None:
    over, still = proposed(desk), asked(desk)
    withdraw_request(over, by=desk.officer)
    client = signed_in(desk.officer)
    first, every = client.get(REQUESTS), client.get(f"{REQUESTS}?stand=all")
    assert "Not closed" in texts(first)
    assert {over.number, still.number} & texts(first) == {still.number}
    assert {over.number, still.number} <= texts(every)


def test_who_sees_no_customer_is_led_to_none(desk: Desk) -> None:
    request = proposed(desk)
    page, link = f"{REQUESTS}{request.pk}/", f"/disclosures/disclosure/customer/{desk.customer.pk}/"
    auditor = signed_in(factories.person("yen", "Auditor"))
    assert desk.reference in texts(auditor.get(page))
    assert link not in auditor.get(page).content.decode()
    officer = signed_in(desk.officer)
    assert link in officer.get(page).content.decode()
    assert (officer.get(link).status_code, auditor.get(link).status_code) == (200, 404)


def test_a_commitment_that_a_newer_one_replaced_says_so(desk: Desk) -> None:
    bank = processor(desk.officer)
    committed(bank, desk.officer, days=5)
    client, page = signed_in(desk.officer), f"/disclosures/recipient/{bank.pk}/"
    assert "replaced by a newer one" not in texts(client.get(page))
    committed(bank, desk.officer, days=300)
    assert client.get(page).content.decode().count("replaced by a newer one") == 1


def test_a_report_to_print_has_whole_dates_and_says_who_gives_it(desk: Desk, settings) -> None:
    settings.CONTROLLER_NAME = "Example Cloud"
    page = signed_in(desk.officer).get("/disclosures/disclosure/report/")
    (heading,) = re.findall(r'<h2 id="report">.*?</h2>', markup(page))
    assert re.search(r"\d+ \w+ \d{4}, \d\d:\d\d:\d\d \(\+0700\)", heading)
    assert "Example Cloud" in texts(page)


@pytest.mark.parametrize(("language", "greeting"), [("en", "Dear Sir or Madam,"), ("vi", "Thưa quý vị,")])
def test_a_letter_names_whom_it_goes_to_and_greets(desk: Desk, language: str, greeting: str) -> None:
    request = asked(desk)
    withdraw_request(request, by=desk.officer)
    addressed, greeted, *_rest = answer(fresh(request), language).body.split("\n\n")
    assert (addressed.endswith("Cơ quan điều tra Hà Nội"), greeted) == (True, greeting)


def test_a_refusal_that_is_about_nobody_names_no_customer_one_no_longer_sees(desk: Desk) -> None:
    request = asked(desk)
    with pytest.raises(Refused, match="Not everything was checked"):
        propose(request, {(desk.reference, "name")}, by=desk.officer)
    first = texts(signed_in(desk.officer).get("/"))
    assert Refusal.objects.get().customer is None
    assert not [text for text in first if "no longer see" in text]
