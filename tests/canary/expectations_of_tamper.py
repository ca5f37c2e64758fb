"""What the pages of the tamper check answer to everybody. No customer stands on any of them."""

from __future__ import annotations

from typing import Any

from tests.canary.answers import GONE, NOT_FOR_YOU, SHOWN, Answers, Page, only
from tests.canary.planting import CANARIES, TEAMS, Canary
from tests.canary.planting_tamper import failed_check
from tests.canary.world import APPROVER, MANAGES, MISSING, NO_KEY, OFFICER, READS_LOG, World

CHECKS, LIFTS, OPENS = READS_LOG | MANAGES, {OFFICER}, {OFFICER, APPROVER}
TAMPER = "admin:disclosures_tampercheck_"


def the_check(world: World, target: str) -> list[Any]:
    """A check that failed, or none."""
    return [NO_KEY if target == MISSING else failed_check().pk]


def what_was_said(world: World, target: str) -> set[Canary]:
    """The words of both officers, to those who work on disclosures."""
    if target == MISSING or world.actor not in OPENS:
        return set()
    return {CANARIES[f"{team} FreezeLift.words"] for team in TEAMS}


def of_a_check(actors: set[str], answers: Answers) -> Any:
    """A page about a failed check: for some, and gone to them where there is no such check."""
    return lambda world, target: NOT_FOR_YOU if world.actor not in actors else GONE if target == MISSING else answers


TAMPER_PAGES: dict[str, Page] = {
    TAMPER + "changelist": Page(only(CHECKS, SHOWN)),
    TAMPER + "check": Page(only(CHECKS, Answers(200, 302, 302, 302))),
    TAMPER + "lift": Page(
        of_a_check(LIFTS, Answers(200, 400, 400, 400)), args=the_check,  # two have lifted it already
        data=lambda world, target: {"words": "Đã khôi phục", "ticket": "T-88123"}, types=("ticket", "words"),
    ),
    TAMPER + "said": Page(
        of_a_check(OPENS, Answers(200, 200, 400, 400)), args=the_check, data=lambda world, target: {"read": "yes"},
        opens=what_was_said,
    ),
}  # fmt: skip
