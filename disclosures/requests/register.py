"""Requests from outside: put on file, matched to customers, checked for authenticity, ended without a disclosure."""

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
"""How many customers one request may mean; a longer list is put on file in parts, each with its own answer."""
BASIS_OF = {
    RecipientKind.AUTHORITY: Basis.AUTHORITY,
    RecipientKind.REGULATOR: Basis.AUTHORITY,
    RecipientKind.PROCESSOR: Basis.PROCESSOR,
    RecipientKind.NAMED: Basis.PERMISSION,
}
"""Each kind of recipient has one basis; there is no fifth kind and no fourth basis."""


@dataclass(frozen=True)
class RequestDetails:
    """What stands in a request as it came in. ``identifiers`` has a line for each customer that is meant."""

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
    """``acting`` on a request from outside: one act at a time on each. Yields it read anew, locked with its recipient.

    ``may`` says who may; raises ``Refused`` (on record) for anybody else.
    """
    with acting(act, by=by):
        if not may(by):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("Your role does not do this with requests from outside. It is on record.")
            )
        now = request.locked()
        now.recipient = now.recipient.locked()
        yield now


def register(
    recipient: Recipient,
    letter: RequestDetails,
    *,
    by: StaffMember,
    document: Upload | None = None,
    permission: CustomerPermission | None = None,
) -> DisclosureRequest:
    """Put a request on file, with its original document, its clock, and the customers whom it means.

    The basis follows from the kind of recipient. Raises ``InvalidInput`` for what makes no sense; ``Refused`` (on
    record) where ``by`` does not work on requests, the recipient is suspended, or a permission does not hold.
    """
    letter, meant = _clean(letter, BASIS_OF[RecipientKind(recipient.recipient_kind)], document)
    with acting(DisclosureAct.REGISTER_DISCLOSURE, by=by):
        if not can_propose(by):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("Officers put requests from outside on file. The refusal is on record.")
            )
        now = recipient.locked()
        require_active(now)
        basis = BASIS_OF[RecipientKind(now.recipient_kind)]
        if basis == Basis.PERMISSION:
            assert now.customer is not None
            require_customer_permission(permission, now, {now.customer.pk}, letter.asked)
        request = _put(now, basis, letter, meant, permission, by)
        if document is not None:
            keep(document, Document.What.LETTER, recipient=now, request=request)
        DisclosureReceived(
            request=request, basis=basis, recipient=now, details=now.current, came_by=request.came_by,
            urgency=request.urgency, received_at=request.received_at, reply_by=request.reply_by, asked=request.asked,
            document_sha256=document.sha256 if document else "",
        ).save()  # fmt: skip
        _match(request, meant)
    return request


def require_active(recipient: Recipient) -> None:
    """Raise ``Refuse`` where the recipient is suspended. Inside an act that holds its row."""
    if recipient.state != Recipient.State.ACTIVE:
        raise Refuse(DisclosureRefusalReason.RECIPIENT_SUSPENDED, _("This recipient is suspended: nothing goes there."))


def _put(
    recipient: Recipient,
    basis: str,
    letter: RequestDetails,
    meant: list[str],
    permission: CustomerPermission | None,
    by: StaffMember,
) -> DisclosureRequest:
    received_at = letter.received_at or timezone.now()
    held = rule(_clock(basis, letter.urgency))
    own = due(received_at, held.amount, held.unit)
    request = DisclosureRequest(
        basis=basis, recipient=recipient, permission=permission, came_by=letter.came_by, urgency=letter.urgency,
        received_at=received_at, rule=held, reply_by=min(own, letter.reply_by or own), signer=letter.signer or None,
        rank=letter.rank, instrument=letter.instrument, number_given=letter.number,
        letter_phone=dialled(letter.phone) if letter.phone else None,
        identifiers="\n".join(meant), asked=letter.asked, meant=len(meant), registered_by=by,
    )  # fmt: skip
    request.save()
    return request


def _clock(basis: str, urgency: str) -> Right:
    if basis != Basis.AUTHORITY:
        return Right.DISCLOSURE
    return Right.EMERGENCY if urgency == Urgency.EMERGENCY else Right.AUTHORITY


def _clean(letter: RequestDetails, basis: str, document: Upload | None) -> tuple[RequestDetails, list[str]]:
    """The letter with its texts made plain, and the lines of who is meant. Raises ``InvalidInput``."""
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
        told = {"most": MOST_LINES}
        raise InvalidInput(
            _("One request means at most %(most)s customers; put the rest on file as another one.") % told
        )
    plain = {name: _line(getattr(letter, name)) for name in ("signer", "rank", "instrument", "number", "phone")}
    cleaned = RequestDetails(
        identifiers="", asked=clean_fields(letter.asked), came_by=letter.came_by, received_at=received_at,
        urgency=letter.urgency, reply_by=letter.reply_by, **plain,
    )  # fmt: skip
    return cleaned, lines


def require_formal_letter(letter: RequestDetails, document: Upload | None) -> None:
    """What a request of an authority needs. By phone, an emergency may come in before its paper does."""
    oral = letter.urgency == Urgency.EMERGENCY and letter.came_by == DisclosureRequest.CameBy.PHONE
    if document is None and not oral:
        raise InvalidInput(_("Add the original document; an authority’s request is on paper, or is no request yet."))
    if not letter.signer.strip() or not letter.instrument.strip():
        raise InvalidInput(_("Type who signed it, and the instrument it rests on."))


def _line(text: str) -> str:
    """One line of plain text."""
    text = unicodedata.normalize("NFC", clean_words(text))
    if len(text) > 100:
        raise InvalidInput(_("Type it in up to 100 characters."))
    return text


def dialled(number: str) -> str:
    """What is dialled, however it is spelled: in E.164 where it is a number of this country or names its own."""
    try:
        parsed = phonenumbers.parse(number, "VN")
    except phonenumbers.NumberParseException:
        return "".join(filter(str.isdigit, number)) or number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


# --- who is meant ---------------------------------------------------------------------------------------------------


def match(request: DisclosureRequest, identifiers: str, *, by: StaffMember) -> DisclosureMatch:
    """Say more exactly who is meant: one line for each customer, facts parted by semicolons all have to fit.

    Raises ``InvalidInput`` once the request is proposed or over.
    """
    lines = [line.strip() for line in clean_text(identifiers).split("\n") if line.strip()]
    if len(lines) > MOST_LINES:
        told = {"most": MOST_LINES}
        raise InvalidInput(
            _("One request means at most %(most)s customers; put the rest on file as another one.") % told
        )
    with acting_on_request(request, DisclosureAct.MATCH, by=by) as now:
        if now.state not in (State.RECEIVED, State.REVIEW):
            raise InvalidInput(_("Who is meant is fixed once it is proposed; have it sent back first."))
        now.identifiers = "\n".join(lines)
        now.meant = len(lines)
        now.save(update_fields=["identifiers", "meant"])
        return _match(now, lines)


def _match(request: DisclosureRequest, lines: list[str]) -> DisclosureMatch:
    """Hold each line against what is on file. One that fits several customers stops the request."""
    found: set[int] = set()
    missed = ambiguous = 0
    for line in lines:
        keys = customers_meant(line)
        found |= keys if len(keys) == 1 else set()
        missed += not keys
        ambiguous += len(keys) > 1
    request.missed, request.ambiguous = missed, ambiguous
    request.save(update_fields=["missed", "ambiguous"])
    DisclosureSubject.objects.filter(request=request).delete()
    DisclosureSubject.objects.bulk_create(
        [DisclosureSubject(request=request, customer_id=key) for key in sorted(found)]
    )
    references = sorted(Customer.objects.filter(pk__in=found).values_list("reference", flat=True))
    record = DisclosureMatch(
        request=request, references=references, meant=len(lines), missed=missed, ambiguous=ambiguous
    )
    record.save()
    return record


def customers_meant(line: str) -> set[int]:
    """The keys of up to two customers whom all the facts of a line fit: addresses, numbers, references, names.

    Raises ``InvalidInput`` for a fact that names nothing.
    """
    condition = Q()
    for fact in filter(None, (part.strip() for part in line.split(";"))):
        ways = {what: way for what, way in matching(fact).items() if what != Find.What.TICKET}
        if not ways:
            raise InvalidInput(_("Each line names a customer: by e-mail, phone, reference or name."))
        either = Q()
        for way in ways.values():
            either |= Q(pk__in=Customer.objects.filter(way).values("pk"))
        condition &= either
    if not condition:
        raise InvalidInput(_("Each line names a customer: by e-mail, phone, reference or name."))
    return set(Customer.objects.filter(condition).values_list("pk", flat=True)[:2])


# --- ended without a disclosure ---------------------------------------------------------------------------------------


def refuse_request(request: DisclosureRequest, *, by: StaffMember, why: str, words: str = "") -> DisclosureMove:
    """Nothing is given, for a coded reason; its page has the letter that says so. By officer or approver."""
    if why not in DisclosureRequest.WhyRefused.values:
        raise InvalidInput(_("Pick a reason."))
    return _end(request, "refuse", Outcome.REFUSED, by=by, why=why, words=words)


def withdraw_request(request: DisclosureRequest, *, by: StaffMember, words: str = "") -> DisclosureMove:
    """Whoever asked has taken it back; nothing leaves from then on."""
    return _end(request, "withdraw", Outcome.WITHDRAWN, by=by, words=words)


def _end(
    request: DisclosureRequest, how: str, outcome: str, *, by: StaffMember, why: str = "", words: str = ""
) -> DisclosureMove:
    words = clean_words(words)
    may = can_work_on_disclosures if how == "refuse" else can_propose
    with acting_on_request(request, DisclosureAct(f"{how}_disclosure"), by=by, may=may) as now:
        changed = {"outcome": outcome}
        return now.transition(how, update=changed, outcome=outcome, why=why, words=words or None)  # type: ignore[no-any-return]


def say_no_data(request: DisclosureRequest, *, by: StaffMember) -> DisclosureMove:
    """Nothing is held about anybody who is meant; the letter says so. Raises ``InvalidInput`` where somebody is."""
    with acting_on_request(request, DisclosureAct.CLOSE_DISCLOSURE, by=by) as now:
        if now.ambiguous or now.subjects.exists():
            raise InvalidInput(_("There are customers whom it may mean; say first who is meant."))
        outcome = Outcome.NO_DATA
        return now.transition("no_data", update={"outcome": outcome}, outcome=outcome)  # type: ignore[no-any-return]
