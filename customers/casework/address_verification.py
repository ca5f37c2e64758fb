"""Verification of an address: its owner follows a signed link in a letter or reads a code back to the desk."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import acting_on_customer
from customers.casework.addresses import HELD, may_reach
from customers.casework.apply_correction import is_blocked, take_over
from customers.evidence.schema import SYSTEM
from customers.messages import letters
from customers.messages.notices import Letter, prepare, send, send_all
from customers.models import AddressCheck, AddressCheckAnswer, ContactPoint, Correction, Notice, StaffMember
from customers.models.acts import Act
from customers.validation.errors import InvalidInput

SALT = "customers.casework.address_verification"
DIGITS = 6
TRIES = 5
"""Wrong codes allowed before the check is void."""
AN_HOUR = 5
"""Most checks sent to one address in an hour."""
Way, State = AddressCheckAnswer.Way, ContactPoint.State


def ask_owner(point: ContactPoint, *, by: StaffMember) -> Letter:
    """Ask the owner of an address to confirm it; earlier codes and links become void. Returns the letter, sent.

    Raises ``InvalidInput`` for an address that is retired, suspended, or cannot be reached from here; ``Refused`` (on
    record) where ``by`` does not work on the customer's requests.
    """
    with acting_on_customer(point.customer, Act.ASK_OWNER, by=by):
        letter = prepare_check(point)
    return send(letter, by=by)


def prepare_check(point: ContactPoint) -> Letter:
    """Do the work of ``ask_owner`` inside an act under way; the caller sends the letter after the act."""
    customer = point.customer
    state = point.anew().state
    if state == State.SUSPENDED:
        raise InvalidInput(str(HELD))
    _require_approved(point)
    recent_checks = AddressCheck.objects.filter(contact_point=point, at__gte=timezone.now() - timedelta(hours=1))
    if recent_checks.count() >= AN_HOUR:
        raise InvalidInput(_("Enough codes were sent to this address for now; wait an hour."))
    if not ContactPoint.allows("confirm", state):
        raise InvalidInput(_("This address is no longer used; ask for the one in use."))
    if not (reachable := may_reach(point)):
        raise InvalidInput(_("It cannot be confirmed: %(why)s.") % {"why": reachable.why_not})
    if point.channel == ContactPoint.Channel.EMAIL and not settings.SITE_URL:
        raise InvalidInput(_("Letters cannot carry links yet: have an administrator set SITE_URL."))
    code, hours = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", settings.ADDRESS_CHECK_HOURS
    check = AddressCheck(
        customer=customer, contact_point=point, code=code, closes_at=timezone.now() + timedelta(hours=hours)
    )
    link = f"{settings.SITE_URL.rstrip('/')}{reverse('confirm_address', args=[token_of(check)])}"
    if point.channel == ContactPoint.Channel.EMAIL:
        text = letters.check(customer, link, code, hours)
    else:
        text = letters.check_by_text_message(customer, code, hours)
    letter = prepare(point, Notice.What.CHECK, text, keep=False)
    check.notice = letter.notice
    check.save()
    return letter


def _require_approved(point: ContactPoint) -> list[Correction]:
    """Return the approved corrections that wait for this address to be confirmed.

    Raises ``InvalidInput`` where a waiting correction is not approved or its request is parked: a new address is
    confirmed only after a second person has approved it.
    """
    waiting = list(Correction.objects.filter(new_point=point, state__in=Correction.WAITING))
    if any(correction.state != Correction.State.APPROVED for correction in waiting):
        raise InvalidInput(_("Somebody else has to approve this address first."))
    if any(is_blocked(correction) for correction in waiting):
        raise InvalidInput(_("This cannot be confirmed just now."))
    return waiting


def token_of(check: AddressCheck) -> str:
    """The token in the link: the check's own random id (``seal_id``), signed."""
    return signing.dumps(check.seal_id.hex, salt=SALT)


def check_of(token: str) -> AddressCheck | None:
    """The check that a link's token names; None where the token is invalid or the check can no longer be answered."""
    try:
        seal_id = signing.loads(token.removesuffix("/"), salt=SALT)  # mail programs add or drop the slash
    except signing.BadSignature:
        return None
    check = AddressCheck.objects.filter(seal_id=seal_id).select_related("contact_point", "customer__team").first()
    return check if check is not None and _trouble(check) == "" else None


def open_check(point: ContactPoint) -> AddressCheck | None:
    """The newest check of an address, where it can still be answered, or None."""
    newest = AddressCheck.objects.filter(contact_point=point).order_by("-pk").first()
    return newest if newest is not None and _trouble(newest) == "" else None


def _trouble(check: AddressCheck) -> str:
    """The sentence that says why a check can no longer be answered; "" where it can."""
    if AddressCheck.objects.filter(contact_point=check.contact_point_id, pk__gt=check.pk).exists():
        return _("A newer code was sent; this one is void.")
    if ContactPoint.objects.filter(pk=check.contact_point_id, state=State.RETIRED).exists():
        return _("This address is no longer used; ask for the one in use.")
    answers = AddressCheckAnswer.objects.filter(check_asked=check)
    if answers.filter(matched=True).exists():
        return _("This address is confirmed already.")
    if answers.count() >= TRIES:
        return _("Too many wrong codes: this one is void. Send a new one.")
    return "" if timezone.now() < check.closes_at else _("The time for this code is over. Send a new one.")


def answer_with_code(point: ContactPoint, code: str, *, by: StaffMember) -> AddressCheckAnswer:
    """Compare the code that a customer reads back with the one sent. A match confirms the address.

    A match and a miss are both recorded. Raises ``InvalidInput`` where no code waits for an answer, ``Refused`` (on
    record) as ``ask_owner``.
    """
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit() and len(typed) == DIGITS):
        raise InvalidInput(_("A code has %(digits)s digits.") % {"digits": DIGITS})
    with acting_on_customer(point.customer, Act.ANSWER_CHECK, by=by):
        check = AddressCheck.objects.filter(contact_point=point).order_by("-pk").first()
        if check is None:
            raise InvalidInput(_("No code was sent to this address yet."))
        answer, waiting = _answer(check, Way.CODE, matched=check.code == typed)
    send_all(waiting, by=by)
    return answer


def answer_with_link(check: AddressCheck) -> AddressCheckAnswer:
    """Confirm an address by the link in its letter, as the system user. Raises ``InvalidInput`` if it is void."""
    system = StaffMember.objects.get(username=SYSTEM)
    with acting_on_customer(check.customer, Act.ANSWER_CHECK, by=system, may=lambda by, customer: True):
        answer, waiting = _answer(check, Way.LINK, matched=True)
    send_all(waiting, by=system)
    return answer


def _answer(check: AddressCheck, way: str, *, matched: bool) -> tuple[AddressCheckAnswer, list[Letter]]:
    """Record the answer; a match confirms the address and puts approved corrections that waited for it into effect."""
    if trouble := _trouble(check):
        raise InvalidInput(trouble)
    point = check.contact_point
    answer = AddressCheckAnswer(customer=check.customer, check_asked=check, way=way, matched=matched)
    answer.save()
    if not matched:
        return answer, []
    if point.anew().state == State.SUSPENDED:
        raise InvalidInput(str(HELD))
    waiting = _require_approved(point)
    point.transition("confirm", update={"verified_at": timezone.now()}, customer=check.customer)
    sendable = [take_over(correction) for correction in waiting]
    return answer, [letter for letter in sendable if letter is not None]
