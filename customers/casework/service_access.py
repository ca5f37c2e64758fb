"""Logins and secrets of services: set, rotate, find those due for rotation; and the reset of a password."""

from __future__ import annotations

import secrets
import string
from datetime import timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting_on_customer
from customers.casework.addresses import may_send_confidential
from customers.messages import letters
from customers.messages.notices import Letter, prepare, send
from customers.models import (
    ContactPoint,
    Correction,
    Customer,
    Notice,
    Reveal,
    ServiceAccess,
    ServiceAccessChange,
    StaffMember,
)
from customers.models.acts import Act, RefusalReason
from customers.permissions.casework import can_set_access
from customers.validation.errors import InvalidInput

SECRET = "customers.ServiceAccess.secret"  # noqa: S105  (the name of a field)
LONGEST = 200
ALPHABET = string.ascii_letters + string.digits
LENGTH = 24
AGAIN_AFTER = timedelta(minutes=10)
"""Shortest time between two links for choosing a password."""


def _may(by: StaffMember, customer: Customer) -> bool:
    return by.is_reserved or can_set_access(by, customer)


def set_service_access(access: ServiceAccess, *, login: str, secret: str, by: StaffMember) -> ServiceAccessChange:
    """Store a service's first login and secret, sealed. A login on file changes only by a correction.

    Raises ``InvalidInput`` where either is empty or too long, or a login is on file already; ``Refused`` (on record)
    without the right.
    """
    login, secret = login.strip(), secret.strip()
    if not login or not secret or max(len(login), len(secret)) > LONGEST:
        raise InvalidInput(_("Give both a login and a secret, each of at most 200 characters."))
    if not (login.isprintable() and secret.isprintable()):
        raise InvalidInput(_("A login and a secret stand on one line."))
    with acting_on_customer(access.customer, Act.SET_SERVICE_ACCESS, by=by, may=_may, sentence=_no_right()):
        current: ServiceAccess = ServiceAccess.objects.get(pk=access.pk)
        if current.login is not None:
            raise InvalidInput(_("A login is on file already: correct it, or rotate the secret."))
        return _set(current, {"login": login, "secret": secret})


def rotate_secret(access: ServiceAccess, *, by: StaffMember, secret: str = "") -> ServiceAccessChange:
    """Replace the secret on file by ``secret``, or by a random one where that is empty.

    Raises ``InvalidInput`` where there is none to rotate, it was set meanwhile, or it is the same; ``Refused`` (on
    record) without the right.
    """
    secret = secret.strip() or "".join(secrets.choice(ALPHABET) for _each in range(LENGTH))
    if len(secret) > LONGEST or not secret.isprintable():
        raise InvalidInput(_("A secret stands on one line, of at most 200 characters."))
    with acting_on_customer(access.customer, Act.ROTATE_SECRET, by=by, may=_may, sentence=_no_right()):
        current: ServiceAccess = ServiceAccess.objects.get(pk=access.pk)
        if current.secret is None and current.login is None:
            raise InvalidInput(_("There is no secret on file to rotate."))
        if current.set_at != access.set_at:
            raise InvalidInput(_("Somebody else has just set it. Look at it again."))
        if current.secret == secret:
            raise InvalidInput(_("That is the secret on file already."))
        return _set(current, {"secret": secret})


def _set(access: ServiceAccess, values: dict[str, str]) -> ServiceAccessChange:
    for name, value in values.items():
        setattr(access, name, value)
    access.set_at = timezone.now()
    access.save(update_fields=[*values, "set_at"])
    change = ServiceAccessChange(customer=access.customer, service_access=access, fields=sorted(values))
    change.save()
    return change


def _no_right() -> str:
    return _("You do not set what opens this customer’s services. The refusal is on record.")


def due_for_rotation(customer: Customer) -> set[int]:
    """The keys of the customer's services whose secret was revealed since it was set. Makes two queries."""
    reveals = Reveal.objects.filter(customer=customer, field=SECRET).values("row_seal_id").annotate(last=Max("at"))
    last = {row["row_seal_id"]: row["last"] for row in reveals}
    return {
        access.pk
        for access in customer.services.all()
        if access.seal_id in last and (access.set_at is None or last[access.seal_id] > access.set_at)
    }


def start_reset(point: ContactPoint, *, by: StaffMember) -> Letter:
    """Send the link of the provider's page for choosing a password; staff neither choose nor see one.

    It goes to a confirmed e-mail address in use only. Raises ``InvalidInput`` where ``PASSWORD_RESET_URL`` is not set,
    the address does not qualify or is being replaced, or a link was just sent; ``Refused`` (on record) where ``by``
    does not work on the customer's requests or the customer's contract has ended.
    """
    customer = point.customer
    with acting_on_customer(customer, Act.START_RESET, by=by):
        if customer.status == Customer.Status.ENDED:
            raise Refuse(
                RefusalReason.ENDED_CUSTOMER, _("This customer’s contract has ended, and there is no account any more.")
            )
        if not settings.PASSWORD_RESET_URL:
            raise InvalidInput(
                _("No page for choosing a password is set up: have an administrator set PASSWORD_RESET_URL.")
            )
        if point.channel != ContactPoint.Channel.EMAIL or not (allowed := may_send_confidential(point.anew())):
            reason = (
                _("choose an e-mail address") if point.channel != ContactPoint.Channel.EMAIL else str(allowed.why_not)
            )
            raise InvalidInput(_("The link goes to a confirmed e-mail address in use only: %(why)s.") % {"why": reason})
        _require_no_correction(point)
        reset_letters = Notice.objects.filter(customer=customer, what=Notice.What.PASSWORD_RESET)
        if reset_letters.filter(at__gte=timezone.now() - AGAIN_AFTER).exists():
            raise InvalidInput(_("A link was sent a few minutes ago; ask the customer to look for it first."))
        text = letters.password_reset(customer, settings.PASSWORD_RESET_URL)
        letter = prepare(point, Notice.What.PASSWORD_RESET, text)
    return send(letter, by=by)


def _require_no_correction(point: ContactPoint) -> None:
    if Correction.objects.filter(old_point=point, state__in=Correction.WAITING).exists():
        raise InvalidInput(_("This address is about to be replaced; wait until that is settled."))
