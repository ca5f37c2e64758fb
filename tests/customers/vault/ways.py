"""What a way in or out is, and the list of them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.customers.vault.spots import EVERY, Spot, Stock

Act = Callable[[Stock, Spot], Any]


@dataclass(frozen=True)
class Way:
    """A way a value goes in or comes out: an act that shows something, or that is refused with a sentence."""

    act: Act
    spots: tuple[Spot, ...]
    refused: tuple[type[Exception], ...]

    @property
    def name(self) -> str:
        """The act's name in words."""
        return self.act.__name__.replace("_", " ")


WAYS: list[Way] = []


def works(*spots: Spot) -> Callable[[Act], Act]:
    """List an act that must go through at these spots (none named: at every one)."""

    def listed(act: Act) -> Act:
        WAYS.append(Way(act, spots or EVERY, ()))
        return act

    return listed


def refused(*errors: type[Exception], at: tuple[Spot, ...] = EVERY) -> Callable[[Act], Act]:
    """List an act that must end in one of these errors."""

    def listed(act: Act) -> Act:
        WAYS.append(Way(act, at, errors))
        return act

    return listed
