"""Finding, verifying and breaking glass on pages."""

import re

import pytest
from django.test import Client

from customers.models import AccessGrant, Customer, Find, StaffMember, Verification
from tests import factories
from tests.reading import customer_url, leaks, reveal_url, signed_in, texts
from tests.worlds import shared

pytestmark = pytest.mark.django_db
FIND = "/customers/customer/find/"


@shared
def linh() -> StaffMember:
    """Hanoi's agent; a customer of each team's."""
    factories.customer("BZ0000001")
    factories.customer(
        "BZ0000002", team_name="Da Nang", full_name="Trần Văn Nam", company="Zuy Khang", status="suspended",
        email="nam.tran@post.example.com", phone="+84912345699",
    )  # fmt: skip
    return factories.person("linh", "Support agent")


def customer(reference: str = "BZ0000001") -> Customer:
    return Customer.objects.get(reference=reference)


def search(client: Client, text: str) -> str:
    """Where a search leads."""
    response = client.post(FIND, {"text": text})
    assert response.status_code == 302
    return response["Location"]


def test_one_customer_of_ones_own_is_opened_at_once(linh: StaffMember) -> None:
    client = signed_in(linh)
    assert search(client, "hoa.nguyen@mail.example.com") == customer_url(customer())
    assert Find.objects.get().own == ["BZ0000001"]


def test_several_are_listed_masked_and_those_of_other_teams_by_reference_and_team(linh: StaffMember) -> None:
    factories.customer("BZ0000003")
    factories.customer("BZ0000004", team_name="Da Nang")
    client = signed_in(linh)
    response = client.get(search(client, "hoa.nguyen@mail.example.com"))
    shown = texts(response)
    assert {"2 customers you may see", "1 customer of another team", "BZ0000003", "BZ0000004", "Da Nang team"} <= shown
    assert "N. T. Hoa" in shown
    assert response.content.decode().count("N. T. Hoa</span>") == 2  # none of another team's
    assert leaks(response) == []
    assert "BZ0000002" not in response.content.decode()


def test_of_another_team_s_customer_nothing_is_told_but_reference_and_team(linh: StaffMember) -> None:
    client = signed_in(linh)
    found = search(client, "nam.tran@post.example.com")
    for page in (found, f"{found}break-glass/BZ0000002/"):
        body = client.get(page).content.decode()
        assert ("BZ0000002" in body, "Da Nang" in body) == (True, True)
        assert [
            told for told in ("Nam", "T. V.", "Z•••", "•12", "•99", "suspended", "2026") if told in main(body)
        ] == []


def test_a_customer_who_came_to_ones_own_team_meanwhile_stands_among_ones_own(linh: StaffMember) -> None:
    client = signed_in(linh)
    found = search(client, "BZ0000002")
    assert "1 customer of another team" in texts(client.get(found))
    factories.move_to_team(customer("BZ0000002"), "Hanoi")
    shown = texts(client.get(found))
    assert ("1 customer you may see" in shown, "1 customer of another team" in shown) == (True, False)


def test_an_officer_who_finds_elsewhere_is_offered_no_glass(linh: StaffMember) -> None:
    officer = factories.person("an", "Compliance officer")
    client = signed_in(officer)
    found = search(client, "0912345699").replace("/customers/customer/", "")
    assert found == f"{customer('BZ0000002').pk}/"
    with factories.recording(by=officer):
        record = Find(sought=["reference"], own=[], elsewhere=["BZ0000002"])
        record.save()
    officer.groups.clear()
    page = client.get(f"/customers/customer/found/{record.pk}/")
    assert ("BZ0000002" in page.content.decode(), "Break glass" in page.content.decode()) == (True, False)
    assert client.get(f"/customers/customer/found/{record.pk}/break-glass/BZ0000002/").status_code == 403


def main(body: str) -> str:
    """The page without its frame."""
    return body.partition("<main")[2]


def test_what_was_typed_stands_neither_in_the_url_nor_on_the_page(linh: StaffMember) -> None:
    client = signed_in(linh)
    url = search(client, "nam.tran@post.example.com")
    assert re.fullmatch(r"/customers/customer/found/\d+/", url)
    response = client.get(url)
    assert "nam.tran" not in response.content.decode() + str(response.headers)
    assert "nam.tran" not in str(dict(client.session))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nobody@mail.example.com", "Nobody found by email."),
        ("Hoa", "One word is not enough for a name: type one more word."),
        ("Trần Nam", "A name is looked for among the customers you may see. Try the e-mail address, the phone number"
                     " or the reference."),
        ("BZ9999999", "Check the spelling, or ask for another address, the reference or the name. A ticket looks like"
                      " T-88120, a reference like BZ0000001."),
    ],
)  # fmt: skip
def test_nobody_found_is_said_with_what_to_try_next(typed: str, sentence: str, linh: StaffMember) -> None:
    client = signed_in(linh)
    assert sentence.replace("email.", "e-mail.") in texts(client.get(search(client, typed)))


def test_a_text_that_is_nothing_is_told_beside_the_box(linh: StaffMember) -> None:
    response = signed_in(linh).post(FIND, {"text": "@"})
    assert response.status_code == 400
    assert "This is no e-mail address that could be on file; check how it is written." in texts(response)
    assert Find.objects.count() == 0


def test_glass_is_broken_from_what_was_found_and_the_page_says_until_when(linh: StaffMember) -> None:
    client = signed_in(linh)
    found = search(client, "0912345699")
    assert "Break glass…" in client.get(found).content.decode()
    assert client.get(customer_url(customer("BZ0000002"))).status_code == 404
    url = f"{found}break-glass/BZ0000002/"
    assert "Why can it not wait?" in texts(client.get(url))
    assert client.post(url, {}).status_code == 400
    done = client.post(url, {"reason": "suspected_fraud", "ticket": "T-88120"})
    assert done["Location"] == customer_url(customer("BZ0000002"))
    body = client.get(done["Location"]).content.decode()
    assert "A customer of the Da Nang team. You broke glass; this page closes to you at <time" in body
    assert (body.count("/reveal/contactpoint/"), body.count("/reveal/customer/")) == (2, 0)
    assert AccessGrant.objects.get().ticket == "T-88120"
    assert client.get(found).content.decode().count("Break glass…") == 0


def test_glass_is_not_broken_on_a_customer_the_search_did_not_find(linh: StaffMember) -> None:
    factories.customer("BZ0000005", team_name="Da Nang")
    client = signed_in(linh)
    found = search(client, "BZ0000002")
    answers = {
        client.post(f"{found}break-glass/{reference}/", {"reason": "call_back"}).status_code
        for reference in ("BZ0000001", "BZ0000005", "BZ0000009", "%00", "..%2f")
    }
    assert answers == {404}
    assert AccessGrant.objects.count() == 0


def test_a_search_of_somebody_else_s_is_not_there(linh: StaffMember) -> None:
    found = search(signed_in(linh), "BZ0000002")
    other = signed_in(factories.person("other", "Support agent"))
    assert (other.get(found).status_code, other.get("/customers/customer/found/999/").status_code) == (404, 404)


# --- verify --------------------------------------------------------------------------------------------------------


def verify_url(of: Customer) -> str:
    return f"/customers/customer/{of.pk}/verify/"


def test_the_answer_stands_on_the_customer_s_page_for_who_asked(linh: StaffMember) -> None:
    client = signed_in(linh)
    typed = {"email": "hoa.nguyen@mail.example.com", "phone": "0912345613", "name": "nguyen thi hoa"}
    response = client.post(verify_url(customer()), typed)
    assert response["Location"] == customer_url(customer())
    shown = texts(client.get(customer_url(customer())))
    assert {"E-mail: match", "Name: match", "Phone: no match"} <= shown
    assert not {"E-mail: match", "Phone: no match"} & texts(
        signed_in(factories.person("other", "Support agent")).get(customer_url(customer()))
    )


def test_verifying_is_offered_before_revealing(linh: StaffMember) -> None:
    body = signed_in(linh).get(customer_url(customer())).content.decode()
    assert body.index("Is it the customer who is calling?") < body.index("Addresses and identity")
    approver = signed_in(factories.person("binh", "Disclosure approver"))
    assert "Is it the customer who is calling?" not in approver.get(customer_url(customer())).content.decode()


def test_an_empty_form_is_told_and_a_closed_customer_says_until_when(linh: StaffMember) -> None:
    client = signed_in(linh)
    empty = client.post(verify_url(customer()), {})
    assert (empty.status_code, Verification.objects.count()) == (400, 0)
    assert "Type what the caller says: e-mail, phone, name, or several of them." in texts(empty)
    for _ in range(5):
        client.post(verify_url(customer()), {"phone": "0912345613"})
    refused = client.post(verify_url(customer()), {"phone": "0912345612"})
    assert refused.status_code == 403
    assert "Verifying is closed until" in refused.content.decode()
    page = client.get(customer_url(customer())).content.decode()
    assert ("Verifying is closed until" in page, 'name="phone"' in page) == (True, False)


def test_a_refusal_on_a_page_that_no_form_caught_is_a_sentence_too(linh: StaffMember, settings) -> None:
    settings.REVEALS_A_DAY = 0
    response = signed_in(linh).post(reveal_url(customer(), customer(), "full_name"), {"reason": "call_back"})
    assert response.status_code == 403
    assert "You have revealed 0 values today, which is the limit." in response.content.decode()
