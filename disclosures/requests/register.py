"""Disclosure requests: registering, matching to customers, and closing without a disclosure.

Checking, proposing and approving are in ``decisions``, releasing in ``release``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import phonenumbers
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.access.find import matching
from customers.acts.acting import Refuse, acting
from customers.casework.deadlines import due, rule
from customers.casework.requests import OLDEST
from customers.models import Customer, Find, StaffMember
from customers.models.acts import ActCode, RefusalReason
from customers.models.requests import Right
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_text, clean_words
from disclosures.models import (
    CustomerPermission,
    DisclosureMatch,
    DisclosureMove,
    DisclosureReceived,
    DisclosureRequest,
    DisclosureSubject,
    Document,
    Recipient,
    RecipientKind,
)
from disclosures.models.acts import DisclosureAct, DisclosureRefusalReason
from disclosures.permissions import can_propose, can_work_on_disclosures
from disclosures.recipients.documents import Upload, keep
from disclosures.recipients.legal_bases import clean_fields, require_customer_permission

Basis, State, Outcome, Urgency = (
    DisclosureRequest.Basis,
    DisclosureRequest.State,
    DisclosureRequest.Outcome,
    DisclosureRequest.Urgency,
)
MOST_LINES = 20
"""The most customers one request may name; a longer list is registered as several requests."""
BASIS_OF = {
    RecipientKind.AUTHORITY: Basis.AUTHORITY,
    RecipientKind.REGULATOR: Basis.AUTHORITY,
    RecipientKind.PROCESSOR: Basis.PROCESSOR,
    RecipientKind.NAMED: Basis.PERMISSION,
}
"""The legal basis of a request follows from the kind of its recipient; there are no other kinds and no other bases."""


@dataclass(frozen=True)
class RequestDetails:
    """The contents of a request as received. ``identifiers`` has one line for each customer the request names."""

    identifiers: str = field(repr=False)
    asked: list[str]
    came_by: str
    received_at: datetime | None = None
    urgency: str = Urgency.ORDINARY
    reply_by: datetime | None = None
    signer: str = field(default="", repr=False)
    rank: str = ""
    instrument: str = ""
    number: str = ""
    phone: str = field(default="", repr=False)


@contextmanager
def acting_on_request(
    request: DisclosureRequest,
    act: ActCode,
    *,
    by: StaffMember,
    may: Callable[[StaffMember], bool] = can_propose,
) -> Iterator[DisclosureRequest]:
    """Run an act on a disclosure request; yields the request, reloaded and locked together with its recipient.

    The lock lets only one act at a time run on a request. Raises ``Refused`` (on record) where ``may(by)`` is false.
    """
    with acting(act, by=by):
        if not may(by):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("Your role does not do this with requests from outside. It is on record.")
            )
        locked_request = request.locked()
        locked_request.recipient = locked_request.recipient.locked()
        yield locked_request


def register(
    recipient: Recipient,
    letter: RequestDetails,
    *,
    by: StaffMember,
    document: Upload | None = None,
    permission: CustomerPermission | None = None,
) -> DisclosureRequest:
    """Register a request with its original document, its deadline, and the customers it names.

    The legal basis follows from the kind of recipient. Raises ``InvalidInput`` for invalid or contradictory details;
    ``Refused`` (on record) where ``by`` may not propose disclosures, the recipient is suspended, or the customer's
    permission is not in force or does not cover the request.
    """
    letter, identifier_lines = _clean(letter, BASIS_OF[RecipientKind(recipient.recipient_kind)], document)
    with acting(DisclosureAct.REGISTER_DISCLOSURE, by=by):
        if not can_propose(by):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("Officers put requests from outside on file. The refusal is on record.")
            )
        recipient = recipient.locked()
        require_active(recipient)
        basis = BASIS_OF[RecipientKind(recipient.recipient_kind)]
        if basis == Basis.PERMISSION:
            assert recipient.customer is not None
            require_customer_permission(permission, recipient, {recipient.customer.pk}, letter.asked)
        request = _put(recipient, basis, letter, identifier_lines, permission, by)
        if document is not None:
            keep(document, Document.What.LETTER, recipient=recipient, request=request)
        DisclosureReceived(
            request=request, basis=basis, recipient=recipient, details=recipient.current, came_by=request.came_by,
            urgency=request.urgency, received_at=request.received_at, reply_by=request.reply_by, asked=request.asked,
            document_sha256=document.sha256 if document else "",
        ).save()  # fmt: skip
        _match(request, identifier_lines)
    return request


def require_active(recipient: Recipient) -> None:
    """Raise ``Refuse`` where the recipient is suspended. Call it inside an act, with the recipient's row locked."""
    if recipient.state != Recipient.State.ACTIVE:
        raise Refuse(DisclosureRefusalReason.RECIPIENT_SUSPENDED, _("This recipient is suspended: nothing goes there."))


def _put(
    recipient: Recipient,
    basis: str,
    letter: RequestDetails,
    identifier_lines: list[str],
    permission: CustomerPermission | None,
    by: StaffMember,
) -> DisclosureRequest:
    """Save the request; its deadline is the legal one, or the one set in the letter where that is earlier."""
    received_at = letter.received_at or timezone.now()
    deadline = rule(_clock(basis, letter.urgency))
    legal_reply_by = due(received_at, deadline.amount, deadline.unit)
    request = DisclosureRequest(
        basis=basis, recipient=recipient, permission=permission, came_by=letter.came_by, urgency=letter.urgency,
        received_at=received_at, rule=deadline, reply_by=min(legal_reply_by, letter.reply_by or legal_reply_by),
        signer=letter.signer or None, rank=letter.rank, instrument=letter.instrument, number_given=letter.number,
        letter_phone=dialled(letter.phone) if letter.phone else None,
        identifiers="\n".join(identifier_lines), asked=letter.asked, meant=len(identifier_lines), registered_by=by,
    )  # fmt: skip
    request.save()
    return request


def _clock(basis: str, urgency: str) -> Right:
    """Which deadline rule a request runs under."""
    if basis != Basis.AUTHORITY:
        return Right.DISCLOSURE
    return Right.EMERGENCY if urgency == Urgency.EMERGENCY else Right.AUTHORITY


def _clean(letter: RequestDetails, basis: str, document: Upload | None) -> tuple[RequestDetails, list[str]]:
    """The letter with its texts normalized, and its identifiers by line. Raises ``InvalidInput``."""
    if letter.came_by not in DisclosureRequest.CameBy.values or letter.urgency not in Urgency.values:
        raise InvalidInput(_("Choose how it came in and how urgent it is."))
    received_at = letter.received_at or timezone.now()
    if not timezone.now() - OLDEST <= received_at <= timezone.now() + timedelta(minutes=5):
        raise InvalidInput(_("A request came in at a time that has been, at most 90 days ago."))
    if letter.reply_by is not None and letter.reply_by <= received_at:
        raise InvalidInput(_("The time to reply by lies after the time it came in."))
    if letter.urgency == Urgency.EMERGENCY and basis != Basis.AUTHORITY:
        raise InvalidInput(_("Only an authority may assert an emergency."))
    if basis == Basis.AUTHORITY:
        require_formal_letter(letter, document)
    lines = [line.strip() for line in clean_text(letter.identifiers).split("\n") if line.strip()]
    if len(lines) > MOST_LINES:
        values = {"most": MOST_LINES}
        raise InvalidInput(
            _("One request means at most %(most)s customers; put the rest on file as another one.") % values
        )
    plain = {name: _line(getattr(letter, name)) for name in ("signer", "rank", "instrument", "number", "phone")}
    cleaned = RequestDetails(
        identifiers="", asked=clean_fields(letter.asked), came_by=letter.came_by, received_at=received_at,
        urgency=letter.urgency, reply_by=letter.reply_by, **plain,
    )  # fmt: skip
    return cleaned, lines


def require_formal_letter(letter: RequestDetails, document: Upload | None) -> None:
    """Require a document, a signer and an instrument of an authority's request; raises ``InvalidInput``.

    An emergency asserted by phone may be registered before its document arrives.
    """
    oral = letter.urgency == Urgency.EMERGENCY and letter.came_by == DisclosureRequest.CameBy.PHONE
    if document is None and not oral:
        raise InvalidInput(_("Add the original document; an authority’s request is on paper, or is no request yet."))
    if not letter.signer.strip() or not letter.instrument.strip():
        raise InvalidInput(_("Type who signed it, and the instrument it rests on."))


def _line(text: str) -> str:
    """The text on one line, in Unicode NFC. Raises ``InvalidInput`` above 100 characters."""
    text = unicodedata.normalize("NFC", clean_words(text))
    if len(text) > 100:
        raise InvalidInput(_("Type it in up to 100 characters."))
    return text


def dialled(number: str) -> str:
    """A phone number in a form that can be compared: E.164 where it parses, else its digits, else the text itself.

    Numbers without a country code are read as Vietnamese.
    """
    try:
        parsed = phonenumbers.parse(number, "VN")
    except phonenumbers.NumberParseException:
        return "".join(filter(str.isdigit, number)) or number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


# --- matching to customers ------------------------------------------------------------------------------------------


def match(request: DisclosureRequest, identifiers: str, *, by: StaffMember) -> DisclosureMatch:
    """Replace the identifiers of a request and match it to customers again.

    One line for each customer; where a line has several facts, separated by semicolons, all of them have to fit.
    Raises ``InvalidInput`` once the request is proposed or closed.
    """
    lines = [line.strip() for line in clean_text(identifiers).split("\n") if line.strip()]
    if len(lines) > MOST_LINES:
        values = {"most": MOST_LINES}
        raise InvalidInput(
            _("One request means at most %(most)s customers; put the rest on file as another one.") % values
        )
    with acting_on_request(request, DisclosureAct.MATCH, by=by) as locked_request:
        if locked_request.state not in (State.RECEIVED, State.REVIEW):
            raise InvalidInput(_("Who is meant is fixed once it is proposed; have it sent back first."))
        locked_request.identifiers = "\n".join(lines)
        locked_request.meant = len(lines)
        locked_request.save(update_fields=["identifiers", "meant"])
        return _match(locked_request, lines)


def _match(request: DisclosureRequest, lines: list[str]) -> DisclosureMatch:
    """Match each line to customers, on record. A line that fits several blocks a proposal until it is made precise."""
    customer_keys: set[int] = set()
    missed = ambiguous = 0
    for line in lines:
        keys = customers_meant(line)
        customer_keys |= keys if len(keys) == 1 else set()
        missed += not keys
        ambiguous += len(keys) > 1
    request.missed, request.ambiguous = missed, ambiguous
    request.save(update_fields=["missed", "ambiguous"])
    DisclosureSubject.objects.filter(request=request).delete()
    DisclosureSubject.objects.bulk_create(
        [DisclosureSubject(request=request, customer_id=key) for key in sorted(customer_keys)]
    )
    references = sorted(Customer.objects.filter(pk__in=customer_keys).values_list("reference", flat=True))
    record = DisclosureMatch(
        request=request, references=references, meant=len(lines), missed=missed, ambiguous=ambiguous
    )
    record.save()
    return record


def customers_meant(line: str) -> set[int]:
    """The primary keys of customers whom all facts of a line fit: e-mail, phone, reference or name.

    At most two, which is enough to tell that a line is ambiguous. Raises ``InvalidInput`` for an empty line or a fact
    of none of these forms.
    """
    condition = Q()
    for fact in filter(None, (part.strip() for part in line.split(";"))):
        customer_filters = [query for what, query in matching(fact).items() if what != Find.What.TICKET]
        if not customer_filters:
            raise InvalidInput(_("Each line names a customer: by e-mail, phone, reference or name."))
        any_field = Q()
        for query in customer_filters:
            any_field |= Q(pk__in=Customer.objects.filter(query).values("pk"))
        condition &= any_field
    if not condition:
        raise InvalidInput(_("Each line names a customer: by e-mail, phone, reference or name."))
    return set(Customer.objects.filter(condition).values_list("pk", flat=True)[:2])


# --- closing without a disclosure -------------------------------------------------------------------------------------


def refuse_request(request: DisclosureRequest, *, by: StaffMember, why: str, words: str = "") -> DisclosureMove:
    """Close a request without a disclosure, for a coded reason. Officers and approvers may do it.

    The page of the request offers the letter of refusal. Raises ``InvalidInput`` for an unknown reason.
    """
    if why not in DisclosureRequest.WhyRefused.values:
        raise InvalidInput(_("Pick a reason."))
    return _end(request, "refuse", Outcome.REFUSED, by=by, why=why, words=words)


def withdraw_request(request: DisclosureRequest, *, by: StaffMember, words: str = "") -> DisclosureMove:
    """Close a request that its sender has withdrawn; nothing can be released for it from then on."""
    return _end(request, "withdraw", Outcome.WITHDRAWN, by=by, words=words)


def _end(
    request: DisclosureRequest, how: str, outcome: str, *, by: StaffMember, why: str = "", words: str = ""
) -> DisclosureMove:
    words = clean_words(words)
    may = can_work_on_disclosures if how == "refuse" else can_propose
    with acting_on_request(request, DisclosureAct(f"{how}_disclosure"), by=by, may=may) as locked_request:
        record: DisclosureMove = locked_request.transition(
            how, update={"outcome": outcome}, outcome=outcome, why=why, words=words or None
        )
        return record


def say_no_data(request: DisclosureRequest, *, by: StaffMember) -> DisclosureMove:
    """Close a request because no data is held about anybody it names.

    Raises ``InvalidInput`` where a customer was matched, or a line fits several.
    """
    with acting_on_request(request, DisclosureAct.CLOSE_DISCLOSURE, by=by) as locked_request:
        if locked_request.ambiguous or locked_request.subjects.exists():
            raise InvalidInput(_("There are customers whom it may mean; say first who is meant."))
        outcome = Outcome.NO_DATA
        return locked_request.transition("no_data", update={"outcome": outcome}, outcome=outcome)  # type: ignore[no-any-return]
