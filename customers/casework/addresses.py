"""What becomes of an address: no longer used, mail comes back, and whether it may be written to at all."""

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
from customers.models.holds import Hold
from customers.permissions.casework import can_decide_escalated
from customers.validation.contact_data import CellError, read_email, read_phone
from customers.validation.errors import InvalidInput
from customers.validation.tickets import normal_ticket
from customers.vault.blind_index import email_index, phone_index

Channel, State = ContactPoint.Channel, ContactPoint.State


class KnownElsewhere(InvalidInput):
    """The address was another customer's once; whoever adds it says that this is known."""


@dataclass(frozen=True)
class MayWrite:
    """Whether an address may be written to; falsy where it may not, with the sentence that says why."""

    why_not: str | Promise = ""

    def __bool__(self) -> bool:
        return not self.why_not


NOT_WRITTEN_TO: dict[str, Promise] = {
    State.UNVERIFIED: gettext_lazy("its owner has not confirmed it yet"),
    State.RETIRED: gettext_lazy("it is no longer used"),
    State.BOUNCED: gettext_lazy("mail to it comes back"),
    State.SUSPENDED: gettext_lazy("it is suspended"),
}


def may_write_to(point: ContactPoint) -> MayWrite:
    """Whether a letter of the desk may go there: an active, unheld address that this installation can reach."""
    if point.state != State.ACTIVE:
        return MayWrite(NOT_WRITTEN_TO[point.state])
    return may_reach(point)


def may_reach(point: ContactPoint) -> MayWrite:
    """Whether a message can leave for such an address at all: text messages need a gateway."""
    if point.channel == Channel.PHONE and not settings.SMS_GATEWAY:
        return MayWrite(gettext_lazy("this installation sends no text messages"))
    return MayWrite()


def may_send_confidential(point: ContactPoint) -> MayWrite:
    """Whether what only the customer may read may go there: an active, unheld address its owner has confirmed."""
    if not (allowed := may_write_to(point)):
        return allowed
    return MayWrite() if point.verified_at else MayWrite(NOT_WRITTEN_TO[State.UNVERIFIED])


def written_to(customer: Customer, *, but: ContactPoint | None = None) -> ContactPoint | None:
    """The address that a letter to this customer goes to: a confirmed one first, e-mail before phone; or None."""
    points = customer.contact_points.filter(state=State.ACTIVE).exclude(pk=but.pk if but else 0)
    usable = [point for point in points.order_by("channel", "-added_at") if may_write_to(point)]
    return min(usable, key=lambda point: (point.channel, point.verified_at is None), default=None)


# --- a new one -----------------------------------------------------------------------------------------------------


def normal(channel: str, text: str) -> str:
    """An address as it is kept, by the same rules as in an import. Raises ``InvalidInput`` for what is none."""
    try:
        found = read_email(text) if channel == Channel.EMAIL else read_phone(text)
    except CellError:
        found = None
    if found and found.isprintable():
        return found
    if channel == Channel.EMAIL:
        raise InvalidInput(_("This is no e-mail address; check how it is written."))
    raise InvalidInput(_("This is no phone number; check how it is written."))


def index_of(channel: str, text: str) -> dict[str, str]:
    """The blind index of an address by the name of its column. Raises ``InvalidInput`` for what is no such address."""
    kept = normal(channel, text)
    return {"email_index": email_index(kept)} if channel == Channel.EMAIL else {"phone_index": phone_index(kept)}


def held_anywhere(index: dict[str, str]) -> bool:
    """True where an address with this blind index is suspended at whatever customer."""
    suspended = {f"contact_point__{column}": digest for column, digest in index.items()}
    return Hold.objects.filter(state=Hold.State.OPEN, **suspended).exists()


def condemned(index: dict[str, str]) -> bool:
    """True where an address with this blind index served a fraud at whatever customer."""
    found = {f"contact_point__{column}": digest for column, digest in index.items()}
    return Hold.objects.filter(state=Hold.State.FRAUD, **found).exists()


def add_point(customer: Customer, channel: str, text: str, *, knowingly: bool = False) -> ContactPoint:
    """Put an unconfirmed address beside a customer's others, on record, inside an act under way.

    Raises ``InvalidInput`` where the customer has it already or where it is suspended anywhere; ``KnownElsewhere``
    where it served a fraud, or another customer has stopped using it, and nobody has said that this is known: it may be
    a stranger's.
    """
    lock_installation()
    index = index_of(channel, text)
    same = Q(**index)
    if customer.contact_points.filter(same).exclude(state=State.RETIRED).exists():
        raise InvalidInput(_("The customer has this address on file already."))
    if held_anywhere(index):
        raise InvalidInput(_("This address is suspended; nothing is done with it before that is cleared up."))
    others = ContactPoint.objects.filter(same).exclude(customer=customer)
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
    """The customer no longer uses this address: nobody writes to it any more, and another one is asked for.

    Returns the letter that asks, which has been sent to another address in use, or None where there is none. Raises
    ``InvalidInput`` for one that is suspended or retired, ``Refused`` (on record) where ``by`` does not work on the
    customer's requests.
    """
    customer = point.customer
    ticket = normal_ticket(ticket)
    with acting_on_customer(customer, "retire", by=by):
        _require_unheld(point)
        for correction in Correction.objects.filter(new_point=point, state__in=Correction.WAITING):
            if correction.state == Correction.State.WITH_OFFICER and not can_decide_escalated(by, customer):
                raise Refuse("no_right", _("An officer decides about this address. The refusal is on record."))
            correction.transition("withdraw", customer=customer, datum=correction.datum)
        point.transition("retire", customer=customer, ticket=ticket)
        other = written_to(customer, but=point)
        letter = None
        if other is not None:
            letter = prepare(other, Notice.What.NEW_ADDRESS, letters.new_address(customer, point.channel))
    return send(letter, by=by) if letter is not None else None


def bounce(point: ContactPoint, *, by: StaffMember, ticket: str = "") -> ContactPointMove:
    """Mail to this address came back, or the number is not in service: it is not written to until it is confirmed.

    Raises as ``retire``.
    """
    ticket = normal_ticket(ticket)
    with acting_on_customer(point.customer, "bounce", by=by):
        _require_unheld(point)
        move: ContactPointMove = point.transition("bounce", customer=point.customer, ticket=ticket)
    return move


def _require_unheld(point: ContactPoint) -> None:
    if point.anew().state == State.SUSPENDED:
        raise InvalidInput(str(HELD))
