"""Saying no: a refusal is committed on its own, then raised."""

from __future__ import annotations

from typing import NoReturn

from django.utils.translation import gettext_lazy as _

from customers.evidence.recording import recording
from customers.models import Customer, Refusal, StaffMember

ACTS = {
    "reveal": _("reveal a value"),
    "find": _("look for a customer"),
    "verify": _("verify a caller"),
    "break_glass": _("break glass"),
    "give_grant": _("give a grant"),
    "end_grant": _("end a grant"),
    "allow_more": _("allow more for today"),
    "manage_staff": _("look after staff"),
    "sync_roles": _("write the roles"),
    "create_team": _("make a team"),
    "add_person": _("add a person"),
    "give_role": _("give a role"),
    "end_role": _("take a role away"),
    "end_person": _("end access"),
    "take_back": _("give access back"),
    "send_link": _("send a sign-in link"),
    "set_password": _("set a password"),
}
"""The acts that may be refused, in words."""

WHYS = {
    "no_right": _("no right"),
    "over_budget": _("over budget"),
    "too_many_misses": _("too many misses"),
    "ended": _("access had ended"),
    "own_rights": _("rights for oneself"),
    "own_access": _("one’s own access"),
}
"""Why they are refused, in words."""


class Refused(Exception):
    """An act was refused, and that is on record. ``str()`` is the sentence for the person who asked."""

    def __init__(self, sentence: str, why: str) -> None:
        super().__init__(sentence)
        self.why = why


class Unusable(ValueError):
    """What was asked for makes no sense as it stands. ``str()`` says what to do; nothing was done or recorded."""


def refuse(
    act: str,
    *,
    by: StaffMember,
    why: str,
    sentence: str,
    customer: Customer | None = None,
    datum: str = "",
    about: StaffMember | None = None,
) -> NoReturn:
    """Put a refusal on record and raise ``Refused``. ``why`` is a short code, ``sentence`` is for who asked."""
    with recording(by=by):
        Refusal(act=act, customer=customer, datum=datum, why=why, person=about).save()
    raise Refused(sentence, why)
