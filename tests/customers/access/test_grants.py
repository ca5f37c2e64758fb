"""Rights on one customer for a time: given, taken by breaking glass, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.access.find import find
from customers.access.grants import THROUGH_BROKEN_GLASS, break_glass, end_grant, give_grant
from customers.access.reveal import reveal
from customers.acts.refusals import Refused
from customers.models import AccessGrant, AccessGrantEnd, Customer, Refusal, StaffMember
from customers.permissions.customers import can_see, can_verify, kinds_revealable_by
from customers.validation.errors import InvalidInput
from customers.vault.errors import NotAccounted
from customers.vault.kinds import Kind
from tests import factories
from tests.concurrency import at_once
from tests.customers.evidence.logs import payloads
from tests.worlds import shared


def in_an_hour() -> Any:
    return timezone.now() + timedelta(hours=1)


@shared
def lead() -> StaffMember:
    """Hanoi's lead; a customer of Hanoi's and an agent of Da Nang's are there."""
    factories.customer("BZ0000001")
    factories.person("minh", "Support agent", "Da Nang")
    return factories.person("thao", "Support lead")


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def minh() -> StaffMember:
    return StaffMember.objects.get(username="minh")


def given(lead: StaffMember, **different: Any) -> AccessGrant:
    wanted = {"rights": ["reveal_service_access"], "reason": "specialist", "ends_at": in_an_hour(), **different}
    return give_grant(customer(), minh(), wanted.pop("rights"), by=lead, **wanted)


def test_a_grant_gives_what_it_says_and_the_sight_of_the_customer(lead: StaffMember) -> None:
    assert not can_see(minh(), customer())
    grant = given(lead, text="  Bà Hoa nhờ ", reason="other", ticket="#t-7")
    assert (grant.rights, grant.ticket) == (["see_customers", "reveal_service_access"], "T-7")
    assert (can_see(minh(), customer()), can_verify(minh(), customer())) == (True, False)
    assert kinds_revealable_by(minh(), customer()) == {Kind.SERVICE_ACCESS}
    entry = payloads()[-1]
    assert (entry["kind"], entry["by"], entry["customer"]) == ("access_grant", "thao", "BZ0000001")
    assert "Hoa" not in str(entry)
    assert set(entry["commits"]) == {"reason_text"}


@pytest.mark.parametrize(
    ("different", "sentence"),
    [
        ({"rights": []}, "at least one"),
        ({"rights": ["decide_access"]}, "at least one"),
        ({"reason": "curious"}, "Pick a reason"),
        ({"reason": "other", "text": " "}, "in words"),
        ({"ticket": "hoa@mail.example.com"}, "ticket number"),
        ({"ends_at": timezone.now() - timedelta(seconds=1)}, "ends after it starts"),
        ({"ends_at": timezone.now() + timedelta(days=92)}, "days at most"),
        (
            {"starts_at": timezone.now() + timedelta(days=2), "ends_at": timezone.now() + timedelta(days=1)},
            "after it st",
        ),
    ],
)
def test_what_makes_no_sense_is_told(different: dict[str, Any], sentence: str, lead: StaffMember) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        given(lead, **different)
    assert AccessGrant.objects.count() == 0


def test_a_grant_is_never_dated_back(lead: StaffMember) -> None:
    grant = given(lead, starts_at=timezone.now() - timedelta(days=400))
    assert timezone.now() - grant.starts_at < timedelta(minutes=1)


def test_a_lead_decides_for_the_own_team_only_and_nobody_for_himself(lead: StaffMember) -> None:
    other = factories.customer("BZ0000002", team_name="Da Nang")
    agent, far = factories.person("linh", "Support agent"), factories.person("ha", "Support lead", "Da Nang")
    for by, about, person, why in (
        (lead, other, minh(), "no_right"),
        (agent, customer(), minh(), "no_right"),
        (far, customer(), minh(), "no_right"),
        (lead, customer(), lead, "own_rights"),
    ):
        with pytest.raises(Refused):
            give_grant(about, person, ["see_customers"], by=by, reason="cover", ends_at=in_an_hour())
        assert (Refusal.objects.latest("pk").why, Refusal.objects.latest("pk").person) == (why, person)
    assert AccessGrant.objects.count() == 0
    officer = factories.person("an", "Compliance officer")
    assert give_grant(other, agent, ["see_customers"], by=officer, reason="cover", ends_at=in_an_hour())


@pytest.mark.parametrize("role", ["Administrator", "Auditor", "Disclosure approver", "Compliance officer", ""])
def test_grants_go_to_agents_and_leads_only(role: str, lead: StaffMember) -> None:
    with pytest.raises(InvalidInput, match="agents and leads"):
        give_grant(
            customer(),
            factories.person("other", role),
            ["see_customers"],
            by=lead,
            reason="cover",
            ends_at=in_an_hour(),
        )


def test_an_ended_grant_gives_nothing_and_cannot_be_ended_twice(lead: StaffMember) -> None:
    grant = given(lead)
    end_grant(grant, by=lead)
    assert not can_see(minh(), customer())
    grant = AccessGrant.objects.select_related("end").get(pk=grant.pk)
    assert (grant.state, grant.over_at <= timezone.now() < grant.ends_at) == ("ended", True)
    with pytest.raises(InvalidInput, match="over already"):
        end_grant(grant, by=lead)
    later = given(lead, starts_at=timezone.now() + timedelta(minutes=5))
    assert later.state == "to_come"
    end_grant(later, by=lead)
    assert not can_see(minh(), customer())


def test_who_holds_a_grant_does_not_end_it(lead: StaffMember) -> None:
    grant = given(lead)
    with pytest.raises(Refused):
        end_grant(grant, by=minh())
    assert can_see(minh(), customer())


def test_a_value_revealed_by_a_grant_closes_with_it(lead: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = given(lead, rights=["reveal_name"], ends_at=timezone.now() + timedelta(seconds=20))
    revealed = reveal(customer(), "full_name", by=minh(), reason="call_back")
    assert revealed.closes_at == grant.ends_at
    monkeypatch.setattr(timezone, "now", lambda: grant.ends_at)
    with pytest.raises(NotAccounted, match="is over"):
        customer().full_name.expose(revealed.record)


# --- breaking glass -------------------------------------------------------------------------------------------------


def broken(by: StaffMember, **different: Any) -> AccessGrant:
    record = different.pop("record", None) or find("hoa.nguyen@mail.example.com", by=by)
    return break_glass(record, customer(), by=by, **{"reason": "suspected_fraud", "ticket": "T-1", **different})


def test_breaking_glass_gives_an_hour_of_sight_verifying_e_mail_and_phone(lead: StaffMember) -> None:
    grant = broken(minh())
    assert (grant.how, grant.rights, grant.ends_at - grant.starts_at) == (
        "break_glass", THROUGH_BROKEN_GLASS, timedelta(minutes=60),
    )  # fmt: skip
    assert (can_see(minh(), customer()), can_verify(minh(), customer())) == (True, True)
    assert kinds_revealable_by(minh(), customer()) == {Kind.EMAIL, Kind.PHONE}
    assert (payloads()[-1]["columns"]["reason"], payloads()[-1]["by"]) == ("suspected_fraud", "minh")


def test_glass_is_broken_only_on_what_ones_own_fresh_search_found_elsewhere(
    lead: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, ha = minh(), factories.person("ha", "Support agent", "Da Nang")
    nothing, another = find("BZ0000009", by=agent), find("BZ0000001", by=ha)
    for record in (nothing, another):
        with pytest.raises(InvalidInput, match="Look for the customer again"):
            broken(agent, record=record)
    good = find("BZ0000001", by=agent)
    later = timezone.now() + timedelta(minutes=61)
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: later)
        with pytest.raises(InvalidInput, match="Look for the customer again"):
            broken(agent, record=good)
    assert broken(agent, record=good)
    with pytest.raises(InvalidInput, match="see this customer already"):
        broken(agent, record=good)


def test_glass_that_somebody_closed_needs_a_new_search(lead: StaffMember) -> None:
    record = find("BZ0000001", by=minh())
    end_grant(broken(minh(), record=record), by=lead)
    with pytest.raises(InvalidInput, match="Look for the customer again"):
        broken(minh(), record=record)
    assert broken(minh())


def test_what_was_closed_to_others_or_elsewhere_hinders_nobody(lead: StaffMember) -> None:
    other = factories.customer("BZ0000002")
    ha = factories.person("ha", "Support agent", "Da Nang")
    mine, theirs, second = (
        find(each, by=by) for each, by in (("BZ0000001", minh()), ("BZ0000001", ha), ("BZ0000002", minh()))
    )
    end_grant(broken(ha, record=theirs), by=lead)
    end_grant(break_glass(second, other, by=minh(), reason="call_back"), by=lead)
    assert broken(minh(), record=mine)


def test_of_two_grants_the_longer_counts_and_a_role_has_no_end(lead: StaffMember) -> None:
    soon, later = timezone.now() + timedelta(seconds=10), timezone.now() + timedelta(seconds=40)
    for ends_at in (later, soon):
        given(lead, rights=["reveal_name"], ends_at=ends_at)
    assert reveal(customer(), "full_name", by=minh(), reason="call_back").closes_at == later
    linh = factories.person("linh", "Support agent")
    factories.grant(customer(), linh, ["reveal_name"], ends_at=soon)
    assert reveal(customer(), "full_name", by=linh, reason="call_back").closes_at > later


def test_a_customer_that_was_moved_meanwhile_is_asked_for_anew(lead: StaffMember) -> None:
    linh, stale = factories.person("linh", "Support agent"), customer()
    factories.move_to_team(customer(), "Da Nang")
    with pytest.raises(Refused):
        reveal(stale, "full_name", by=linh, reason="call_back")
    assert (Refusal.objects.get().datum, Refusal.objects.get().why) == ("name", "no_right")


@pytest.mark.parametrize("role", ["Compliance officer", "Disclosure approver", "Administrator", "Auditor"])
def test_only_agents_and_leads_break_glass(role: str, lead: StaffMember) -> None:
    person, record = factories.person("other", role), find("BZ0000001", by=minh())
    with pytest.raises(Refused, match="does not break glass"):
        broken(person, record=record)
    assert Refusal.objects.get().customer == customer()


@pytest.mark.parametrize(("different", "sentence"), [({"reason": ""}, "Pick"), ({"reason": "other"}, "in words")])
def test_glass_is_not_broken_without_a_reason(different: dict[str, str], sentence: str, lead: StaffMember) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        broken(minh(), **different)
    assert AccessGrant.objects.count() == 0


def test_of_four_who_end_one_grant_one_does_and_of_four_breakings_one_is_made(own_database: str) -> None:
    made, lead = factories.customer("BZ0000001"), factories.person("thao", "Support lead")
    agent = factories.person("minh", "Support agent", "Da Nang")
    record = find("BZ0000001", by=agent)
    told = at_once(*[lambda: break_glass(record, made, by=agent, reason="call_back")] * 4)
    assert [sentence.partition(":")[0] for sentence in told] == ["InvalidInput"] * 3
    grant = AccessGrant.objects.get()
    told = at_once(*[lambda: end_grant(grant, by=lead)] * 4)
    assert [sentence.partition(":")[0] for sentence in told] == ["InvalidInput"] * 3
    assert AccessGrantEnd.objects.count() == 1
