"""The gate's refusals: putting each on record, and counting them by reason."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from consent.gate.gate import WHYS, ContactDecision, may_contact
from consent.models import ContactRefusal, Purpose
from customers.evidence.recording import recording
from customers.models import Customer, StaffMember


def put_on_record(decision: ContactDecision, customer: Customer, door: str, *, by: StaffMember) -> ContactRefusal:
    """Record a refusal of the gate that stopped something; ``door`` says where it was asked for."""
    with recording(by=by):
        row = ContactRefusal(
            customer=customer, purpose=decision.purpose, channel=decision.channel, why=decision.why, door=door
        )
        row.save()
    return row


def ask_for(
    customer: Customer, purpose: Purpose | str, channel: str, *, by: StaffMember, at: datetime | None = None
) -> ContactDecision:
    """The gate's answer for another system, which sends nothing where it is no. A refusal is put on record."""
    decision = may_contact(customer, purpose, channel, at=at)
    if not decision:
        put_on_record(decision, customer, ContactRefusal.Door.COMMAND, by=by)
    return decision


def counts(since: datetime) -> list[tuple[str, str, int]]:
    """The gate's refusals since a time: reason in the reader's language, its code, how many; most frequent first."""
    rows = ContactRefusal.objects.filter(at__gte=since).values_list("why").annotate(times=Count("pk"))
    return [(str(WHYS.get(why, why)), why, times) for why, times in rows.order_by("-times", "why")]
