"""The demo's requests from outside: a police letter nearly due, an emergency not reviewed, a customer's permission."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyrage
from django.conf import settings
from django.utils import timezone

from config.demo.clock import Story
from customers.models import Customer, StaffMember
from customers.validation.calendar import today
from disclosures.accounting.notifications import keep_from_customer
from disclosures.models import CustomerPermission, DisclosureRequest, Recipient, RecipientKind
from disclosures.recipients.documents import Upload, clean_document
from disclosures.recipients.legal_bases import permit
from disclosures.recipients.recipients import Details, add_recipient
from disclosures.requests.decisions import Checks, approve, propose
from disclosures.requests.download import fetch
from disclosures.requests.emergencies import release_at_once
from disclosures.requests.register import RequestDetails, register
from disclosures.requests.release import close, release

POLICE = "Cơ quan Cảnh sát điều tra (dùng thử)"
INSTRUMENT = "Bộ luật Tố tụng hình sự, điều 88"
CHECKS = Checks(
    sender="Con dấu và địa chỉ như trên trang của cơ quan", signer="Phó thủ trưởng, có tên trên trang của cơ quan",
    instrument="Điều 88 nói đến thông tin liên hệ", call_number="024 3000 0000",
    call_found="Danh bạ của Bộ", call_to="Trực ban",
)  # fmt: skip
MEANT, EARLIER, IN_DANGER, PERMITS = "DM0000040", "DM0000044", "DM0000048", "DM0000052"
"""Four customers of Hanoi: named in a letter; disclosed earlier; in danger; has permitted a disclosure."""
PROPOSED = "DM0000056"
"""A fifth, whose name and phone are proposed for the police."""


def letter_of(customer: Customer, asked: list[str], **said: object) -> RequestDetails:
    """A police letter that names the customer by reference and asks for these fields."""
    details: dict[str, object] = {
        "identifiers": customer.reference, "asked": asked, "came_by": "post", "signer": "Nguyễn Văn Điều",
        "rank": "Thiếu tá", "instrument": INSTRUMENT, "number": "15/CSDT", "phone": "024 3999 9999",
    }  # fmt: skip
    return RequestDetails(**{**details, **said})  # type: ignore[arg-type]


def paper(what: str) -> Upload:
    """A one-page PDF, as much of one as the desk checks."""
    return clean_document(f"%PDF-1.4\n% {what} (demo)\n%%EOF\n".encode())


def recipients_key() -> str:
    """The public key of all recipients in the demo.

    The secret key is a file under ``var/``, so that packages can be opened.
    """
    path: Path = settings.VAR_DIR / "demo-recipient.agekey"
    if not path.exists():
        path.write_text(f"{pyrage.x25519.Identity.generate()}\n")
        path.chmod(0o400)
    return str(pyrage.x25519.Identity.from_str(path.read_text().strip()).to_public())


def tell_disclosures(clock: Story) -> None:
    """Make the requests that wait for officers. Once only: where a permission exists, nothing is done."""
    if CustomerPermission.objects.exists():
        return
    an, binh, dung = (StaffMember.objects.get(username=name) for name in ("an", "binh", "dung"))
    police = Recipient.objects.filter(recipient_kind=RecipientKind.AUTHORITY).order_by("pk")[0]
    _left(police, an, binh)
    clock.goes_to(clock.today - timedelta(hours=20))
    _runs_out(police, an)
    _waits(police, dung)
    _alone(police, an)
    _permitted(an, recipients_key())


def _left(police: Recipient, an: StaffMember, binh: StaffMember) -> None:
    """A request that was answered; the customer must not be notified of it for 60 days."""
    customer = Customer.objects.get(reference=EARLIER)
    request = register(police, letter_of(customer, ["name", "phone"]), by=an, document=paper("công văn 12"))
    keep_from_customer(
        request, by=an, form="written", instrument=INSTRUMENT, until=today() + timedelta(days=60),
        document=paper("yêu cầu giữ bí mật"),
    )  # fmt: skip
    propose(request, {(customer.reference, "name")}, by=an, checks=CHECKS)
    approve(request, by=binh, proposal=request.proposals.get())
    release(request, by=an)
    fetch(request, by=an)
    close(DisclosureRequest.objects.get(pk=request.pk), by=an)


def _runs_out(police: Recipient, an: StaffMember) -> None:
    """A letter that came in two hours before it was registered, 20 hours ago: two hours are left to answer it."""
    customer = Customer.objects.get(reference=MEANT)
    received_at = timezone.now() - timedelta(hours=2)
    letter = letter_of(customer, ["name", "email", "phone"], received_at=received_at, number="18/CSDT")
    register(police, letter, by=an, document=paper("công văn 18"))


def _waits(police: Recipient, dung: StaffMember) -> None:
    """A letter whose answer one officer has proposed and nobody has approved."""
    customer = Customer.objects.get(reference=PROPOSED)
    request = register(police, letter_of(customer, ["name", "phone"], number="19/CSDT"), by=dung, document=paper("19"))
    propose(request, {(customer.reference, "name"), (customer.reference, "phone")}, by=dung, checks=CHECKS)


def _alone(police: Recipient, an: StaffMember) -> None:
    """An emergency by phone, released by one officer and not reviewed yet."""
    customer = Customer.objects.get(reference=IN_DANGER)
    letter = letter_of(customer, ["phone"], came_by="phone", urgency="emergency", number="")
    request = register(police, letter, by=an)
    release_at_once(request, {(customer.reference, "phone")}, by=an, checks=CHECKS)
    fetch(request, by=an)


def _permitted(an: StaffMember, key: str) -> None:
    """A customer permits that the bookkeeper gets name and e-mail."""
    customer = Customer.objects.get(reference=PERMITS)
    details = Details("Phạm Thị Sổ Sách", "0900999999", "Khách hàng cho biết", "VN", key)
    bookkeeper = add_recipient(RecipientKind.NAMED, details, by=an, customer=customer)
    permit(
        customer, bookkeeper, by=an, fields=["name", "email"], until=today() + timedelta(days=90), through="ticket",
        evidence="T-90210",
    )  # fmt: skip
