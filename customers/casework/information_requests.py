"""Information requests: asking a customer for what a request still needs, and taking the answer.

Only fields that the kind of request needs are asked for, each with its purpose; a surplus answer is not stored.
"""

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
from customers.models.acts import Act
from customers.models.corrections import ADDRESSES, Datum
from customers.permissions.casework import can_handle
from customers.validation.errors import InvalidInput

Kind = CustomerRequest.Kind
Outcome = InformationAnswer.Outcome


@dataclass(frozen=True)
class AskableField:
    """Something a customer may be asked for: its label, the purpose the customer reads, whether it proves identity.

    ``corrects`` is the datum that an answer may correct; None for an answer that is read and not stored.
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
"""Every field that may be asked for."""

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

    The clock of completion pauses only where identity is asked for. Raises ``InvalidInput`` for fields that this kind
    does not need, an address that may not be written to, an information request that is open already, or a request that
    is parked or over;
    ``Refused`` (on record) without the right.
    """
    wanted = [field for field in NEEDED[request.request_kind] if field in fields]
    if not wanted or set(fields) - set(wanted):
        raise InvalidInput(_("Choose what this kind of request needs; nothing else is asked for."))
    with acting_on_customer(request.customer, Act.ASK, by=by, may=can_handle):
        current = lock_workable_request(request, by=by)
        contact_point = point.anew()
        if point.customer_id != current.customer_id or not may_write_to(contact_point):
            raise InvalidInput(_("Choose an address in use that is not suspended."))
        if current.information_requests.filter(state="open").exists():
            raise InvalidInput(_("The customer was asked already, and has not answered yet."))
        about_identity = any(FIELDS[field].about_identity for field in wanted)
        information_request = InformationRequest(
            customer=current.customer, request=current, contact_point=contact_point, fields=wanted,
            about_identity=about_identity, asked_by=by,
        )  # fmt: skip
        information_request.save()
        InformationAsked(
            customer=current.customer, question=information_request, request=current, contact_point=contact_point,
            fields=wanted, about_identity=about_identity,
        ).save()  # fmt: skip
        if about_identity:
            pause(current)
        purposes = [(FIELDS[field].label, FIELDS[field].why) for field in wanted]
        letter = prepare(
            contact_point, Notice.What.ASKED, letters.asked(current.customer, current, purposes), request=current
        )
    sent = send(letter, by=by)
    if sent.outcome is not None and not sent.left:
        _take_back(information_request, by=by)
    return sent


def _take_back(question: InformationRequest, *, by: StaffMember) -> None:
    """Close an information request whose letter could not be sent, so that the clock runs again."""
    with suppress(InvalidInput, Refused):
        close_question(question, by=by)


@dataclass(frozen=True)
class FieldAnswer:
    """What to do with one field of an answer: correct a datum to ``value``, confirm what is on file, or discard."""

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
    """Process an answer field by field: begin a correction, confirm what is on file, or discard the field.

    ``taken`` must name exactly the fields that were asked for, else ``InvalidInput``. One act: all fields or none.
    Returns the corrections that were begun. Raises as ``corrections.correct``.
    """
    surplus = set(taken) - set(question.fields)
    if surplus or set(taken) != set(question.fields):
        raise InvalidInput(_("Say for each field that was asked for what becomes of it; nothing else is kept."))
    with acting_on_customer(question.customer, Act.TAKE_ANSWER, by=by, may=can_handle):
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
    answer: FieldAnswer,
    by: StaffMember,
    proof: str,
    reference: str,
) -> Correction | None:
    corrects, correction = FIELDS[field].corrects, None
    if answer.outcome not in Outcome.values or (answer.outcome == Outcome.CORRECTED and corrects is None):
        raise InvalidInput(_("Say for each field that was asked for what becomes of it; nothing else is kept."))
    if answer.outcome == Outcome.CORRECTED and corrects is not None:
        customer = question.customer
        point = answer.point if corrects in ADDRESSES else None
        on_file = {Datum.NAME: customer.full_name, Datum.COMPANY: customer.company}.get(corrects, point)
        kind = Correction.Kind.SUPPLEMENT if on_file is None else Correction.Kind.UPDATE
        ground = Correction.Ground.INCOMPLETE if on_file is None else Correction.Ground.OUTDATED
        why = Why(kind, ground, Correction.Origin.CUSTOMER_REQUEST, proof, reference, request)
        correction = propose(customer, corrects, answer.value, by=by, why=why, point=point, knowingly=answer.knowingly)
    InformationAnswer(
        customer=question.customer, question=question, field=field, outcome=answer.outcome, correction=correction
    ).save()
    return correction


def close_question(question: InformationRequest, *, by: StaffMember) -> None:
    """Close an information request that the customer did not answer; the clock runs again."""
    with acting_on_customer(question.customer, Act.CLOSE_QUESTION, by=by, may=can_handle):
        request = lock_workable_request(question.request, by=by)
        question.transition("close", customer=question.customer)
        resume(request)
