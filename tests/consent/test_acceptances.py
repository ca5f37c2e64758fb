"""Who accepted which version of the policy how, and who is to be asked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from consent.models import PolicyAcceptance, PolicyVersion
from consent.policies.versions import (
    accept,
    accepted_by_use_only,
    customer_has_accepted,
    must_accept_again,
    still_to_accept,
    to_accept,
)
from customers.acts.refusals import Refused
from customers.models import Customer, Leaf, Refusal, StaffMember
from customers.validation.errors import InvalidInput
from tests import factories
from tests.concurrency import at_once
from tests.conftest import Clock
from tests.consent.policy_desk import DOCS, in_effect, see, version
from tests.customers.evidence.logs import newest
from tests.worlds import shared

A_MINUTE = timedelta(minutes=1)


@shared
def an() -> StaffMember:
    """An officer; there is a customer BZ0000001 and an agent of its team, linh."""
    factories.customer("BZ0000001")
    factories.person("linh", "Support agent")
    return factories.person("an", "Compliance officer")


def hoa() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def linh() -> StaffMember:
    return StaffMember.objects.get(username="linh")


def use(customer: Customer, **said: Any) -> PolicyAcceptance:
    """The customer accepted by going on to use a service."""
    return accept(customer, by=linh(), **{"how": "use", **said})


def references(found: QuerySet[Customer]) -> list[str]:
    return sorted(found.values_list("reference", flat=True))


# --- on record -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "evidence"), [("registration", ""), ("use", ""), ("express", "t-7"), ("use", "T-7")])
def test_an_acceptance_says_which_version_how_and_when(how: str, evidence: str, an: StaffMember, clock: Clock) -> None:
    row = in_effect(an)
    made = accept(hoa(), by=linh(), how=how, evidence=evidence)
    said = (made.version, made.how, made.evidence, made.accepted_at, made.by, PolicyAcceptance.objects.latest("pk"))
    assert said == (row, how, evidence.upper(), clock.now, linh(), made)
    entry = newest()
    assert (entry["kind"], entry["customer"], entry["by"]) == ("policy_acceptance", "BZ0000001", "linh")
    assert (entry["columns"]["version"], entry["columns"]["how"]) == (row.label, how)


UNUSABLE: dict[str, dict[str, Any]] = {
    "an express one without a ticket": {"how": "express"},
    "a way that there is not": {"how": "silence"},
    "no way": {"how": ""},
    "a ticket that is none": {"evidence": "hoa@mail.example.com"},
    "a time to come": {"accepted_at": timezone.now() + timedelta(days=1)},
}


@pytest.mark.parametrize("different", UNUSABLE.values(), ids=UNUSABLE)
def test_an_acceptance_that_makes_no_sense_is_not_kept(different: dict[str, Any], an: StaffMember) -> None:
    in_effect(an)
    log = Leaf.objects.count()
    with pytest.raises(InvalidInput):
        use(hoa(), **different)
    assert (PolicyAcceptance.objects.count(), Leaf.objects.count()) == (0, log)
    use(hoa(), how="express", evidence="T-7")
    assert PolicyAcceptance.objects.count() == 1


def test_before_any_version_is_in_effect_there_is_nothing_to_accept(an: StaffMember, clock: Clock) -> None:
    row = version(an)
    see(row, an)
    for said in ({}, {"version": row}):
        with pytest.raises(InvalidInput, match="in effect then"):
            use(hoa(), **said)
    assert (must_accept_again(hoa()), to_accept(), references(still_to_accept())) == (False, None, [])
    clock.now += A_MINUTE
    see(row, an, DOCS)
    assert use(hoa(), version=row).version == row


def test_a_version_is_accepted_only_for_a_time_at_which_it_was_in_effect(an: StaffMember, clock: Clock) -> None:
    first, begun = in_effect(an), clock.now
    clock.now += 2 * A_MINUTE
    second = in_effect(an)
    clock.now += A_MINUTE
    wrong: list[tuple[PolicyVersion | None, Any]] = [
        (first, clock.now), (first, begun + 2 * A_MINUTE), (first, begun - A_MINUTE), (second, begun + A_MINUTE),
        (None, begun - A_MINUTE),
    ]  # fmt: skip
    for row, at in wrong:
        with pytest.raises(InvalidInput, match="in effect then"):
            use(hoa(), version=row, accepted_at=at)
    assert PolicyAcceptance.objects.count() == 0
    assert use(hoa(), accepted_at=begun + A_MINUTE).version == first
    assert use(hoa(), version=second, accepted_at=begun + 2 * A_MINUTE).version == second


def test_the_same_acceptance_is_on_record_once(an: StaffMember) -> None:
    in_effect(an)
    use(hoa())
    with pytest.raises(InvalidInput, match="on record already"):
        use(hoa())
    assert PolicyAcceptance.objects.count() == 1
    use(hoa(), how="express", evidence="T-7")
    assert PolicyAcceptance.objects.count() == 2


def test_of_the_same_acceptance_twice_at_once_one_is_on_record(own_database: str) -> None:
    officer, customer = factories.person("an", "Compliance officer"), factories.customer("BZ0000001")
    agents = [factories.person(name, "Support agent") for name in ("linh", "ha")]
    in_effect(officer)
    told = at_once(*(lambda by=by: accept(customer, by=by, how="use") for by in agents))
    assert (told, PolicyAcceptance.objects.count()) == (["InvalidInput: This is on record already."], 1)


@pytest.mark.parametrize(
    ("role", "team", "may"),
    [
        ("Support agent", "Hanoi", True), ("Support lead", "Hanoi", True), ("Compliance officer", "Hanoi", True),
        ("Support agent", "Da Nang", False), ("Support lead", "Da Nang", False),
        ("Disclosure approver", "Hanoi", False), ("Administrator", "Hanoi", False), ("Auditor", "Hanoi", False),
        ("", "Hanoi", False),
    ],
)  # fmt: skip
def test_who_records_what_a_customer_says_records_acceptances(role: str, team: str, may: bool, an: StaffMember) -> None:
    in_effect(an)
    person, log = factories.person("ba", role, team), Leaf.objects.count()
    if may:
        assert accept(hoa(), by=person, how="use").by == person
    else:
        with pytest.raises(Refused):
            accept(hoa(), by=person, how="use")
        last = Refusal.objects.latest("pk")
        assert (last.act, last.why, last.by, last.customer) == ("accept_policy", "no_right", person, hoa())
    assert (PolicyAcceptance.objects.count(), Leaf.objects.count()) == (int(may), log + 1)


# --- asked again ---------------------------------------------------------------------------------------------------


def test_a_material_change_asks_again_and_a_small_one_does_not(an: StaffMember, clock: Clock) -> None:
    first = in_effect(an)
    assert (to_accept(), must_accept_again(hoa())) == (first, True)
    use(hoa())
    assert must_accept_again(hoa()) is False
    clock.now += A_MINUTE
    small = in_effect(an, is_material=False)
    assert (to_accept(), must_accept_again(hoa()), customer_has_accepted(hoa(), small)) == (first, False, False)
    clock.now += A_MINUTE
    waiting = version(an)
    see(waiting, an)
    assert must_accept_again(hoa()) is False
    clock.now += A_MINUTE
    see(waiting, an, DOCS)
    assert (to_accept(), must_accept_again(hoa())) == (waiting, True)
    use(hoa())
    assert must_accept_again(hoa()) is False


def test_whoever_accepted_a_small_change_after_it_has_accepted_the_material_one(an: StaffMember, clock: Clock) -> None:
    in_effect(an)
    clock.now += A_MINUTE
    small = in_effect(an, is_material=False)
    assert (use(hoa()).version, must_accept_again(hoa())) == (small, False)


def test_what_is_to_be_accepted_is_told_for_any_time(an: StaffMember, clock: Clock) -> None:
    first, begun = in_effect(an), clock.now
    clock.now += A_MINUTE
    second = in_effect(an)
    assert [to_accept(at) for at in (begun - A_MINUTE, begun, clock.now, None)] == [None, first, second, second]


# --- counted -------------------------------------------------------------------------------------------------------


LIVES: dict[str, tuple[Callable[[Customer], Any], bool, bool]] = {
    "nothing": (lambda customer: None, False, True),
    "by use": (use, True, False),
    "by registration": (lambda customer: use(customer, how="registration"), False, False),
    "expressly": (lambda customer: use(customer, how="express", evidence="T-1"), False, False),
    "by use, then expressly": (
        lambda customer: (use(customer), use(customer, how="express", evidence="T-1")), False, False,
    ),
    "expressly, then by use": (
        lambda customer: (use(customer, how="express", evidence="T-1"), use(customer)), False, False,
    ),
}  # fmt: skip
"""What a customer accepted; whether that is by use alone; whether it is still to be accepted."""


@pytest.mark.parametrize("status", ["connected", "suspended", "ended"])
@pytest.mark.parametrize("life", LIVES)
def test_connected_customers_are_counted_by_what_they_accepted(life: str, status: str, an: StaffMember) -> None:
    accepts, by_use, to_ask = LIVES[life]
    in_effect(an)
    use(hoa(), how="registration")
    other = factories.customer("BZ0000002", status=status)
    accepts(other)
    connected = status == "connected"
    assert references(accepted_by_use_only()) == (["BZ0000002"] if by_use and connected else [])
    assert references(still_to_accept()) == (["BZ0000002"] if to_ask and connected else [])


def test_an_acceptance_of_an_earlier_material_version_counts_no_more(an: StaffMember, clock: Clock) -> None:
    in_effect(an)
    use(hoa(), how="express", evidence="T-1")
    clock.now += A_MINUTE
    in_effect(an)
    assert (references(still_to_accept()), references(accepted_by_use_only())) == (["BZ0000001"], [])
    use(hoa())
    assert (references(still_to_accept()), references(accepted_by_use_only())) == ([], ["BZ0000001"])


def test_a_material_change_that_was_overtaken_is_asked_for_with_what_took_its_place(
    an: StaffMember, clock: Clock
) -> None:
    first = in_effect(an)
    use(hoa(), how="registration")
    clock.now += A_MINUTE
    assert (to_accept(), must_accept_again(hoa())) == (first, False)
    material = version(an)  # no site shows it
    clock.now += A_MINUTE
    in_effect(an, is_material=False)
    assert (to_accept(), must_accept_again(hoa())) == (material, True)
    use(hoa(), how="express", evidence="T-1")
    assert not must_accept_again(hoa())
