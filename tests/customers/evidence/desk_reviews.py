"""At least one row in each table of reviews, through the acts that write them in life."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from django.test import override_settings

from customers.evidence.recording import recording
from customers.models import AccessGrant, Customer
from customers.validation.calendar import today
from disclosures.models import AccessReview, ReviewBegun
from disclosures.reviews.access import held, judge_access, sign_off_access
from disclosures.reviews.entries import review_of
from disclosures.reviews.monthly import Judgement, begin, judge, sign_off
from disclosures.reviews.periods import Month, Quarter
from tests import factories


def desk_reviews(customer: Customer) -> None:
    """Glass was broken in a month that nobody has looked back at yet; the month is begun, judged and signed off.

    It ended a month ago or more: in its first hour nobody can look back at the month that has just ended.

    And roles and grants are looked through; each time it is another quarter.
    """
    named = customer.reference.lower().replace("-", "_")
    one, other = (factories.person(f"{who}-{named}", "Disclosure approver") for who in ("looks", "looks-too"))
    month = Month.of(today().replace(day=1) - timedelta(days=31 * (ReviewBegun.objects.count() + 1) + 1))
    with recording(by=factories.person(f"breaks-{named}", "Support agent")) as act:
        AccessGrant(
            customer=customer, person=act.by, how="break_glass", rights=["see_customers"], starts_at=month.began,
            ends_at=month.began + timedelta(hours=1), reason="call_back", at=month.began,
        ).save()  # fmt: skip
    entries = review_of(begin(month, by=one)).entries
    judge(month, {entry.named: Judgement("right") for entry in entries}, by=one)
    with TemporaryDirectory() as folder, override_settings(ANCHOR_FILE=Path(folder) / "anchors"):
        sign_off(month, by=one)
    quarters_on = today() + timedelta(days=92 * AccessReview.objects.count())
    quarter = Quarter.of(quarters_on)
    with patch("disclosures.reviews.access.today", lambda: quarters_on):
        for by in (one, other):
            unsaid = [each for each in held(quarter) if each.verdict is None and each.person != by]
            judge_access(quarter, {each.named: "keep" for each in unsaid}, by=by)
        sign_off_access(quarter, by=one)
