"""Two who meet over a request from outside, a recipient or a package: one is done, the other waits and is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from pytest_django import DjangoDbBlocker

from customers.casework.addresses import retire
from customers.casework.corrections import correct
from customers.models import ContactPoint, Correction, StaffMember
from customers.validation.calendar import today
from disclosures.accounting.notifications import tell_customer, tell_recipients
from disclosures.models import (
    Commitment,
    CommitmentStop,
    CustomerPermission,
    DisclosureRequest,
    DisclosureSubject,
    FreezeLift,
    Package,
    PackageGone,
    PackageMade,
    Proposal,
    Recipient,
    RecipientDetails,
    RecipientTold,
    TamperCheck,
)
from disclosures.recipients.documents import clean_document
from disclosures.recipients.legal_bases import commit, stop_commitment, withdraw_permission
from disclosures.recipients.recipients import change_recipient, suspend_recipient
from disclosures.requests.decisions import approve, propose
from disclosures.requests.download import delete_packages, fetch
from disclosures.requests.register import match, register
from disclosures.requests.release import release
from disclosures.tamper_check import tamper_check
from disclosures.tamper_check.tamper_check import check_for_tampering, lift_freeze
from tests import factories
from tests.concurrency import assert_told, assert_waited, committed_copy, meet
from tests.conftest import Clock
from tests.customers.evidence.logs import newest
from tests.disclosures.looking_back import own_anchors
from tests.disclosures.outside import (
    CALLED,
    Desk,
    a_desk,
    approved,
    asked,
    authority,
    committed,
    details,
    document,
    fresh,
    letter,
    permitted,
    processor,
    proposed,
)
from tests.scenario import point_of, why

__all__ = ["own_anchors"]
_each = count(1)
LATER = "InvalidInput: Nothing was done: meanwhile this is"


@pytest.fixture(scope="module")
def house(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """Who works on disclosures, for the meetings below but for those over a month."""
    with django_db_blocker.unblock(), committed_copy(tmp_path_factory.mktemp("locks")):
        desk = a_desk()
        for name in ("dung", "kiem"):
            factories.person(name, {"dung": "Compliance officer", "kiem": "Auditor"}[name])
        factories.person("duc", "Disclosure approver")
        yield desk


@pytest.fixture
def desk(house: Desk) -> Desk:
    """The same people, with a customer and an authority that no other test knows."""
    number = next(_each)
    email, phone = f"ba{number}@mail.example.com", f"+8491233{number:04d}"
    customer = factories.customer(f"DL{number:07d}", email=email, phone=phone)
    return replace(house, customer=customer, police=authority(house.officer))


def who(name: str) -> StaffMember:
    """One of the people."""
    return StaffMember.objects.get(username=name)


def meant(desk: Desk) -> dict[str, str]:
    """What a letter says about whom it means."""
    return {"identifiers": desk.customer.reference}


def proposal_of(desk: Desk) -> tuple[DisclosureRequest, Proposal]:
    """A request whose proposal waits for a second person."""
    request = proposed(desk, ["name"], **meant(desk))
    return request, request.proposals.get()


def left(desk: Desk) -> DisclosureRequest:
    """A request whose package is made and waits to be fetched."""
    request = approved(desk, ["name"], **meant(desk))
    release(request, by=desk.officer)
    return fresh(request)


# --- requests and recipients ------------------------------------------------------------------------------------------


def test_of_two_approvers_of_one_proposal_one_approves(desk: Desk) -> None:
    request, proposal = proposal_of(desk)
    one, other = (partial(approve, request, by=by, proposal=proposal) for by in (desk.approver, who("duc")))
    meeting = meet(one, other, behind="approve", table=Proposal)
    assert_waited(meeting, "acting_on_request")
    assert_told(meeting, LATER)


def test_who_is_meant_is_not_changed_while_it_is_proposed(desk: Desk) -> None:
    request = asked(desk, **meant(desk))
    given = {(desk.reference, "name")}
    meeting = meet(
        partial(propose, request, given, by=desk.officer, checks=CALLED),
        partial(match, request, "BZ0000001", by=desk.colleague),
        behind="require_ready",
        table=DisclosureSubject,
    )
    assert_waited(meeting, "acting_on_request")
    assert_told(meeting, "InvalidInput: Who is meant is fixed once it is proposed")


def test_a_recipient_that_is_suspended_just_now_is_suspended_after_the_approval(desk: Desk) -> None:
    request, proposal = proposal_of(desk)
    meeting = meet(
        partial(approve, request, by=desk.approver, proposal=proposal),
        partial(suspend_recipient, desk.police, by=desk.colleague),
        behind="approve",
        table=Proposal,
    )
    assert_waited(meeting, "transition")
    assert_told(meeting, "")
    assert newest()["kind"] == "recipient_move"


def test_a_request_is_put_on_file_before_its_recipient_is_suspended(desk: Desk) -> None:
    meeting = meet(
        partial(register, desk.police, letter(**meant(desk)), by=desk.officer, document=document()),
        partial(suspend_recipient, desk.police, by=desk.colleague),
        behind="_put",
        table=DisclosureRequest,
    )
    assert_waited(meeting, "transition")
    assert_told(meeting, "")
    assert newest()["kind"] == "recipient_move"


def test_of_two_who_change_a_recipient_the_later_word_is_what_holds(desk: Desk) -> None:
    one = partial(change_recipient, desk.police, details(name="Một"), by=desk.officer)
    other = partial(change_recipient, desk.police, details(name="Hai"), by=desk.colleague)
    meeting = meet(one, other, behind="_put", table=RecipientDetails)
    assert_waited(meeting, "change_recipient")
    assert_told(meeting, "")
    current = Recipient.objects.get(pk=desk.police.pk).current
    assert (current, current and current.name) == (RecipientDetails.objects.latest("pk"), "Hai")


def test_of_two_who_put_one_commitment_on_file_one_does(desk: Desk) -> None:
    bank = processor(desk.officer)
    paper = clean_document(f"%PDF-1.4 commitment {next(_each)}".encode())
    days = {"signed_on": today(), "valid_until": today() + timedelta(days=100)}
    one, other = (partial(commit, bank, paper, by=by, fields=["name"], **days) for by in (desk.officer, desk.colleague))
    meeting = meet(one, other, behind="commit", table=Commitment)
    assert_waited(meeting, "commit")
    assert_told(meeting, "InvalidInput: This document is on file already")


def test_of_two_who_suspend_one_commitment_one_does(desk: Desk) -> None:
    held = committed(processor(desk.officer), desk.officer)
    one, other = (partial(stop_commitment, held, by=by) for by in (desk.officer, desk.colleague))
    meeting = meet(one, other, behind="stop_commitment", table=CommitmentStop)
    assert_waited(meeting, "stop_commitment")
    assert_told(meeting, "InvalidInput: It is suspended already.")


def test_a_permission_is_taken_back_after_what_rests_on_it(desk: Desk) -> None:
    permission = permitted(desk.customer, desk.officer)
    asks = letter(asked=["name"], **meant(desk))
    meeting = meet(
        partial(register, permission.recipient, asks, by=desk.officer, permission=permission),
        partial(withdraw_permission, permission, by=desk.agent),
        behind="require_customer_permission",
        table=CustomerPermission,
    )
    assert_waited(meeting, "acting_on_customer")
    assert_told(meeting, "")
    assert newest()["kind"] == "permission_withdrawal"


# --- telling ----------------------------------------------------------------------------------------------------------


def test_a_customer_who_is_told_is_told_before_the_address_is_retired(desk: Desk) -> None:
    entry = left(desk).disclosures.get()
    meeting = meet(
        partial(tell_customer, entry, by=desk.officer),
        partial(retire, point_of(desk.customer, "email"), by=desk.agent),
        behind="written_to",
        table=ContactPoint,
    )
    assert_waited(meeting, "acting_on_customer")
    assert_told(meeting, "")
    assert entry.request.customers_told.get().notice is not None


def test_of_two_who_tell_recipients_of_a_correction_one_does(desk: Desk) -> None:
    left(desk)
    correction: Correction = correct(desk.customer, "name", "Nguyễn Thị Hoà", by=desk.agent, why=why())
    assert correction.customer == desk.customer  # read before they meet
    one, other = (partial(tell_recipients, correction, by=by) for by in (desk.officer, desk.colleague))
    meeting = meet(one, other, behind="outdated", table=RecipientTold)
    assert_waited(meeting, "tell_recipients")
    assert_told(meeting, "InvalidInput: Everybody who got the old value has been told.")


# --- packages ---------------------------------------------------------------------------------------------------------


def test_a_package_that_is_fetched_in_its_last_second_is_not_timed_out_as_well(desk: Desk, clock: Clock) -> None:
    request = left(desk)

    def timed_out() -> None:
        clock.now += timedelta(days=1)
        delete_packages(by=factories.system())

    meeting = meet(partial(fetch, request, by=desk.officer), timed_out, behind="fetch", table=PackageMade)
    assert_waited(meeting, "delete_timed_out")
    assert_told(meeting, "")
    assert [gone.how for gone in PackageGone.objects.filter(request=request)] == ["fetched"]


def test_of_two_that_delete_what_timed_out_one_does(desk: Desk, clock: Clock) -> None:
    request = left(desk)
    clock.now += timedelta(days=1)
    delete = partial(delete_packages, by=factories.system())
    meeting = meet(delete, delete, behind="delete_timed_out", table=Package)
    assert_waited(meeting, "delete_timed_out")
    assert_told(meeting, "")
    assert [gone.how for gone in PackageGone.objects.filter(request=request)] == ["timed_out"]


# --- a log that was found tampered with -------------------------------------------------------------------------------


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every check finds that the log was tampered with."""
    bad = {"size": 1, "anchors": 0, "whole": False, "first_bad": 0, "what": "Entry 0 was changed.", "more": 0}
    monkeypatch.setattr(tamper_check, "_found", lambda: TamperCheck(**bad))


def lift(name: str) -> None:
    """An officer lifts the freeze of the newest check."""
    lift_freeze(TamperCheck.objects.latest("pk"), by=who(name), words="Bản sao lưu đã được đối chiếu")


def test_a_check_that_fails_just_now_freezes_what_comes_after_the_approval(desk: Desk, found: None) -> None:
    request, proposal = proposal_of(desk)
    meeting = meet(
        partial(approve, request, by=desk.approver, proposal=proposal),
        partial(check_for_tampering, by=who("kiem")),
        behind="verdict",
        table=TamperCheck,
    )
    lift("an")
    lift("chi")
    assert_waited(meeting, "check_for_tampering")
    assert_told(meeting, "")


def test_what_waits_for_a_check_that_fails_is_refused(desk: Desk, found: None) -> None:
    request, proposal = proposal_of(desk)
    meeting = meet(
        partial(check_for_tampering, by=who("kiem")),
        partial(approve, request, by=desk.approver, proposal=proposal),
        behind="check_for_tampering",
        table=TamperCheck,
    )
    lift("an")
    lift("chi")
    assert_waited(meeting, "require_not_frozen")
    assert_told(meeting, "Refused: Disclosing is frozen")


def test_of_two_who_are_the_second_to_lift_a_freeze_one_is(desk: Desk, found: None) -> None:
    check_for_tampering(by=who("kiem"))
    lift("an")
    meeting = meet(partial(lift, "chi"), partial(lift, "dung"), behind="verdict", table=FreezeLift)
    assert_waited(meeting, "lift_freeze")
    assert_told(meeting, "InvalidInput: Two officers have lifted this freeze already.")
