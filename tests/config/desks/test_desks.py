"""The first page of each role: what stands on it, in which order, and where its numbers lead."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.desks.charts import by_outcome, by_recipient
from config.roles import ROLES
from customers.models import AccessGrant, CustomerRequest, Hold, Role, StaffMember
from disclosures.requests.decisions import approve
from disclosures.requests.release import release
from tests import factories
from tests.conftest import Clock
from tests.engines import PAGES_ONLY
from tests.furnished import House, at_rest, house, how_many
from tests.reading import leaks, markup, signed_in, texts
from tests.scenario import asked
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    PAGES_ONLY,
]
A_NUMBER = re.compile(r'<a(?: class="[a-z ]+")? href="([^"]+)">(\d+)<span class="visually-hidden">: ([^<]+)<')
A_TILE = re.compile(r'<a class="number" href="([^"]+)">(\d+)<span class="visually-hidden">: ([^<]+)<')
OF_COMPLIANCE = {"Needs you", "Under way", "Refused this month", "What became of requests from outside"}
OF_SUPPORT = {"Your requests, due first", "Suspended addresses"}
OF_LEADS = {"The team’s queue, due first", "Corrections waiting for your approval"}
OF_AUDIT = {"Newest checkpoints", "Months and their sign-offs", "To take it home and check it there"}
OF_STAFF = {"You look after staff, roles and teams. Each change goes on record."}
EVERY_PART = OF_COMPLIANCE | OF_SUPPORT | OF_LEADS | OF_AUDIT | OF_STAFF


@shared
def busy(clock: Clock) -> House:
    return house(clock)


def desk_of(person: StaffMember):  # type: ignore[no-untyped-def]
    """The first page."""
    page = signed_in(person).get("/")
    assert page.status_code == 200
    return page


def numbers(page) -> list[tuple[str, int, str]]:  # type: ignore[no-untyped-def]
    """Every number of a page that is a link: where it leads, how many, of what."""
    body = markup(page)
    return [
        (url.replace("&amp;", "&"), int(number), label)
        for pattern in (A_TILE, A_NUMBER)
        for url, number, label in pattern.findall(body)
    ]


def parts(page) -> set[str]:  # type: ignore[no-untyped-def]
    """Which parts of the desks a page has, by their headings."""
    return texts(page) & EVERY_PART


@pytest.mark.parametrize("role", ROLES)
def test_each_number_leads_to_a_list_of_just_so_many(role: str, busy: House) -> None:
    client = signed_in(busy.everybody[role])
    found = numbers(client.get("/"))
    told = {f"{label} {url}": (number, how_many(client, url)) for url, number, label in found if url != "#to-end"}
    assert {label: pair for label, pair in told.items() if pair[0] != pair[1]} == {}
    assert sum(number for _url, number, _label in found) > 0
    assert len(found) >= 3


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("Support agent", OF_SUPPORT),
        ("Support lead", OF_SUPPORT | OF_LEADS),
        ("Compliance officer", OF_COMPLIANCE | {"Corrections waiting for your approval"}),
        ("Disclosure approver", OF_COMPLIANCE),
        ("Administrator", OF_STAFF),
        ("Auditor", OF_AUDIT),
        ("", set()),
    ],
)
def test_each_role_has_its_own_desk_and_nothing_of_another(role: str, shown: set[str], busy: House) -> None:
    page = desk_of(factories.person("reader", role))
    assert parts(page) == shown
    assert leaks(page) == []


def test_who_holds_two_roles_has_both_desks(busy: House) -> None:
    lead = busy.case.lead
    factories.accounts.give_role(lead, Role.objects.get(name="Auditor"), None, by=factories.system())
    assert parts(desk_of(lead)) == OF_SUPPORT | OF_LEADS | OF_AUDIT


def test_an_agents_requests_stand_due_first_and_say_what_is_left(busy: House) -> None:
    page = desk_of(busy.case.agent)
    mine = page.context["support"].mine
    assert mine[0] == busy.overdue
    assert [found.due_at for found in mine] == sorted(found.due_at for found in mine)
    assert any(text.startswith("overdue by") for text in texts(page))
    assert {"Reveals left today", "Finds left this hour", "Callers to verify, this hour"} <= texts(page)
    assert "39 of 40" in texts(desk_of(busy.case.colleague))  # who has revealed one


def test_another_teams_lead_sees_and_counts_nothing_of_it(busy: House) -> None:
    far = desk_of(factories.person("far", "Support lead", "Hue"))
    assert [tile.number for tile in far.context["tiles"]] == [0, 0, 0, 0, 0]
    assert far.context["watch"] == type(far.context["watch"])(0, 0, 0, 0)
    near = desk_of(busy.case.lead)
    assert [tile.number for tile in near.context["tiles"]] != [0, 0, 0, 0, 0]
    assert "BZ0000001" in texts(near)
    assert "BZ0000001" not in texts(far)


def test_a_lead_sees_the_queue_what_waits_for_a_word_and_broken_glass(busy: House) -> None:
    page = desk_of(busy.case.lead)
    assert page.context["support"].queue[0] == busy.overdue
    assert len(page.context["support"].corrections) == 1
    assert page.context["support"].glass.grants == []  # of Da Nang's customer
    danang = desk_of(factories.person("hai", "Support lead", "Da Nang"))
    grant = AccessGrant.objects.get(how="break_glass")
    assert danang.context["support"].glass.grants == [grant]
    assert f"{grant.person.username} ·" in texts(danang)


def test_what_needs_an_officer_stands_by_the_time_that_is_left(busy: House) -> None:
    needs = desk_of(busy.case.officer).context["compliance"].needs
    assert [(need.number, need.step) for need in needs] == [
        (busy.letter.number, "see that it is genuine"), (busy.handed.number, "decide"),
    ]  # fmt: skip
    assert needs[0].tone == "bad"
    assert needs[1].tone == ""


def test_what_was_proposed_needs_an_approver_and_nobody_else(busy: House) -> None:
    needs = desk_of(busy.approver).context["compliance"].needs
    assert [(need.number, need.step) for need in needs] == [(busy.proposed.number, "approve or narrow")]


def test_an_officer_sees_the_clock_the_lapse_and_what_is_worth_a_look(busy: House) -> None:
    page = desk_of(busy.case.officer)
    assert any(text.startswith("1 hour, 40 minutes left") for text in texts(page))
    told = {label: number for _url, number, label in numbers(page)}
    expected = {
        "Requests from outside": 2, "Handed to the officers": 1, "Commitments that run out": 1,
        "Suspended for too long": 1, "Out of hours, in seven days": 2, "Glass broken, still open": 1,
        "Closed after too many misses": 1, "no right": 1,
    }  # fmt: skip
    assert {label: told.get(label) for label in expected} == expected
    assert "whole" in texts(page)


def test_an_administrator_sees_who_cannot_work_yet_and_whom_nobody_leads(busy: House) -> None:
    page = desk_of(busy.administrator)
    context = page.context["administration"]
    assert [person.username for person in context.roleless] == ["newcomer"]
    assert "newcomer" in [person.username for person in context.without_sign_in]
    assert [team.name for team in context.leaderless] == ["Da Nang", "Hue"]
    assert context.trouble == []
    assert "well" in texts(page)
    assert "BZ0000001" not in page.content.decode()


def test_an_auditor_sees_checkpoints_checks_and_months(busy: House) -> None:
    page = desk_of(busy.auditor)
    audit = page.context["audit"]
    assert [check.whole for _seq, check in audit.checks] == [True]
    assert [(str(month.month), month.running) for month in audit.months] == [("2031-03", True)]
    assert [each.size for each, _root in audit.checkpoints] == [audit.checks[0][1].size]
    assert "manage.py export_evidence DIR" in page.content.decode()


# --- charts ---------------------------------------------------------------------------------------------


def test_the_charts_count_what_left_and_what_became_of_it(busy: House, clock: Clock) -> None:
    assert by_recipient().number == 0
    approve(busy.proposed, by=busy.approver, proposal=busy.proposed.proposals.get())
    release(type(busy.proposed).objects.get(pk=busy.proposed.pk), by=busy.case.officer)
    kinds, outcomes = by_recipient(), by_outcome()
    assert [(row.label, row.total) for row in kinds.rows if row.total] == [("March 2031", 1)]
    assert len(kinds.rows) == 12
    assert [(bar.kind, bar.number) for bar in kinds.rows[-1].bars if bar.number] == [("authority", 1)]
    assert sum(row.total for row in outcomes.rows) == 2
    page = desk_of(busy.case.officer)
    assert 'class="bar bar-authority"' in page.content.decode()
    assert "style=" not in page.content.decode()
    linked = [row.url for row in page.context["compliance"].kinds.rows if row.url]
    assert [how_many(signed_in(busy.case.officer), url) for url in linked] == [1]
    clock.now += timedelta(days=366)
    assert by_recipient().number == by_outcome().number == 0


@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_bars_figures_are_a_browsers_whatever_the_language(language: str, busy: House) -> None:
    body = signed_in(busy.case.officer, language).get("/").content.decode()
    widths = re.findall(r'<rect class="bar[^>]* width="([^"]+)"', body)
    assert widths
    assert [width for width in widths if not re.fullmatch(r"\d+(\.\d+%)?", width)] == []


# --- nothing to do, and when something is wrong -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("Support agent", "No request is waiting for you. Requests are registered on a customer’s page."),
        ("Support agent", "No address is suspended."),
        ("Support lead", "Nobody in your teams waits for an answer."),
        ("Support lead", "No correction is waiting for your approval."),
        ("Compliance officer", "Nothing needs you just now."),
        ("Compliance officer", "Nothing was refused this month."),
        ("Compliance officer", "Nothing has left in the last twelve months."),
        ("Disclosure approver", "No request has come in in the last twelve months."),
        ("Administrator", "The keys at hand are this database’s, and its records are protected by their triggers."),
        ("Auditor", "No check is on record yet."),
    ],
)
def test_where_nothing_waits_one_sentence_says_so(role: str, said: str, clock: Clock) -> None:
    person = at_rest()[role]
    assert said in texts(desk_of(person))
    assert "nothing waits" in texts(desk_of(person)) or role == "Auditor"


def test_a_sentence_of_rest_is_gone_once_something_waits(busy: House) -> None:
    assert "Nothing needs you just now." not in texts(desk_of(busy.case.officer))
    assert "No address is suspended." not in texts(desk_of(busy.case.agent))


def test_a_key_that_is_not_this_databases_is_the_first_thing_an_administrator_reads(
    busy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customers.vault.known_keys.strangers", lambda using: ["The field key 1 is not at hand."])
    page = desk_of(busy.administrator)
    assert "The field key 1 is not at hand." in texts(page)
    assert "well" not in texts(page)


# --- what it costs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_the_desk_asks_as_often_for_much_as_for_little_and_shows_ten_at_most(role: str, busy: House) -> None:
    client = signed_in(busy.everybody[role])

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        return len(captured)

    count()
    few = count()
    for number in range(12):
        asked(busy.case, kind="question", over="phone")
        factories.person(f"new{number}", "")
        factories.team(f"Team {number}")
    assert count() == few
    page = client.get("/").context
    lists = {"support": ("mine", "holds", "queue"), "administration": ("roleless", "without_sign_in", "leaderless")}
    for desk, names in lists.items():
        for rows in (getattr(page[desk], name) for name in names if page[desk] is not None):
            assert rows is None or len(rows) <= 10
    assert CustomerRequest.objects.count() > 12
    assert Hold.objects.count() == 1
