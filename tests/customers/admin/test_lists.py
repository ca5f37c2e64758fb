"""The lists: what they show, and what no URL makes them do."""

import pytest

from customers.models import Customer
from tests import factories
from tests.reading import signed_in, texts
from tests.worlds import shared

pytestmark = pytest.mark.django_db
LIST, LOG = "/customers/customer/", "/customers/leaf/"


@shared
def two() -> None:
    """A connected customer of Hanoi's, an ended one, and one of another team."""
    factories.customer("BZ0000001")
    factories.customer("BZ0000002", status="ended", locale="en")
    factories.customer("BZ0000003", team_name="Da Nang")


def references(response) -> list[str]:
    return sorted(text for text in texts(response) if text.startswith("BZ") and "," not in text)


def test_a_list_shows_the_customers_of_the_own_teams_and_filters_them(two: None) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    assert references(client.get(LIST)) == ["BZ0000001", "BZ0000002"]
    assert references(client.get(LIST + "?status__exact=ended")) == ["BZ0000002"]
    assert references(client.get(LIST + "?locale__exact=vi")) == ["BZ0000001"]


@pytest.mark.parametrize(
    "crafted",
    [
        *("full_name__startswith=N", "full_name=N", "password_hash__isnull=1", "row_digest=0", "history__full_name=N"),
        *(
            "contact_points__email_index=0",
            "contact_points__email__contains=h",
            "status__regex=c.*",
            "status__in=ended",
        ),
        *("team__name=Hanoi", "team__customers__reference=BZ0000003", "seal_id__startswith=0", "pk__gt=0", "locale=vi"),
    ],
)
def test_a_crafted_lookup_is_refused(crafted: str, two: None) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    response = client.get(f"{LIST}?{crafted}")
    assert (response.status_code, references(response)) == (400, [])


@pytest.mark.parametrize("crafted", ["leaf_hash=0", "customer=BZ0000003", "kind__startswith=r", "payload__contains=a"])
def test_a_crafted_lookup_into_the_log_is_refused(crafted: str, two: None) -> None:
    client = signed_in(factories.person("an", "Compliance officer"))
    assert client.get(f"{LOG}?kind=import_batch").status_code == 200
    assert client.get(f"{LOG}?{crafted}").status_code == 400


def test_a_url_brings_no_search_no_order_and_no_popup(two: None) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    plain = client.get(LIST)
    for asked in ("?q=hoa.nguyen", "?o=-1", "?o=1.2", "?all=", "?_popup=1", "?_to_field=full_name", "?_facets=1"):
        response = client.get(LIST + asked)
        order = [customer.reference for customer in response.context["cl"].result_list]
        assert (response.status_code, order) == (200, ["BZ0000001", "BZ0000002"])
        assert "hoa.nguyen" not in response.content.decode().replace('value="/customers/customer/?q=hoa.nguyen"', "")
        assert len(response.content) - len(plain.content) < 100


def test_an_empty_list_says_why(two: None) -> None:
    factories.team("Hue")
    client = signed_in(factories.person("hue", "Support agent", "Hue"))
    assert "No customers of your teams yet." in texts(client.get(LIST))
    filtered = texts(signed_in(factories.person("linh", "Support agent")).get(LIST + "?status__exact=suspended"))
    assert {"Nothing here matches.", "Show all"} <= filtered


@pytest.mark.parametrize(
    ("role", "crafted"),
    [
        ("Support agent", LIST + "?status__exact=%00"),
        ("Support agent", LIST + "?p=%00"),
        ("Auditor", LOG + "?kind=a%00"),
    ],
)
def test_a_nul_in_a_url_is_no_question(role: str, crafted: str, two: None) -> None:
    assert signed_in(factories.person("someone", role)).get(crafted).status_code == 400


def test_the_log_reads_in_words_and_its_entries_show_their_payload(two: None) -> None:
    client = signed_in(factories.person("auditor", "Auditor"))
    shown = texts(client.get(LOG))
    assert {"Imported from the CRM", "Role given · auditor · Auditor", "Change of access"} <= shown
    assert texts(client.get(LOG + "?kind=access_change")).isdisjoint({"Imported from the CRM"})
    entry = client.get(LOG + "0/")
    assert entry.context["leaf"].leaf_hash.hex() in texts(entry)
    assert '"seq": 0' in entry.context["payload"]


def test_the_first_page_shows_ones_own_acts_and_hides_customers_one_no_longer_sees(two: None) -> None:
    linh = factories.person("linh", "Support agent")
    client, customer = signed_in(linh), Customer.objects.get(reference="BZ0000001")
    client.post(f"/customers/customer/{customer.pk}/reveal/customer/{customer.pk}/full_name/", {"reason": "call_back"})
    assert {"Revealed: name", "BZ0000001"} <= texts(client.get("/"))
    factories.person("minh", "Support agent")
    assert "Revealed: name" not in texts(signed_in(type(linh).objects.get(username="minh")).get("/"))
    linh.groups.clear()
    other = factories.person("other", "Support agent", "Da Nang").memberships.get()
    factories.accounts.give_role(linh, other.role, other.team, by=factories.system())
    shown = texts(client.get("/"))
    assert "Revealed: name" in shown
    assert "BZ0000001" not in shown
