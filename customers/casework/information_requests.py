"""Asking a customer for more: on an open request only, only what its kind needs, each field with its why."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.acts.acting import acting_on_customer
from customers.acts.refusals import Refused
from customers.casework.addresses import may_write_to
from customers.casework.corrections import Why, propose
from customers.casework.requests import lock_workable_request, pause, resume
from customers.messages import letters
from customers.messages.notices import Letter, prepare, send
from customers.models import (
    ContactPoint,
    Correction,
    CustomerRequest,
    InformationAnswer,
    InformationAsked,
    InformationRequest,
    Notice,
    StaffMember,
)
from customers.models.corrections import ADDRESSES, Datum
from customers.permissions.casework import can_handle
from customers.validation.errors import InvalidInput

Kind = CustomerRequest.Kind
Outcome = InformationAnswer.Outcome


@dataclass(frozen=True)
class AskableField:
    """Something a customer may be asked for: its name, the why the customer reads, whether it is about identity.

    ``corrects`` is the datum an answer may go into; None for one that is looked at and not kept.
    """

    label: Promise
    why: Promise
    about_identity: bool = False
    corrects: Datum | None = None


FIELDS: dict[str, AskableField] = {
    "identity": AskableField(
        gettext_lazy("a way to make sure that it is you, for example a call back to the number on file"),
        gettext_lazy("so that nobody else can ask in your name"),
        about_identity=True,
    ),
    "new_name": AskableField(
        gettext_lazy("your name as it should be"), gettext_lazy("it takes the place of the one on file"),
        corrects=Datum.NAME,
    ),
    "new_company": AskableField(
        gettext_lazy("the name of your company as it should be"), gettext_lazy("it takes the place of the one on file"),
        corrects=Datum.COMPANY,
    ),
    "new_email": AskableField(
        gettext_lazy("the e-mail address you use now"), gettext_lazy("we write to it once you have confirmed it"),
        corrects=Datum.EMAIL,
    ),
    "new_phone": AskableField(
        gettext_lazy("the phone number you use now"), gettext_lazy("we call it once you have confirmed it"),
        corrects=Datum.PHONE,
    ),
    "which_service": AskableField(
        gettext_lazy("which of our services it is about"), gettext_lazy("so that we change the right one")
    ),
    "which_data": AskableField(
        gettext_lazy("which of your data it is about"), gettext_lazy("so that we look for the right ones")
    ),
    "period": AskableField(gettext_lazy("from when until when"), gettext_lazy("so that we look at the right time")),
    "reason": AskableField(gettext_lazy("what your reason is"), gettext_lazy("the law has us weigh it")),
    "details": AskableField(gettext_lazy("what exactly happened"), gettext_lazy("so that we can answer")),
}  # fmt: skip
"""Whatever may be asked for at all."""

NEEDED: dict[str, tuple[str, ...]] = {
    Kind.CORRECTION: ("identity", "new_name", "new_company", "new_email", "new_phone", "which_service"),
    Kind.OPT_OUT: (),
    Kind.ACCESS: ("identity", "which_data", "period"),
    Kind.DELETION: ("identity", "which_data"),
    Kind.RESTRICTION: ("identity", "which_data", "reason"),
    Kind.OBJECTION: ("which_data", "reason"),
    Kind.QUESTION: ("which_service", "details"),
    Kind.FEEDBACK: ("which_service", "details"),
}
"""What each kind of request needs; nothing else is asked for. An opt-out needs nothing."""


def ask(request: CustomerRequest, fields: list[str], *, by: StaffMember, point: ContactPoint) -> Letter:
    """Ask the customer for these fields, at an active address that is not suspended. Returns the letter, sent.

    The second clock stops only where identity is asked for. Raises ``InvalidInput`` for fields that this kind does not
    need, an address that may not be written to, a question that is open already, or a request that is parked or over;
    ``Refused`` (on record) without the right.
    """
    wanted = [field for field in NEEDED[request.request_kind] if field in fields]
    if not wanted or set(fields) - set(wanted):
        raise InvalidInput(_("Choose what this kind of request needs; nothing else is asked for."))
    with acting_on_customer(request.customer, "ask", by=by, may=can_handle):
        now = lock_workable_request(request, by=by)
        here = point.anew()
        if point.customer_id != now.customer_id or not may_write_to(here):
            raise InvalidInput(_("Choose an address in use that is not suspended."))
        if now.information_requests.filter(state="open").exists():
            raise InvalidInput(_("The customer was asked already, and has not answered yet."))
        about_identity = any(FIELDS[field].about_identity for field in wanted)
        question = InformationRequest(
            customer=now.customer, request=now, contact_point=here, fields=wanted, about_identity=about_identity,
            asked_by=by,
        )  # fmt: skip
        question.save()
        InformationAsked(
            customer=now.customer, question=question, request=now, contact_point=here, fields=wanted,
            about_identity=about_identity,
        ).save()  # fmt: skip
        if about_identity:
            pause(now)
        listed = [(FIELDS[field].label, FIELDS[field].why) for field in wanted]
        letter = prepare(here, Notice.What.ASKED, letters.asked(now.customer, now, listed), request=now)
    sent = send(letter, by=by)
    if sent.outcome is not None and not sent.left:
        _take_back(question, by=by)
    return sent


def _take_back(question: InformationRequest, *, by: StaffMember) -> None:
    """A question that never left is none: it is closed, and the clock runs again."""
    with suppress(InvalidInput, Refused):
        close_question(question, by=by)


@dataclass(frozen=True)
class FieldAnswer:
    """What becomes of one field of an answer: ``corrected`` with the value to correct with, confirmed, or discarded."""

    outcome: str
    value: str = ""
    point: ContactPoint | None = None
    knowingly: bool = False


def take_answer(
    question: InformationRequest,
    taken: dict[str, FieldAnswer],
    *,
    by: StaffMember,
    proof: str,
    proof_reference: str = "",
) -> list[Correction]:
    """Go through an answer field by field: into a correction, as confirming what is on file, or discarded.

    Only fields that were asked for are taken; a surplus one is never stored. All of it happens, or nothing. Returns
    the corrections that were begun. Raises as ``corrections.correct``.
    """
    surplus = set(taken) - set(question.fields)
    if surplus or set(taken) != set(question.fields):
        raise InvalidInput(_("Say for each field that was asked for what becomes of it; nothing else is kept."))
    with acting_on_customer(question.customer, "take_answer", by=by, may=can_handle):
        request = lock_workable_request(question.request, by=by)
        question.transition("answer", customer=question.customer)
        resume(request)
        return [
            correction
            for field in question.fields
            if (correction := _take(question, request, field, taken[field], by, proof, proof_reference)) is not None
        ]


def _take(
    question: InformationRequest,
    request: CustomerRequest,
    field: str,
    taken: FieldAnswer,
    by: StaffMember,
    proof: str,
    reference: str,
) -> Correction | None:
    corrects, correction = FIELDS[field].corrects, None
    if taken.outcome not in Outcome.values or (taken.outcome == Outcome.CORRECTED and corrects is None):
        raise InvalidInput(_("Say for each field that was asked for what becomes of it; nothing else is kept."))
    if taken.outcome == Outcome.CORRECTED and corrects is not None:
        customer = question.customer
        point = taken.point if corrects in ADDRESSES else None
        on_file = {Datum.NAME: customer.full_name, Datum.COMPANY: customer.company}.get(corrects, point)
        kind = Correction.Kind.SUPPLEMENT if on_file is None else Correction.Kind.UPDATE
        ground = Correction.Ground.INCOMPLETE if on_file is None else Correction.Ground.OUTDATED
        why = Why(kind, ground, Correction.Origin.CUSTOMER_REQUEST, proof, reference, request)
        correction = propose(customer, corrects, taken.value, by=by, why=why, point=point, knowingly=taken.knowingly)
    InformationAnswer(
        customer=question.customer, question=question, field=field, outcome=taken.outcome, correction=correction
    ).save()
    return correction


def close_question(question: InformationRequest, *, by: StaffMember) -> None:
    """The customer did not answer: the question is closed and the clock runs again."""
    with acting_on_customer(question.customer, "close_question", by=by, may=can_handle):
        request = lock_workable_request(question.request, by=by)
        question.transition("close", customer=question.customer)
        resume(request)
