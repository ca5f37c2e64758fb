"""The moves of a request from outside as the app's README draws them."""

from __future__ import annotations

from disclosures.models import DisclosureRequest


def diagram() -> str:
    """A state diagram in Mermaid's words, from the one table of moves."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> received"]
    for how, begins in DisclosureRequest.TRANSITIONS.items():
        lines += [f"    {begin} --> {end}: {how}" for begin, ends in begins.items() for end in ends]
    return "\n".join([*lines, "    closed --> [*]", "```", ""])
