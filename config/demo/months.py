"""The demo's months: what left in the last three, two of them looked back at and signed off, the last one not yet."""

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
"""Hanoi's customers about whom somebody asked in those months."""
FAR = "DM0000009"
"""One of Da Nang's."""
LAPSES = timedelta(days=5)
"""So long after the demo is made the processor's commitment ends."""


@dataclass(frozen=True)
class Cast:
    """Who proposes, approves and looks back; who asks."""

    an: StaffMember
    binh: StaffMember
    dung: StaffMember
    police: Recipient
    bank: Recipient


def months_before(at: datetime) -> tuple[Month, Month, Month]:
    """The three months before that time's, the oldest first."""
    place = Month.of(at).year * 12 + Month.of(at).number - 1
    oldest, middle, last = (Month((place - back) // 12, (place - back) % 12 + 1) for back in (3, 2, 1))
    return oldest, middle, last


def on(month: Month, day: int, hour: int = 10) -> datetime:
    """That hour of that day, by Vietnam's clock."""
    return timezone.make_aware(datetime(month.year, month.number, day, hour), timezone.get_default_timezone())


def began(told: Story) -> datetime:
    """When the demo's house was opened: at the beginning of the oldest month."""
    return on(months_before(told.today)[0], 1, 9)


def tell_months(told: Story) -> None:
    """Told once: where there are recipients already, nothing is done."""
    if Recipient.objects.exists():
        return
    oldest, middle, last = months_before(told.today)
    told.goes_to(on(oldest, 3))
    cast = _cast(told)
    _answered(cast, told, on(oldest, 9), MET[0], ["name", "phone"], number="2/CSDT")
    _shared(cast, told, on(oldest, 14), MET[1])
    _signed_off(cast, told, oldest)
    _answered(cast, told, on(middle, 10), MET[2], ["name"], number="6/CSDT")
    _refused(cast, told, on(middle, 12))
    _shared(cast, told, on(middle, 15, 14), MET[3])
    _signed_off(cast, told, middle)
    _answered(cast, told, on(last, 6), MET[4], ["name", "email"], number="11/CSDT")
    _glass(told, on(last, 7, 15))
    _shared(replace(cast, an=cast.dung), told, on(last, 8), MET[0])
    _in_danger(cast, told, on(last, 12, 21))


def _cast(told: Story) -> Cast:
    an, binh, dung = (StaffMember.objects.get(username=name) for name in ("an", "binh", "dung"))
    key = recipients_key()
    details = Details(POLICE, "024 3000 0000", "Danh bạ của Bộ", "VN", key)
    police = add_recipient(RecipientKind.AUTHORITY, details, by=an)
    contract = Details(PROCESSOR, "privacy@pay.example.com", "Hợp đồng", "VN", key)
    bank = add_recipient(RecipientKind.PROCESSOR, contract, by=an)
    ends = timezone.localdate(told.today + LAPSES)
    signed = timezone.localdate(told.now() - timedelta(days=270))
    commit(bank, paper("cam kết"), by=an, signed_on=signed, valid_until=ends, fields=["name", "email"])
    return Cast(an, binh, dung, police, bank)


def _answered(
    cast: Cast, told: Story, at: datetime, reference: str, fields: list[str], *, number: str
) -> DisclosureRequest:
    """A letter of the police, answered with all it asks for by the next morning."""
    told.goes_to(at)
    customer = Customer.objects.get(reference=reference)
    letter = letter_of(customer, fields, number=number)
    request = register(cast.police, letter, by=cast.an, document=paper(f"công văn {number}"))
    propose(request, {(reference, field) for field in fields}, by=cast.an, checks=CHECKS)
    return _sent(cast, request)


def _shared(cast: Cast, told: Story, at: datetime, reference: str) -> DisclosureRequest:
    """The processor asks for what its commitment covers, and gets it."""
    told.goes_to(at)
    letter = RequestDetails(identifiers=reference, asked=["name", "email"], came_by="email")
    request = register(cast.bank, letter, by=cast.an)
    checks = Checks(sender="Gửi từ địa chỉ trong hợp đồng")
    propose(request, {(reference, "name"), (reference, "email")}, by=cast.an, checks=checks)
    return _sent(cast, request)


def _sent(cast: Cast, request: DisclosureRequest) -> DisclosureRequest:
    approve(request, by=cast.binh, proposal=request.proposals.get())
    release(request, by=cast.an)
    fetch(request, by=cast.an)
    now = DisclosureRequest.objects.get(pk=request.pk)
    close(now, by=cast.an)
    return now


def _refused(cast: Cast, told: Story, at: datetime) -> None:
    """A letter that asks for more than its purpose needs."""
    told.goes_to(at)
    customer = Customer.objects.get(reference=MET[1])
    letter = letter_of(customer, ["name", "email", "phone", "services"], number="7/CSDT")
    request = register(cast.police, letter, by=cast.an, document=paper("công văn 7"))
    refuse_request(request, by=cast.an, why="too_broad")


def _in_danger(cast: Cast, told: Story, at: datetime) -> None:
    """An emergency in the evening, released by one officer, looked at by somebody else the next morning."""
    told.goes_to(at)
    customer = Customer.objects.get(reference=MET[2])
    letter = letter_of(customer, ["phone"], came_by="phone", urgency="emergency", number="")
    request = register(cast.police, letter, by=cast.an)
    release_at_once(request, {(customer.reference, "phone")}, by=cast.an, checks=CHECKS)
    fetch(request, by=cast.an)
    told.goes_to(at + timedelta(hours=13))
    review_emergency(request, by=cast.binh, verdict="right")
    close(DisclosureRequest.objects.get(pk=request.pk), by=cast.an)


def _glass(told: Story, at: datetime) -> None:
    """An agent of Hanoi's helps one of Da Nang's customers; whoever looks back at the month sees it."""
    told.goes_to(at)
    linh, customer = StaffMember.objects.get(username="linh"), Customer.objects.get(reference=FAR)
    break_glass(find(FAR, by=linh), customer, by=linh, reason="payment_problem", ticket="T-84410")


def _signed_off(cast: Cast, told: Story, month: Month) -> None:
    """A third person looks back at the month on the fourth of the next one, and signs it off."""
    told.goes_to(on(month.next, 4))
    if MonthReview.objects.filter(month=str(month)).exists():
        return
    begun = ReviewBegun.objects.filter(month=str(month)).first() or begin(month, by=cast.dung)
    judge(month, dict.fromkeys([each.named for each in review_of(begun).entries], Judgement("right")), by=cast.dung)
    sign_off(month, by=cast.dung)
