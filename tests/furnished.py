"""A house in which something of everything waits, made by the acts that make it in life."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from customers.access.find import find
from customers.access.grants import break_glass
from customers.access.reveal import reveal
from customers.access.verify import verify
from customers.acts.refusals import Refused
from customers.audit_log.signer import log_signer
from customers.casework.requests import hand_over
from customers.evidence.checkpoints import make_checkpoint
from customers.models import Customer, CustomerRequest, Hold, StaffMember
from customers.staff import accounts
from customers.vault.kinds import Kind
from disclosures.models import DisclosureRequest
from disclosures.tamper_check.tamper_check import check_for_tampering
from tests import factories
from tests.conftest import Clock
from tests.disclosures import outside
from tests.scenario import Desk, asked, desk, suspended, wanted

EVENING = datetime(2031, 3, 4, 19, tzinfo=timezone.get_default_timezone())
"""A Tuesday, after hours."""


@dataclass(frozen=True)
class House:
    """Who works there, and what waits for them."""

    case: Desk
    approver: StaffMember
    auditor: StaffMember
    administrator: StaffMember
    overdue: CustomerRequest
    handed: CustomerRequest
    hold: Hold
    letter: DisclosureRequest
    proposed: DisclosureRequest

    @property
    def everybody(self) -> dict[str, StaffMember]:
        """One person for each role, by its name."""
        return {
            "Support agent": self.case.agent,
            "Support lead": self.case.lead,
            "Compliance officer": self.case.officer,
            "Disclosure approver": self.approver,
            "Administrator": self.administrator,
            "Auditor": self.auditor,
        }


def staff() -> tuple[Desk, StaffMember, StaffMember, StaffMember]:
    """Somebody in each role, and a customer; nothing waits."""
    case = desk()
    found = [factories.person(name, role) for name, role in (
        ("binh", "Disclosure approver"), ("yen", "Auditor"), ("quang", "Administrator"),
    )]  # fmt: skip
    return case, found[0], found[1], found[2]


def at_rest() -> dict[str, StaffMember]:
    """A house in which nothing waits: one person for each role."""
    case, approver, auditor, administrator = staff()
    return {
        "Support agent": case.agent, "Support lead": case.lead, "Compliance officer": case.officer,
        "Disclosure approver": approver, "Administrator": administrator, "Auditor": auditor,
    }  # fmt: skip


def house(clock: Clock) -> House:
    """Something of everything, by the evening of a working day."""
    clock.now = EVENING - timedelta(days=20)
    case, approver, auditor, administrator = staff()
    overdue = asked(case, kind="question", over="phone")
    clock.now = EVENING - timedelta(days=5)
    asked(case, "phone")
    hold = suspended(case.email, case.agent)
    clock.now = EVENING - timedelta(minutes=20)
    wanted(case, over="phone")
    handed = asked(case, kind="deletion", over="phone")
    hand_over(handed, by=case.agent, words="cần quyết định")
    _access(case)
    letter, proposed = _outside(case, approver)
    accounts.add_person("newcomer", by=factories.system(), first_name="New", email="newcomer@example.com")
    factories.team("Hue")
    make_checkpoint(log_signer())
    check_for_tampering(by=case.officer)
    clock.now = EVENING
    return House(case, approver, auditor, administrator, overdue, handed, hold, letter, proposed)


def _access(case: Desk) -> None:
    """A reveal and a search after hours, glass broken, too many misses, something refused."""
    find("BZ0000001", by=case.colleague)
    reveal(case.customer, "full_name", by=case.colleague, reason="call_back", ticket="T-1")
    far = factories.customer("BZ0000009", team_name="Da Nang", email="nam@post.example.com", phone="+84912345699")
    break_glass(find("BZ0000009", by=case.agent), far, by=case.agent, reason="suspected_fraud", ticket="T-2")
    other = factories.customer("BZ0000008", email="mai@post.example.com", phone="+84912345688")
    for guess in range(5):
        verify(other, {Kind.PHONE: f"091230000{guess}"}, by=case.agent)
    with suppress(Refused):
        reveal(case.customer.services.get(), "login", by=case.agent, reason="service_notice")


def _outside(case: Desk, approver: StaffMember) -> tuple[DisclosureRequest, DisclosureRequest]:
    """A letter that runs out, a proposal, an emergency nobody has looked at, a commitment that lapses."""
    police = outside.authority(case.officer)
    colleague = factories.person("chi", "Compliance officer")
    beside = outside.Desk(case.customer, case.officer, colleague, approver, case.agent, police)
    letter = outside.asked(beside, received_at=timezone.now() - timedelta(hours=22))
    proposed = outside.proposed(beside, number="124/CSDT")
    outside.committed(outside.processor(case.officer), case.officer, days=5)
    return letter, proposed


def how_many(client: Client, url: str) -> int:
    """How many the page behind a number lists."""
    page = client.get(url)
    assert page.status_code == 200, url
    context: Any = page.context
    if url.endswith("#short"):
        return len(context["watch"].short)
    if url.endswith("#late"):
        return len(context["watch"].late)
    if url.endswith("#terms"):
        return len(context["terms"])
    for name in ("entries", "months"):
        if name in context:
            return len(context[name])
    return int(context["cl"].result_count)


def of(reference: str) -> Customer:
    """The customer of that reference."""
    return Customer.objects.get(reference=reference)
