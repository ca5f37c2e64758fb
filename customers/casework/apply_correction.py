"""Putting a correction into effect: the one place where what is on file about a customer changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.access.name_index import put_indexes
from customers.casework.addresses import HELD, may_write_to, written_to
from customers.messages import letters
from customers.messages.notices import Letter, prepare
from customers.models import ContactPoint, Correction, Customer, CustomerRequest, Notice, ServiceAccess
from customers.models.corrections import ADDRESSES, Datum
from customers.validation.errors import InvalidInput
from customers.vault.reseal import carry

NOT_WHILE_PARKED: Promise = gettext_lazy("The request behind it is parked: its address is suspended.")


def is_blocked(correction: Correction) -> bool:
    """True while the request behind it is parked: nothing is done for a suspended address."""
    request = correction.request
    return request is not None and request.anew().state == CustomerRequest.State.PARKED


def is_overtaken(correction: Correction) -> bool:
    """True where the address that was to be replaced on our initiative has been suspended since."""
    old = correction.old_point
    proactive = correction.origin == Correction.Origin.PROACTIVE
    return proactive and old is not None and old.anew().state == ContactPoint.State.SUSPENDED


def take_over(correction: Correction) -> Letter | None:
    """Put an approved correction into effect, inside an act under way: the one place where data on file changes.

    The move's record names the version that it made and commits to its contents. Returns the letter to the address
    that was replaced, still to be sent; None where there is none, or it may not be written to. Raises ``InvalidInput``
    while the request behind it is parked.
    """
    if is_blocked(correction):
        raise InvalidInput(str(NOT_WHILE_PARKED))
    if is_overtaken(correction):
        raise InvalidInput(str(HELD))
    if correction.new_point is not None and not _is_confirmed(correction.new_point):
        raise InvalidInput(_("The new address is not confirmed yet."))
    letter = _change(correction)
    correction.transition("carry_out", customer=correction.customer, datum=correction.datum, **_version(correction))
    return letter


def _version(correction: Correction) -> dict[str, Any]:
    """The version that a correction made, as its record names it; nothing for what history leaves out."""
    if correction.datum in (Datum.SERVICES, Datum.PASSWORD):
        return {}
    version = _changed_row(correction).history.first()
    return {
        "history_table": version._meta.db_table,
        "history_row": str(version.pk),
        "version_commits": {name: getattr(version, name).commitment for name in _sealed_in(correction)},
        "version_says": {name: getattr(version, name) for name in _plain_in(correction)},
    }


def _is_confirmed(point: ContactPoint) -> bool:
    now = point.anew()
    return now.state == ContactPoint.State.ACTIVE and now.verified_at is not None


def _changed_row(correction: Correction) -> Any:
    if correction.datum in ADDRESSES:
        return correction.new_point
    return correction.service_access if correction.datum == Datum.LOGIN else correction.customer


def _sealed_in(correction: Correction) -> tuple[str, ...]:
    """The sealed fields of the version that a correction makes; logins are left out of history."""
    fields = {Datum.NAME: ("full_name",), Datum.COMPANY: ("company",)}
    return (correction.datum,) if correction.datum in ADDRESSES else fields.get(Datum(correction.datum), ())


def _plain_in(correction: Correction) -> tuple[str, ...]:
    """Its columns in clear that the record repeats."""
    if correction.datum in ADDRESSES:
        return ("state",)
    return {Datum.LOCALE: ("locale",), Datum.STATUS: ("status",), Datum.TEAM: ("team_id",)}.get(
        Datum(correction.datum), ()
    )


def _change(correction: Correction) -> Letter | None:
    customer = correction.customer
    if correction.datum in ADDRESSES:
        return _replace_address(correction)
    if correction.datum == Datum.LOGIN:
        assert correction.service_access is not None
        service: ServiceAccess = ServiceAccess.objects.get(pk=correction.service_access.pk)
        carry(correction.new_login, service, "login")
        service.save(update_fields=["login"])
    elif correction.datum == Datum.SERVICES:
        _write_services(customer, correction.new_plain or {})
    else:
        customer.refresh_from_db()
        customer.save(update_fields=_set_on(customer, correction))
    return None


def _set_on(customer: Customer, correction: Correction) -> list[str]:
    """Set the new value on the customer; which columns that were."""
    if correction.datum == Datum.NAME:
        carry(correction.new_name, customer, "full_name")
        put_indexes(customer, correction.new_name_digests or [])
        return ["full_name"]
    if correction.datum == Datum.COMPANY:
        carry(correction.new_company, customer, "company")
        return ["company"]
    if correction.datum == Datum.PASSWORD:
        customer.password_hash, customer.password_set_at = correction.password_hash, timezone.now()
        return ["password_hash", "password_set_at"]
    column = PLAIN[Datum(correction.datum)]
    value: Any = correction.new_plain
    setattr(customer, column, datetime.fromisoformat(value) if column == "registered_at" else value)
    return [column]


def _write_services(customer: Customer, services: dict[str, str | None]) -> None:
    """Bring a customer's services to these, each with the day it renews on; one that is not among them has ended."""
    known = {access.service: access for access in customer.services.all()}
    for name, day in services.items():
        access = known.pop(name, None) or ServiceAccess(customer=customer, service=name)
        access.renews_on, access.ended_on = date.fromisoformat(day) if day else None, None
        access.save()
    for access in known.values():
        if access.ended_on is None:
            access.ended_on = timezone.localdate()
            access.save(update_fields=["ended_on"])


PLAIN: dict[Datum, str] = {
    Datum.LOCALE: "locale",
    Datum.STATUS: "status",
    Datum.TEAM: "team_id",
    Datum.REGISTERED_AT: "registered_at",
}
"""Data kept in clear, and their columns."""


def _replace_address(correction: Correction) -> Letter | None:
    """The new address is confirmed; the old one is told and retired. A suspended one stays as it is, untold.

    Where the old one cannot be told, another address in use is; so too where none is replaced and there is one more.
    """
    old = correction.old_point
    if old is None:
        told = written_to(correction.customer, but=correction.new_point)
        words = letters.added(correction.customer, str(correction.datum))
        return prepare(told, Notice.What.CORRECTED, words) if told is not None else None
    told = old if may_write_to(old.anew()) else written_to(correction.customer, but=correction.new_point)
    letter = None
    if told is not None:
        letter = prepare(told, Notice.What.CORRECTED, letters.corrected(correction.customer, str(correction.datum)))
    if ContactPoint.allows("retire", old.anew().state):
        old.transition("retire", customer=correction.customer)
    return letter
