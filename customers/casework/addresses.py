"""Addresses of a customer: add, retire, mark as bounced, and decide whether a letter may be sent there.

Suspending an address is in ``holds``, confirming one in ``address_verification``.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.acts.acting import Refuse, acting_on_customer, lock_installation
from customers.messages import letters
from customers.messages.notices import Letter, prepare, send
from customers.models import (
    ContactPoint,
    ContactPointAdded,
    ContactPointMove,
    Correction,
    Customer,
    Notice,
    StaffMember,
)
from customers.models.acts import Act, RefusalReason
from customers.models.holds import Hold
from customers.permissions.casework import can_decide_escalated
from customers.validation.contact_data import CellError, read_email, read_phone
from customers.validation.errors import InvalidInput
from customers.validation.tickets import normal_ticket
from customers.vault.blind_index import email_index, phone_index

Channel, State = ContactPoint.Channel, ContactPoint.State


class KnownElsewhere(InvalidInput):
    """The address once belonged to another customer or served a fraud, and the caller did not say ``knowingly``."""


@dataclass(frozen=True)
class MayWrite:
    """The decision whether an address may be written to; falsy where it may not, with the reason in ``why_not``."""

    why_not: str | Promise = ""

    def __bool__(self) -> bool:
        return not self.why_not


NOT_WRITTEN_TO: dict[str, Promise] = {
    State.UNVERIFIED: gettext_lazy("its owner has not confirmed it yet"),
    State.RETIRED: gettext_lazy("it is no longer used"),
    State.BOUNCED: gettext_lazy("mail to it bounces"),
    State.SUSPENDED: gettext_lazy("it is suspended"),
}


def may_write_to(point: ContactPoint) -> MayWrite:
    """Whether the desk may send a letter there: an active address, not suspended, that this installation can reach."""
    if point.state != State.ACTIVE:
        return MayWrite(NOT_WRITTEN_TO[point.state])
    return may_reach(point)


def may_reach(point: ContactPoint) -> MayWrite:
    """Whether this installation can send to the channel of an address: text messages need a gateway."""
    if point.channel == Channel.PHONE and not settings.SMS_GATEWAY:
        return MayWrite(gettext_lazy("this installation sends no text messages"))
    return MayWrite()


def may_send_confidential(point: ContactPoint) -> MayWrite:
    """Whether confidential content may go there: as ``may_write_to``, and the owner has confirmed the address."""
    if not (allowed := may_write_to(point)):
        return allowed
    return MayWrite() if point.verified_at else MayWrite(NOT_WRITTEN_TO[State.UNVERIFIED])


def written_to(customer: Customer, *, but: ContactPoint | None = None) -> ContactPoint | None:
    """The address for a letter to this customer, never ``but``: e-mail before phone, then a confirmed one; or None."""
    points = customer.contact_points.filter(state=State.ACTIVE).exclude(pk=but.pk if but else 0)
    usable = [point for point in points.order_by("channel", "-added_at") if may_write_to(point)]
    return min(usable, key=lambda point: (point.channel, point.verified_at is None), default=None)


# --- a new address ---------------------------------------------------------------------------------------------------


def normal(channel: str, text: str) -> str:
    """An address in the form in which it is stored, as in an import. Raises ``InvalidInput`` for an invalid one."""
    try:
        address = read_email(text) if channel == Channel.EMAIL else read_phone(text)
    except CellError:
        address = None
    if address and address.isprintable():
        return address
    if channel == Channel.EMAIL:
        raise InvalidInput(_("This is no e-mail address; check how it is written."))
    raise InvalidInput(_("This is no phone number; check how it is written."))


def index_of(channel: str, text: str) -> dict[str, str]:
    """The blind index of an address, keyed by its column's name. Raises ``InvalidInput`` for an invalid address."""
    address = normal(channel, text)
    return {"email_index": email_index(address)} if channel == Channel.EMAIL else {"phone_index": phone_index(address)}


def held_anywhere(index: dict[str, str]) -> bool:
    """True where an address with this blind index is suspended, whichever customer it belongs to."""
    suspended = {f"contact_point__{column}": digest for column, digest in index.items()}
    return Hold.objects.filter(state=Hold.State.OPEN, **suspended).exists()


def condemned(index: dict[str, str]) -> bool:
    """True where an address with this blind index has served a fraud, whichever customer it belongs to."""
    fraudulent = {f"contact_point__{column}": digest for column, digest in index.items()}
    return Hold.objects.filter(state=Hold.State.FRAUD, **fraudulent).exists()


def add_point(customer: Customer, channel: str, text: str, *, knowingly: bool = False) -> ContactPoint:
    """Add an unconfirmed address to a customer, with its record, inside an act under way.

    Raises ``InvalidInput`` where the customer has it already or where it is suspended anywhere. Raises
    ``KnownElsewhere`` without ``knowingly`` where it has served a fraud or another customer has stopped using it: it
    may belong to a stranger.
    """
    lock_installation()
    index = index_of(channel, text)
    same_value = Q(**index)
    if customer.contact_points.filter(same_value).exclude(state=State.RETIRED).exists():
        raise InvalidInput(_("The customer has this address on file already."))
    if held_anywhere(index):
        raise InvalidInput(_("This address is suspended; nothing is done with it before that is cleared up."))
    others = ContactPoint.objects.filter(same_value).exclude(customer=customer)
    once_others = others.filter(state=State.RETIRED).exists() and not others.filter(state=State.ACTIVE).exists()
    if condemned(index) and not knowingly:
        raise KnownElsewhere(_("This address served a fraud once. Make sure whose it is now, and say so below."))
    if once_others and not knowingly:
        sentence = _(
            "Another customer has stopped using this address. Make sure that it belongs to this one now, and say so"
            " below."
        )
        raise KnownElsewhere(sentence)
    point = ContactPoint(
        customer=customer,
        channel=channel,
        source=ContactPoint.Source.STAFF,
        state=State.UNVERIFIED,
        **{channel: normal(channel, text)},
    )
    point.save()
    ContactPointAdded(customer=customer, contact_point=point, known_elsewhere=once_others).save()
    return point


# --- acts ----------------------------------------------------------------------------------------------------------

HELD = gettext_lazy("This address is suspended. Clear that up first; until then nothing is done with it.")


def retire(point: ContactPoint, *, by: StaffMember, ticket: str = "") -> Letter | None:
    """Retire an address that the customer no longer uses, and ask the customer for a new one.

    Returns the letter that asks, sent to another address in use, or None where there is none. Corrections that wait for
    this address are withdrawn. Raises ``InvalidInput`` for an address that is suspended or retired, ``Refused`` (on
    record) where ``by`` does not work on the customer's requests.
    """
    customer = point.customer
    ticket = normal_ticket(ticket)
    with acting_on_customer(customer, Act.RETIRE, by=by):
        _require_unheld(point)
        for correction in Correction.objects.filter(new_point=point, state__in=Correction.WAITING):
            if correction.state == Correction.State.WITH_OFFICER and not can_decide_escalated(by, customer):
                raise Refuse(
                    RefusalReason.NO_RIGHT, _("An officer decides about this address. The refusal is on record.")
                )
            correction.transition("withdraw", customer=customer, datum=correction.datum)
        point.transition("retire", customer=customer, ticket=ticket)
        other = written_to(customer, but=point)
        letter = None
        if other is not None:
            letter = prepare(other, Notice.What.NEW_ADDRESS, letters.new_address(customer, point.channel))
    return send(letter, by=by) if letter is not None else None


def bounce(point: ContactPoint, *, by: StaffMember, ticket: str = "") -> ContactPointMove:
    """Mark an address as bounced (mail came back, number not in service): no letter goes there until it is confirmed.

    Raises as ``retire``.
    """
    ticket = normal_ticket(ticket)
    with acting_on_customer(point.customer, Act.BOUNCE, by=by):
        _require_unheld(point)
        move: ContactPointMove = point.transition("bounce", customer=point.customer, ticket=ticket)
    return move


def _require_unheld(point: ContactPoint) -> None:
    if point.anew().state == State.SUSPENDED:
        raise InvalidInput(str(HELD))
