"""Ways around the second person, around what was asked, and around a leave that has ended; each leads nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyrage
import pytest
from django.db import connection

from customers.acts.refusals import Refused
from customers.models import Customer, Refusal, Role, StaffMember
from customers.staff.accounts import give_role
from customers.validation.errors import InvalidInput
from disclosures.models import Approval, Disclosure, Package, PackageGone, PackageMade, Packing, Recipient
from disclosures.recipients.legal_bases import stop_commitment, withdraw_permission
from disclosures.recipients.recipients import change_recipient, resume_recipient, suspend_recipient
from disclosures.requests import emergencies
from disclosures.requests.decisions import approve
from disclosures.requests.download import fetch
from disclosures.requests.emergencies import release_at_once
from disclosures.requests.register import match
from disclosures.requests.release import make_again, release
from disclosures.requests.values import held
from tests import factories
from tests.customers.evidence.logs import as_owner, execute
from tests.disclosures.outside import (
    CALLED,
    Desk,
    approved,
    as_json,
    asked,
    committed,
    desk,
    details,
    fresh,
    meanwhile,
    processor,
    proposed,
    unpacked,
)
from tests.disclosures.recipients.test_legal_bases import of_permission, of_processor

__all__ = ["desk"]


# --- emergencies ------------------------------------------------------------------------------------------------------


def test_what_left_in_an_emergency_does_not_grow_when_it_is_made_again(desk: Desk) -> None:
    request = asked(desk, urgency="emergency")
    release_at_once(request, {(desk.reference, "name")}, by=desk.officer, checks=CALLED)
    with pytest.raises(InvalidInput):
        release_at_once(request, {(desk.reference, field) for field in ("name", "email", "phone")}, by=desk.officer)
    assert (Packing.objects.count(), fresh(request).proposals.count()) == (1, 1)
    make_again(request, by=desk.officer)
    (given,) = as_json(fetch(request, by=desk.officer).content)["customers"]
    assert sorted(given["fields"]) == Disclosure.objects.get().fields == ["name"]


def test_an_emergency_takes_no_approval_of_another_scope_away(desk: Desk) -> None:
    request = approved(desk, ["name"], urgency="emergency")
    with pytest.raises(InvalidInput):
        release_at_once(request, {(desk.reference, "email")}, by=desk.colleague)
    assert Packing.objects.count() == 0
    release(request, by=desk.officer)
    assert Disclosure.objects.get().approved_by == desk.approver


def test_who_is_meant_anew_while_it_is_packed_stops_an_emergency(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    other = factories.customer("BZ0000002", email="other@mail.example.com", phone="+84912345699")
    request = asked(desk, urgency="emergency")
    pack = emergencies.sealed_for

    def meanwhile(opened: Any) -> Any:
        match(request, other.reference, by=desk.colleague)
        return pack(opened)

    monkeypatch.setattr(emergencies, "sealed_for", meanwhile)
    with pytest.raises(Refused) as refused:
        release_at_once(request, {(desk.reference, "name")}, by=desk.officer, checks=CALLED)
    assert refused.value.why == "not_asked"
    assert (Disclosure.objects.count(), Package.objects.count(), fresh(request).state) == (0, 0, "review")
    monkeypatch.undo()
    release_at_once(request, {(other.reference, "name")}, by=desk.officer)
    assert Disclosure.objects.get().customer == other


# --- a second person ------------------------------------------------------------------------------------------------


def test_who_may_approve_does_not_approve_their_own_whoever_the_request_says_proposed_it(desk: Desk) -> None:
    give_role(desk.officer, Role.objects.get(name="Disclosure approver"), None, by=factories.system())
    theirs, colleagues = proposed(desk), proposed(replace(desk, officer=desk.colleague))
    for request, said in ((theirs, desk.officer), (theirs, desk.colleague), (colleagues, desk.officer)):
        execute("UPDATE disclosures_disclosurerequest SET proposed_by_id = %s WHERE id = %s", [said.pk, request.pk])
        with pytest.raises(Refused) as refused:
            approve(fresh(request), by=desk.officer, proposal=request.proposals.get())
        on_record = Refusal.objects.latest("pk")
        assert (refused.value.why, on_record.act, on_record.why, on_record.by) == (
            "own_proposal", "approve_disclosure", "own_proposal", desk.officer,
        )  # fmt: skip
        assert (fresh(request).state, Approval.objects.count()) == ("proposed", 0)
    assert Refusal.objects.count() == 3
    approve(fresh(theirs), by=desk.approver, proposal=theirs.proposals.get())


def test_an_approval_by_its_own_proposer_releases_nothing_even_where_the_database_let_it_in(desk: Desk) -> None:
    request = approved(desk)
    named_by(desk.officer)
    with pytest.raises(Refused) as refused:
        release(request, by=desk.colleague)
    on_record = Refusal.objects.latest("pk")
    assert (refused.value.why, on_record.act, on_record.why) == ("second_person", "release", "second_person")
    assert (Packing.objects.count(), Disclosure.objects.count(), Package.objects.count()) == (0, 0, 0)
    named_by(desk.approver)
    release(request, by=desk.colleague)


def named_by(person: StaffMember) -> None:
    """The database's owner lets the approval say that this person gave it; no constraint is there to refuse."""
    if connection.vendor == "postgresql":
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        execute("ALTER TABLE disclosures_approval DROP CONSTRAINT IF EXISTS nobody_approves_their_own")
        _name(person)
        return
    execute("PRAGMA ignore_check_constraints = ON")
    try:
        _name(person)
    finally:
        execute("PRAGMA ignore_check_constraints = OFF")


def _name(person: StaffMember) -> None:
    with as_owner("disclosures_approval"):
        assert execute("UPDATE disclosures_approval SET by_id = %s", [person.pk]) == 1


# --- packages that wait -----------------------------------------------------------------------------------------------


def test_a_package_that_waits_does_not_leave_once_the_customer_takes_the_permission_back(desk: Desk) -> None:
    kept = of_permission(desk)
    release(kept, by=desk.officer)
    assert fetch(kept, by=desk.officer).content
    taken_back = of_permission(desk)
    release(taken_back, by=desk.officer)
    assert taken_back.permission is not None
    withdraw_permission(taken_back.permission, by=desk.agent)
    with pytest.raises(Refused) as refused:
        fetch(taken_back, by=desk.officer)
    assert refused.value.why == "no_permission"
    assert not PackageGone.objects.filter(request=taken_back).exists()


def test_a_package_that_waits_does_not_leave_on_a_commitment_that_was_suspended(desk: Desk) -> None:
    bank = processor(desk.officer)
    commitment = committed(bank, desk.officer)
    request = of_processor(desk, bank)
    release(request, by=desk.officer)
    stop_commitment(commitment, by=desk.colleague)
    with pytest.raises(Refused) as refused:
        fetch(request, by=desk.officer)
    assert refused.value.why == "no_commitment"
    committed(bank, desk.officer)
    assert fetch(request, by=desk.officer).content


def test_a_package_sealed_to_a_key_that_was_replaced_does_not_leave(desk: Desk) -> None:
    request = approved(desk)
    release(request, by=desk.officer)
    newer = pyrage.x25519.Identity.generate()
    change_recipient(desk.police, details(age_key=str(newer.to_public())), by=desk.colleague)
    with pytest.raises(InvalidInput):
        fetch(request, by=desk.officer)
    make_again(request, by=desk.officer)
    assert unpacked(fetch(request, by=desk.officer).content, newer)


# --- while it is packed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [release, make_again])
def test_nothing_is_opened_or_kept_for_a_recipient_that_is_suspended(
    step: Callable[..., Package], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = approved(desk)
    if step is make_again:
        release(request, by=desk.officer)

    def made() -> tuple[int, ...]:
        return (Packing.objects.count(), Disclosure.objects.count(), PackageMade.objects.count())

    def refused() -> bool:
        with pytest.raises(Refused) as told:
            step(request, by=desk.officer)
        return (told.value.why, Refusal.objects.latest("pk").why) == ("recipient_suspended",) * 2

    opened, disclosed, packages = made()
    suspend_recipient(desk.police, by=desk.colleague)
    assert refused()
    assert made() == (opened, disclosed, packages)  # before anything is opened
    resume_recipient(Recipient.objects.get(pk=desk.police.pk), by=desk.colleague)
    meanwhile(monkeypatch, lambda: suspend_recipient(Recipient.objects.get(pk=desk.police.pk), by=desk.colleague))
    assert refused()
    assert made() == (opened + 1, disclosed, packages)  # after it was opened, and before it is kept
    monkeypatch.undo()
    resume_recipient(Recipient.objects.get(pk=desk.police.pk), by=desk.colleague)
    step(request, by=desk.officer)
    assert made() == (opened + 2, 1, packages + 1)


# --- what is given ----------------------------------------------------------------------------------------------------


def test_the_day_of_registration_is_vietnams(desk: Desk) -> None:
    for at, day in (
        (datetime(2025, 12, 31, 17, tzinfo=UTC), "2026-01-01"),
        (datetime(2025, 12, 31, 16, 59, tzinfo=UTC), "2025-12-31"),
    ):
        customer = Customer(registered_at=at)
        assert [value.value for value in held(customer, "registered")] == [day]
