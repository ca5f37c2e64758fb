"""Verification of a caller without revealing anything: the answers are compared with the blind indexes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.access.name_index import is_named
from customers.acts.acting import Refuse, acting
from customers.acts.budgets import HOUR, require_budget_left
from customers.models import (
    Budget,
    ContactPoint,
    Customer,
    CustomerRequest,
    StaffMember,
    Verification,
    VerificationClosure,
)
from customers.models.acts import Act, RefusalReason
from customers.permissions.customers import can_verify
from customers.validation.errors import InvalidInput
from customers.vault.blind_index import NotNormal, email_index, name_words, phone_index
from customers.vault.kinds import Kind

CLOSED = RefusalReason.TOO_MANY_MISSES
"""The reason in the record of a refusal."""
SHOWN = timedelta(minutes=15)
"""How long a customer's page shows the person their latest verification."""

NOT_IN_USE = tuple(state for state in ContactPoint.State if state != ContactPoint.State.ACTIVE)
"""States of addresses that prove nothing: a person who knows one may be a former customer or a thief."""


def verify(
    customer: Customer, said: dict[Kind, str], *, by: StaffMember, request: CustomerRequest | None = None
) -> Verification:
    """Compare what a caller says about e-mail, phone and name with what is on file. Returns the record.

    The record holds match or no match for each kind that was said, never which part differs. Misses count per customer:
    ``MISSES_AN_HOUR`` of them in an hour close verification for an hour, for all staff. ``request`` is the one that the
    caller confirmed. Raises ``InvalidInput`` where nothing was said or a text cannot be such a datum (not counted as a
    miss), ``Refused`` (on record) without the right, over budget, or while verification is closed.
    """
    said = {kind: text.strip() for kind, text in said.items() if text.strip()}
    if not said:
        raise InvalidInput(_("Type what the caller says: e-mail, phone, name, or several of them."))
    if request is not None and request.customer_id != customer.pk:
        raise InvalidInput(_("This is no request of this customer."))
    if Kind.NAME in said and not name_words(said[Kind.NAME]):
        raise InvalidInput(_("Type what the caller says: e-mail, phone, name, or several of them."))
    indexes = _indexes(said)
    with acting(Act.VERIFY, by=by, customer=customer):
        if not can_verify(by, customer):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("You have no right to verify this customer. The refusal is on record.")
            )
        Customer.objects.select_for_update(no_key=True).get(
            pk=customer.pk
        )  # locked, so that concurrent misses are counted one after the other
        _require_open(customer)
        require_budget_left(Budget.VERIFY, by)
        _require_few(len(said), misses_left(customer))
        points = _points(customer, indexes)
        matched = {Kind(point.channel) for point in points}
        if Kind.NAME in said and is_named(customer, said[Kind.NAME]):
            matched.add(Kind.NAME)
        missed = [kind for kind in said if kind not in matched]
        record = Verification(
            customer=customer,
            matched=[str(kind) for kind in said if kind in matched],
            missed=[str(kind) for kind in missed],
            points=[point.pk for point in points],
            misses=len(missed),
            request_id=request.pk if request is not None else None,
        )
        record.save()
        _close_where_due(customer)
    return record


def closed_until(customer: Customer) -> VerificationClosure | None:
    """The closure in force, or None where the customer may be verified."""
    return VerificationClosure.objects.filter(customer=customer, until__gt=timezone.now()).order_by("-until").first()


def just_verified(customer: Customer, *, by: StaffMember) -> Verification | None:
    """The newest verification of this customer by ``by`` within ``SHOWN``, or None."""
    since = timezone.now() - SHOWN
    return Verification.objects.filter(customer=customer, by=by, at__gte=since).order_by("-at").first()


def _indexes(answers: dict[Kind, str]) -> dict[str, str]:
    """The blind indexes of the e-mail and phone said, by column. Raises ``InvalidInput`` for an impossible one."""
    indexes = {}
    try:
        if Kind.EMAIL in answers:
            indexes["email_index"] = email_index(answers[Kind.EMAIL])
    except NotNormal:
        raise InvalidInput(_("This is no e-mail address that could be on file; check how it is written.")) from None
    try:
        if Kind.PHONE in answers:
            indexes["phone_index"] = phone_index(answers[Kind.PHONE])
    except NotNormal:
        raise InvalidInput(_("This is no phone number that could be on file; check how it is written.")) from None
    return indexes


def _points(customer: Customer, indexes: dict[str, str]) -> list[ContactPoint]:
    """The customer's active addresses with one of these indexes."""
    in_use = customer.contact_points.exclude(state__in=NOT_IN_USE)
    return [point for column, digest in indexes.items() for point in in_use.filter(**{column: digest}).order_by("pk")]


def _require_open(customer: Customer) -> None:
    if closure := closed_until(customer):
        raise Refuse(CLOSED, _closed_sentence(closure.until))


def _closed_sentence(until: datetime) -> str:
    sentence = _(
        "Too many answers about this customer did not match. Verifying is closed until %(at)s; call back the"
        " number on file, or pass the case to your lead."
    )
    return sentence % {"at": timezone.localtime(until).strftime("%H:%M")}


def misses_left(customer: Customer) -> int:
    """How many misses remain before verification closes, counting those of the last hour since the last closure."""
    recent = Verification.objects.filter(customer=customer, at__gt=timezone.now() - HOUR)
    last_closure = VerificationClosure.objects.filter(customer=customer).order_by("-until").first()
    if last_closure is not None:
        recent = recent.filter(at__gte=last_closure.until)
    return int(settings.MISSES_AN_HOUR) - int(recent.aggregate(sum=Sum("misses"))["sum"] or 0)


def _require_few(count: int, misses: int) -> None:
    """Refuse more answers at once than misses remain, so that guesses cannot exceed the limit."""
    if misses <= 0:  # the setting was lowered meanwhile
        raise Refuse(CLOSED, _closed_sentence(timezone.now() + HOUR))
    if count > misses:
        sentence = ngettext(
            "Only %(n)s more answer about this customer may be checked now; type one of them.",
            "Only %(n)s more answers about this customer may be checked now; type fewer of them.",
            misses,
        )
        raise InvalidInput(sentence % {"n": misses})


def _close_where_due(customer: Customer) -> None:
    if misses_left(customer) <= 0:
        VerificationClosure(customer=customer, until=timezone.now() + HOUR).save()
