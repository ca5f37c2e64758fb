"""Saying no: a refusal is committed on its own, then raised."""

from __future__ import annotations

from typing import NoReturn

from django.utils.functional import Promise

from customers.evidence.recording import recording
from customers.models import Customer, Refusal, StaffMember
from customers.models.acts import Act, ActCode, ReasonCode, RefusalReason
from customers.models.registry import Registry

ACTS: Registry[str, Promise] = Registry(Act.choices)
"""The label of each act's code. The apps above register theirs."""

WHYS: Registry[str, Promise] = Registry(RefusalReason.choices)
"""The label of each reason's code. The apps above register theirs."""


class Refused(Exception):
    """An act was refused, and that is on record. ``str()`` is the sentence for the person who asked."""

    def __init__(self, sentence: str, why: str) -> None:
        super().__init__(sentence)
        self.why = why


def refuse(
    act: ActCode,
    *,
    by: StaffMember,
    why: ReasonCode,
    sentence: str,
    customer: Customer | None = None,
    datum: str = "",
    about: StaffMember | None = None,
) -> NoReturn:
    """Put a refusal on record and raise ``Refused``. ``why`` is a short code, ``sentence`` is for who asked."""
    with recording(by=by):
        Refusal(act=act, customer=customer, datum=datum, why=why, person=about).save()
    raise Refused(sentence, why)
