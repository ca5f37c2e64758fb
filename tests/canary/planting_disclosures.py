"""What the planted customers' data was asked for from outside: a request in every state, and whom they permit."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

from customers.evidence.recording import recording
from customers.models import Customer, StaffMember
from customers.validation.calendar import today
from disclosures.accounting.notifications import keep_from_customer
from disclosures.models import Commitment, DisclosureRequest, Recipient, ReviewVerdict
from disclosures.recipients.documents import Upload, clean_document
from disclosures.recipients.legal_bases import commit, permit
from disclosures.recipients.recipients import Details, add_recipient
from disclosures.requests.decisions import Checks, approve, propose, send_back
from disclosures.requests.download import fetch
from disclosures.requests.emergencies import release_at_once, review_emergency
from disclosures.requests.register import RequestDetails, refuse_request, register
from disclosures.requests.release import release
from tests import factories
from tests.disclosures.outside import KEY

PDF = b"%PDF-1.4"
MONTHS = {"Hanoi": "2025-11", "Da Nang": "2025-12"}
"""Months that somebody has begun to look back at, by the team of the customer it is about."""


def sow_recipients() -> tuple[StaffMember, StaffMember, Recipient]:
    """An officer, an approver and the police; once. And a payment processor with its commitment."""
    found = Recipient.objects.filter(recipient_kind="authority").first()
    if found is not None:
        names = ("keeper-of-recipients", "second-person")
        keeper, second = (StaffMember.objects.get(username=name) for name in names)
        return keeper, second, found
    keeper = factories.person("keeper-of-recipients", "Compliance officer")
    second = factories.person("second-person", "Disclosure approver")
    police = add_recipient("authority", Details("Police", "024 3888 8888", "Their site", "VN", KEY), by=keeper)
    bank = add_recipient("processor", Details("Pay Example", "1900 1000", "Contract", "VN", KEY), by=keeper)
    commit(
        bank, clean_document(PDF), by=keeper, signed_on=today() - timedelta(days=1),
        valid_until=today() + timedelta(days=99), fields=["name", "email"],
    )  # fmt: skip
    return keeper, second, police


def sow_disclosures(customer: Customer, value: dict[str, str]) -> None:
    """One request from outside in every state, one of them in an emergency; a permission; an order not to tell."""
    keeper, second, police = sow_recipients()
    named = add_recipient(
        "named",
        Details(value["RecipientDetails.sealed_name"], value["RecipientDetails.sealed_contact"], "Told", "VN", KEY),
        by=keeper, customer=customer,
    )  # fmt: skip
    permit(
        customer, named, by=keeper, fields=["name"], until=today() + timedelta(days=9), through="ticket",
        evidence="T-88130", words=value["CustomerPermission.words"],
    )  # fmt: skip
    sow = _Sower(customer, value, keeper, second, police)
    sow.received("received")
    sow.proposed("sent back", then_back=True)
    sow.proposed("proposed")
    sow.approved("approved")
    sow.left("disclosed", fetched=True)
    sow.left("packed", fetched=False)
    sow.alone("alone")
    review_emergency(sow.alone("reviewed"), by=second, verdict="questioned", words=value["EmergencyReview.words"])
    refuse_request(sow.received("refused"), by=keeper, why="no_basis")
    with recording(by=second):
        ReviewVerdict(
            month=MONTHS[customer.team.name], what="disclosure", row_key=customer.disclosures.latest("pk").pk,
            done_by=keeper, verdict="questioned", words=value["ReviewVerdict.words"],
        ).save()  # fmt: skip


class _Sower:
    """Puts requests about one customer on file, each under the number that says what became of it."""

    def __init__(
        self, customer: Customer, value: dict[str, str], keeper: StaffMember, second: StaffMember, police: Recipient
    ) -> None:
        self.customer, self.value = customer, value
        self.keeper, self.second, self.police = keeper, second, police
        self.checks = Checks(
            **{
                name: value[f"AuthenticityCheck.{name}"]
                for name in ("sender", "signer", "instrument", "call_number", "call_found", "call_to")
            }
        )

    def received(self, number: str, **said: Any) -> DisclosureRequest:
        value = self.value
        letter = RequestDetails(
            identifiers=value["ContactPoint.email"], asked=["name", "email"], number=number,
            signer=value["DisclosureRequest.signer"], instrument="Article 88",
            phone=value["DisclosureRequest.letter_phone"], **{"came_by": "post", **said},
        )  # fmt: skip
        document = Upload(base64.b64decode(value["Document.content"]), clean_document(PDF).media_type)
        return register(self.police, letter, by=self.keeper, document=document)

    def proposed(self, number: str, *, then_back: bool = False) -> DisclosureRequest:
        request = self.received(number)
        propose(request, {(self.customer.reference, "name")}, by=self.keeper, checks=self.checks)
        if then_back:
            send_back(request, by=self.second, words=self.value["DisclosureMove.words"])
        return DisclosureRequest.objects.get(pk=request.pk)

    def approved(self, number: str) -> DisclosureRequest:
        request = self.proposed(number)
        approve(request, by=self.second, proposal=request.proposals.get())
        return DisclosureRequest.objects.get(pk=request.pk)

    def left(self, number: str, *, fetched: bool) -> None:
        request = self.approved(number)
        release(request, by=self.keeper)
        if fetched:
            fetch(request, by=self.keeper)
            keep_from_customer(
                request, by=self.keeper, form="oral", instrument="Article 88", until=today() + timedelta(days=9),
                words=self.value["NonDisclosure.words"],
            )  # fmt: skip

    def alone(self, number: str) -> DisclosureRequest:
        request = self.received(number, urgency="emergency")
        release_at_once(request, {(self.customer.reference, "name")}, by=self.keeper, checks=self.checks)
        return DisclosureRequest.objects.get(pk=request.pk)


def requests_about(customer: Customer) -> dict[str, DisclosureRequest]:
    """The requests about a planted customer by what became of them."""
    rows = DisclosureRequest.objects.filter(subjects__customer=customer)
    return {row.number_given: row for row in rows}


def owners_of(customer: Customer) -> set[str]:
    """For whom rows about a planted customer are sealed: the customer, requests about the customer, a review."""
    numbers = (row.number for row in requests_about(customer).values())
    return {customer.reference, f"review {MONTHS.get(customer.team.name)}", *numbers}


def keys_of_disclosures(customer: Customer) -> dict[str, Any]:
    """What there is of a customer on this floor, by key."""
    found = requests_about(customer)
    commitment = Commitment.objects.get()
    return {
        **{f"{name} request": row for name, row in found.items()},
        "original": found["received"].documents.get(),
        "proposal": found["proposed"].proposals.get(),
        "named": customer.named_recipients.get(),
        "named details": customer.recipient_details.get(),
        "permission": customer.disclosure_permissions.get(),
        "entry": customer.disclosures.get(request=found["packed"]),
        "bank": commitment.recipient,
        "commitment": commitment,
        "bank document": commitment.document,
        "name correction": customer.corrections.get(datum="name", state="done"),
    }
