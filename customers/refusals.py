"""Saying no: a refusal is committed on its own, then raised."""

from __future__ import annotations

from typing import NoReturn

from customers.evidence.recording import recording
from customers.models import Customer, Refusal, StaffMember


class Refused(Exception):
    """An act was refused, and that is on record. ``str()`` is the sentence for the person who asked."""

    def __init__(self, sentence: str, why: str) -> None:
        super().__init__(sentence)
        self.why = why


class Unusable(ValueError):
    """What was asked for makes no sense as it stands. ``str()`` says what to do; nothing was done or recorded."""


def refuse(
    act: str, *, by: StaffMember, why: str, sentence: str, customer: Customer | None = None, datum: str = ""
) -> NoReturn:
    """Put a refusal on record and raise ``Refused``. ``why`` is a short code, ``sentence`` is for the person."""
    with recording(by=by):
        Refusal(act=act, customer=customer, datum=datum, why=why).save()
    raise Refused(sentence, why)
