"""Saying no: a refusal is committed on its own, then raised."""

from __future__ import annotations

from typing import NoReturn

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.evidence.recording import recording
from customers.models import Customer, Refusal, StaffMember
from customers.models.registry import Registry

ACTS: Registry[str, Promise] = Registry(
    {
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
        "sign_in": _("sign in"),
        "second_factor": _("change a second factor"),
        "start_sign_in_reset": _("start the reset of a sign-in"),
        "end_sessions": _("end sessions"),
        "register_request": _("put a request on file"),
        "take_on": _("take a request on"),
        "acknowledge": _("acknowledge a request"),
        "extend": _("extend a request"),
        "request_hand_over": _("hand a request over"),
        "request_hand_back": _("hand a request back"),
        "request_withdraw": _("put on file that a request was taken back"),
        "request_complete": _("complete a request"),
        "request_refuse": _("refuse a request"),
        "ask": _("ask the customer for more"),
        "take_answer": _("take an answer"),
        "close_question": _("close a question"),
        "send_links": _("send links"),
        "retire": _("take an address out of use"),
        "bounce": _("put on file that mail comes back"),
        "ask_owner": _("have an address confirmed"),
        "answer_check": _("confirm an address"),
        "suspend": _("suspend an address"),
        "close_hold": _("clear up a suspended address"),
        "correct": _("correct what is on file"),
        "approve": _("approve a correction"),
        "refuse_correction": _("refuse a correction"),
        "withdraw_correction": _("take a correction back"),
        "set_service_access": _("set what opens a service"),
        "rotate_secret": _("rotate a secret"),
        "start_reset": _("start the reset of a password"),
        "set_deadline": _("set a deadline"),
        "add_link": _("add a link"),
        "end_link": _("take a link out of use"),
    }
)
"""The acts that may be refused, in words."""

WHYS: Registry[str, Promise] = Registry(
    {
        "no_right": _("no right"),
        "over_budget": _("over budget"),
        "too_many_misses": _("too many misses"),
        "ended": _("access had ended"),
        "own_rights": _("rights for oneself"),
        "own_access": _("one’s own access"),
        "begun_before": _("begun before the password was changed"),
        "own_proposal": _("one’s own proposal"),
        "second_person": _("takes a second person"),
        "officers_word": _("takes an officer’s word"),
        "ended_customer": _("the customer has ended"),
        "not_verified": _("not verified by another way"),
        "customer_data_in_link": _("a customer’s data in a link"),
    }
)
"""Why they are refused, in words."""


class Refused(Exception):
    """An act was refused, and that is on record. ``str()`` is the sentence for the person who asked."""

    def __init__(self, sentence: str, why: str) -> None:
        super().__init__(sentence)
        self.why = why


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
