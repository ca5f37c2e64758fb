"""Budgets: counted from the records, by Vietnam's day, and widened once a day by a lead or officer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from customers.access.find import find
from customers.access.grants import break_glass, give_grant
from customers.access.reveal import reveal
from customers.access.verify import verify
from customers.acts.budgets import LIMITS, allow_more, left, out_of_budget, require_budget_left
from customers.acts.refusals import Refused
from customers.models import Budget, BudgetAllowance, Customer, Find, Refusal, Reveal, StaffMember
from customers.validation.calendar import day_began
from customers.validation.errors import InvalidInput
from customers.vault.kinds import Kind
from tests import factories
from tests.concurrency import at_once
from tests.conftest import Clock


@pytest.fixture
def linh(db: None, settings) -> StaffMember:
    """An agent with small budgets; a customer of each team's is there."""
    settings.FINDS_AN_HOUR = settings.VERIFICATIONS_AN_HOUR = settings.REVEALS_A_DAY = settings.BREAK_GLASS_A_DAY = 2
    settings.MORE_FOR_TODAY = 3
    factories.customer("BZ0000001")
    for number in range(5):
        factories.customer(f"DN000000{number}", team_name="Da Nang")
    factories.person("thao", "Support lead")
    return factories.person("linh", "Support agent")


def act(budget: str, by: StaffMember, number: int = 0) -> object:
    """One act that a budget counts."""
    own = Customer.objects.get(reference="BZ0000001")
    if budget == Budget.FIND:
        return find("BZ0000001", by=by)
    if budget == Budget.VERIFY:
        return verify(own, {Kind.PHONE: "0912345612"}, by=by)
    if budget == Budget.REVEAL:
        return reveal(own, "full_name", by=by, reason="call_back")
    other = Customer.objects.get(reference=f"DN000000{number}")
    with factories.recording(by=by):
        record = Find(sought=["reference"], own=[], elsewhere=[other.reference])
        record.save()
    return break_glass(record, other, by=by, reason="call_back")


@pytest.mark.one_engine("it asks no database")
def test_the_house_s_numbers_are_the_contract_s() -> None:
    assert {budget: (LIMITS[budget].number, LIMITS[budget].a_day) for budget in Budget.values} == {
        "find": (120, False),
        "verify": (30, False),
        "reveal": (40, True),
        "break_glass": (5, True),
    }


@pytest.mark.parametrize("budget", Budget.values)
def test_over_budget_is_refused_on_record_and_a_lead_allows_some_more_once_a_day(
    budget: str, linh: StaffMember
) -> None:
    lead = StaffMember.objects.get(username="thao")
    act(budget, linh, 0)
    act(budget, linh, 1)
    with pytest.raises(Refused, match=r"which is the limit.*can allow 3 more"):
        act(budget, linh, 2)
    refusal = Refusal.objects.get()
    assert (refusal.act, refusal.why, refusal.by) == (budget, "over_budget", linh)
    allow_more(linh, budget, by=lead)
    for number in (2, 3, 4):
        act(budget, linh, number)
    assert left(budget, linh) == 0
    if budget != Budget.BREAK_GLASS:
        with pytest.raises(Refused, match="which is the limit"):
            act(budget, linh)
    with pytest.raises(InvalidInput, match="already"):
        allow_more(linh, budget, by=lead)


def test_what_was_allowed_is_for_the_day_and_not_for_every_hour_of_it(linh: StaffMember, clock: Clock) -> None:
    noon = clock.now = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)  # twelve in Vietnam
    allow_more(linh, Budget.FIND, by=StaffMember.objects.get(username="thao"))
    seen = []
    for hour in range(3):
        clock.now = noon + timedelta(hours=hour, minutes=2 * hour, seconds=1)
        seen.append(left(Budget.FIND, linh))
        for step in range(seen[-1]):
            clock.now += timedelta(seconds=step + 1)
            act(Budget.FIND, linh)
    assert seen == [5, 2, 2]


def test_what_was_allowed_before_midnight_does_not_count_against_the_hour_after_it(
    linh: StaffMember, clock: Clock
) -> None:
    clock.now = datetime(2026, 3, 3, 16, 40, tzinfo=UTC)  # 23:40 in Vietnam
    allow_more(linh, Budget.FIND, by=StaffMember.objects.get(username="thao"))
    for _ in range(3):
        clock.now += timedelta(seconds=1)
        act(Budget.FIND, linh)
    assert left(Budget.FIND, linh) == 2
    clock.now = datetime(2026, 3, 3, 17, 0, 1, tzinfo=UTC)
    assert left(Budget.FIND, linh) == 2
    assert left(Budget.REVEAL, linh) == 2


def test_what_was_allowed_before_midnight_and_not_used_is_gone_after_it(linh: StaffMember, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 3, 16, 40, tzinfo=UTC)  # 23:40 in Vietnam
    for budget in (Budget.FIND, Budget.REVEAL):
        allow_more(linh, budget, by=StaffMember.objects.get(username="thao"))
    clock.now = datetime(2026, 3, 3, 16, 59, 59, tzinfo=UTC)
    assert (left(Budget.FIND, linh), left(Budget.REVEAL, linh)) == (5, 5)
    clock.now = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)  # the hour that runs began in yesterday
    assert (left(Budget.FIND, linh), left(Budget.REVEAL, linh)) == (2, 2)


def test_an_allowance_is_of_its_day_and_act_and_never_more_than_it_says(
    linh: StaffMember, clock: Clock, settings
) -> None:
    clock.now = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
    for _ in range(2):
        act(Budget.REVEAL, linh)
    settings.REVEALS_A_DAY = 1
    clock.now += timedelta(seconds=1)
    allow_more(linh, Budget.REVEAL, by=StaffMember.objects.get(username="thao"))
    assert (left(Budget.REVEAL, linh), left(Budget.VERIFY, linh)) == (3, 2)
    clock.now += timedelta(days=1)
    assert left(Budget.REVEAL, linh) == 1


def test_grants_that_a_lead_gives_are_no_broken_glass(linh: StaffMember) -> None:
    lead, customer = StaffMember.objects.get(username="thao"), Customer.objects.get(reference="BZ0000001")
    factories.grant(customer, linh)
    until = timezone.now() + timedelta(hours=1)
    give_grant(
        customer, factories.person("minh", "Support agent"), ["see_customers"], by=lead, reason="cover", ends_at=until
    )
    assert left(Budget.BREAK_GLASS, lead) == 2


def test_a_day_is_vietnam_s_and_an_hour_runs_along(linh: StaffMember, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 3, 16, 59, tzinfo=UTC)  # a minute to midnight in Vietnam
    for budget in (Budget.REVEAL, Budget.FIND):
        act(budget, linh)
    assert (left(Budget.REVEAL, linh), left(Budget.FIND, linh)) == (1, 1)
    clock.now = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
    assert day_began() == clock.now
    assert (left(Budget.REVEAL, linh), left(Budget.FIND, linh)) == (2, 1)
    act(Budget.REVEAL, linh)
    assert left(Budget.REVEAL, linh) == 1
    clock.now = datetime(2026, 3, 3, 17, 59, 1, tzinfo=UTC)
    assert left(Budget.FIND, linh) == 2


def test_out_of_budget_is_who_was_refused_since_vietnam_s_midnight(linh: StaffMember, clock: Clock, settings) -> None:
    settings.REVEALS_A_DAY = 0
    clock.now = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # the third begins in Vietnam
    with pytest.raises(Refused):
        act(Budget.REVEAL, linh)
    for at, seen in (
        (datetime(2026, 3, 3, 16, 59, 59, tzinfo=UTC), 1),
        (datetime(2026, 3, 3, 17, 0, tzinfo=UTC), 0),
    ):
        clock.now = at
        assert out_of_budget(Refusal.objects.all()).count() == seen
    clock.now = datetime(2026, 3, 3, 16, 59, 59, tzinfo=UTC)
    with pytest.raises(Refused):
        act(Budget.REVEAL, linh)
    clock.now = datetime(2026, 3, 3, 17, 0, 1, tzinfo=UTC)  # two seconds later it is the fourth
    assert out_of_budget(Refusal.objects.all()).count() == 0


def test_one_person_s_acts_are_not_another_s(linh: StaffMember) -> None:
    other = factories.person("ha", "Support agent")
    for _ in range(2):
        act(Budget.REVEAL, linh)
    assert (left(Budget.REVEAL, linh), left(Budget.REVEAL, other)) == (0, 2)


def test_who_decides_about_somebody_allows_and_nobody_else_does(linh: StaffMember) -> None:
    strangers = [
        factories.person("ha", "Support lead", "Da Nang"), factories.person("binh", "Disclosure approver"),
        factories.person("quang", "Administrator"), linh,
    ]  # fmt: skip
    for stranger in strangers:
        with pytest.raises(Refused, match="do not decide about this person"):
            allow_more(linh, Budget.REVEAL, by=stranger)
    assert [refusal.person for refusal in Refusal.objects.all()] == [linh] * 4
    assert BudgetAllowance.objects.count() == 0
    with pytest.raises(InvalidInput, match="no such budget"):
        allow_more(linh, "everything", by=StaffMember.objects.get(username="thao"))
    assert allow_more(linh, Budget.REVEAL, by=factories.person("an", "Compliance officer")).more == 3


def test_it_is_asked_inside_the_act_only(linh: StaffMember) -> None:
    require_budget_left(Budget.REVEAL, linh)  # something is left, so nothing is said
    act(Budget.REVEAL, linh)
    assert Reveal.objects.count() == 1


def test_of_eight_at_once_with_three_left_three_are_made(own_database: str, settings) -> None:
    settings.REVEALS_A_DAY = 3
    made, linh = factories.customer(), factories.person("linh", "Support agent")
    told = at_once(*[lambda: reveal(made, "full_name", by=linh, reason="call_back")] * 8)
    assert [sentence.partition(":")[0] for sentence in told] == ["Refused"] * 5
    assert Reveal.objects.count() == 3


def test_of_two_who_allow_more_at_once_one_does(own_database: str) -> None:
    factories.customer()
    linh, lead = factories.person("linh", "Support agent"), factories.person("thao", "Support lead")
    officer = factories.person("an", "Compliance officer")
    told = at_once(*[lambda by=by: allow_more(linh, Budget.REVEAL, by=by) for by in (lead, officer)])
    assert [sentence.partition(":")[0] for sentence in told] == ["InvalidInput"]
    assert BudgetAllowance.objects.count() == 1
