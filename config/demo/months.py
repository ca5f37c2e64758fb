"""The demo's last three months of disclosures: the first two reviewed and signed off, the last not yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from config.demo.clock import Story
from config.demo.disclosures import CHECKS, POLICE, letter_of, paper, recipients_key
from customers.access.find import find
from customers.access.grants import break_glass
from customers.models import Customer, StaffMember
from disclosures.models import DisclosureRequest, MonthReview, Recipient, RecipientKind, ReviewBegun
from disclosures.recipients.legal_bases import commit
from disclosures.recipients.recipients import Details, add_recipient
from disclosures.requests.decisions import Checks, approve, propose
from disclosures.requests.download import fetch
from disclosures.requests.emergencies import release_at_once, review_emergency
from disclosures.requests.register import RequestDetails, refuse_request, register
from disclosures.requests.release import close, release
from disclosures.reviews.entries import review_of
from disclosures.reviews.monthly import Judgement, begin, judge, sign_off
from disclosures.reviews.periods import Month

PROCESSOR = "Pay Example"
MET = "DM0000060", "DM0000064", "DM0000068", "DM0000072", "DM0000076"
"""Customers of Hanoi about whom a recipient asked in those months."""
FAR = "DM0000009"
"""A customer of Da Nang."""
LAPSES = timedelta(days=5)
"""How long after the demo is made the processor's commitment ends."""


@dataclass(frozen=True)
class Cast:
    """The staff who propose, approve and review, and the recipients who ask."""

    an: StaffMember
    binh: StaffMember
    dung: StaffMember
    police: Recipient
    bank: Recipient


def months_before(at: datetime) -> tuple[Month, Month, Month]:
    """The three months before the one that ``at`` is in, the oldest first."""
    place = Month.of(at).year * 12 + Month.of(at).number - 1
    oldest, middle, last = (Month((place - back) // 12, (place - back) % 12 + 1) for back in (3, 2, 1))
    return oldest, middle, last


def on(month: Month, day: int, hour: int = 10) -> datetime:
    """A full hour on a day of the month, by the clock in Vietnam."""
    return timezone.make_aware(datetime(month.year, month.number, day, hour), timezone.get_default_timezone())


def began(clock: Story) -> datetime:
    """The time at which the demo's story begins: 9 o'clock on the first day of the oldest month."""
    return on(months_before(clock.today)[0], 1, 9)


def tell_months(clock: Story) -> None:
    """Make the three months. Once only: where recipients exist, nothing is done."""
    if Recipient.objects.exists():
        return
    oldest, middle, last = months_before(clock.today)
    clock.goes_to(on(oldest, 3))
    cast = _cast(clock)
    _answered(cast, clock, on(oldest, 9), MET[0], ["name", "phone"], number="2/CSDT")
    _shared(cast, clock, on(oldest, 14), MET[1])
    _signed_off(cast, clock, oldest)
    _answered(cast, clock, on(middle, 10), MET[2], ["name"], number="6/CSDT")
    _refused(cast, clock, on(middle, 12))
    _shared(cast, clock, on(middle, 15, 14), MET[3])
    _signed_off(cast, clock, middle)
    _answered(cast, clock, on(last, 6), MET[4], ["name", "email"], number="11/CSDT")
    _glass(clock, on(last, 7, 15))
    _shared(replace(cast, an=cast.dung), clock, on(last, 8), MET[0])
    _in_danger(cast, clock, on(last, 12, 21))


def _cast(clock: Story) -> Cast:
    an, binh, dung = (StaffMember.objects.get(username=name) for name in ("an", "binh", "dung"))
    key = recipients_key()
    details = Details(POLICE, "024 3000 0000", "Danh bạ của Bộ", "VN", key)
    police = add_recipient(RecipientKind.AUTHORITY, details, by=an)
    contract = Details(PROCESSOR, "privacy@pay.example.com", "Hợp đồng", "VN", key)
    bank = add_recipient(RecipientKind.PROCESSOR, contract, by=an)
    ends = timezone.localdate(clock.today + LAPSES)
    signed = timezone.localdate(clock.now() - timedelta(days=270))
    commit(bank, paper("cam kết"), by=an, signed_on=signed, valid_until=ends, fields=["name", "email"])
    return Cast(an, binh, dung, police, bank)


def _answered(
    cast: Cast, clock: Story, at: datetime, reference: str, fields: list[str], *, number: str
) -> DisclosureRequest:
    """A police letter, answered in full."""
    clock.goes_to(at)
    customer = Customer.objects.get(reference=reference)
    letter = letter_of(customer, fields, number=number)
    request = register(cast.police, letter, by=cast.an, document=paper(f"công văn {number}"))
    propose(request, {(reference, field) for field in fields}, by=cast.an, checks=CHECKS)
    return _sent(cast, request)


def _shared(cast: Cast, clock: Story, at: datetime, reference: str) -> DisclosureRequest:
    """The processor asks for fields that its commitment covers, and gets them."""
    clock.goes_to(at)
    letter = RequestDetails(identifiers=reference, asked=["name", "email"], came_by="email")
    request = register(cast.bank, letter, by=cast.an)
    checks = Checks(sender="Gửi từ địa chỉ trong hợp đồng")
    propose(request, {(reference, "name"), (reference, "email")}, by=cast.an, checks=checks)
    return _sent(cast, request)


def _sent(cast: Cast, request: DisclosureRequest) -> DisclosureRequest:
    approve(request, by=cast.binh, proposal=request.proposals.get())
    release(request, by=cast.an)
    fetch(request, by=cast.an)
    answered = DisclosureRequest.objects.get(pk=request.pk)
    close(answered, by=cast.an)
    return answered


def _refused(cast: Cast, clock: Story, at: datetime) -> None:
    """A letter that asks for more than its purpose needs, and is refused."""
    clock.goes_to(at)
    customer = Customer.objects.get(reference=MET[1])
    letter = letter_of(customer, ["name", "email", "phone", "services"], number="7/CSDT")
    request = register(cast.police, letter, by=cast.an, document=paper("công văn 7"))
    refuse_request(request, by=cast.an, why="too_broad")


def _in_danger(cast: Cast, clock: Story, at: datetime) -> None:
    """An emergency in the evening, released by one officer and reviewed by somebody else the next morning."""
    clock.goes_to(at)
    customer = Customer.objects.get(reference=MET[2])
    letter = letter_of(customer, ["phone"], came_by="phone", urgency="emergency", number="")
    request = register(cast.police, letter, by=cast.an)
    release_at_once(request, {(customer.reference, "phone")}, by=cast.an, checks=CHECKS)
    fetch(request, by=cast.an)
    clock.goes_to(at + timedelta(hours=13))
    review_emergency(request, by=cast.binh, verdict="right")
    close(DisclosureRequest.objects.get(pk=request.pk), by=cast.an)


def _glass(clock: Story, at: datetime) -> None:
    """An agent of Hanoi breaks glass for a customer of Da Nang; the review of the month shows it."""
    clock.goes_to(at)
    linh, customer = StaffMember.objects.get(username="linh"), Customer.objects.get(reference=FAR)
    break_glass(find(FAR, by=linh), customer, by=linh, reason="payment_problem", ticket="T-84410")


def _signed_off(cast: Cast, clock: Story, month: Month) -> None:
    """On the fourth of the following month, an officer who did none of it reviews the month and signs it off."""
    clock.goes_to(on(month.next, 4))
    if MonthReview.objects.filter(month=str(month)).exists():
        return
    review = ReviewBegun.objects.filter(month=str(month)).first() or begin(month, by=cast.dung)
    judge(month, dict.fromkeys([entry.named for entry in review_of(review).entries], Judgement("right")), by=cast.dung)
    sign_off(month, by=cast.dung)
