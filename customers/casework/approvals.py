"""The second person's word on a correction: agreed, refused, or withdrawn by whoever proposed it."""

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
from customers.permissions.casework import can_approve, can_decide_escalated, can_handle, can_work_on
from customers.validation.errors import InvalidInput

NOT_YOURS = gettext_lazy(
    "Somebody else approves this: a lead of the customer’s team; what waits for an officer, an officer; never who"
    " proposed it."
)


def approve(correction: Correction, *, by: StaffMember) -> Letter | None:
    """Agree to a correction. A new address is asked to confirm itself first; anything else takes over at once.

    Returns the letter that was sent, to the new address or to the one that was replaced. Raises ``InvalidInput`` while
    the request behind it is parked, or where it no longer waits; ``Refused`` (on record) for whoever proposed it, and
    for anybody who does not approve.
    """
    with acting_on_customer(
        correction.customer, "approve", by=by, may=lambda person, customer: _may_approve(person, correction)
    ):
        now: Correction = correction.anew()
        if is_blocked(now):
            raise InvalidInput(str(NOT_WHILE_PARKED))
        if now.origin == Correction.Origin.PROACTIVE and now.customer.status == Customer.Status.ENDED:
            raise Refuse("ended_customer", str(ENDED))
        if is_overtaken(now):
            raise InvalidInput(str(HELD))
        now.transition("approve", customer=now.customer, datum=now.datum, update={"approved_by": by})
        letter = _go_on(now)
    return send(letter, by=by) if letter else None


def _may_approve(person: StaffMember, correction: Correction) -> bool:
    now: Correction = correction.anew()
    if now.proposed_by_id == person.pk:
        raise Refuse("own_proposal", str(NOT_YOURS))
    if now.state not in (Correction.State.PROPOSED, Correction.State.WITH_OFFICER):
        sentence = _("Nothing was done: meanwhile this is “%(state)s”. Look at it again.")
        raise InvalidInput(sentence % {"state": now.get_state_display()})
    if not can_approve(person, now):
        raise Refuse("no_right", str(NOT_YOURS))
    return True


def _go_on(correction: Correction) -> Letter | None:
    return take_over(correction) if correction.new_point is None else prepare_check(correction.new_point)


def refuse_correction(correction: Correction, *, by: StaffMember, why: str) -> None:
    """Refuse a correction for a coded reason; a new address that waited for it is not used. Raises as ``approve``."""
    if why not in Correction.WhyRefused.values:
        raise InvalidInput(_("Pick a reason."))
    with acting_on_customer(
        correction.customer, "refuse_correction", by=by, may=lambda person, customer: _may_approve(person, correction)
    ):
        drop(correction.anew(), "refuse", why=why)


def withdraw_correction(correction: Correction, *, by: StaffMember) -> None:
    """Take a correction back that waits: by whoever works on the customer's requests; from an officer, an officer."""
    with acting_on_customer(correction.customer, "withdraw_correction", by=by, may=can_handle):
        now: Correction = correction.anew()
        waits_for_officer = now.state == Correction.State.WITH_OFFICER
        if not (can_decide_escalated if waits_for_officer else can_work_on)(by, now.customer):
            raise Refuse("no_right", str(NO_WORK))
        drop(now, "withdraw")
