"""Grants, refusals and budgets on pages, for leads and for those who review."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.access import anomalies
from customers.access.find import find
from customers.access.grants import break_glass
from customers.access.reveal import reveal
from customers.access.verify import verify
from customers.acts.refusals import Refused
from customers.models import AccessGrant, BudgetAllowance, Customer, Refusal, StaffMember
from customers.permissions.customers import can_see
from customers.vault.kinds import Kind
from tests import factories
from tests.conftest import Clock
from tests.engines import PAGES_ONLY
from tests.reading import customer_url, signed_in, texts
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    PAGES_ONLY,
]
WATCH, GRANTS, REFUSALS = "/customers/accessgrant/watch/", "/customers/accessgrant/", "/customers/refusal/"
CLOSURES = "/customers/verificationclosure/"


@shared
def thao() -> StaffMember:
    """Hanoi's lead; a customer and an agent of each team's."""
    factories.customer("BZ0000001")
    factories.customer("BZ0000002", team_name="Da Nang")
    factories.person("linh", "Support agent")
    factories.person("minh", "Support agent", "Da Nang")
    return factories.person("thao", "Support lead")


def customer(reference: str = "BZ0000001") -> Customer:
    return Customer.objects.get(reference=reference)


def person(username: str) -> StaffMember:
    return StaffMember.objects.get(username=username)


def grant_data(**different: object) -> dict[str, object]:
    last = timezone.localdate() + timedelta(days=2)
    rights = ["verify_customers", "reveal_email"]
    usual = {"person": person("minh").pk, "rights": rights, "last": last.isoformat(), "reason": "cover"}
    return {**usual, **different}


def test_a_lead_gives_a_grant_sees_it_and_ends_it(thao: StaffMember) -> None:
    client, url = signed_in(thao), f"/customers/customer/{customer().pk}/grant/"
    assert "Personal grant on BZ0000001" in texts(client.get(url))
    given = client.post(url, grant_data())
    assert given["Location"] == customer_url(customer())
    page = texts(client.get(customer_url(customer())))
    assert {"The grant is given and on record.", "minh"} <= page
    grant = AccessGrant.objects.get()
    assert timezone.localtime(grant.ends_at).time().isoformat() == "00:00:00"
    assert can_see(person("minh"), customer())
    assert client.get(f"{GRANTS}{grant.pk}/end/").status_code == 200
    assert client.post(f"{GRANTS}{grant.pk}/end/").status_code == 302
    assert not can_see(person("minh"), customer())
    assert "Nobody has one on this customer." in texts(client.get(customer_url(customer())))
    assert "This grant is over already." in texts(client.post(f"{GRANTS}{grant.pk}/end/"))


def test_a_grant_begins_and_ends_with_vietnam_s_days(thao: StaffMember) -> None:
    first, last = timezone.localdate() + timedelta(days=1), timezone.localdate() + timedelta(days=3)
    data = grant_data(first=first.isoformat(), last=last.isoformat())
    signed_in(thao).post(f"/customers/customer/{customer().pk}/grant/", data)
    grant = AccessGrant.objects.get()
    begins, ends = timezone.localtime(grant.starts_at), timezone.localtime(grant.ends_at)
    assert (begins.date(), ends.date()) == (first, last + timedelta(days=1))
    assert {begins.time().isoformat(), ends.time().isoformat()} == {"00:00:00"}
    assert "to come: " in signed_in(thao).get(customer_url(customer())).content.decode()


def test_who_does_not_decide_sees_no_grants_on_the_page_and_no_buttons_on_the_list(thao: StaffMember, settings) -> None:
    factories.grant(customer(), person("minh"))
    agent, approver = signed_in(person("linh")), signed_in(factories.person("binh", "Disclosure approver"))
    for client in (agent, approver):
        page = client.get(customer_url(customer()))
        assert ("Give one" in page.content.decode(), page.context["grants"]) == (False, [])
    settings.REVEALS_A_DAY = 0
    with pytest.raises(Refused):
        reveal(customer(), "full_name", by=person("linh"), reason="call_back")
    auditor = signed_in(factories.person("yen", "Auditor"))
    body = auditor.get(WATCH).content.decode()
    assert ("linh · reveal" in body, "Allow 10 more" in body) == (True, False)
    assert auditor.get(WATCH).context["watch"].refused == []
    assert "/customers/customer/" not in auditor.get(GRANTS).content.decode()


def test_a_lead_s_list_has_neither_personal_grants_nor_what_happened_to_other_teams(thao: StaffMember) -> None:
    factories.grant(customer(), person("minh"))
    record = find("BZ0000002", by=person("linh"))
    break_glass(record, customer("BZ0000002"), by=person("linh"), reason="call_back")
    for _ in range(5):
        verify(customer("BZ0000002"), {Kind.PHONE: "0912345699"}, by=person("minh"))
    watch = signed_in(thao).get(WATCH).context["watch"]
    assert (watch.broken_glass, watch.closures) == ([], [])
    officer = signed_in(factories.person("an", "Compliance officer")).get(WATCH).context["watch"]
    assert [grant.customer.reference for grant in officer.broken_glass] == ["BZ0000002"]
    assert [closure.customer.reference for closure in officer.closures] == ["BZ0000002"]
    own = signed_in(factories.person("ha", "Support lead", "Da Nang")).get(WATCH).context["watch"]
    assert (len(own.broken_glass), len(own.closures)) == (1, 1)


def test_the_list_is_about_today_s_budgets_and_the_last_days_refusals(
    thao: StaffMember, clock: Clock, settings
) -> None:
    with pytest.raises(Refused):
        reveal(customer().services.get(), "secret", by=person("linh"), reason="call_back")
    settings.REVEALS_A_DAY = 0
    with pytest.raises(Refused):
        reveal(customer(), "full_name", by=person("linh"), reason="call_back")

    def seen() -> tuple[int, int]:
        watch = anomalies.watch(thao)
        return len(watch.short), len(watch.refused)

    assert seen() == (1, 1)
    clock.now += timedelta(days=1)
    assert seen() == (0, 1)
    clock.now += timedelta(days=30)
    assert seen() == (0, 0)


@pytest.mark.parametrize(
    ("different", "sentence"),
    [
        ({"last": "9999-12-31"}, "Choose a day from today to"),
        ({"last": "2020-01-01"}, "Choose a day from today to"),
        ({"first": timezone.localdate() + timedelta(days=3)}, "Choose an end on or after the start."),
        ({"first": "0001-01-01"}, "Choose a day from today to"),
        ({"last": "tomorrow"}, "Enter a valid date."),
        ({"person": 987654321}, "Select a valid choice."),
        ({"rights": []}, "This field is required."),
        ({"rights": ["decide_access"]}, "Select a valid choice."),
        ({"reason": ""}, "Pick a reason."),
        ({"reason": "other"}, "Say the reason in words."),
    ],
)
def test_a_grant_that_makes_no_sense_is_told_on_the_form(different: dict, sentence: str, thao: StaffMember) -> None:
    response = signed_in(thao).post(f"/customers/customer/{customer().pk}/grant/", grant_data(**different))
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert AccessGrant.objects.count() == 0


def test_a_grant_form_offers_agents_and_leads_but_oneself(thao: StaffMember) -> None:
    factories.person("binh", "Disclosure approver")
    factories.person("ha", "Support lead", "Da Nang")
    response = signed_in(thao).get(f"/customers/customer/{customer().pk}/grant/")
    offered = [str(each) for each in response.context["form"].fields["person"].queryset]
    assert offered == ["ha", "linh", "minh"]


def test_grants_are_listed_with_their_ends_ended_ones_too(thao: StaffMember) -> None:
    factories.grant(customer(), person("minh"))
    ended = factories.grant(customer(), person("minh"), ["reveal_email"])
    factories.grant(customer(), person("minh"), starts_at=timezone.now() + timedelta(minutes=30))
    factories.grant(customer("BZ0000002"), person("linh"))
    client, officer = signed_in(thao), signed_in(factories.person("an", "Compliance officer"))
    officer.post(f"{GRANTS}{ended.pk}/end/")

    def listed(client, query: str = "") -> list[str]:
        shown = client.get(GRANTS + query)
        return [grant.state for grant, _seen, _decided in shown.context["rows"]]

    assert listed(client) == ["to_come", "ended", "live"]
    assert listed(officer) == ["live", "to_come", "ended", "live"]
    assert [listed(client, f"?state={state}") for state in ("live", "to_come", "ended")] == [
        ["live"], ["to_come"], ["ended"],
    ]  # fmt: skip
    assert listed(officer, "?how__exact=break_glass") == []
    assert "ended by an" in client.get(GRANTS).content.decode()
    auditor = signed_in(factories.person("yen", "Auditor"))
    assert "/end/" not in auditor.get(GRANTS).content.decode()
    assert auditor.post(f"{GRANTS}{AccessGrant.objects.first().pk}/end/").status_code == 403


def test_a_lead_allows_ten_more_from_the_list_in_one_click(thao: StaffMember, settings) -> None:
    settings.REVEALS_A_DAY = 0
    with pytest.raises(Refused):
        reveal(customer(), "full_name", by=person("linh"), reason="call_back")
    with pytest.raises(Refused):
        reveal(customer("BZ0000002"), "full_name", by=person("minh"), reason="call_back")
    client = signed_in(thao)
    page = client.get(WATCH)
    assert "Allow 10 more today" in page.content.decode()
    assert [short.person.username for short in page.context["watch"].short] == ["linh"]
    done = client.post("/customers/accessgrant/allow/", {"person": person("linh").pk, "budget": "reveal"}, follow=True)
    assert {"Linh may do 10 more today: reveal.", "10 more allowed by thao"} <= texts(done)
    assert "Allow 10 more today" not in done.content.decode()
    assert reveal(customer(), "full_name", by=person("linh"), reason="call_back").value == "Nguyễn Thị Hoa"
    again = client.post("/customers/accessgrant/allow/", {"person": person("linh").pk, "budget": "reveal"})
    assert "More was allowed for today already; tomorrow the budget is whole again." in texts(again)
    far, missing = (
        client.post("/customers/accessgrant/allow/", {"person": key, "budget": "reveal"})
        for key in (person("minh").pk, 987654321)
    )
    assert (far.status_code, missing.status_code, BudgetAllowance.objects.count()) == (400, 400, 1)


def test_the_officers_list_has_broken_glass_closures_refusals_and_role_changes(thao: StaffMember) -> None:
    for _ in range(5):
        verify(customer(), {Kind.PHONE: "0912345699"}, by=person("linh"))
    for _ in range(3):
        with pytest.raises(Refused):
            reveal(customer().services.get(), "secret", by=person("linh"), reason="call_back")
    for reader in (factories.person("an", "Compliance officer"), factories.person("yen", "Auditor")):
        page = signed_in(reader).get(WATCH)
        shown = texts(page)
        assert {"BZ0000001", "linh · reveal a value: service access", "no right · 3 times", "Staff and roles"} <= shown
    lead = texts(signed_in(thao).get(WATCH))
    assert "BZ0000001" in lead
    assert "Staff and roles" not in lead
    assert "BZ0000001" in texts(signed_in(thao).get(CLOSURES))
    assert "BZ0000001" not in texts(signed_in(factories.person("ha", "Support lead", "Da Nang")).get(CLOSURES))
    assert signed_in(person("linh")).get(WATCH).status_code == 403


def test_a_lead_s_refusals_name_no_customer_of_another_team(thao: StaffMember) -> None:
    linh, other = person("linh"), customer("BZ0000002")
    factories.grant(other, linh, ["see_customers"])
    for about in (other, customer()):
        with pytest.raises(Refused):
            reveal(about.services.get(), "secret", by=linh, reason="call_back")
    for url in (REFUSALS, WATCH):
        shown = signed_in(thao).get(url).content.decode()
        assert ("linh" in shown, "BZ0000002" in shown) == (True, False)
    assert "BZ0000001" in signed_in(thao).get(REFUSALS).content.decode()
    officer = signed_in(factories.person("an", "Compliance officer"))
    assert "BZ0000002" in officer.get(REFUSALS).content.decode()
    assert len(officer.get(REFUSALS + "?why=no_right").context["rows"]) == Refusal.objects.count() == 2
    assert len(officer.get(REFUSALS + "?why=over_budget").context["rows"]) == 0
