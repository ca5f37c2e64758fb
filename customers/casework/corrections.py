"""Proposing a correction of stored data: one datum per act, with kind, ground, origin and evidence.

The second person's decision is in ``approvals``, putting a correction into effect in ``apply_correction``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.access.name_index import digests_of
from customers.acts.acting import NO_WORK, Refuse, acting_on_customer
from customers.casework.addresses import HELD, add_point, index_of
from customers.casework.apply_correction import take_over
from customers.casework.requests import lock_workable_request
from customers.models import (
    ContactPoint,
    Correction,
    CorrectionProposed,
    Customer,
    CustomerRequest,
    ServiceAccess,
    StaffMember,
    Verification,
)
from customers.models.acts import Act, RefusalReason
from customers.models.corrections import ADDRESSES, NEEDS_SECOND, Datum
from customers.permissions.casework import can_handle, can_work_on
from customers.validation.contact_data import LONGEST_NAME
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_words
from customers.validation.tickets import normal_ticket
from customers.vault.blind_index import name_words

Kind, Ground, Origin, State = Correction.Kind, Correction.Ground, Correction.Origin, Correction.State
SAME_CALL = timedelta(minutes=30)
"""A verification and a request at most this far apart, in either order, belong to one call."""

BY_HAND = (Datum.NAME, Datum.COMPANY, Datum.EMAIL, Datum.PHONE, Datum.LOGIN)
"""The data that staff correct by hand; other data are corrected by the CRM import only."""
SHA256 = re.compile("[0-9a-f]{64}")
BY_VOICE = (CustomerRequest.CameBy.PHONE, CustomerRequest.CameBy.IN_PERSON)


@dataclass(frozen=True)
class Why:
    """Why a datum is corrected: kind, ground, origin and evidence as codes, and a ticket number or a file's SHA-256."""

    kind: str
    ground: str
    origin: str
    proof: str
    proof_reference: str = ""
    request: CustomerRequest | None = None
    text: str = ""


def correct(
    customer: Customer,
    datum: str,
    value: str,
    *,
    by: StaffMember,
    why: Why,
    point: ContactPoint | None = None,
    service: ServiceAccess | None = None,
    knowingly: bool = False,
) -> Correction:
    """Correct one datum, or propose it where a second person must approve or the owner of an address must confirm.

    ``point`` is the address that is replaced (None: one is added), ``service`` the service whose login changes.
    ``knowingly`` accepts a new address that another customer once used or that served a fraud. Raises ``InvalidInput``
    where the value, the reasons or the request are invalid; ``Refused`` (on record) where ``by`` does not work on the
    customer's requests, without a request for a customer whose contract has ended, or where the customer was not
    verified by an address other than the one to be changed.
    """
    if datum not in BY_HAND:
        raise InvalidInput(_("There is no such datum to correct."))
    if why.proof == Correction.Proof.FILE:
        raise InvalidInput(_("Choose the evidence: a ticket, a call, a document."))
    with acting_on_customer(customer, Act.CORRECT, by=by, may=can_handle):
        if why.request is not None:
            lock_workable_request(why.request, by=by)
        elif not can_work_on(by, customer):
            raise Refuse(RefusalReason.NO_RIGHT, str(NO_WORK))
        return propose(customer, datum, value, by=by, why=why, point=point, service=service, knowingly=knowingly)


def propose(
    customer: Customer,
    datum: str,
    value: Any,
    *,
    by: StaffMember,
    why: Why,
    point: ContactPoint | None = None,
    service: ServiceAccess | None = None,
    knowingly: bool = False,
) -> Correction:
    """Do the work of ``correct`` inside an act under way. The caller checks the right and locks the request first."""
    customer.refresh_from_db()  # the page may have read it long before
    reference = _require_sense(why)
    _require_belonging(datum, point, service)
    _require_nothing_waits(customer, datum, point, service)
    state = _begins_as(customer, datum, why, point)
    correction = Correction(
        customer=customer, datum=datum, correction_kind=why.kind, ground=why.ground, origin=why.origin,
        request=why.request, proof=why.proof, proof_reference=reference, proof_text=clean_words(why.text) or None,
        old_point=point, service_access=service, needs_second=datum in NEEDS_SECOND, state=state, proposed_by=by,
    )  # fmt: skip
    _take_value(correction, value, knowingly)
    correction.save()
    sealed = correction.new_value
    CorrectionProposed(
        customer=customer, correction=correction, datum=datum, correction_kind=why.kind, ground=why.ground,
        origin=why.origin, request=why.request, proof=why.proof, proof_reference=reference, state=state,
        value_commit=sealed.commitment if sealed is not None else "",
    ).save()  # fmt: skip
    if state == State.PROPOSED and not correction.needs_second:
        correction.transition("approve", customer=customer, datum=datum)
        take_over(correction)
    return correction


# --- whether a correction may begin, and in which state --------------------------------------------------------------


def _require_sense(why: Why) -> str:
    """Check the codes and return the reference to the evidence: a normalised ticket number or a file's SHA-256.

    Both formats leave no room for personal data. Raises ``InvalidInput``.
    """
    if why.kind not in Kind.values or why.ground not in Ground.values or why.origin not in Origin.values:
        raise InvalidInput(_("Choose kind, ground and on whose initiative."))
    if why.proof not in Correction.Proof.values:
        raise InvalidInput(_("Choose the evidence: a ticket, a call, a document."))
    if why.proof == Correction.Proof.TICKET and not why.proof_reference:
        raise InvalidInput(_("Type the number of the ticket."))
    if why.request is not None and why.origin == Origin.PROACTIVE:
        raise InvalidInput(_("On a request it is the customer’s initiative, not ours."))
    if why.proof != Correction.Proof.FILE:
        return normal_ticket(why.proof_reference)
    if not SHA256.fullmatch(why.proof_reference):
        raise InvalidInput(_("A file is named by its SHA-256."))
    return why.proof_reference


def _require_belonging(datum: str, point: ContactPoint | None, service: ServiceAccess | None) -> None:
    if (point is not None and datum not in ADDRESSES) or (service is not None and datum != Datum.LOGIN):
        raise InvalidInput(_("There is no such datum to correct."))


def _require_nothing_waits(
    customer: Customer, datum: str, point: ContactPoint | None, service: ServiceAccess | None
) -> None:
    waiting = Correction.objects.filter(
        customer=customer, datum=datum, old_point=point, service_access=service, state__in=Correction.WAITING
    )
    if waiting.exists():
        raise InvalidInput(_("A correction of this waits already; have it approved, or withdraw it first."))


def _begins_as(customer: Customer, datum: str, why: Why, point: ContactPoint | None) -> str:
    """The state a correction begins in. Raises ``Refuse`` or ``InvalidInput`` where it may not begin."""
    contract_ended = customer.status == Customer.Status.ENDED
    if why.origin == Origin.PROACTIVE:
        if contract_ended and datum != Datum.STATUS:  # the CRM reactivates a customer who comes back
            raise Refuse(RefusalReason.ENDED_CUSTOMER, str(ENDED))
        if point is not None and point.anew().state == ContactPoint.State.SUSPENDED:
            raise InvalidInput(str(HELD))
        return State.PROPOSED
    if why.request is None:
        raise InvalidInput(_("Say on which request: put the customer’s request on file first."))
    if why.request.customer_id != customer.pk:
        raise InvalidInput(_("This is no request of this customer."))
    if contract_ended or not _others_in_use(customer, why.request, point):
        return State.WITH_OFFICER
    if not verified_otherwise(customer, why.request, point):
        sentence = _("Verify the customer first, about this request, by another address than the one to be changed.")
        raise Refuse(RefusalReason.NOT_VERIFIED, sentence)
    return State.PROPOSED


ENDED = gettext_lazy("This customer’s contract has ended. What is on file is corrected only when the customer asks.")


def _proves_nothing(request: CustomerRequest, point: ContactPoint | None) -> set[int]:
    """Keys of addresses that do not prove who asks: the one to be changed, and the one a written request came from."""
    sender = request.from_point_id if request.came_by not in BY_VOICE else None
    return {key for key in (point.pk if point else None, sender) if key is not None}


def _others_in_use(customer: Customer, request: CustomerRequest, point: ContactPoint | None) -> bool:
    """Whether the customer has another active address to be verified by."""
    in_use = customer.contact_points.filter(state=ContactPoint.State.ACTIVE)
    return in_use.exclude(pk__in=_proves_nothing(request, point)).exists()


def verified_otherwise(customer: Customer, request: CustomerRequest, point: ContactPoint | None) -> Verification | None:
    """The newest verification that permits a request to change ``point``, or None.

    It had no misses and matched an active address other than ``point`` and other than the address a written request
    came from. It was made for this request; for a request by voice, one made for no request within ``SAME_CALL`` of it
    counts too.
    """
    passed = Verification.objects.filter(customer=customer, misses=0)
    about = Q(request=request)
    if request.came_by in BY_VOICE:
        received_at = request.received.at
        about |= Q(request=None, at__range=(received_at - SAME_CALL, received_at + SAME_CALL))
    in_use = customer.contact_points.filter(state=ContactPoint.State.ACTIVE)
    proving = set(in_use.values_list("pk", flat=True)) - _proves_nothing(request, point)
    newest = passed.filter(about).order_by("-at")[:20]
    return next((verification for verification in newest if set(verification.points) & proving), None)


# --- the new value ---------------------------------------------------------------------------------------------------

ALREADY = gettext_lazy("That is what is on file already.")
SUPPLEMENTS = gettext_lazy("Nothing is on file there yet, so this supplements: choose that kind.")
CORRECTS = gettext_lazy("Something is on file there already, so this corrects or updates: choose one of them.")


def _take_value(correction: Correction, value: Any, knowingly: bool) -> None:
    setters = {Datum.NAME: _take_name, Datum.COMPANY: _take_company, Datum.LOGIN: _take_login}
    if correction.datum in ADDRESSES:
        _take_address(correction, str(value).strip(), knowingly)
    elif correction.datum in setters:
        setters[Datum(correction.datum)](correction, _one_line(str(value)))
    elif correction.datum == Datum.PASSWORD:
        correction.password_hash = str(value)
    elif correction.datum in Datum.values:
        correction.new_plain = value
    else:
        raise InvalidInput(_("There is no such datum to correct."))


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    if not line or len(line) > LONGEST_NAME or not line.isprintable():
        raise InvalidInput(_("Type the new value, in up to 200 characters on one line."))
    return line


def _require_kind(correction: Correction, on_file: object) -> None:
    """Require the kind "supplement" where nothing is on file, and another kind where something is."""
    if (correction.correction_kind == Kind.SUPPLEMENT) is not (on_file is None):
        raise InvalidInput(str(SUPPLEMENTS if on_file is None else CORRECTS))


def _take_name(correction: Correction, value: str) -> None:
    _require_kind(correction, correction.customer.full_name)
    if not name_words(value):
        raise InvalidInput(_("Type the new value, in up to 200 characters on one line."))
    if correction.customer.full_name == value:
        raise InvalidInput(str(ALREADY))
    correction.new_name, correction.new_name_digests = value, digests_of(value)


def _take_company(correction: Correction, value: str) -> None:
    _require_kind(correction, correction.customer.company)
    if correction.customer.company == value:
        raise InvalidInput(str(ALREADY))
    correction.new_company = value


def _take_login(correction: Correction, value: str) -> None:
    service = correction.service_access
    if service is None or service.customer_id != correction.customer_id:
        raise InvalidInput(_("Say of which service."))
    service.refresh_from_db()
    _require_kind(correction, service.login)
    if service.login == value:
        raise InvalidInput(str(ALREADY))
    correction.new_login = value


def _take_address(correction: Correction, value: str, knowingly: bool) -> None:
    channel, old = str(correction.datum), correction.old_point
    _require_kind(correction, old)  # before any comparison, so that the answer does not reveal what is on file
    index = index_of(channel, value)
    if old is not None:
        if old.customer_id != correction.customer_id or old.channel != channel:
            raise InvalidInput(_("Say which address is to be replaced."))
        if old.anew().state == ContactPoint.State.RETIRED:
            raise InvalidInput(_("That address is no longer used; add the new one instead."))
        if old.index == index:
            raise InvalidInput(str(ALREADY))
    if channel == ContactPoint.Channel.PHONE and not settings.SMS_GATEWAY:
        raise InvalidInput(_("This installation sends no text messages, so a new number cannot be confirmed."))
    correction.new_point = add_point(correction.customer, channel, value, knowingly=knowingly)
