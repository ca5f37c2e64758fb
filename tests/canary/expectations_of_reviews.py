"""What the pages of reviews answer to everybody."""

from __future__ import annotations

from typing import Any

from customers.validation.calendar import today
from disclosures.reviews.periods import Month, Quarter
from tests.canary.answers import GONE, NOT_FOR_YOU, SHOWN, Answers, Judge, Page, only
from tests.canary.world import APPROVER, AUDITOR, MISSING, OFFICER, OTHER, OWN, READS_LOG, World

REVIEWS = {OFFICER, APPROVER}
NOT_OVER = Answers(200, 400, 400, 400)
"""The month runs still: it is not begun."""
READ_ONLY = Answers(200, 403, 403, 403)


def by_reviewers(answers: Answers, to_auditor: Answers) -> Judge:
    """So for those who review; an auditor reads; a month or quarter that is none is gone for either."""

    def judge(world: World, target: str) -> Answers:
        if world.actor in REVIEWS:
            return GONE if target == MISSING else answers
        if world.actor != AUDITOR:
            return NOT_FOR_YOU
        return Answers(404, 403, 403, 403) if target == MISSING and to_auditor == READ_ONLY else to_auditor

    return judge


def a_month(world: World, target: str) -> list[Any]:
    return ["1999-01" if target == MISSING else Month.of(today())]


def a_quarter(world: World, target: str) -> list[Any]:
    return ["1999-Q1" if target == MISSING else Quarter.of(today())]


def a_word(world: World, target: str) -> dict[str, Any]:
    """A colleague keeps a role."""
    held = world.staff[OWN].memberships.first()
    return {"seen": 0, f"v-role-{held.pk if held else 0}": "keep"}


def granted(world: World, target: str) -> set[str]:
    """The customers on whom somebody holds a personal grant."""
    return {OWN, OTHER}


REVIEW_PAGES: dict[str, Page] = {
    "admin:disclosures_monthreview_changelist": Page(only(READS_LOG, SHOWN)),
    "admin:disclosures_monthreview_month": Page(by_reviewers(NOT_OVER, READ_ONLY), args=a_month),
    "admin:disclosures_monthreview_words": Page(by_reviewers(GONE, NOT_FOR_YOU), args=a_month),
    "admin:disclosures_accessreview_changelist": Page(only(READS_LOG, SHOWN)),
    "admin:disclosures_accessreview_quarter": Page(
        by_reviewers(Answers(200, 302, 400, 400), READ_ONLY), args=a_quarter, data=a_word, may_show=granted
    ),
}
"""Every page of it by the name of its URL."""
