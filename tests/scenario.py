"""One customer's case at the desk: who works on it, what was asked for, what was sent, and that nothing was touched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.utils import timezone

from customers.access.verify import verify
from customers.acts.refusals import Refused
from customers.casework.approvals import approve
from customers.casework.corrections import Why, correct
from customers.casework.holds import close_after_contact, suspend
from customers.casework.requests import register
from customers.models import (
    AddressCheck,
    ContactPoint,
    Correction,
    Customer,
    CustomerRequest,
    Hold,
    Refusal,
    StaffMember,
    Verification,
)
from customers.models.state_machine import StatefulModel
from customers.vault.kinds import Kind
from tests import factories

_each = count(1)
EMAIL, PHONE = "hoa.nguyen@mail.example.com", "+84912345612"
THIEFS, THIEFS_PHONE = "hoa.moi@thief.example.net", "+84912345677"
APPS = ("customers", "consent", "disclosures")
UPDATE = {"kind": "update", "ground": "outdated"}
SUPPLEMENT = {"kind": "supplement", "ground": "incomplete"}


@dataclass(frozen=True)
class Desk:
    """A customer of Hanoi's and who works there; ``colleague`` is an agent too."""

    customer: Customer
    agent: StaffMember
    colleague: StaffMember
    lead: StaffMember
    officer: StaffMember

    @property
    def email(self) -> ContactPoint:
        """The first e-mail address, as it stands."""
        return point_of(self.customer, "email")

    @property
    def phone(self) -> ContactPoint:
        """The first number, as it stands."""
        return point_of(self.customer, "phone")


def desk(**columns: Any) -> Desk:
    """The case, with deadlines on file."""
    factories.deadlines()
    customer = factories.customer("BZ0000001", **columns)
    agent, colleague = factories.person("linh", "Support agent"), factories.person("ha", "Support agent")
    lead, officer = factories.person("thao", "Support lead"), factories.person("an", "Compliance officer")
    return Desk(customer, agent, colleague, lead, officer)


def point_of(customer: Customer, channel: str) -> ContactPoint:
    """The oldest address of that kind, as it stands."""
    return ContactPoint.objects.filter(customer=customer, channel=channel).order_by("pk")[0]


def now(row: Any) -> Any:
    """A row as it stands."""
    return type(row).objects.get(pk=row.pk)


def state(row: Any) -> str:
    """The state a row is in by now."""
    return str(now(row).state)


def asked(case: Desk, *about: str, over: str = "email", kind: str = "correction", **columns: Any) -> CustomerRequest:
    """A request of the customer's about these data, over an address on file."""
    values = {"about": list(about), "came_by": over, "from_point": point_of(case.customer, over), **columns}
    return register(case.customer, kind, by=case.agent, text=f"Đổi giúp tôi {next(_each)}", **values)


def verified(case: Desk, request: CustomerRequest | None = None, **said: str) -> Verification:
    """The caller said these data, about a request or none, and all matched: the number on file, if none is named."""
    spoken = {Kind(kind): text for kind, text in (said or {"phone": PHONE}).items()}
    record = verify(case.customer, spoken, by=case.agent, request=request)
    assert record.misses == 0
    return record


def why(request: CustomerRequest | None = None, **different: Any) -> Why:
    """Why something is corrected: on a request if there is one, else on our initiative."""
    origin = "customer_request" if request else "proactive"
    return Why(**{**UPDATE, "origin": origin, "proof": "call", "request": request, **different})


def wanted(case: Desk, value: str = THIEFS, *, over: str = "email") -> tuple[CustomerRequest, Correction]:
    """A verified request for another e-mail address, and the correction that waits for approval."""
    request = asked(case, "email", over=over)
    verified(case, request)
    correction = correct(case.customer, "email", value, by=case.agent, why=why(request), point=case.email)
    return request, correction


def approved(case: Desk, value: str = THIEFS, *, over: str = "email") -> tuple[CustomerRequest, Correction]:
    """The same, approved by the lead: the new address was asked to confirm itself."""
    request, correction = wanted(case, value, over=over)
    approve(correction, by=case.lead)
    return request, now(correction)


def suspended(point: ContactPoint, by: StaffMember, **different: Any) -> Hold:
    """A suspension of an address."""
    return suspend(point, by=by, **{"reason": "odd_request", "ticket": "T-1", **different})


def reached(hold: Hold, result: str, *, by: StaffMember, **different: Any) -> None:
    """The customer was reached over the other channel's address on file, with that result."""
    other = "phone" if hold.contact_point.channel == "email" else "email"
    over = point_of(hold.customer, other)
    close_after_contact(hold, by=by, result=result, **{"way": other, "over": over, "who": "bà Hoa", **different})


def sent() -> list[tuple[str, str]]:
    """To whom each letter went, and its subject."""
    return [(message.to[0], str(message.subject)) for message in mail.outbox]


def codes() -> list[str]:
    """The codes in the letters so far."""
    return [code for message in mail.outbox for code in re.findall(r"\b\d{6}\b", str(message.body))]


def check_sent_to(point: ContactPoint) -> AddressCheck:
    """The newest question to an address whether it is the customer's."""
    return AddressCheck.objects.filter(contact_point=point).order_by("-pk")[0]


def an_hour_ago() -> Any:
    """A time that lies before anything a test does."""
    return timezone.now() - timedelta(hours=1)


# --- nothing half done --------------------------------------------------------------------------------------------


def everything() -> dict[str, Any]:
    """Each table's rows, and their states where they have one."""
    tables = {}
    with connection.cursor() as cursor:
        for label, question in _questions().items():
            cursor.execute(question)
            tables[label] = cursor.fetchall()
    return tables


@cache
def _questions() -> dict[str, str]:
    """What to ask each table, by the label of its model: plain SQL, as it is asked before and after every refusal."""
    questions = {}
    for model in (each for app in APPS for each in apps.get_app_config(app).get_models()):
        columns = [model._meta.pk.column, *(["state"] if issubclass(model, StatefulModel) else [])]
        questions[model._meta.label] = f'SELECT {", ".join(columns)} FROM "{model._meta.db_table}" ORDER BY 1'
    return questions


@contextmanager
def nothing_happens() -> Iterator[None]:
    """Every table, the log among them, is as it was, and no letter left."""
    before, letters = everything(), len(mail.outbox)
    yield
    assert everything() == before
    assert len(mail.outbox) == letters


@contextmanager
def refused(code: str, act: str, *, by: StaffMember) -> Iterator[None]:
    """Refused for that reason; but for the refusal and its leaf, nothing has happened."""
    before, letters = everything(), len(mail.outbox)
    with pytest.raises(Refused):
        yield
    after = everything()
    changed = {label for label in after if after[label] != before[label]}
    assert changed == {"customers.Refusal", "customers.Leaf"}
    newest = Refusal.objects.latest("pk")
    assert (newest.why, newest.act, newest.by) == (code, act, by)
    assert [len(after[label]) - len(before[label]) for label in sorted(changed)] == [1, 1]
    assert len(mail.outbox) == letters
