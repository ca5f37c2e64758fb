"""How much of a large family of cases a run looks at: the quick run a sixth, a deep run (``pytest -m deep``) all.

Which sixth is drawn once for each run and printed at its end, so that six runs with ``TEST_SIXTH=0`` to ``5`` see
everything; ``TEST_SIXTH=3 uv run pytest`` takes the same sixth again.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable
from typing import TypeVar
from zlib import crc32

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
    """The part that this run takes."""
    return int(os.environ.get("TEST_SIXTH", "0")) % PARTS


def slice_of_six(items: Iterable[Item], key: Callable[[Item], str] = str) -> list[Item]:
    """This run's sixth of some cases, or all of them in a deep run. ``key`` names a case, the same in every run."""
    if deep():
        return list(items)
    return [item for item in items if crc32(key(item).encode()) % PARTS == sixth()]


def rounds(quick: int, deep_rounds: int) -> int:
    """How often something is repeated, or how many examples are drawn."""
    return deep_rounds if deep() else quick
