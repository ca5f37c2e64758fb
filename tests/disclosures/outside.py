"""Somebody outside asks: recipients, letters and requests for tests, through the acts that make them in life."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyrage
import pytest
from django.utils import timezone

from customers.models import Customer, StaffMember
from customers.validation.calendar import today
from disclosures.models import Commitment, CustomerPermission, DisclosureRequest, Recipient
from disclosures.recipients.documents import Upload, clean_document
from disclosures.recipients.legal_bases import commit, permit
from disclosures.recipients.recipients import Details, add_recipient
from disclosures.requests import emergencies, release
from disclosures.requests.decisions import Checks, approve, propose
from disclosures.requests.register import RequestDetails, register
from disclosures.requests.release import sealed_for as packed
from tests import factories
from tests.worlds import shared

IDENTITY = pyrage.x25519.Identity.generate()
KEY = str(IDENTITY.to_public())
PDF = b"%PDF-1.4 letter of the police"
LETTER_PHONE, OFFICIAL = "(024) 3999-9999", "024 3888 8888"
CALLED = Checks(
    sender="Stamp and layout as on their site", signer="Deputy head, listed on their site",
    instrument="Article 88, covers contact data", call_number=OFFICIAL, call_found="The ministry’s directory",
    call_to="Phạm Văn Trực",
)  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """A customer, who works on disclosures, and an authority."""

    customer: Customer
    officer: StaffMember
    colleague: StaffMember
    approver: StaffMember
    agent: StaffMember
    police: Recipient

    @property
    def reference(self) -> str:
        """The customer's."""
        return self.customer.reference


def a_desk(reference: str = "BZ0000001") -> Desk:
    """Two officers, an approver, an agent of the customer's team, and the police on file."""
    factories.deadlines()
    customer = factories.customer(reference)
    officer = factories.person("an", "Compliance officer")
    return Desk(
        customer,
        officer,
        factories.person("chi", "Compliance officer"),
        factories.person("binh", "Disclosure approver"),
        factories.person("linh", "Support agent"),
        authority(officer),
    )


@shared
def desk() -> Desk:
    """The same, as a fixture."""
    return a_desk()


def details(**said: Any) -> Details:
    """What is on file about a recipient."""
    words = {
        "name": "Cơ quan điều tra Hà Nội",
        "contact": OFFICIAL,
        "found": "The ministry’s directory",
        "country": "VN",
    }
    return Details(**{**words, "age_key": KEY, **said})


def authority(by: StaffMember, **said: Any) -> Recipient:
    """An authority on file."""
    return add_recipient("authority", details(**said), by=by)


def processor(by: StaffMember, **said: Any) -> Recipient:
    """A payment processor on file, without a commitment yet."""
    return add_recipient("processor", details(**{"name": "Pay Example", "found": "Their contract", **said}), by=by)


def committed(recipient: Recipient, by: StaffMember, *, days: int = 100, **said: Any) -> Commitment:
    """Its commitment, for so many days more; each call another document."""
    upload = clean_document(PDF + f" commitment {Commitment.objects.count()}".encode())
    words: dict[str, Any] = {"signed_on": today() - timedelta(days=10), "valid_until": today() + timedelta(days=days)}
    return commit(recipient, upload, by=by, **{**words, "fields": ["name", "email"], **said})


def permitted(customer: Customer, by: StaffMember, **said: Any) -> CustomerPermission:
    """The customer names somebody and permits that name and e-mail go there."""
    named = add_recipient("named", details(name="Lê Thị Kế Toán", contact="0901234567"), by=by, customer=customer)
    words: dict[str, Any] = {"fields": ["name", "email"], "until": today() + timedelta(days=30), "through": "ticket"}
    return permit(customer, named, by=by, **{**words, "evidence": "T-500", **said})


def letter(**said: Any) -> RequestDetails:
    """A letter that means the customer by e-mail and asks for name, e-mail and phone."""
    words: dict[str, Any] = {
        "identifiers": "hoa.nguyen@mail.example.com", "asked": ["name", "email", "phone"], "came_by": "post",
        "signer": "Nguyễn Văn Điều", "rank": "Major", "instrument": "Criminal Procedure Code, article 88",
        "number": "123/CSDT", "phone": LETTER_PHONE,
    }  # fmt: skip
    return RequestDetails(**{**words, **said})


def document(content: bytes = PDF) -> Upload:
    """The original."""
    return clean_document(content)


def asked(desk: Desk, **said: Any) -> DisclosureRequest:
    """The police have asked."""
    return register(desk.police, letter(**said), by=desk.officer, document=document())


def proposed(desk: Desk, fields: Collection[str] = ("name", "email"), **said: Any) -> DisclosureRequest:
    """… it was checked, and an officer proposes to give these fields."""
    request = asked(desk, **said)
    propose(request, {(desk.reference, field) for field in fields}, by=desk.officer, checks=CALLED)
    return fresh(request)


def approved(desk: Desk, fields: Collection[str] = ("name", "email"), **said: Any) -> DisclosureRequest:
    """… and somebody else has approved it."""
    request = proposed(desk, fields, **said)
    approve(request, by=desk.approver, proposal=request.proposals.get())
    return fresh(request)


def fresh(request: DisclosureRequest) -> DisclosureRequest:
    """The request as it stands."""
    return DisclosureRequest.objects.get(pk=request.pk)


def unpacked(content: bytes, identity: Any = IDENTITY) -> dict[str, bytes]:
    """What the recipient finds in a package."""
    with zipfile.ZipFile(io.BytesIO(pyrage.decrypt(content, [identity]))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def as_json(content: bytes) -> Any:
    """The package's JSON."""
    return next(json.loads(data) for name, data in unpacked(content).items() if name.endswith(".json"))


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """From now on ``act`` happens each time values have been opened and their package is not made yet."""
    for steps in (emergencies, release):
        monkeypatch.setattr(steps, "sealed_for", lambda opened: (act(), packed(opened))[1])


def an_hour_ago() -> Any:
    """For clocks."""
    return timezone.now() - timedelta(hours=1)
