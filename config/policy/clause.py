"""What a clause of the policy is made of, once it is a rule."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise

CONSTRAINT, TRIGGER = "constraint:", "trigger:"
"""How a place begins that is not Python's: a constraint by its name, the triggers of a table by the table's."""

ANY: tuple[str, ...] = ()
"""Whatever the reason was, or whatever the purpose."""
NO_RIGHT = ("no_right", "ended")
"""Whoever asked had no right to it, or no longer."""


@dataclass(frozen=True)
class Stopped:
    """Which refusals of the gate count for a clause: of these purposes and for these reasons; ``ANY`` of them."""

    purposes: tuple[str, ...] = ANY
    whys: tuple[str, ...] = ANY

    def holds(self, purpose: str, why: str) -> bool:
        """True where such a refusal counts."""
        return purpose in (self.purposes or (purpose,)) and why in (self.whys or (why,))


@dataclass(frozen=True)
class Clause:
    """One promise and its rule.

    ``places``: dotted names, ``constraint:…`` or ``trigger:…``. ``tests``: as pytest names them. ``refusals``: the acts
    whose refusals on record count for it, each with the reasons that do. ``cannot_be_expressed``: what it forbids has
    no words here, so that there is nothing to refuse.
    """

    code: str
    promise: Promise
    rule: Promise
    places: tuple[str, ...]
    tests: tuple[str, ...]
    refusals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stopped: Stopped | None = None
    cannot_be_expressed: bool = False

    def counts(self, act: str, why: str) -> bool:
        """True where a refusal of this act for this reason counts."""
        return act in self.refusals and why in (self.refusals[act] or (why,))


@dataclass(frozen=True)
class Part:
    """Clauses that belong together."""

    title: Promise
    clauses: tuple[Clause, ...]
