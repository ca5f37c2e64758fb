"""A checkpoint, a check of the log that failed, and the officers who let disclosing go on."""

from __future__ import annotations

from collections.abc import Sequence

from customers.audit_log.signer import log_signer
from customers.evidence.checkpoints import make_checkpoint
from customers.evidence.recording import recording
from disclosures.models import TamperCheck
from disclosures.tamper_check.tamper_check import lift_freeze
from tests import factories


def sow_check(words: Sequence[str]) -> None:
    """Once, and about no customer; lifted in these words, or every page that discloses would answer “frozen”."""
    officers = [factories.person(f"keeper-of-the-log-{n}", "Compliance officer") for n in range(len(words))]
    check = TamperCheck(size=1, anchors=0, whole=False, what="The head of the log differs from its entries.")
    with recording(by=officers[0]):
        check.save()
    for officer, said in zip(officers, words, strict=True):
        lift_freeze(check, by=officer, words=said, ticket="T-88124")
    make_checkpoint(log_signer())


def failed_check() -> TamperCheck:
    """The planted one."""
    return TamperCheck.objects.filter(whole=False).earliest("pk")


def owners_of_words() -> set[str]:
    """For whom the words of officers are sealed: the checks, and no customer."""
    return {f"check {key}" for key in TamperCheck.objects.values_list("pk", flat=True)}
