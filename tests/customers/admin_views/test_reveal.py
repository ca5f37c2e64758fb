"""The page that reveals: what it asks, what it answers, and to whom."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Customer, Refusal, Reveal
from customers.vault import tokens
from tests import factories
from tests.engines import PAGES_ONLY
from tests.reading import customer_url, leaks, reveal_url, signed_in, steady, texts
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    PAGES_ONLY,
]


@shared
def customer() -> Customer:
    """A customer of Hanoi's."""
    return factories.customer("BZ0000001")


def test_a_forbidden_customer_and_a_missing_one_answer_the_same(customer: Customer) -> None:
    other, agent = factories.customer("BZ0000002", team_name="Da Nang"), factories.person("linh", "Support agent")
    client = signed_in(agent)
    assert client.get(reveal_url(customer, customer, "full_name")).status_code == 200
    for url in (reveal_url(other, other, "full_name"), customer_url(other)):
        for method in (client.get, client.post):
            forbidden = method(url, {"reason": "call_back"})
            missing = method(url.replace(f"/{other.pk}/", "/999999/"), {"reason": "call_back"})
            assert (forbidden.status_code, missing.status_code) == (404, 404)
            assert steady(forbidden) == steady(missing)
    assert Reveal.objects.count() == 0


def test_a_row_of_another_customer_is_not_reached_through_ones_own(customer: Customer) -> None:
    other = factories.customer("BZ0000002", team_name="Da Nang")
    client = signed_in(factories.person("linh", "Support agent"))
    own, strange = customer.contact_points.first(), other.contact_points.first()
    assert client.get(reveal_url(customer, own, own.channel)).status_code == 200
    assert client.get(reveal_url(customer, strange, strange.channel)).status_code == 404


def test_the_password_has_no_page(customer: Customer) -> None:
    client = signed_in(factories.person("minh", "Support lead"))
    assert client.get(reveal_url(customer, customer, "full_name")).status_code == 200
    assert client.get(reveal_url(customer, customer, "password_hash")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Pick a reason."),
        ({"reason": "curious"}, "Pick a reason."),
        ({"reason": "other"}, "Say the reason in words."),
        ({"reason": "call_back", "ticket": "hoa@mail.example.com"}, "That does not look like a ticket number"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field(typed: dict, sentence: str, customer: Customer) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    response = client.post(reveal_url(customer, customer, "full_name"), typed)
    assert response.status_code == 400
    body = response.content.decode()
    assert f'role="alert">{sentence}' in body
    assert "autofocus" in body
    assert leaks(response) == []
    assert Reveal.objects.count() == 0
    assert "autofocus" not in client.get(reveal_url(customer, customer, "full_name")).content.decode()


def test_a_refusal_says_what_to_do_and_is_on_record(customer: Customer) -> None:
    client, access = signed_in(factories.person("linh", "Support agent")), customer.services.get()
    response = client.post(reveal_url(customer, access, "secret"), {"reason": "call_back"})
    assert (response.status_code, leaks(response)) == (403, [])
    assert "ask your lead" in response.content.decode()
    assert Refusal.objects.get().customer == customer
    lead = signed_in(factories.person("minh", "Support lead"))
    assert leaks(lead.post(reveal_url(customer, access, "secret"), {"reason": "call_back"})) == ["s3cret-value"]


def test_the_button_and_the_page_follow_the_setting(settings, customer: Customer) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    for seconds, words in ((1, "Reveal for 1 second"), (45, "Reveal for 45 seconds")):
        settings.REVEAL_SECONDS = seconds
        assert words in texts(client.get(customer_url(customer)))
        response = client.post(reveal_url(customer, customer, "full_name"), {"reason": "call_back"})
        assert response["Refresh"] == f"{seconds}; url={customer_url(customer)}"
        assert f'data-seconds="{seconds}"' in response.content.decode()


def test_a_superuser_sees_no_customer_without_a_role_and_is_on_record_with_one(customer: Customer) -> None:
    root = factories.person("root")
    type(root).objects.filter(pk=root.pk).update(is_superuser=True)
    root.refresh_from_db()
    client, url = signed_in(root), reveal_url(customer, customer, "full_name")
    assert client.get("/customers/customer/").status_code == 403
    assert client.get("/customers/leaf/").status_code == 403
    assert [client.get(customer_url(customer)).status_code, client.post(url, {"reason": "call_back"}).status_code] == [
        404
    ] * 2

    agent = factories.person("linh", "Support agent")
    membership = agent.memberships.get()
    factories.accounts.give_role(root, membership.role, membership.team, by=factories.system())
    assert leaks(client.post(url, {"reason": "call_back"})) == ["Nguyễn Thị Hoa"]
    assert Reveal.objects.get().by == root


def test_a_value_that_cannot_be_read_is_said_to_be_and_the_rest_is_shown(monkeypatch, customer: Customer) -> None:
    point = customer.contact_points.get(channel="email")
    opened = tokens.unseal

    def unseal(token: str, place: tokens.Place) -> tokens.Opened:
        return opened(token[:-4] if place.seal_id == point.seal_id else token, place)

    client = signed_in(factories.person("linh", "Support agent"))
    assert "unreadable" not in texts(client.get(customer_url(customer)))
    monkeypatch.setattr(tokens, "unseal", unseal)
    for url in (customer_url(customer), "/customers/customer/"):
        shown = texts(client.get(url))
        assert {"unreadable", "•••", "+84 •• ••• •12"} <= shown
    response = client.post(reveal_url(customer, point, "email"), {"reason": "call_back"})
    assert (response.status_code, leaks(response), Reveal.objects.count()) == (400, [], 0)


def test_a_value_opened_by_a_grant_about_to_end_is_shown_no_longer(customer: Customer) -> None:
    guest = factories.person("minh", "Support agent", "Da Nang")
    factories.grant(customer, guest, ["reveal_name"], ends_at=timezone.now() + timedelta(seconds=20))
    response = signed_in(guest).post(reveal_url(customer, customer, "full_name"), {"reason": "call_back"})
    assert leaks(response) == ["Nguyễn Thị Hoa"]
    assert 1 <= int(response["Refresh"].partition(";")[0]) <= 20


def test_a_row_is_asked_for_by_its_own_key(customer: Customer) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    url = reveal_url(customer, customer, "full_name")
    assert client.get(url).status_code == 200
    assert (
        client.get(url.replace(f"/customer/{customer.pk}/full_name/", "/customer/987654321/full_name/")).status_code
        == 404
    )
