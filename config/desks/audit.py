"""The state of the evidence, for everybody who reads it; and the auditor's part of the first page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from config.frame import Evidence
from customers.audit_log.timeline import Line, lines
from customers.evidence.models import Head, Leaf
from customers.evidence.verify import Frontier
from customers.models import Checkpoint, StaffMember
from disclosures.models import TamperCheck
from disclosures.permissions import WORK, can_read_disclosures
from disclosures.reviews import due_dates
from disclosures.tamper_check.tamper_check import Verdict, takes_entries, verdict, with_entries

MOST = 10
FEW = 5
STALE = timedelta(days=1)
"""An anchor older than this is shown in amber: nothing outside the desk vouches for later entries."""


@dataclass(frozen=True)
class State:
    """State of the log: the newest verdict, whether it takes entries, its hash, whether its newest anchor is old."""

    verdict: Verdict
    takes_entries: bool
    head: str
    is_stale: bool


@dataclass(frozen=True)
class Audit:
    """The auditor's part: newest checkpoints, checks with their entries, months with sign-offs, newest entries."""

    checkpoints: list[tuple[Checkpoint, str]]
    checks: list[tuple[int | None, TamperCheck]]
    months: list[due_dates.ReviewStatus]
    number_of_months: int
    newest: list[Line]


def state_of(evidence: Evidence) -> State:
    """The state of the log for the first page. Whether the log is intact, only a check can tell."""
    anchored = evidence.anchored_at
    stale = evidence.since > 0 and (anchored is None or anchored < timezone.now() - STALE)
    takes = takes_entries()
    return State(verdict(), takes, log_head() if takes else "", stale)


def log_head() -> str:
    """The hash of the whole log as it is now, in hex."""
    head = Head.objects.get()
    return Frontier.from_bytes(head.size, bytes(head.frontier)).root().hex()


def audit_desk(person: StaffMember, rights: Collection[str]) -> Audit | None:
    """The auditor's part; None for anybody who does not read evidence, and for those who work on disclosures."""
    if "read_evidence" not in rights or WORK & set(rights):
        return None
    months = due_dates.all_months() if can_read_disclosures(person) else []
    return Audit(
        checkpoints=[
            (checkpoint, bytes(checkpoint.root).hex()) for checkpoint in Checkpoint.objects.order_by("-pk")[:FEW]
        ],
        checks=with_entries(TamperCheck.objects.select_related("by").order_by("-pk")[:FEW]),
        months=months[:MOST],
        number_of_months=len(months),
        newest=newest_entries(),
    )


def newest_entries() -> list[Line]:
    """The newest entries of the log, newest first."""
    return lines(Leaf.objects.order_by("-seq")[:MOST])
