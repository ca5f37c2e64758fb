"""A month of disclosures to look back at, written as the acts write it, at times of the test's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from customers.acts.budgets import OVER
from customers.acts.refusals import Refused
from customers.evidence.recording import recording
from customers.models import AccessGrant, BudgetAllowance, Customer, LegalDeadline, Refusal, StaffMember
from customers.models.requests import Right
from disclosures.models import (
    Disclosure,
    DisclosureRequest,
    Field,
    MonthReview,
    Recipient,
    ReviewBegun,
    ReviewVerdict,
)
from disclosures.reviews.entries import Key, review_of
from disclosures.reviews.monthly import Judgement, begin, judge
from disclosures.reviews.periods import Month
from tests import factories
from tests.conftest import Clock
from tests.disclosures.outside import authority

MARCH = Month(2031, 3)
"""Far enough from any day on which the tests run; its first Monday is the third."""
MONDAY = datetime(2031, 3, 3, 10, tzinfo=timezone.get_default_timezone())
AFTER = datetime(2031, 4, 2, 9, tzinfo=timezone.get_default_timezone())
RIGHT, QUESTIONED = Judgement("right"), Judgement("questioned", "Why at night?")
_each = count(1)


@dataclass(frozen=True)
class House:
    """Who sends and approves, who had no part in it, and to whom it goes."""

    customer: Customer
    officer: StaffMember
    approver: StaffMember
    reviewer: StaffMember
    agent: StaffMember
    police: Recipient


def a_house(clock: Clock) -> House:
    """It is March; the police got something long ago."""
    clock.now = MONDAY
    factories.deadlines()
    customer = factories.customer("BZ0000001")
    officer = factories.person("an", "Compliance officer")
    house = House(
        customer,
        officer,
        factories.person("binh", "Disclosure approver"),
        factories.person("chi", "Compliance officer"),
        factories.person("linh", "Support agent"),
        authority(officer),
    )
    entry(house, at=MONDAY - timedelta(days=30))
    return house


def entry(house: House, **columns: Any) -> Disclosure:
    """Name and e-mail of a customer went to the police, on an ordinary Monday morning unless said otherwise."""
    (made,) = entries(house, 1, **columns)
    return made


def entries(house: House, many: int, **columns: Any) -> list[Disclosure]:
    """So many of them, each of a request of its own."""
    found = []
    with recording(by=columns.pop("by", house.officer)):
        for _ in range(many):
            row = Disclosure(**_columns(house, **columns))
            row.save()
            found.append(row)
    return found


def _columns(house: House, **different: Any) -> dict[str, Any]:
    recipient: Recipient = different.pop("recipient", house.police)
    at = different.setdefault("at", MONDAY)
    urgency = different.get("urgency", DisclosureRequest.Urgency.ORDINARY)
    request = DisclosureRequest(
        basis="authority", recipient=recipient, came_by="post", received_at=at, urgency=urgency, reply_by=at,
        rule=LegalDeadline.objects.filter(right=Right.AUTHORITY).latest("pk"), identifiers="hoa", asked=["name"],
        meant=1, registered_by=house.officer, proposed_by=house.officer, approved_by=house.approver,
    )  # fmt: skip
    request.save()
    return {
        "customer": house.customer, "request": request, "recipient": recipient, "details": recipient.current,
        "recipient_kind": recipient.recipient_kind, "basis": "authority", "urgency": urgency,
        "fields": ["name", "email"], "proposed_by": house.officer, "approved_by": house.approver,
        "package_sha256": f"{next(_each):064d}", **different,
    }  # fmt: skip


def fields(many: int) -> list[str]:
    """So many fields."""
    return [str(each) for each in list(Field)[:many]]


def glass(house: House, at: datetime = MONDAY) -> AccessGrant:
    """The agent broke glass."""
    with recording(by=house.agent):
        row = AccessGrant(
            customer=house.customer, person=house.agent, how="break_glass", rights=["see_customers"], starts_at=at,
            ends_at=at + timedelta(hours=1), reason="call_back", at=at,
        )  # fmt: skip
        row.save()
    return row


def refusals(house: House, times: Iterable[datetime], **columns: Any) -> list[Refusal]:
    """The agent was refused a reveal over the budget, at these times."""
    said = {"act": "reveal", "why": OVER, "datum": "email", "customer": house.customer, **columns}
    rows = [Refusal(**said, at=at) for at in times]
    for row in rows:
        with recording(by=house.agent):
            row.save()
    return rows


def allowance(house: House, at: datetime = MONDAY, **columns: Any) -> BudgetAllowance:
    """The officer allowed the agent more reveals."""
    with recording(by=columns.pop("by", house.officer)):
        row = BudgetAllowance(person=house.agent, budget="reveal", day=at.date(), more=10, at=at)
        row.save()
    return row


# --- its review -----------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def own_anchors(settings: Settings, tmp_path: Path) -> Path:
    """Anchors of the test's own."""
    settings.ANCHOR_FILE = tmp_path / "anchors"
    return settings.ANCHOR_FILE


def over(house: House, clock: Clock) -> House:
    """March is over: five ordinary disclosures and one in an emergency."""
    entries(house, 5)
    entry(house, urgency="emergency")
    clock.now = AFTER
    return house


def keys() -> list[Key]:
    """What March's review is about."""
    return [each.named for each in review_of(ReviewBegun.objects.get(month=str(MARCH))).entries]


def all_right(by: StaffMember, month: Month = MARCH) -> None:
    """The month is begun, if it is not yet, and everything in it is right."""
    begun = ReviewBegun.objects.filter(month=str(month)).first() or begin(month, by=by)
    judge(month, dict.fromkeys([each.named for each in review_of(begun).entries], RIGHT), by=by)


@contextmanager
def declined(act: str, why: str, by: StaffMember) -> Iterator[None]:
    """Refused, on record, for that reason, and nothing else was written."""
    before = (ReviewBegun.objects.count(), ReviewVerdict.objects.count(), MonthReview.objects.count())
    with pytest.raises(Refused):
        yield
    newest = Refusal.objects.latest("pk")
    assert (newest.act, newest.why, newest.by) == (act, why, by)
    assert (ReviewBegun.objects.count(), ReviewVerdict.objects.count(), MonthReview.objects.count()) == before
