"""A checkpoint, a check of the log that failed, and the officers who let disclosing go on."""

from __future__ import annotations

from customers.evidence.checkpoints import make_checkpoint
from customers.evidence.recording import recording
from customers.log_signer import log_signer
from disclosures.models import TamperCheck
from disclosures.tampering import lift_freeze
from tests import making


def sow_check() -> None:
    """Once, and about no customer; lifted, or every page that discloses would answer that it is frozen."""
    officer, other = (
        making.person("keeper-of-the-log", "Compliance officer"),
        making.person("lifter", "Compliance officer"),
    )
    check = TamperCheck(size=1, anchors=0, whole=False, what="The head of the log differs from its entries.")
    with recording(by=officer):
        check.save()
    lift_freeze(check, by=officer, words="Looked into", ticket="T-88124")
    lift_freeze(check, by=other, words="Looked into")
    make_checkpoint(log_signer())


def failed_check() -> TamperCheck:
    """The planted one."""
    return TamperCheck.objects.filter(whole=False).earliest("pk")
