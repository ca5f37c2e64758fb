"""What opens a service: set, rotated, and due for rotation once somebody has seen it. And a customer's own password."""

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
from customers.permissions.casework import can_set_access
from customers.validation.errors import InvalidInput

SECRET = "customers.ServiceAccess.secret"  # noqa: S105  (the name of a field)
LONGEST = 200
ALPHABET = string.ascii_letters + string.digits
LENGTH = 24
AGAIN_AFTER = timedelta(minutes=10)


def _may(by: StaffMember, customer: Customer) -> bool:
    return by.is_reserved or can_set_access(by, customer)


def set_service_access(access: ServiceAccess, *, login: str, secret: str, by: StaffMember) -> ServiceAccessChange:
    """Seal a first login and secret for a service. A login that is on file changes by a correction, which another
    person approves.

    Raises ``InvalidInput`` where either is empty, too long or on file already, ``Refused`` (on record) without the
    right.
    """
    login, secret = login.strip(), secret.strip()
    if not login or not secret or max(len(login), len(secret)) > LONGEST:
        raise InvalidInput(_("Give both a login and a secret, each of at most 200 characters."))
    if not (login.isprintable() and secret.isprintable()):
        raise InvalidInput(_("A login and a secret stand on one line."))
    with acting_on_customer(access.customer, "set_service_access", by=by, may=_may, sentence=_no_right()):
        now: ServiceAccess = ServiceAccess.objects.get(pk=access.pk)
        if now.login is not None:
            raise InvalidInput(_("A login is on file already: correct it, or rotate the secret."))
        return _set(now, {"login": login, "secret": secret})


def rotate_secret(access: ServiceAccess, *, by: StaffMember, secret: str = "") -> ServiceAccessChange:
    """Put a new secret in the place of the one on file: one that is given, or a random one.

    Raises ``InvalidInput`` where there is none to rotate or it is the same, ``Refused`` (on record) without the right.
    """
    secret = secret.strip() or "".join(secrets.choice(ALPHABET) for _each in range(LENGTH))
    if len(secret) > LONGEST or not secret.isprintable():
        raise InvalidInput(_("A secret stands on one line, of at most 200 characters."))
    with acting_on_customer(access.customer, "rotate_secret", by=by, may=_may, sentence=_no_right()):
        now: ServiceAccess = ServiceAccess.objects.get(pk=access.pk)
        if now.secret is None and now.login is None:
            raise InvalidInput(_("There is no secret on file to rotate."))
        if now.set_at != access.set_at:
            raise InvalidInput(_("Somebody else has just set it. Look at it again."))
        if now.secret == secret:
            raise InvalidInput(_("That is the secret on file already."))
        return _set(now, {"secret": secret})


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
    """The keys of the customer's services whose secret somebody has seen since it was set; two queries."""
    seen = Reveal.objects.filter(customer=customer, field=SECRET).values("row_seal_id").annotate(last=Max("at"))
    last = {row["row_seal_id"]: row["last"] for row in seen}
    return {
        access.pk
        for access in customer.services.all()
        if access.seal_id in last and (access.set_at is None or last[access.seal_id] > access.set_at)
    }


def start_reset(point: ContactPoint, *, by: StaffMember) -> Letter:
    """Send the provider's own link for choosing a password; nobody at the desk chooses or sees one.

    It goes to a confirmed address in use only. Raises ``InvalidInput`` where there is no such page or the address will
    not do, ``Refused`` (on record) where ``by`` does not work on the customer's requests, or the customer has ended.
    """
    customer = point.customer
    with acting_on_customer(customer, "start_reset", by=by):
        if customer.status == Customer.Status.ENDED:
            raise Refuse("ended_customer", _("This customer has ended and has no account any more."))
        if not settings.PASSWORD_RESET_URL:
            raise InvalidInput(
                _("No page for choosing a password is set up: have an administrator set PASSWORD_RESET_URL.")
            )
        if point.channel != ContactPoint.Channel.EMAIL or not (allowed := may_send_confidential(point.anew())):
            why = _("choose an e-mail address") if point.channel != ContactPoint.Channel.EMAIL else str(allowed.why_not)
            raise InvalidInput(_("The link goes to a confirmed e-mail address in use only: %(why)s.") % {"why": why})
        _require_no_correction(point)
        lately = Notice.objects.filter(customer=customer, what=Notice.What.PASSWORD_RESET)
        if lately.filter(at__gte=timezone.now() - AGAIN_AFTER).exists():
            raise InvalidInput(_("A link was sent a few minutes ago; ask the customer to look for it first."))
        words = letters.password_reset(customer, settings.PASSWORD_RESET_URL)
        letter = prepare(point, Notice.What.PASSWORD_RESET, words)
    return send(letter, by=by)


def _require_no_correction(point: ContactPoint) -> None:
    if Correction.objects.filter(old_point=point, state__in=Correction.WAITING).exists():
        raise InvalidInput(_("This address is about to be replaced; wait until that is settled."))
