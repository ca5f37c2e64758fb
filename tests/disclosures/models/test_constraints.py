"""What the database refuses about disclosures, whoever asks it: rows are written past every act, one column wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import IntegrityError, models
from django.utils import timezone

from customers.casework import deadlines
from customers.evidence.errors import RecordFailed
from customers.evidence.recording import recording
from customers.models import Customer, LegalDeadline, StaffMember
from disclosures.models import (
    Approval,
    Commitment,
    CustomerPermission,
    Disclosure,
    DisclosureRequest,
    Document,
    EmergencyReview,
    Proposal,
    Recipient,
    RecipientDetails,
)
from tests import factories
from tests.worlds import shared

pytestmark = pytest.mark.django_db
_each = count(1)
TODAY, NEXT_YEAR = date(2026, 3, 2), date(2027, 3, 2)


class Stage:
    """A customer, two officers and an approver, and a recipient of each kind."""

    def __init__(self) -> None:
        factories.deadlines()
        self.customer = factories.customer("BZ0000001")
        self.officer = factories.person("an", "Compliance officer")
        self.approver = factories.person("bich", "Disclosure approver")
        self.authority = written(Recipient(recipient_kind="authority"))
        self.processor = written(Recipient(recipient_kind="processor"))
        self.named = written(Recipient(recipient_kind="named", customer=self.customer))

    def request(self, **columns: Any) -> DisclosureRequest:
        """A request from outside, which is not written yet."""
        return DisclosureRequest(**{
            "basis": "authority", "recipient": self.authority, "came_by": "post", "received_at": timezone.now(),
            "rule": deadline(), "reply_by": timezone.now() + timedelta(hours=24), "identifiers": "BZ0000001",
            "asked": ["name"], "meant": 1, "registered_by": self.officer, **columns,
        })  # fmt: skip

    def two_people(self) -> dict[str, StaffMember]:
        """Who proposed, and who else approved."""
        return {"proposed_by": self.officer, "approved_by": self.approver}

    def details(self, recipient: Recipient) -> RecipientDetails:
        """Who the recipient is, on file."""
        words = {"name": "Payment house", "contact": "https://pay.example.com", "found": "its site", "country": "VN"}
        return written(RecipientDetails(recipient=recipient, recipient_kind=recipient.recipient_kind, **words))

    def commitment(self, **columns: Any) -> Commitment:
        """A commitment of the processor, which is not written yet."""
        number = next(_each)
        document = Document(
            recipient=self.processor, what="commitment", media_type="application/pdf", size=1, sha256=f"{number:064x}",
            content="JVBERi0=",
        )  # fmt: skip
        return Commitment(**{
            "recipient": self.processor, "document": written(document), "document_sha256": document.sha256,
            "signed_on": TODAY, "valid_until": NEXT_YEAR, "fields": ["name"], **columns,
        })  # fmt: skip

    def permission(self) -> CustomerPermission:
        """A permission of the customer's for whom the customer named, on file."""
        return written(
            CustomerPermission(
                customer=self.customer, recipient=self.named, fields=["name"], until=NEXT_YEAR, through="phone",
                evidence="T-1",
            )
        )  # fmt: skip

    def disclosure(self, request: DisclosureRequest, **columns: Any) -> Disclosure:
        """An entry of the log of disclosures, which is not written yet."""
        recipient = request.recipient
        return Disclosure(**{
            "customer": self.customer, "request": request, "recipient": recipient, "details": self.details(recipient),
            "recipient_kind": recipient.recipient_kind, "basis": request.basis, "urgency": request.urgency,
            "fields": ["name"], "package_sha256": f"{next(_each):064x}", **self.two_people(), **columns,
        })  # fmt: skip


@shared
def stage() -> Stage:
    return Stage()


def deadline() -> LegalDeadline:
    """How long an authority waits for an answer."""
    return deadlines.rule("authority")


def written(row: Any, by: StaffMember | None = None) -> Any:
    """Write a row as no act would: by nobody's leave, its columns as they are."""
    with recording(by=by or factories.system()):
        type(row)._base_manager.bulk_create([row])
        factories.note()
    return row


@contextmanager
def refused_by(constraint: str) -> Iterator[None]:
    """The database refuses, naming that constraint, and no row is there that was not there before."""
    before = rows()
    with pytest.raises((IntegrityError, RecordFailed)) as told:
        yield
    reason = told.value.__cause__ if isinstance(told.value, RecordFailed) else told.value
    assert isinstance(reason, IntegrityError)
    assert constraint in str(reason)
    assert rows() == before


def rows() -> list[int]:
    """How many rows each of these tables has."""
    tables: tuple[type[models.Model], ...] = (
        Recipient, DisclosureRequest, Commitment, Approval, Disclosure, EmergencyReview
    )  # fmt: skip
    return [table._base_manager.count() for table in tables]


# --- to whom, and by whose leave -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["broker", "marketing", "affiliate", "buyer", "", "Authority"])
def test_there_is_no_other_kind_of_recipient(kind: str, stage: Stage) -> None:
    with refused_by("no_other_kind_of_recipient"):
        written(Recipient(recipient_kind=kind))
    for known in ("authority", "regulator", "processor"):
        assert written(Recipient(recipient_kind=known)).pk


def test_a_recipient_does_not_become_one_of_a_kind_that_there_is_not(stage: Stage) -> None:
    authority = Recipient.objects.filter(pk=stage.authority.pk)
    with refused_by("no_other_kind_of_recipient"):
        changed(authority, recipient_kind="broker")
    changed(authority, recipient_kind="regulator")
    assert authority.get().recipient_kind == "regulator"


def changed(found: Any, **columns: Any) -> None:
    """Change columns of rows past every act."""
    with recording(by=factories.system()):
        models.QuerySet.update(found, **columns)
        factories.note()


@pytest.mark.parametrize("basis", ["sale", "marketing", "consent", "", "AUTHORITY"])
def test_there_is_no_other_basis(basis: str, stage: Stage) -> None:
    with refused_by("no_other_basis"):
        written(stage.request(basis=basis))
    for known in ("authority", "processor", "permission"):
        assert written(stage.request(basis=known)).pk


def test_a_recipient_that_a_customer_named_has_that_customer(stage: Stage) -> None:
    with refused_by("a_named_recipient_has_its_customer"):
        written(Recipient(recipient_kind="named"))
    with refused_by("a_named_recipient_has_its_customer"):
        written(Recipient(recipient_kind="processor", customer=stage.customer))
    assert written(Recipient(recipient_kind="named", customer=stage.customer)).customer == stage.customer


def test_a_commitment_is_for_payment_and_ends_after_it_was_signed(stage: Stage) -> None:
    for constraint, wrong in (
        ("commitments_are_for_payment", {"purpose": "marketing"}),
        ("a_commitment_ends_after_it_is_signed", {"valid_until": TODAY}),
    ):
        commitment = stage.commitment(**wrong)
        with refused_by(constraint):
            written(commitment)
    assert written(stage.commitment()).purpose == "payment"


# --- a second person ------------------------------------------------------------------------------------------------


def test_nothing_is_approved_by_whoever_proposed_it(stage: Stage) -> None:
    request = written(stage.request())
    lines = [{"customer": stage.customer.reference, "field": "name", "give": True}]
    proposal = written(Proposal(request=request, lines=lines), stage.officer)
    approval = {"request": request, "proposal": proposal, "proposed_by": stage.officer, "lines": lines}
    with refused_by("nobody_approves_their_own"):
        written(Approval(**approval), stage.officer)
    assert written(Approval(**approval), stage.approver).by == stage.approver


@pytest.mark.parametrize("state", ["approved", "disclosed"])
def test_no_request_goes_so_far_without_a_second_person(state: str, stage: Stage) -> None:
    alone = {"proposed_by": stage.officer, "approved_by": stage.officer}
    for wrong in (
        alone,
        {**alone, "approved_by": None},
        {"approved_by": stage.approver},
        {**alone, "in_emergency": True},
    ):
        with refused_by("a_disclosure_takes_a_second_person"):
            written(stage.request(state=state, **wrong))
    assert written(stage.request(state=state, **stage.two_people())).pk
    assert written(stage.request(state=state, **alone, in_emergency=True, urgency="emergency")).pk


@pytest.mark.parametrize("outcome", ["full", "partial"])
def test_no_request_ends_in_a_disclosure_without_a_second_person(outcome: str, stage: Stage) -> None:
    with refused_by("a_disclosure_takes_a_second_person"):
        written(stage.request(state="closed", outcome=outcome, proposed_by=stage.officer, approved_by=stage.officer))
    assert written(stage.request(state="closed", outcome=outcome, **stage.two_people())).pk
    assert written(stage.request(state="closed", outcome="refused")).pk


def test_nothing_has_left_without_a_second_person(stage: Stage) -> None:
    request = written(stage.request())
    for wrong in ({"approved_by": None}, {"approved_by": stage.officer}):
        entry = stage.disclosure(request, **wrong)
        with refused_by("what_left_had_a_second_person"):
            written(entry)
    assert written(stage.disclosure(request)).approved_by == stage.approver


def test_what_left_in_an_emergency_is_reviewed_by_somebody_else(stage: Stage) -> None:
    request = written(stage.request(urgency="emergency"))
    assert written(stage.disclosure(request, approved_by=None, in_emergency=True)).pk
    review = {"request": request, "released_by": stage.officer, "verdict": "right"}
    with refused_by("nobody_reviews_their_own"):
        written(EmergencyReview(**review), stage.officer)
    assert written(EmergencyReview(**review), stage.approver).pk


# --- what is given --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["proposed", "approved", "disclosed"])
def test_nothing_is_proposed_about_whom_nobody_is_sure(state: str, stage: Stage) -> None:
    with refused_by("nothing_ambiguous_goes_out"):
        written(stage.request(state=state, ambiguous=1, **stage.two_people()))
    assert written(stage.request(state=state, **stage.two_people())).pk
    assert written(stage.request(state="review", ambiguous=1)).pk


def test_nothing_has_gone_to_a_processor_without_a_commitment(stage: Stage) -> None:
    request = written(stage.request(basis="processor", recipient=stage.processor))
    entry = stage.disclosure(request)
    with refused_by("a_processor_has_a_commitment"):
        written(entry)
    commitment = written(stage.commitment())
    assert written(stage.disclosure(request, commitment=commitment)).commitment == commitment


def test_nothing_has_gone_by_permission_without_naming_it(stage: Stage) -> None:
    permission = stage.permission()
    request = written(stage.request(basis="permission", recipient=stage.named, permission=permission))
    entry = stage.disclosure(request)
    with refused_by("a_permission_is_named"):
        written(entry)
    assert written(stage.disclosure(request, permission=permission)).permission == permission
    assert Customer.objects.get() == stage.customer
