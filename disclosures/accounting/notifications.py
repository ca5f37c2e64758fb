"""What must not be told to customers yet, whom it was told, and recipients who hold a value that was corrected."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.forms import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting
from customers.casework.addresses import written_to
from customers.messages.notices import Letter, prepare, send
from customers.models import Correction, Customer, Notice, StaffMember
from customers.models.acts import RefusalReason
from customers.models.corrections import Datum
from customers.permissions.customers import can_see
from customers.validation.calendar import today
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_words
from disclosures.accounting import letters
from disclosures.models import (
    CustomerTold,
    Disclosure,
    DisclosureRequest,
    Document,
    NonDisclosure,
    Recipient,
    RecipientTold,
)
from disclosures.models.acts import DisclosureAct
from disclosures.models.requests import Field
from disclosures.permissions import can_propose
from disclosures.recipients.documents import Upload, keep
from disclosures.requests.register import acting_on_request

ORAL_AT_MOST = timedelta(days=30)
"""An order that was only spoken holds for so long, unless a written one follows."""
LONGEST = timedelta(days=5 * 366)


def keep_from_customer(
    request: DisclosureRequest,
    *,
    by: StaffMember,
    form: str,
    instrument: str,
    until: date,
    document: Upload | None = None,
    words: str = "",
) -> NonDisclosure:
    """An authority orders that the customers are not told, to the end of that day. A new order replaces the last one.

    Raises ``InvalidInput`` for an end that is past or too far away (an oral order holds 30 days from the first one),
    for a written one without its document, or no basis.
    """
    instrument = clean_words(instrument)
    if not instrument or len(instrument) > 100:
        raise InvalidInput(_("Type what the order rests on, in up to 100 characters."))
    if form not in NonDisclosure.Form.values or not today() <= until <= today() + LONGEST:
        raise InvalidInput(_("Say how it was ordered, and a last day that is today or later."))
    if form == NonDisclosure.Form.WRITTEN and document is None:
        raise InvalidInput(_("Add the written order."))
    with acting_on_request(request, DisclosureAct.KEEP_FROM_CUSTOMER, by=by) as now:
        if now.basis != DisclosureRequest.Basis.AUTHORITY:
            raise InvalidInput(_("Only an authority may order this."))
        if form == NonDisclosure.Form.ORAL and until > _first_order(now) + ORAL_AT_MOST:
            raise InvalidInput(_("An oral order holds for 30 days at most; longer takes a written one."))
        kept = keep(document, Document.What.ORDER, recipient=now.recipient, request=now) if document else None
        row = NonDisclosure(
            request=now, form=form, instrument=instrument, until=until, document=kept, words=clean_words(words) or None
        )
        row.save()
    return row


def _first_order(request: DisclosureRequest) -> date:
    """The day the customers were first kept from knowing; today where they never were."""
    first = request.non_disclosures.order_by("pk").first()
    return timezone.localdate(first.at, timezone=timezone.get_default_timezone()) if first else today()


def order_on(request: DisclosureRequest) -> NonDisclosure | None:
    """The order that holds for a request now, or None."""
    newest = request.non_disclosures.order_by("-pk").first()
    return newest if newest is not None and newest.until >= today() else None


def _until() -> Subquery:
    newest = NonDisclosure.objects.filter(request=OuterRef("request")).order_by("-pk")
    return Subquery(newest.values("until")[:1])


def with_secrecy(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Entries of the log with the day to whose end each must not be told (``kept_until``; None: never was)."""
    annotated: QuerySet[Any] = rows.annotate(kept_until=_until())
    return annotated


def tellable(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those that may be told today."""
    return with_secrecy(rows).filter(Q(kept_until=None) | Q(kept_until__lt=today()))


# --- telling customers ------------------------------------------------------------------------------------------------


def to_tell() -> QuerySet[Any]:
    """Entries whose secrecy has ended, and whose customer has not been told: a task from the day after it ended."""
    told = CustomerTold.objects.filter(request=OuterRef("request"), customer=OuterRef("customer"))
    ended: QuerySet[Any] = with_secrecy(Disclosure.objects.all()).filter(kept_until__lt=today())
    return ended.filter(~Exists(told)).select_related("customer", "request", "details").order_by("kept_until", "pk")


def tell_customer(entry: Disclosure, *, by: StaffMember, without_letter: bool = False) -> Letter | None:
    """Tell the customer by letter what went to whom; where nobody can be written to, say that it was told otherwise.

    Raises ``InvalidInput`` while it must be kept back, or once it was told; ``Refused`` (on record) without the right.
    """
    with acting_on_request(entry.request, DisclosureAct.TELL_CUSTOMER, by=by) as now:
        customer = Customer.objects.select_for_update(no_key=True).get(pk=entry.customer_id)
        if order_on(now) is not None:
            raise InvalidInput(_("It must be kept from the customer still."))
        if CustomerTold.objects.filter(request=now, customer=customer).exists():
            raise InvalidInput(_("The customer was told before."))
        point = None if without_letter else written_to(customer)
        if point is None and not without_letter:
            raise InvalidInput(
                _("There is no address in use. Tell the customer by another way, then put that on record.")
            )
        words = letters.disclosed(customer, entry)
        letter = prepare(point, Notice.What.DISCLOSED, words) if point else None
        CustomerTold(customer=customer, request=now, notice=letter.notice if letter else None).save()
    return send(letter, by=by) if letter else None


# --- telling recipients -----------------------------------------------------------------------------------------------

FIELD_OF = {
    Datum.NAME: Field.NAME,
    Datum.COMPANY: Field.COMPANY,
    Datum.EMAIL: Field.EMAIL,
    Datum.PHONE: Field.PHONE,
    Datum.LOGIN: Field.LOGINS,
}


@dataclass(frozen=True)
class Outdated:
    """A recipient that got a value which was corrected since, and whether it was told (None: not yet)."""

    recipient: Recipient
    entry: Disclosure
    told: RecipientTold | None


def outdated(correction: Correction) -> list[Outdated]:
    """Who got the old value of what was corrected: each recipient with its newest entry before the correction."""
    field = FIELD_OF.get(Datum(correction.datum))
    if field is None or correction.state != Correction.State.DONE:
        return []
    before = Disclosure.objects.filter(customer=correction.customer, at__lt=correction.state_since)
    newest: dict[int, Disclosure] = {}
    for entry in before.select_related("recipient", "details").order_by("pk"):
        if field in entry.fields:
            newest[entry.recipient_id] = entry
    told = {row.recipient_id: row for row in RecipientTold.objects.filter(correction=correction)}
    return [Outdated(entry.recipient, entry, told.get(key)) for key, entry in sorted(newest.items())]


def tell_recipients(correction: Correction, *, by: StaffMember) -> list[tuple[RecipientTold, bool]]:
    """Tell all who got the old value that it was corrected since; the new value is not in it. One action.

    Returns each that had not been told, with whether a letter has left; where none has, it is printed and posted.
    Raises ``InvalidInput`` where nobody is left to tell, ``Refused`` (on record) without the right.
    """
    with acting(DisclosureAct.TELL_RECIPIENT, by=by):
        if not (can_propose(by) and can_see(by, correction.customer)):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers tell recipients. The refusal is on record."))
        Customer.objects.select_for_update(no_key=True).get(pk=correction.customer_id)
        waiting = [each for each in outdated(correction) if each.told is None]
        if not waiting:
            raise InvalidInput(_("Everybody who got the old value has been told."))
        rows = [
            RecipientTold(
                customer=correction.customer,
                recipient=each.recipient,
                correction=correction,
                by_mail=bool(mailboxes(each.entry)),
            )
            for each in waiting
        ]
        for row in rows:
            row.save()
    entries = [each.entry for each in waiting]
    return [(row, row.by_mail and _mail(entry)) for row, entry in zip(rows, entries, strict=True)]


def mailboxes(entry: Disclosure) -> list[str]:
    """Mailboxes in a recipient's official contact, as it is now; of whom a customer named, none: that is sealed."""
    current = entry.recipient.current
    found = []
    for word in (current.contact if current else "").replace(",", " ").replace(";", " ").split():
        try:
            validate_email(word)
        except ValidationError:
            continue
        found.append(word)
    return found


def _mail(entry: Disclosure) -> bool:
    """After the act: whether the letter has left."""
    words = letters.corrected(entry)
    try:
        return EmailMessage(words.subject, words.body, to=mailboxes(entry)[:1]).send() == 1
    except (OSError, smtplib.SMTPException, ValueError):
        return False
