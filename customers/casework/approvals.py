"""Decisions on a proposed correction: approve or refuse it as a second person, or withdraw it.

Proposing one is in ``corrections``, putting it into effect in ``apply_correction``.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.acts.acting import NO_WORK, Refuse, acting_on_customer
from customers.casework.address_verification import prepare_check
from customers.casework.addresses import HELD
from customers.casework.apply_correction import NOT_WHILE_PARKED, is_blocked, is_overtaken, take_over
from customers.casework.corrections import ENDED
from customers.casework.requests import drop
from customers.messages.notices import Letter, send
from customers.models import Correction, Customer, StaffMember
from customers.models.acts import Act, RefusalReason
from customers.permissions.casework import can_approve, can_decide_escalated, can_handle, can_work_on
from customers.validation.errors import InvalidInput

NOT_YOURS = gettext_lazy(
    "Somebody else approves this: a lead of the customer’s team; what waits for an officer, an officer; never who"
    " proposed it."
)


def approve(correction: Correction, *, by: StaffMember) -> Letter | None:
    """Approve a correction. A new address must be confirmed by its owner first; other data change at once.

    Returns the letter that was sent (the one that asks the owner of a new address), or None. Raises ``InvalidInput``
    while the request behind it is parked, where the old address has been suspended since, or where the correction no
    longer waits; ``Refused`` (on record) for the person who proposed it and for anybody without the right to approve.
    """
    with acting_on_customer(
        correction.customer, Act.APPROVE, by=by, may=lambda person, customer: _may_approve(person, correction)
    ):
        current: Correction = correction.anew()
        if is_blocked(current):
            raise InvalidInput(str(NOT_WHILE_PARKED))
        if current.origin == Correction.Origin.PROACTIVE and current.customer.status == Customer.Status.ENDED:
            raise Refuse(RefusalReason.ENDED_CUSTOMER, str(ENDED))
        if is_overtaken(current):
            raise InvalidInput(str(HELD))
        current.transition("approve", customer=current.customer, datum=current.datum, update={"approved_by": by})
        letter = _go_on(current)
    return send(letter, by=by) if letter else None


def _may_approve(person: StaffMember, correction: Correction) -> bool:
    current: Correction = correction.anew()
    if current.proposed_by_id == person.pk:
        raise Refuse(RefusalReason.OWN_PROPOSAL, str(NOT_YOURS))
    if current.state not in (Correction.State.PROPOSED, Correction.State.WITH_OFFICER):
        sentence = _("Nothing was done: meanwhile this is “%(state)s”. Look at it again.")
        raise InvalidInput(sentence % {"state": current.get_state_display()})
    if not can_approve(person, current):
        raise Refuse(RefusalReason.NO_RIGHT, str(NOT_YOURS))
    return True


def _go_on(correction: Correction) -> Letter | None:
    return take_over(correction) if correction.new_point is None else prepare_check(correction.new_point)


def refuse_correction(correction: Correction, *, by: StaffMember, why: str) -> None:
    """Refuse a correction for a coded reason; the new address that waited for it is retired.

    Raises ``InvalidInput`` for an unknown reason or a correction that no longer waits; ``Refused`` as ``approve``.
    """
    if why not in Correction.WhyRefused.values:
        raise InvalidInput(_("Pick a reason."))
    with acting_on_customer(
        correction.customer, Act.REFUSE_CORRECTION, by=by, may=lambda person, customer: _may_approve(person, correction)
    ):
        drop(correction.anew(), "refuse", why=why)


def withdraw_correction(correction: Correction, *, by: StaffMember) -> None:
    """Withdraw a waiting correction: staff who work on the customer's requests, or an officer where it is with one.

    Raises ``Refused`` (on record) for anybody else.
    """
    with acting_on_customer(correction.customer, Act.WITHDRAW_CORRECTION, by=by, may=can_handle):
        current: Correction = correction.anew()
        waits_for_officer = current.state == Correction.State.WITH_OFFICER
        if not (can_decide_escalated if waits_for_officer else can_work_on)(by, current.customer):
            raise Refuse(RefusalReason.NO_RIGHT, str(NO_WORK))
        drop(current, "withdraw")
