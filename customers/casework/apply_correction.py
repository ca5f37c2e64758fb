"""Putting an approved correction into effect: the one place where corrections change stored data."""

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
    """True while the request behind a correction is parked, that is, came from a suspended address."""
    request = correction.request
    return request is not None and request.anew().state == CustomerRequest.State.PARKED


def is_overtaken(correction: Correction) -> bool:
    """True where a correction on the provider's own initiative replaces an address that is now suspended."""
    old = correction.old_point
    proactive = correction.origin == Correction.Origin.PROACTIVE
    return proactive and old is not None and old.anew().state == ContactPoint.State.SUSPENDED


def take_over(correction: Correction) -> Letter | None:
    """Put an approved correction into effect, inside an act under way.

    The record of the transition names the history version it made and commits to its contents. Returns the letter about
    a changed address, which the caller sends after the act; None for other data or where no address may be written to.
    Raises ``InvalidInput`` while the request is parked, where the old address has been suspended since (see
    ``is_overtaken``), or while the new address is not confirmed.
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
    """The record's fields about the history version that a correction made; empty for services and passwords."""
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
    current = point.anew()
    return current.state == ContactPoint.State.ACTIVE and current.verified_at is not None


def _changed_row(correction: Correction) -> Any:
    if correction.datum in ADDRESSES:
        return correction.new_point
    return correction.service_access if correction.datum == Datum.LOGIN else correction.customer


def _sealed_in(correction: Correction) -> tuple[str, ...]:
    """The sealed fields that a correction changes in its version; logins are not kept in history."""
    fields = {Datum.NAME: ("full_name",), Datum.COMPANY: ("company",)}
    return (correction.datum,) if correction.datum in ADDRESSES else fields.get(Datum(correction.datum), ())


def _plain_in(correction: Correction) -> tuple[str, ...]:
    """The unsealed columns of the version whose values the record repeats."""
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
    """Set the new value on the customer, unsaved; returns the columns to save."""
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
    """Make a customer's services match ``services`` (name: renewal day as ISO date or None); others end today."""
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
"""Data stored unsealed, and their columns on the customer."""


def _replace_address(correction: Correction) -> Letter | None:
    """Retire the replaced address and prepare the letter about the change; a suspended old address stays suspended.

    The letter goes to the old address; where that may not be written to, or an address was added and none replaced, it
    goes to another address in use.
    """
    old = correction.old_point
    if old is None:
        addressee = written_to(correction.customer, but=correction.new_point)
        text = letters.added(correction.customer, str(correction.datum))
        return prepare(addressee, Notice.What.CORRECTED, text) if addressee is not None else None
    addressee = old if may_write_to(old.anew()) else written_to(correction.customer, but=correction.new_point)
    letter = None
    if addressee is not None:
        letter = prepare(
            addressee, Notice.What.CORRECTED, letters.corrected(correction.customer, str(correction.datum))
        )
    if ContactPoint.allows("retire", old.anew().state):
        old.transition("retire", customer=correction.customer)
    return letter
