"""What a clause of the policy is made of when it is written as a rule. The clauses are in ``clauses.py``."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise

CONSTRAINT, TRIGGER = "constraint:", "trigger:"
"""Prefixes of places that are not Python names: a constraint by its name, triggers by the name of their table."""

ANY: tuple[str, ...] = ()
"""No restriction: every reason counts, or every purpose."""
NO_RIGHT = ("no_right", "ended")
"""The person who tried had no right to it, or no longer had one."""


@dataclass(frozen=True)
class Stopped:
    """Which refusals of the gate count for a clause: those with one of these purposes and one of these reasons."""

    purposes: tuple[str, ...] = ANY
    whys: tuple[str, ...] = ANY

    def holds(self, purpose: str, why: str) -> bool:
        """True where a refusal with this purpose and reason counts."""
        return purpose in (self.purposes or (purpose,)) and why in (self.whys or (why,))


@dataclass(frozen=True)
class Clause:
    """One promise of the policy and its rule.

    ``places``: where it is enforced, as dotted names, ``constraint:…`` or ``trigger:…``. ``tests``: as pytest names
    them. ``refusals``: the acts whose refusals on record count for it, each with the reasons that count.
    ``cannot_be_expressed``: there is no act or field for what it forbids, so nothing is ever refused.
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
    """Clauses that belong together, under one title."""

    title: Promise
    clauses: tuple[Clause, ...]
