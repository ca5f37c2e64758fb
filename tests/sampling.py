"""How much of a large family of cases a run looks at: the quick run a sixth, a deep run (``pytest -m deep``) all.

Which sixth is drawn once for each run and printed at its end, so that six runs with ``TEST_SIXTH=0`` to ``5`` see
everything; ``TEST_SIXTH=3 uv run pytest`` takes the same sixth again.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
PARTS = 6


def begin(*, deep: bool) -> None:
    """Decide for this process, and for the workers it starts, what is looked at."""
    if deep:
        os.environ["TEST_DEEP"] = "1"
    os.environ.setdefault("TEST_SIXTH", str(random.randrange(PARTS)))


def said() -> str:
    """What a run says of it."""
    return "deep run: nothing was sampled" if deep() else f"sampled tests: TEST_SIXTH={sixth()} (of 0 to {PARTS - 1})"


def deep() -> bool:
    """Whether this run looks at everything."""
    return os.environ.get("TEST_DEEP") == "1"


def sixth() -> int:
    """Which part this run takes. Raises ``ValueError`` for what is no number from 0 to 5."""
    number = int(os.environ.get("TEST_SIXTH") or 0)
    if number not in range(PARTS):
        raise ValueError(f"TEST_SIXTH is a number from 0 to {PARTS - 1}, not {number}.")
    return number


def slice_of_six(
    items: Iterable[Item], key: Callable[[Item], str] = str, group: Callable[[Item], object] = lambda item: None
) -> list[Item]:
    """The items whose turn it is, in their order: a sixth of each group, of a group of fewer than six one.

    Six runs with six numbers take every item. Which ones go together is told by the digests of their keys, so it is the
    same everywhere, and neither the order nor a neighbour's name decides it. Of nothing, nothing is taken.
    """
    every = list(items)
    if deep():
        return every
    groups: dict[object, list[tuple[str, int]]] = {}
    for place, item in enumerate(every):
        groups.setdefault(group(item), []).append((hashlib.sha256(key(item).encode()).hexdigest(), place))
    number, chosen = sixth(), set[int]()
    for members in groups.values():
        parts = min(PARTS, len(members))
        chosen |= {place for _, place in sorted(members)[number % parts :: parts]}
    return [item for place, item in enumerate(every) if place in chosen]


def turn_of(name: str, ways: Sequence[Item]) -> list[Item]:
    """The one of several ways of looking at something whose turn it is; in a deep run all of them.

    Two or three ways: six runs with six numbers take each as often. What else is looked at does not decide it.
    """
    if deep():
        return list(ways)
    return [ways[(int(hashlib.sha256(name.encode()).hexdigest(), 16) + sixth()) % len(ways)]]


def rounds(quick: int, deep_rounds: int) -> int:
    """How often something is repeated, or how many examples are drawn."""
    return deep_rounds if deep() else quick
