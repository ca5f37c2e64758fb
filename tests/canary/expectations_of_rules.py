"""What the page of the policy as rules answers to everybody: it is for those who read the evidence, and only shows."""

from __future__ import annotations

from tests.canary.answers import Answers, Page, only
from tests.canary.world import READS_LOG

SHOWS_ONLY, NOT_FOR_YOU = Answers(200, 405, 405, 405), Answers(403, 405, 405, 405)

RULES_PAGES: dict[str, Page] = {"admin:policy_rules": Page(only(READS_LOG, SHOWS_ONLY, NOT_FOR_YOU))}
"""Every page of it by the name of its URL."""
