"""Sends a message to a customer under a purpose: the gate first, then the record, then the message.

Nobody at the desk sees the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.choices.letters import footer
from consent.choices.unsubscribe import headers_for, link_for
from consent.gate.gate import ContactDecision, may_contact
from consent.gate.purposes import channel_of
from consent.gate.refusals import put_on_record
from consent.models import Channel, ContactRefusal, Message, MessageOutcome, MessageTemplate, Purpose
from consent.models.acts import ConsentAct
from consent.outreach.templates import filled_in, templates
from consent.permissions import can_write_to
from customers.acts.acting import acting_on_customer
from customers.acts.refusals import Refused
from customers.casework.addresses import may_reach
from customers.messages.delivery import Words, deliver, settle
from customers.models import ContactPoint, Customer, StaffMember
from customers.validation.errors import InvalidInput

SENT_WITHIN = timedelta(minutes=10)
"""How long the record of a message accounts for opening the address it goes to."""
LONGEST_SUBJECT, LONGEST_TEXT, LONGEST_SMS = 120, 4000, 400
NO_RIGHT = gettext_lazy("You do not write to this customer. The refusal is on record.")


@dataclass(frozen=True, repr=False)
class Written:
    """A message on record, and whether it was sent. It has no ``repr``, because its text is the customer's data."""

    message: Message
    decision: ContactDecision
    outcome: MessageOutcome | None

    @property
    def left(self) -> bool:
        """True where the message was handed to the mail server or gateway, and that is on record."""
        return self.outcome is not None and self.outcome.left


class _Stopped(Exception):
    """The gate refused: the act is rolled back, and the refusal is put on record afterwards."""

    def __init__(self, decision: ContactDecision) -> None:
        super().__init__(decision.why)
        self.decision = decision


def write(
    customer: Customer,
    purpose: Purpose,
    channel: str,
    *,
    by: StaffMember,
    subject: str = "",
    text: str = "",
    template: MessageTemplate | None = None,
) -> Written:
    """Write to a customer by e-mail or text message, with a text or a template, in the customer's language.

    News carry an unsubscribe link. Raises ``InvalidInput`` for texts that are not allowed, for a template of another
    purpose and for the phone channel; ``Refused`` (on record) where the gate says no, or where ``by`` may not write to
    this customer.
    """
    way = channel_of(channel)
    if way == Channel.PHONE:
        raise InvalidInput(_("Nothing can be written to a call; choose e-mail or text message."))
    if template is not None:
        if text.strip() or template.purpose_id != purpose.code:
            raise InvalidInput(_("Use the template of this purpose, or words of your own, not both."))
        if template not in templates(purpose):
            raise InvalidInput(_("Somebody else has just set it. Look at it again."))
        subject, text = filled_in(template, customer)
    words = _words(customer, way, subject, text)
    try:
        with acting_on_customer(customer, ConsentAct.WRITE, by=by, may=can_write_to, sentence=NO_RIGHT):
            decision = may_contact(customer, purpose, way)
            if not decision:
                raise _Stopped(decision)
            point = ContactPoint.objects.get(pk=decision.point or 0)
            point.customer = customer
            message = _put(customer, point, decision, words, template)
    except _Stopped as stopped:
        put_on_record(stopped.decision, customer, ContactRefusal.Door.DESK, by=by)
        sentence = _("Not sent: %(why)s. That it was stopped is on record.") % {"why": stopped.decision.sentence}
        raise Refused(sentence, stopped.decision.why) from None
    return _send(message, decision, words, by=by)


def _words(customer: Customer, way: Channel, subject: str, text: str) -> Words:
    subject, text = " ".join(subject.split()), text.replace("\r\n", "\n").strip()
    longest = LONGEST_SMS if way == Channel.SMS else LONGEST_TEXT
    if not text or len(text) > longest:
        raise InvalidInput(_("Write something, in up to %(longest)s characters.") % {"longest": longest})
    if way == Channel.EMAIL and not subject:
        raise InvalidInput(_("An e-mail needs a subject."))
    if len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise InvalidInput(_("A subject has up to 120 characters on one line."))
    if not all(character.isprintable() or character == "\n" for character in text):
        raise InvalidInput(_("There are control characters in it; type it as plain text."))
    return Words(customer.locale, subject, text)


def _put(
    customer: Customer, point: ContactPoint, decision: ContactDecision, words: Words, template: MessageTemplate | None
) -> Message:
    """Put the message on record, its text sealed. Raises ``InvalidInput`` where it could not be sent."""
    if not (reachable := may_reach(point)):
        raise InvalidInput(_("It cannot be sent: %(why)s.") % {"why": reachable.why_not})
    if decision.purpose.is_news and not settings.SITE_URL:
        raise InvalidInput(_("News need a link to stop them: have an administrator set SITE_URL."))
    address = point.address
    assert address is not None
    message = Message(
        customer=customer, contact_point=point, purpose=decision.purpose, channel=decision.channel,
        is_news=decision.purpose.is_news, rests_on_id=decision.event if decision.consented else None,
        template=template, language=words.language, field=address.field, row_seal_id=point.seal_id, datum=address.kind,
        text=f"{words.subject}\n\n{words.body}", closes_at=timezone.now() + SENT_WITHIN,
    )  # fmt: skip
    message.save()
    return message


def _send(message: Message, decision: ContactDecision, words: Words, *, by: StaffMember) -> Written:
    """Send the message, news with the unsubscribe link, and put on record whether that worked."""
    headers: dict[str, str] = {}
    if message.is_news:
        link = link_for(message.customer, message.purpose)
        below = footer(message.customer, message.purpose, link)
        words = Words(words.language, words.subject, f"{words.body}\n\n-- \n{below}\n")
        headers = headers_for(link) if message.channel == Channel.EMAIL else {}
    state = ContactPoint.objects.values_list("state", flat=True).get(pk=message.contact_point_id)  # may have changed
    why = deliver(message, message.contact_point, words, headers) if state == ContactPoint.State.ACTIVE else state
    outcome = MessageOutcome(customer=message.customer, message=message, left=not why, why=why)
    return Written(message, decision, outcome if settle(outcome, message.contact_point, by=by) else None)
