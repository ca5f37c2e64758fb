"""Several at once: each approval and each package has one winner, and the others are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections

from customers.acts.refusals import Refused
from customers.models import Refusal, StaffMember
from customers.validation.calendar import today
from customers.validation.errors import InvalidInput
from disclosures.models import Approval, Commitment, Disclosure, PackageGone
from disclosures.recipients.documents import clean_document
from disclosures.recipients.legal_bases import commit
from disclosures.recipients.recipients import suspend_recipient
from disclosures.requests.decisions import approve
from disclosures.requests.download import fetch
from disclosures.requests.register import withdraw_request
from disclosures.requests.release import release
from tests import factories
from tests.concurrency import at_once
from tests.customers.evidence.logs import verify
from tests.disclosures.outside import Desk, a_desk, approved, committed, fresh, processor, proposed
from tests.sampling import rounds

ROUNDS = rounds(8, 200)


@pytest.fixture
def desk(own_database: str) -> Desk:
    """With threads, each on a connection of its own."""
    return a_desk()


def test_of_two_approvers_and_the_proposer_one_approver_wins_each_time(desk: Desk) -> None:
    other = factories.person("second", "Disclosure approver")
    factories.accounts.give_role(
        desk.officer, factories.Role.objects.get(name="Disclosure approver"), None, by=factories.system()
    )
    for number in range(ROUNDS):
        request = proposed(desk, ["name"], number=str(number))
        proposal = request.proposals.get()
        told = at_once(
            *(
                lambda by=by, request=request, proposal=proposal: approve(request, by=by, proposal=proposal)
                for by in (desk.approver, other, desk.officer)
            )
        )
        assert [each.partition(":")[0] for each in told] == ["InvalidInput", "Refused"]
    winners = set(Approval.objects.values_list("by__username", flat=True))
    assert Approval.objects.count() == ROUNDS
    assert winners <= {"binh", "second"}
    assert Refusal.objects.filter(why="own_proposal", by=desk.officer).count() == ROUNDS
    call_command("checkpoint")
    assert verify().exit == 0


def test_the_proposer_approves_under_no_name_and_in_no_role(desk: Desk) -> None:
    factories.accounts.give_role(
        desk.officer, factories.Role.objects.get(name="Disclosure approver"), None, by=factories.system()
    )
    request = proposed(desk)
    StaffMember.objects.filter(pk=desk.officer.pk).update(username="somebody-else", is_superuser=True)
    renamed = StaffMember.objects.get(pk=desk.officer.pk)
    with pytest.raises(Refused) as refused:
        approve(request, by=renamed, proposal=request.proposals.get())
    assert refused.value.why == "own_proposal"
    approve(request, by=desk.approver, proposal=request.proposals.get())
    assert fresh(request).approved_by == desk.approver


def test_of_twenty_who_fetch_one_package_one_gets_it(desk: Desk) -> None:
    request = approved(desk)
    release(request, by=desk.officer)
    got: list[bytes] = []
    told = at_once(*[lambda: got.append(fetch(request, by=desk.officer).content)] * 20)
    assert (len(got), len(told)) == (1, 19)
    assert {each.partition(":")[0] for each in told} == {"InvalidInput"}
    assert PackageGone.objects.get().how == "fetched"


def test_of_two_releases_one_leaves(desk: Desk) -> None:
    request = approved(desk)
    told = at_once(lambda: release(request, by=desk.officer), lambda: release(request, by=desk.colleague))
    assert [each.partition(":")[0] for each in told] == ["InvalidInput"]
    assert Disclosure.objects.count() == 1


def test_approved_or_withdrawn_never_both(desk: Desk) -> None:
    for number in range(rounds(3, 50)):
        request = proposed(desk, ["name"], number=str(number))
        proposal = request.proposals.get()
        at_once(
            lambda request=request, proposal=proposal: approve(request, by=desk.approver, proposal=proposal),
            lambda request=request: withdraw_request(request, by=desk.officer),
        )
        assert fresh(request).state == "closed"  # an approval may come first; the withdrawal comes all the same
        assert request.disclosures.count() == 0
        with pytest.raises(InvalidInput):
            approve(request, by=desk.approver, proposal=proposal)


def test_suspended_and_released_at_once_leaves_no_package_to_a_suspended_recipient(desk: Desk) -> None:
    request = approved(desk)
    at_once(lambda: release(request, by=desk.officer), lambda: suspend_recipient(desk.police, by=desk.colleague))
    with pytest.raises(Refused):
        fetch(request, by=desk.officer) if Disclosure.objects.exists() else release(request, by=desk.officer)
    connections.close_all()


def test_one_document_makes_one_commitment(desk: Desk) -> None:
    bank = processor(desk.officer)
    paper = clean_document(b"%PDF-1.4 commitment")
    days = {"signed_on": today(), "valid_until": today() + timedelta(days=365)}
    told = at_once(
        *[lambda: commit(bank, paper, by=desk.officer, fields=["name"], **days)] * 4  # type: ignore[arg-type]
    )
    assert [each.partition(":")[0] for each in told] == ["InvalidInput"] * 3
    assert Commitment.objects.count() == 1
    committed(bank, desk.officer)
