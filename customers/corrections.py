"""Correcting what is on file: one datum, one act, with kind, ground, origin and evidence; a version of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.acting import Declined, working
from customers.addresses import HELD, add_point, index_of
from customers.crm_rows import LONGEST_NAME
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
from customers.models.corrections import ADDRESSES, NEEDS_SECOND, Datum
from customers.names import digests_of
from customers.refusals import Unusable
from customers.taking_over import take_over
from customers.tickets import normal_ticket
from customers.vault.blind_index import name_words

Kind, Ground, Origin, State = Correction.Kind, Correction.Ground, Correction.Origin, Correction.State
SAME_CALL = timedelta(minutes=30)
"""A caller is verified first and the request put on file after: so long before counts as the same call."""

BY_VOICE = (CustomerRequest.CameBy.PHONE, CustomerRequest.CameBy.IN_PERSON)


@dataclass(frozen=True)
class Why:
    """Why a datum is corrected: kind, ground, origin and evidence as codes, and the number of a ticket or a file."""

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
    """Correct one datum of a customer, or propose it where somebody else has to agree or the owner to confirm.

    ``point`` is the address that is replaced (None: another one is added), ``service`` the one whose login changes.
    ``knowingly``: a new address was another customer's once, and that is known. Raises ``Unusable`` where the value,
    the reasons or the request make no sense; ``Refused`` (on record) where ``by`` does not work on the customer's
    requests, on one's own initiative for an ended customer, or for a customer who was not verified by another way.
    """
    with working("correct", customer, by=by):
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
    """The same inside an act under way, whose caller has asked who may."""
    _demand_sense(why)
    _demand_nothing_waits(customer, datum, point, service)
    state = _begins_as(customer, why, point)
    correction = Correction(
        customer=customer, datum=datum, correction_kind=why.kind, ground=why.ground, origin=why.origin,
        request=why.request, proof=why.proof, proof_reference=why.proof_reference, proof_text=why.text.strip() or None,
        old_point=point, service_access=service, needs_second=datum in NEEDS_SECOND, state=state, proposed_by=by,
    )  # fmt: skip
    _take_value(correction, value, knowingly)
    correction.save()
    CorrectionProposed(
        customer=customer, correction=correction, datum=datum, correction_kind=why.kind, ground=why.ground,
        origin=why.origin, request=why.request, proof=why.proof, proof_reference=why.proof_reference, state=state,
    ).save()  # fmt: skip
    if state == State.PROPOSED and not correction.needs_second:
        correction.move("approve", customer=customer, datum=datum)
        take_over(correction)
    return correction


# --- may it be begun, and as what ------------------------------------------------------------------------------------


def _demand_sense(why: Why) -> None:
    if why.kind not in Kind.values or why.ground not in Ground.values or why.origin not in Origin.values:
        raise Unusable(_("Choose kind, ground and on whose initiative."))
    if why.proof not in Correction.Proof.values:
        raise Unusable(_("Choose the evidence: a ticket, a call, a document."))
    if why.proof == Correction.Proof.TICKET and not why.proof_reference:
        raise Unusable(_("Type the number of the ticket."))
    if why.proof == Correction.Proof.FILE:
        return
    normal_ticket(why.proof_reference)


def _demand_nothing_waits(
    customer: Customer, datum: str, point: ContactPoint | None, service: ServiceAccess | None
) -> None:
    waiting = Correction.objects.filter(
        customer=customer, datum=datum, old_point=point, service_access=service, state__in=Correction.WAITING
    )
    if waiting.exists():
        raise Unusable(_("A correction of this waits already; have it approved, or withdraw it first."))


def _begins_as(customer: Customer, why: Why, point: ContactPoint | None) -> str:
    """The state a correction begins in. Raises ``Declined`` or ``Unusable`` where it may not begin."""
    ended = customer.status == Customer.Status.ENDED
    if why.origin == Origin.PROACTIVE:
        if ended:
            sentence = _("This customer has ended. What is on file is corrected only when the customer asks.")
            raise Declined("ended_customer", sentence)
        if point is not None and point.locked().state == ContactPoint.State.SUSPENDED:
            raise Unusable(str(HELD))
        return State.PROPOSED
    _demand_request(customer, why.request)
    assert why.request is not None
    if ended or not _others_in_use(customer, point):
        return State.WITH_OFFICER
    if not verified_otherwise(customer, why.request, point):
        sentence = _("Verify the customer first, by something else than the address that is to be changed.")
        raise Declined("not_verified", sentence)
    return State.PROPOSED


def _demand_request(customer: Customer, request: CustomerRequest | None) -> None:
    if request is None:
        raise Unusable(_("Say on which request: put the customer’s request on file first."))
    state = request.locked().state
    if request.customer_id != customer.pk or state not in (
        CustomerRequest.State.OPEN,
        CustomerRequest.State.WITH_OFFICER,
    ):
        raise Unusable(_("This needs an open request of this customer; one that is parked or closed does not do."))


def _others_in_use(customer: Customer, point: ContactPoint | None) -> bool:
    in_use = customer.contact_points.filter(state__in=(ContactPoint.State.ACTIVE, ContactPoint.State.UNVERIFIED))
    return in_use.exclude(pk=point.pk if point else 0).exists()


def verified_otherwise(customer: Customer, request: CustomerRequest, point: ContactPoint | None) -> Verification | None:
    """The newest verification that carries a request to change ``point``, or None.

    All that was said matched, an address other than ``point`` and other than the request's own was among it, and it
    came after the request: for one by voice, in the same call.
    """
    since = request.received.at - (SAME_CALL if request.came_by in BY_VOICE else timedelta(0))
    passed = Verification.objects.filter(customer=customer, at__gte=since, misses=0).order_by("-at")
    proves_nothing = {point.pk if point else None, request.from_point_id if request.came_by not in BY_VOICE else None}
    return next((each for each in passed[:20] if set(each.points) - proves_nothing), None)


# --- the new value ---------------------------------------------------------------------------------------------------

ALREADY = gettext_lazy("That is what is on file already.")
SUPPLEMENTS = gettext_lazy("Nothing is on file there yet, so this supplements: choose that kind.")
CORRECTS = gettext_lazy("Something is on file there already, so this corrects or updates: choose one of them.")


def _take_value(correction: Correction, value: Any, knowingly: bool) -> None:
    takers = {Datum.NAME: _take_name, Datum.COMPANY: _take_company, Datum.LOGIN: _take_login}
    if correction.datum in ADDRESSES:
        _take_address(correction, str(value).strip(), knowingly)
    elif correction.datum in takers:
        takers[Datum(correction.datum)](correction, _one_line(str(value)))
    elif correction.datum == Datum.PASSWORD:
        correction.password_hash = str(value)
    elif correction.datum in Datum.values:
        correction.new_plain = value
    else:
        raise Unusable(_("There is no such datum to correct."))


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    if not line or len(line) > LONGEST_NAME or not line.isprintable():
        raise Unusable(_("Type the new value, in up to 200 characters on one line."))
    return line


def _demand_kind(correction: Correction, on_file: object) -> None:
    """Supplement where nothing is on file, correct or update where something is."""
    if (correction.correction_kind == Kind.SUPPLEMENT) is not (on_file is None):
        raise Unusable(str(SUPPLEMENTS if on_file is None else CORRECTS))


def _take_name(correction: Correction, value: str) -> None:
    _demand_kind(correction, correction.customer.full_name)
    if not name_words(value):
        raise Unusable(_("Type the new value, in up to 200 characters on one line."))
    if correction.customer.full_name == value:
        raise Unusable(str(ALREADY))
    correction.new_name, correction.new_name_digests = value, digests_of(value)


def _take_company(correction: Correction, value: str) -> None:
    _demand_kind(correction, correction.customer.company)
    if correction.customer.company == value:
        raise Unusable(str(ALREADY))
    correction.new_company = value


def _take_login(correction: Correction, value: str) -> None:
    service = correction.service_access
    if service is None or service.customer_id != correction.customer_id:
        raise Unusable(_("Say of which service."))
    _demand_kind(correction, service.login)
    if service.login == value:
        raise Unusable(str(ALREADY))
    correction.new_login = value


def _take_address(correction: Correction, value: str, knowingly: bool) -> None:
    channel, old = str(correction.datum), correction.old_point
    index = index_of(channel, value)
    if old is not None:
        if old.customer_id != correction.customer_id or old.channel != channel:
            raise Unusable(_("Say which address is to be replaced."))
        if old.locked().state == ContactPoint.State.RETIRED:
            raise Unusable(_("That address is no longer used; add the new one instead."))
        if old.index == index:
            raise Unusable(str(ALREADY))
    _demand_kind(correction, old)
    correction.new_point = add_point(correction.customer, channel, value, knowingly=knowingly)
