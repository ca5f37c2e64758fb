"""Notifications: orders not to tell customers, telling them afterwards, and telling recipients of corrections.

The texts of the letters are in ``letters``.
"""

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
"""How long an oral order is in force at most, from the first order of the request, unless a written one follows."""
LONGEST = timedelta(days=5 * 366)
"""The longest time for which an order can be put on file."""


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
    """Put an authority's order on file: the customers must not be told, to the end of the day ``until`` in Vietnam.

    A new order replaces the previous one. Raises ``InvalidInput`` for a last day in the past or too far away (oral
    orders: 30 days from the first order), a written order without its document, a missing ``instrument`` (what the
    order is based on), or a request that is not an authority's.
    """
    instrument = clean_words(instrument)
    if not instrument or len(instrument) > 100:
        raise InvalidInput(_("Type what the order rests on, in up to 100 characters."))
    if form not in NonDisclosure.Form.values or not today() <= until <= today() + LONGEST:
        raise InvalidInput(_("Say how it was ordered, and a last day that is today or later."))
    if form == NonDisclosure.Form.WRITTEN and document is None:
        raise InvalidInput(_("Add the written order."))
    with acting_on_request(request, DisclosureAct.KEEP_FROM_CUSTOMER, by=by) as locked_request:
        if locked_request.basis != DisclosureRequest.Basis.AUTHORITY:
            raise InvalidInput(_("Only an authority may order this."))
        if form == NonDisclosure.Form.ORAL and until > _first_order(locked_request) + ORAL_AT_MOST:
            raise InvalidInput(_("An oral order holds for 30 days at most; longer takes a written one."))
        original = (
            keep(document, Document.What.ORDER, recipient=locked_request.recipient, request=locked_request)
            if document
            else None
        )
        row = NonDisclosure(
            request=locked_request,
            form=form,
            instrument=instrument,
            until=until,
            document=original,
            words=clean_words(words) or None,
        )
        row.save()
    return row


def _first_order(request: DisclosureRequest) -> date:
    """The day in Vietnam of the request's first order not to tell; today where there is none."""
    first = request.non_disclosures.order_by("pk").first()
    return timezone.localdate(first.at, timezone=timezone.get_default_timezone()) if first else today()


def order_on(request: DisclosureRequest) -> NonDisclosure | None:
    """The order not to tell that is in force for a request, or None."""
    newest = request.non_disclosures.order_by("-pk").first()
    return newest if newest is not None and newest.until >= today() else None


def _until() -> Subquery:
    """The last day of the newest order on the request of a log entry."""
    newest = NonDisclosure.objects.filter(request=OuterRef("request")).order_by("-pk")
    return Subquery(newest.values("until")[:1])


def with_secrecy(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate log entries with ``kept_until``: last day of the order not to tell, even if past (None: no order)."""
    annotated: QuerySet[Any] = rows.annotate(kept_until=_until())
    return annotated


def tellable(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The entries of which the customer may be told today."""
    return with_secrecy(rows).filter(Q(kept_until=None) | Q(kept_until__lt=today()))


# --- telling customers ------------------------------------------------------------------------------------------------


def to_tell() -> QuerySet[Any]:
    """Entries whose order not to tell has ended and whose customer has not been told, those that ended first on top."""
    records = CustomerTold.objects.filter(request=OuterRef("request"), customer=OuterRef("customer"))
    ended: QuerySet[Any] = with_secrecy(Disclosure.objects.all()).filter(kept_until__lt=today())
    return ended.filter(~Exists(records)).select_related("customer", "request", "details").order_by("kept_until", "pk")


def tell_customer(entry: Disclosure, *, by: StaffMember, without_letter: bool = False) -> Letter | None:
    """Tell a customer of a disclosure by letter, or with ``without_letter`` record that they were told in another way.

    Raises ``InvalidInput`` while an order not to tell is in force, where the customer was told before, or where no
    address is in use for a letter; ``Refused`` (on record) where ``by`` may not propose disclosures.
    """
    with acting_on_request(entry.request, DisclosureAct.TELL_CUSTOMER, by=by) as locked_request:
        customer = Customer.objects.select_for_update(no_key=True).get(pk=entry.customer_id)
        if order_on(locked_request) is not None:
            raise InvalidInput(_("It must be kept from the customer still."))
        if CustomerTold.objects.filter(request=locked_request, customer=customer).exists():
            raise InvalidInput(_("The customer was told before."))
        point = None if without_letter else written_to(customer)
        if point is None and not without_letter:
            raise InvalidInput(
                _("There is no address in use. Tell the customer by another way, then put that on record.")
            )
        words = letters.disclosed(customer, entry)
        letter = prepare(point, Notice.What.DISCLOSED, words) if point else None
        CustomerTold(customer=customer, request=locked_request, notice=letter.notice if letter else None).save()
    return send(letter, by=by) if letter else None


# --- telling recipients -----------------------------------------------------------------------------------------------

FIELD_OF = {
    Datum.NAME: Field.NAME,
    Datum.COMPANY: Field.COMPANY,
    Datum.EMAIL: Field.EMAIL,
    Datum.PHONE: Field.PHONE,
    Datum.LOGIN: Field.LOGINS,
}
"""The field of a disclosure that holds a datum which can be corrected."""


@dataclass(frozen=True)
class Outdated:
    """A recipient of a value corrected since, its log entry, and the record of telling it (None: not yet)."""

    recipient: Recipient
    entry: Disclosure
    told: RecipientTold | None


def outdated(correction: Correction) -> list[Outdated]:
    """Each recipient that received the old value of a correction, with its newest log entry before the correction."""
    field = FIELD_OF.get(Datum(correction.datum))
    if field is None or correction.state != Correction.State.DONE:
        return []
    before = Disclosure.objects.filter(customer=correction.customer, at__lt=correction.state_since)
    newest: dict[int, Disclosure] = {}
    for entry in before.select_related("recipient", "details").order_by("pk"):
        if field in entry.fields:
            newest[entry.recipient_id] = entry
    records = {row.recipient_id: row for row in RecipientTold.objects.filter(correction=correction)}
    return [Outdated(entry.recipient, entry, records.get(key)) for key, entry in sorted(newest.items())]


def tell_recipients(correction: Correction, *, by: StaffMember) -> list[tuple[RecipientTold, bool]]:
    """Tell all recipients of the old value that it was corrected; the letter does not contain the new value.

    Returns a record for each recipient not told before, and whether its e-mail was sent; where not, the letter has to
    be printed and posted. Raises ``InvalidInput`` where nobody is left to tell, ``Refused`` (on record) where ``by``
    may not propose disclosures or does not see the customer.
    """
    with acting(DisclosureAct.TELL_RECIPIENT, by=by):
        if not (can_propose(by) and can_see(by, correction.customer)):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers tell recipients. The refusal is on record."))
        Customer.objects.select_for_update(no_key=True).get(pk=correction.customer_id)
        waiting = [item for item in outdated(correction) if item.told is None]
        if not waiting:
            raise InvalidInput(_("Everybody who got the old value has been told."))
        rows = [
            RecipientTold(
                customer=correction.customer,
                recipient=item.recipient,
                correction=correction,
                by_mail=bool(mailboxes(item.entry)),
            )
            for item in waiting
        ]
        for row in rows:
            row.save()
    entries = [item.entry for item in waiting]
    return [(row, row.by_mail and _mail(entry)) for row, entry in zip(rows, entries, strict=True)]


def mailboxes(entry: Disclosure) -> list[str]:
    """E-mail addresses in a recipient's current official contact; none for one named by a customer, which is sealed."""
    current = entry.recipient.current
    addresses = []
    for word in (current.contact if current else "").replace(",", " ").replace(";", " ").split():
        try:
            validate_email(word)
        except ValidationError:
            continue
        addresses.append(word)
    return addresses


def _mail(entry: Disclosure) -> bool:
    """Send the letter by e-mail, after the act has committed; False where sending failed."""
    words = letters.corrected(entry)
    try:
        return EmailMessage(words.subject, words.body, to=mailboxes(entry)[:1]).send() == 1
    except (OSError, smtplib.SMTPException, ValueError):
        return False
