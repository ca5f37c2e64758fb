"""How a page is asked for and what it answers: the vocabulary of the expectations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from customers.models import LegalDeadline
from tests.canary.planting import Canary
from tests.canary.world import MISSING, NO_KEY, OTHER, OWN, SEES, World


class Answers(NamedTuple):
    """The status of a GET, and of POSTs that make sense, that are empty, and that mean harm."""

    get: int
    valid: int
    empty: int
    hostile: int


DOOR = Answers(302, 302, 302, 302)
GONE = Answers(404, 404, 404, 404)
NOT_FOR_YOU = Answers(403, 403, 403, 403)
SHOWN = Answers(200, 200, 200, 200)
FORM = Answers(200, 302, 400, 400)
CONFIRM = Answers(200, 302, 302, 302)

Judge = Callable[[World, str], Answers]


def nobody_shown(world: World, target: str) -> set[str]:
    """No customer."""
    return set()


@dataclass(frozen=True)
class Page:
    """How a page is asked for, what is posted to it, and what it answers.

    ``shows``: the targets whose customers stand on it when it answers 200; ``may_show``: those that may besides.
    ``opens``: the canaries that a POST that makes sense shows.
    """

    answers: Judge
    args: Callable[[World, str], list[Any]] = lambda world, target: []
    data: Callable[[World, str], dict[str, Any]] = lambda world, target: {}
    shows: Callable[[World, str], set[str]] = nobody_shown
    may_show: Callable[[World, str], set[str]] = nobody_shown
    opens: Callable[[World, str], set[Canary]] = lambda world, target: set()
    open_to_all: bool = False
    targets: tuple[str, ...] = (OWN, OTHER, MISSING)
    """About what it is asked, where its address can name that; fewer where it answers the same about all customers."""
    query: str = ""
    """What stands behind the address: which part of a list is asked for."""
    types: tuple[str, ...] = field(default=())
    """The fields whose typed text the page may show again, on a form that was filled in wrong."""


# --- who gets which answer ---------------------------------------------------------------------------------------


def all_get(answers: Answers) -> Judge:
    """The same for everybody who is signed in."""
    return lambda world, target: answers


def only(actors: Iterable[str], answers: Answers, others: Answers = NOT_FOR_YOU) -> Judge:
    """So for some, otherwise for the others, whatever it is about."""
    chosen = frozenset(actors)
    return lambda world, target: answers if world.actor in chosen else others


def seen(world: World, target: str) -> bool:
    """Whether the actor sees the target's customer."""
    return target in SEES.get(world.actor, set())


def of_seen(actors: Iterable[str], answers: Answers, others: Answers = NOT_FOR_YOU) -> Judge:
    """A page about one customer: gone unless it is seen; then so for some, otherwise for the others."""
    chosen = frozenset(actors)
    return lambda world, target: GONE if not seen(world, target) else answers if world.actor in chosen else others


def everything_seen(world: World, target: str) -> set[str]:
    """Every customer that the actor sees."""
    return SEES.get(world.actor, set())


def the_target(world: World, target: str) -> set[str]:
    """The customer it is about."""
    return {target}


# --- what is asked for ---------------------------------------------------------------------------------------------

CUSTOMERS = "admin:customers_customer_"
REASON = {"reason": "call_back", "ticket": "T-88120"}


def the_customer(world: World, target: str) -> list[Any]:
    """A customer's key."""
    return [world.key(world.customers, target)]


DEADLINE = {
    "amount": 4, "unit": "working_days", "third_party": 0, "extension": 4, "source": "Own promise",
    "confidence": "open",
}  # fmt: skip


def a_right(target: str) -> str:
    return {OWN: "question", OTHER: "access"}.get(target, "no-such-right")


def a_deadline(world: World, target: str) -> dict[str, Any]:
    held = LegalDeadline.objects.filter(right=a_right(target)).order_by("-pk").first()
    return {**DEADLINE, "instead_of": held.pk if held else NO_KEY}
