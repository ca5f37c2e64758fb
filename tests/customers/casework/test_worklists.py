"""What of the daily work stands on the officers' list, and what waits for whoever sits down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from customers.casework.corrections import correct
from customers.casework.requests import hand_over
from customers.casework.worklists import waiting_for, work_watch
from tests import factories
from tests.conftest import Clock
from tests.reading import signed_in, texts
from tests.scenario import Desk, asked, desk, reached, suspended, wanted, why
from tests.worlds import shared

pytestmark = pytest.mark.django_db


@shared
def case() -> Desk:
    """A customer of Hanoi's, and who works there."""
    return desk()


def test_a_suspension_is_on_the_list_once_it_is_older_than_its_deadline(case: Desk, clock: Clock) -> None:
    hold = suspended(case.email, case.agent)
    clock.now += timedelta(hours=72)
    assert work_watch(case.officer).aged == []
    clock.now += timedelta(seconds=1)
    assert [each.hold for each in work_watch(case.officer).aged] == [hold]
    assert [each.hold for each in work_watch(case.lead).aged] == [hold]
    reached(hold, "confirmed", by=case.colleague)
    assert work_watch(case.officer).aged == []


def test_a_confirmed_fraud_stays_for_a_month_and_a_released_address_does_not(case: Desk, clock: Clock) -> None:
    hold = suspended(case.email, case.agent)
    reached(hold, "denied", by=case.colleague)
    assert work_watch(case.officer).frauds == [hold]
    clock.now += timedelta(days=31)
    assert work_watch(case.officer).frauds == []


def test_what_is_handed_over_is_the_officers_and_nobody_else_s(case: Desk) -> None:
    request = asked(case, kind="deletion", over="phone")
    assert work_watch(case.officer).handed_over == []
    hand_over(request, by=case.agent, words="cần quyết định")
    assert work_watch(case.officer).handed_over == [request]
    assert work_watch(case.lead).handed_over == []


def test_a_correction_of_an_ended_customer_waits_for_an_officer(case: Desk) -> None:
    ended = factories.customer("BZ0000002", email="nam@post.example.com", phone="+84912345699", status="ended")
    request = asked(Desk(ended, case.agent, case.colleague, case.lead, case.officer), "name", over="phone")
    made = correct(ended, "name", "Trần Thị Mai", by=case.agent, why=why(request))
    assert (made.state, work_watch(case.officer).for_officer) == ("with_officer", [made])


def test_another_team_s_lead_and_an_auditor_have_none_of_it(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    reached(hold, "denied", by=case.colleague)
    far, auditor = factories.person("far", "Support lead", "Da Nang"), factories.person("yen", "Auditor")
    assert work_watch(case.officer).frauds == [hold]
    assert (work_watch(far).frauds, work_watch(auditor).frauds) == ([], [])


def test_each_is_told_how_much_waits(case: Desk, clock: Clock) -> None:
    wanted(case)
    asked(case, kind="question", over="phone", received_at=timezone.now() - timedelta(days=30))
    suspended(case.phone, case.agent)
    mine, lead = waiting_for(case.agent), waiting_for(case.lead)
    assert mine is not None
    assert lead is not None
    assert (mine.mine, mine.overdue, mine.parked, mine.suspended, mine.for_my_word) == (2, 1, 1, 1, 0)
    assert (lead.mine, lead.for_my_word, lead.suspended) == (0, 1, 1)
    assert waiting_for(factories.person("quang", "Administrator")) is None


def test_the_list_stands_on_the_officers_page(case: Desk) -> None:
    hold = suspended(case.email, case.agent)
    reached(hold, "denied", by=case.colleague)
    shown = texts(signed_in(case.officer).get(reverse("admin:customers_accessgrant_watch")))
    assert "Fraud confirmed" in shown
