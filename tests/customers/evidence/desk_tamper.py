"""At least one row in each table of the tamper check."""

from __future__ import annotations

from customers.evidence.recording import recording
from customers.models import Customer
from disclosures.models import TamperCheck
from disclosures.tamper_check.tamper_check import lift_freeze
from tests import factories


def desk_tamper(customer: Customer) -> None:
    """A check that failed, as it would be put on record, and two officers who let disclosing go on."""
    officer, other = (factories.person(f"{name}-{customer.reference}", "Compliance officer") for name in ("one", "two"))
    check = TamperCheck(size=1, anchors=0, whole=False, what="The head of the log differs from its entries.")
    with recording(by=officer):
        check.save()
    lift_freeze(check, by=officer, words="Bà Hoa gọi lại")
    lift_freeze(check, by=other, words="Đã xem")
