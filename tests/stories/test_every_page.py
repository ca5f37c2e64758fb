"""What holds on every page, for everybody."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.roles import ROLES
from customers.access.reveal import reveal
from customers.models import Anchoring, Checkpoint, Customer, Leaf, StaffMember
from tests import factories
from tests.reading import customer_url, leaks, reveal_url, signed_in, texts
from tests.signing import password_step, sign_in, sign_in_for_real
from tests.worlds import shared

pytestmark = pytest.mark.django_db

SEES_CUSTOMERS = {name for name, role in ROLES.items() if "see_customers" in role["rights"]}
REVEALS = {name for name, role in ROLES.items() if "reveal_name" in role["rights"]}
READS_LOG = {name for name, role in ROLES.items() if "read_evidence" in role["rights"]}
MASKS = ["N. T. Hoa", "h•••@m•••.com", "+84 •• ••• •12", "M•••"]


@shared
def customer() -> Customer:
    """One customer with everything on file, and something done."""
    made = factories.customer("BZ0000001", password_hash="a-password-hash")
    reveal(made, "full_name", by=factories.person("earlier", "Support agent"), reason="call_back", ticket="T-1")
    return made


def urls(customer: Customer) -> dict[str, str]:
    """Every page there is, by name."""
    return {
        "login": reverse("admin:login"),
        "index": reverse("admin:index"),
        "list": reverse("admin:customers_customer_changelist"),
        "page": customer_url(customer),
        "reveal": reveal_url(customer, customer, "full_name"),
        "log": reverse("admin:customers_leaf_changelist"),
        "entry": reverse("admin:customers_leaf_change", args=[Leaf.objects.latest("seq").pk]),
        "password": reverse("admin:password_change"),
        "missing": customer_url(customer).replace(str(customer.pk), "999999"),
        "nowhere": "/no/such/page/",
        "crafted": reverse("admin:customers_customer_changelist") + "?full_name__startswith=N",
    }


def expected(role: str) -> dict[str, int]:
    """The status of each page for a role."""
    sees, reads = role in SEES_CUSTOMERS, role in READS_LOG
    customers = {"list": 200 if sees else 403, "crafted": 400 if sees else 403}
    customers |= {"page": 200 if sees else 404}
    customers |= {"reveal": 404 if not sees else 200 if role in REVEALS else 403}
    log = {"log": 200 if reads else 403, "entry": 200 if reads else 404}
    return {"login": 302, "index": 200, "password": 200, "missing": 404, "nowhere": 404, **customers, **log}


def check_headers(response) -> None:
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert {policy["script-src"], policy["style-src"], policy["img-src"]} == {"'self'"}
    assert (policy["default-src"], "unsafe" in str(policy)) == ("'none'", False)
    assert response["Cache-Control"] == "no-store"
    if response["Content-Type"].startswith("text/html"):
        body = response.content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", body)


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("role", [*ROLES, ""])
def test_every_page_keeps_to_the_policy_and_shows_no_plaintext(role: str, language: str, customer: Customer) -> None:
    client = signed_in(factories.person("reader", role), language)
    got = {name: client.get(url) for name, url in urls(customer).items()}
    assert {name: response.status_code for name, response in got.items()} == expected(role)
    for response in got.values():
        check_headers(response)
        assert leaks(response) == []
    for name in ("list", "page"):
        masks = [mask for mask in MASKS if mask in texts(got[name])]
        assert masks == (MASKS if role in SEES_CUSTOMERS else [])


def test_a_stranger_gets_the_door_and_nothing_else(customer: Customer) -> None:
    client = Client()
    for name, url in urls(customer).items():
        response = client.get(url)
        check_headers(response)
        assert leaks(response) == []
        assert response.status_code == (200 if name == "login" else 302), name
        assert "BZ0000001" not in response.content.decode()


def test_the_page_shows_plaintext_only_when_it_is_revealed(customer: Customer) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    response = client.post(reveal_url(customer, customer, "full_name"), {"reason": "call_back"})
    check_headers(response)
    assert leaks(response) == ["Nguyễn Thị Hoa"]
    assert leaks(client.get(customer_url(customer))) == []


@pytest.mark.parametrize(
    ("role", "places"),
    [
        ("Support agent", ["Desk", "Customers", "Requests"]),
        ("Support lead", ["Desk", "Customers", "Requests", "Access"]),
        ("Compliance officer", ["Desk", "Customers", "Requests", "Access", "Rules", "Consent", "Disclosures", "Log"]),
        ("Auditor", ["Desk", "Access", "Disclosures", "Log"]),
        ("Administrator", ["Desk", "Staff", "Teams", "Tamper check"]),
        ("", ["Desk"]),
    ],
)
def test_the_bar_offers_only_what_the_person_may_open(role: str, places: list[str]) -> None:
    factories.team("Hanoi")
    client = signed_in(factories.person("reader", role))
    response = client.get(reverse("admin:index"))
    assert [place.label for place in response.context["frame"].places] == places
    for place in response.context["frame"].places:
        assert client.get(place.url).status_code == 200


def test_the_badge_counts_the_entries_and_says_whether_they_are_anchored(customer: Customer) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    size = Leaf.objects.count()
    assert f"{size} entries · not anchored yet" in texts(client.get(reverse("admin:index")))
    checkpoint = Checkpoint.objects.create(size=size - 2, root=bytes(32), note="")
    assert f"{size} entries · not anchored yet" in texts(client.get(reverse("admin:index")))  # signed, and still here
    anchor = Anchoring.objects.create(checkpoint=checkpoint)
    shown = client.get(reverse("admin:index"))
    assert f"{size} entries · anchored" in texts(shown)
    assert (
        f'<time datetime="{timezone.localtime(anchor.at).isoformat(timespec="seconds")}" title="'
        in shown.content.decode()
    )
    auditor = texts(signed_in(factories.person("auditor", "Auditor")).get(reverse("admin:index")))
    assert [text for text in auditor if text.endswith("entries since.")] == [
        f". {Leaf.objects.count() - size + 2} entries since."
    ]


def test_an_error_of_ours_shows_one_sentence_and_no_stack(monkeypatch, customer: Customer) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ValueError("hoa.nguyen@mail.example.com")

    client = signed_in(factories.person("linh", "Support agent"))
    assert client.get(customer_url(customer)).status_code == 200
    monkeypatch.setattr("customers.admin.customer.timeline", broken)
    response = client.get(customer_url(customer))
    assert response.status_code == 500
    check_headers(response)
    assert leaks(response) == []
    assert "Traceback" not in response.content.decode()
    assert "Something went wrong" in texts(response)


def test_a_form_without_its_token_is_refused_in_the_same_look(customer: Customer) -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, factories.person("linh", "Support agent"))
    response = client.post(reveal_url(customer, customer, "full_name"), {"reason": "call_back"})
    assert response.status_code == 403
    check_headers(response)
    assert leaks(response) == []
    assert "This form is too old" in texts(response)


def test_the_language_switch_brings_the_reader_back_to_the_same_page(customer: Customer) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    sign_in(client, factories.person("linh", "Support agent"))
    assert "Timeline" in texts(client.get(customer_url(customer)))
    response = client.post(reverse("set_language"), {"language": "vi", "next": customer_url(customer)})
    assert response["Location"] == customer_url(customer)
    assert "Dòng thời gian" in texts(client.get(customer_url(customer)))


@pytest.mark.parametrize(
    "path", ["customer/add/", "customer/{pk}/delete/", "customer/{pk}/history/", "customer/{pk}/change/", "leaf/add/"]
)
def test_pages_that_would_add_change_or_delete_do_not_exist(path: str, customer: Customer) -> None:
    client = signed_in(factories.person("an", "Compliance officer"))
    assert client.get(customer_url(customer)).status_code == 200
    assert client.get("/customers/" + path.format(pk=customer.pk)).status_code == 404
    assert client.post(customer_url(customer), {"reference": "BZ9"}).status_code in (200, 405)
    assert Customer.objects.get().reference == "BZ0000001"


def test_a_person_signs_in_and_out_again() -> None:
    linh = factories.person("linh", "Support agent")
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert "Log out" not in texts(client.get(reverse("admin:login")))
    assert 'role="alert"' in password_step(client, "linh", "no").content.decode()
    sign_in_for_real(client, linh)
    assert "Log out" in texts(client.get(reverse("admin:index")))
    assert "You are logged out" in texts(client.post(reverse("admin:logout")))
    assert StaffMember.objects.filter(username="linh", is_active=True).exists()
