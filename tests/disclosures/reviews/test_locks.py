"""Two who meet over a month or a quarter that is looked back at: one is done, the other waits and is told."""

from __future__ import annotations

from functools import partial

import pytest

from disclosures.models import AccessReview, MonthReview, ReviewBegun, ReviewVerdict
from disclosures.reviews.access import held, judge_access, sign_off_access
from disclosures.reviews.monthly import begin, judge, sign_off
from disclosures.reviews.periods import Quarter
from tests import factories
from tests.concurrency import assert_told, assert_waited, meet
from tests.conftest import Clock
from tests.disclosures.looking_back import MARCH, QUESTIONED, RIGHT, House, a_house, all_right, keys, over, own_anchors

__all__ = ["own_anchors"]


@pytest.fixture
def month(own_database: str, clock: Clock) -> House:
    """March is over, with something in it to look back at; the approver reviews as well."""
    return over(a_house(clock), clock)


def test_a_month_is_begun_judged_and_signed_off_by_one_at_a_time(month: House) -> None:
    one, other = month.reviewer, factories.person("dung", "Compliance officer")
    meeting = meet(partial(begin, MARCH, by=one), partial(begin, MARCH, by=other), behind="begin", table=ReviewBegun)
    assert_waited(meeting, "begin")
    assert_told(meeting, "InvalidInput: This review is begun already.")

    named = keys()[0]
    right, questioned = (partial(judge, MARCH, {named: said}, seen=0) for said in (RIGHT, QUESTIONED))
    meeting = meet(
        partial(right, by=one), partial(questioned, by=other), behind="newest_verdicts", table=ReviewVerdict, nth=2
    )
    assert_waited(meeting, "judge")
    assert_told(meeting, "InvalidInput: Somebody has just judged some of these.")

    all_right(one)
    signing = partial(sign_off, MARCH)
    meeting = meet(partial(signing, by=one), partial(signing, by=other), behind="_require_unsigned", table=MonthReview)
    assert_waited(meeting, "sign_off")
    assert_told(meeting, "InvalidInput: This month was signed off already.")


def test_a_month_that_is_signed_off_just_now_is_judged_no_more(month: House) -> None:
    other = factories.person("dung", "Compliance officer")
    all_right(month.reviewer)
    meeting = meet(
        partial(sign_off, MARCH, by=month.reviewer),
        partial(judge, MARCH, {keys()[0]: QUESTIONED}, by=other),
        behind="_changed_since",
        table=MonthReview,
    )
    assert_waited(meeting, "judge")
    assert_told(meeting, "InvalidInput: This month was signed off already.")


def test_of_two_who_sign_a_quarter_off_one_does(month: House, clock: Clock) -> None:
    quarter = Quarter(2031, 2)
    for by, others in ((month.reviewer, False), (month.approver, True)):
        said = {each.named: "keep" for each in held(quarter) if (each.person == month.reviewer) is others}
        judge_access(quarter, said, by=by)
    signing = partial(sign_off_access, quarter)
    meeting = meet(
        partial(signing, by=month.reviewer), partial(signing, by=month.approver), behind="_still", table=AccessReview
    )
    assert_waited(meeting, "_still")
    assert_told(meeting, "InvalidInput: This quarter was signed off already.")
