"""The page of the policy as rules: what it says of each clause, to whom, and in how many queries."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from config.policy.clauses import clauses
from config.policy.differences import DIFFERENCES
from config.roles import ROLES
from consent.choices.consents import Evidence, opt_out
from consent.gate.purposes import purpose_of
from consent.models import ContactRefusal
from consent.outreach.send import write
from customers.access.reveal import reveal
from customers.acts.refusals import Refused
from customers.casework.deadlines import set_deadline
from customers.casework.outside_links import add_link
from customers.evidence.recording import recording
from customers.models import Customer, Refusal, StaffMember
from tests import factories
from tests.conftest import Clock
from tests.consent.lives import house
from tests.engines import PAGES_ONLY
from tests.reading import leaks, signed_in, texts
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    PAGES_ONLY,
]
READS = {name for name, role in ROLES.items() if "read_evidence" in role["rights"]}
REFUSALS, STOPPED = "/customers/refusal/", "/consent/contactrefusal/"


@shared
def officer() -> StaffMember:
    house()
    return factories.person("an", "Compliance officer")


def shown(person: StaffMember, language: str = "en") -> HttpResponse:
    response = signed_in(person, language).get(reverse("admin:policy_rules"))
    assert response.status_code == 200
    assert leaks(response) == []
    return response


def told(response: Any, code: str) -> Any:
    """What the page tells of one clause."""
    return next(each for part in response.context["parts"] for each in part.clauses if each.clause.code == code)


def difference(response: Any, code: str) -> dict[str, str]:
    """What decides one difference: its names, and what each says now."""
    found = next(each for each in response.context["differences"] if each.difference.code == code)
    return {each.name: each.value for each in found.decided}


def refused_reveal(customer: Customer) -> None:
    """An approver sees this customer and has no right to a value."""
    with pytest.raises(Refused):
        reveal(customer, "full_name", by=factories.person("bich", "Disclosure approver"), reason="call_back")


# --- what it shows ------------------------------------------------------------------------------------------------


def test_every_clause_shows_its_rule_where_it_is_enforced_its_tests_and_when_it_last_said_no(
    officer: StaffMember,
) -> None:
    page = texts(shown(officer))
    for clause in clauses():
        assert {unescape(str(clause.promise)), str(clause.rule), *clause.tests} <= page
        assert {place.partition(":")[2] or place for place in clause.places} <= page
    response = shown(officer)
    rows = response.content.decode().count("<tr id=")
    assert rows == len(list(clauses()))
    said = response.content.decode()
    sales = sum(clause.cannot_be_expressed for clause in clauses())
    assert (said.count("Nothing refused yet"), said.count("cannot be expressed")) == (rows - sales, sales)


def test_a_refusal_of_a_real_act_appears_beside_its_clause_and_leads_to_the_list(officer: StaffMember) -> None:
    customer = factories.customer()
    assert told(shown(officer), "staff").refused is None
    refused_reveal(customer)
    response = shown(officer)
    last = told(response, "staff").refused
    assert (last.at, last.times) == (Refusal.objects.get().at, 1)
    assert {"Refused at the desk", "no right · 1 time in 12 months"} <= texts(response)
    assert last.url == f"{REFUSALS}?why=no_right"
    assert f'href="{last.url}"' in response.content.decode()
    assert "bich" in texts(signed_in(officer).get(last.url))
    others = {each.clause.code for part in response.context["parts"] for each in part.clauses if each.refused}
    assert others == {"staff"}


def test_a_refusal_counts_for_the_clause_whose_act_and_reason_it_is(officer: StaffMember) -> None:
    factories.customer("BZ0000001")
    with pytest.raises(Refused):
        add_link("https://example.org/?q=BZ0000001", by=officer, title_vi="Trang", title_en="Page")
    response = shown(officer)
    assert told(response, "other_sites").refused.why == "a customer’s data in a link"
    assert told(response, "staff").refused is None
    with pytest.raises(Refused):
        set_deadline(
            "access", by=factories.person("linh", "Support agent"), amount=1, unit="hours", third_party=0, extension=0,
            source="Own promise", confidence="open", verified=False,
        )  # fmt: skip
    assert [row.act for row in Refusal.objects.order_by("pk")] == ["add_link", "set_deadline"]
    after = shown(officer)
    counted = {each.clause.code for part in after.context["parts"] for each in part.clauses if each.refused}
    assert counted == {"other_sites"}  # no clause promises anything about who sets a deadline


def test_what_the_gate_stopped_appears_at_its_purpose_and_at_its_reason(officer: StaffMember) -> None:
    customer = factories.customer()
    promotions = purpose_of("promotions")
    opt_out(customer, [promotions], by=officer, evidence=Evidence("phone", "T-1"))
    with pytest.raises(Refused):
        write(customer, promotions, "email", by=officer, subject="Ưu đãi", text="Thêm dung lượng")
    response = shown(officer)
    stopped = {
        each.clause.code: each.stopped for part in response.context["parts"] for each in part.clauses if each.stopped
    }
    assert set(stopped) == {"promotions", "opt_out"}
    assert {last.at for last in stopped.values()} == {ContactRefusal.objects.get().at}
    assert {last.url for last in stopped.values()} == {f"{STOPPED}?why=objected"}
    assert {"Stopped by the gate", "opted out · 1 time in 12 months"} <= texts(response)
    assert customer.reference in texts(signed_in(officer).get(f"{STOPPED}?why=objected"))


def test_the_newest_counts_and_the_number_is_of_twelve_months(officer: StaffMember, clock: Clock) -> None:
    customer = factories.customer()
    refused_reveal(customer)
    clock.now += timedelta(days=300)
    with pytest.raises(Refused):
        reveal(customer, "full_name", by=StaffMember.objects.get(username="bich"), reason="call_back")
    assert told(shown(officer), "staff").refused.times == 2
    clock.now += timedelta(days=100)
    last = told(shown(officer), "staff").refused
    assert (last.times, last.at) == (1, Refusal.objects.latest("pk").at)
    clock.now += timedelta(days=300)
    last = told(shown(officer), "staff").refused
    assert (last.times, last.at) == (0, Refusal.objects.latest("pk").at)
    assert "no right · 0 times in 12 months" in texts(shown(officer))


# --- where policy and law differ ------------------------------------------------------------------------------------


def test_each_difference_says_what_both_say_how_sure_it_is_and_what_decides(officer: StaffMember) -> None:
    response = shown(officer)
    page = texts(response)
    for each in DIFFERENCES:
        assert {str(each.title), str(each.policy), str(each.law), str(each.confidence.label), str(each.done)} <= page
        assert difference(response, each.code)
    assert {"CONTACT_WITHOUT_CONSENT = refuse", "POLICY_EFFECTIVE = later"} <= page


def test_a_setting_is_told_as_it_stands(officer: StaffMember, settings: Any) -> None:
    settings.CONTACT_WITHOUT_CONSENT, settings.POLICY_EFFECTIVE = "allow", "earlier"
    response = shown(officer)
    assert {"CONTACT_WITHOUT_CONSENT = allow", "POLICY_EFFECTIVE = earlier"} <= texts(response)
    news = "without a consent on record, news are sent until the customer opts out"
    assert difference(response, "opt_out_or_consent")["Setting"] == news


def test_a_row_is_told_as_it_stands_with_who_stands_for_it(officer: StaffMember) -> None:
    before = shown(officer)
    assert difference(before, "after_the_end")["Correction"] == "10 calendar days"
    assert any(text.endswith("open until a lawyer confirms it · verified by nobody yet") for text in texts(before))
    set_deadline(
        "correction", by=officer, amount=7, unit="working_days", third_party=0, extension=0, source="Article 14",
        confidence="settled", verified=True,
    )  # fmt: skip
    after = shown(officer)
    assert difference(after, "after_the_end")["Correction"] == "7 working days"
    assert "Article 14 · settled · verified by an" in texts(after)


@pytest.mark.bare
def test_before_any_row_is_on_file_the_page_says_what_to_run() -> None:
    response = shown(factories.person("yen", "Auditor"))
    assert "Nothing is on file yet: an administrator runs manage.py sync_roles." in texts(response)
    assert difference(response, "deadlines") == {}


# --- to whom, and how -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_it_is_for_those_who_read_the_evidence(role: str) -> None:
    factories.team("Hanoi")
    client, url = signed_in(factories.person("reader", role)), reverse("admin:policy_rules")
    assert client.get(url).status_code == (200 if role in READS else 403)
    assert client.post(url).status_code == 405
    linked = {page: client.get(reverse(f"admin:{page}")) for page in ("customers_leaf_changelist",)}
    assert [page for page, got in linked.items() if f'href="{url}"' in got.content.decode()] == (
        list(linked) if role in READS else []
    )


def test_an_officer_comes_to_it_from_the_rules_and_an_auditor_from_the_log(officer: StaffMember) -> None:
    url = reverse("admin:policy_rules")
    rules = signed_in(officer).get(reverse("admin:customers_legaldeadline_changelist"))
    assert f'href="{url}"' in rules.content.decode()
    assert {"Deadlines", "Links"} <= texts(shown(officer))
    assert [place.label for place in shown(officer).context["frame"].places if place.current] == ["Rules"]
    assert "Deadlines" not in texts(shown(factories.person("yen", "Auditor")))


def test_a_list_is_linked_only_for_who_may_open_it(officer: StaffMember) -> None:
    customer = factories.customer()
    refused_reveal(customer)
    with suppress(Refused):
        write(customer, purpose_of("promotions"), "email", by=officer, subject="Ưu đãi", text="Thêm dung lượng")
    for person in (officer, StaffMember.objects.get(username="bich"), factories.person("yen", "Auditor")):
        response, client = shown(person), signed_in(person)
        lasts = [each for part in response.context["parts"] for told in part.clauses for each in _lasts(told)]
        assert len(lasts) > 1
        assert {client.get(last.url).status_code for last in lasts if last.url} == {200}
        assert {last.url for last in lasts if "contactrefusal" in last.url or not last.url} == (
            {f"{STOPPED}?why=no_consent"} if person == officer else {""}
        )


def _lasts(told: Any) -> list[Any]:
    return [each for each in (told.refused, told.stopped) if each]


def test_both_languages_are_spoken(officer: StaffMember) -> None:
    refused_reveal(factories.customer())
    spoken = {language: texts(shown(officer, language)) for language in ("en", "vi")}
    for language, page in spoken.items():
        with override(language):
            assert {str(clause.promise) for clause in clauses()} <= page
    assert spoken["en"] != spoken["vi"]


def test_the_queries_do_not_grow_with_refusals_or_their_kinds(officer: StaffMember) -> None:
    customer = factories.customer()
    client, url = signed_in(officer), reverse("admin:policy_rules")

    def asked() -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    before = asked()
    with recording(by=factories.system()):
        acts = {act for clause in clauses() for act in clause.refusals}
        Refusal.objects.bulk_create(Refusal(act=act, why=why) for act in acts for why in ("no_right", "ended"))
        ContactRefusal.objects.bulk_create(
            ContactRefusal(customer=customer, purpose_id=code, channel="email", why=why, door="desk")
            for code in ("promotions", "surveys", "support")
            for why in ("objected", "no_address", "suspended")
        )
    assert asked() == before
