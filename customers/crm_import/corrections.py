"""Corrections from a CRM export: a row that differs from what is on file becomes one correction per column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from customers.acts.acting import acting_on_customer
from customers.acts.refusals import Refused
from customers.casework.addresses import KnownElsewhere, index_of
from customers.casework.corrections import Why, propose
from customers.crm_import.rows import Rejection, Row
from customers.models import ContactPoint, Correction, Customer, ImportBatch, StaffMember, Team
from customers.models.acts import Act
from customers.models.corrections import ADDRESSES, Datum
from customers.permissions.casework import can_work_on
from customers.staff.teams import make_team
from customers.validation.errors import InvalidInput

OLDER = gettext_lazy("this was corrected at the desk; the CRM holds the older value")
KNOWN = gettext_lazy("another customer has stopped using this address, or it served a fraud; correct it at the desk")
NOT_USED = gettext_lazy("the customer no longer uses this address")
State = ContactPoint.State


@dataclass(frozen=True)
class Changed:
    """A column that differs: the datum it corrects, the new value, the value on file, and the address it replaces."""

    column: str
    datum: Datum
    value: Any
    on_file: object
    point: ContactPoint | None = None


class Clash(Exception):
    """A column that cannot be corrected; ``why`` is a sentence without any value of the row."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(column)
        self.column, self.why = column, why


def correct_row(row: Row, file_sha256: str, *, by: StaffMember) -> Rejection | None:
    """Correct every column in which a row differs, in one act: all of them or none. None on success.

    A correction that needs a second person or the owner's confirmation waits for it like any other. Data corrected at
    the desk are not overwritten: such a row is rejected.
    """
    customer = Customer.objects.select_related("team").get(reference=row.reference)
    column = ""
    try:
        with acting_on_customer(customer, Act.CORRECT, by=by, may=_may):
            customer.refresh_from_db()
            for changed in changes(customer, row):
                column = changed.column
                _require_not_older(customer, changed)
                propose(
                    customer, changed.datum, changed.value, by=by, why=_why(changed, file_sha256), point=changed.point
                )
            row_columns = {"row_digest": row.digest, "row_file": file_sha256}
            Customer.objects.filter(pk=customer.pk).update(
                **row_columns
            )  # columns left out of history, so no version is made
            ImportBatch(file_sha256=file_sha256, rows=[row.number], references=[row.reference]).save()
    except Clash as clash:
        return Rejection(row.number, clash.column, clash.why)
    except KnownElsewhere:
        return Rejection(row.number, column, str(KNOWN))
    except (InvalidInput, Refused) as no:
        return Rejection(row.number, column or "customer_no", str(no))
    return None


def _may(by: StaffMember, customer: Customer) -> bool:
    return by.is_reserved or can_work_on(by, customer)


def _why(changed: Changed, file_sha256: str) -> Why:
    missing = changed.on_file is None
    return Why(
        kind=Correction.Kind.SUPPLEMENT if missing else Correction.Kind.UPDATE,
        ground=Correction.Ground.INCOMPLETE if missing else Correction.Ground.OUTDATED,
        origin=Correction.Origin.PROACTIVE,
        proof=Correction.Proof.FILE,
        proof_reference=file_sha256,
    )


# --- differences ----------------------------------------------------------------------------------------------------


def changes(customer: Customer, row: Row) -> Iterator[Changed]:
    """The columns in which a row differs from what is on file, in the order of the export.

    An empty cell corrects nothing. Sealed values are compared inside the vault.
    """
    if customer.status == Customer.Status.ENDED and row.status != customer.status:
        yield Changed(
            "status", Datum.STATUS, row.status, customer.status
        )  # first: a customer who came back may be corrected again
    if customer.full_name != row.full_name:
        yield Changed("full_name", Datum.NAME, row.full_name, customer.full_name)
    if row.company is not None and customer.company != row.company:
        yield Changed("company", Datum.COMPANY, row.company, customer.company)
    yield from _address(customer, Datum.EMAIL, row.email)
    yield from _address(customer, Datum.PHONE, row.phone)
    if customer.locale != row.locale:
        yield Changed("locale", Datum.LOCALE, row.locale, customer.locale)
    if customer.registered_at != row.registered_at:
        yield Changed("registered_at", Datum.REGISTERED_AT, row.registered_at.isoformat(), customer.registered_at)
    services = {name: day.isoformat() if day else None for name, day in row.services.items()}
    if services != services_on_file(customer):
        yield Changed("services", Datum.SERVICES, services, True)
    if row.password_hash is not None and customer.password_hash != row.password_hash:
        yield Changed("password_hash", Datum.PASSWORD, row.password_hash, customer.password_hash)
    if customer.team.name != row.team:
        team = Team.objects.filter(name=row.team).first() or make_team(row.team)
        yield Changed("team", Datum.TEAM, team.pk, customer.team_id)
    if customer.status != row.status:  # last: nothing else is corrected once the contract has ended
        yield Changed("status", Datum.STATUS, row.status, customer.status)


def services_on_file(customer: Customer) -> dict[str, str | None]:
    """The services a customer uses, each with its renewal day (ISO date or None)."""
    used = customer.services.filter(ended_on=None)
    return {access.service: access.renews_on.isoformat() if access.renews_on else None for access in used}


def _address(customer: Customer, datum: Datum, value: str | None) -> Iterator[Changed]:
    if value is None:
        return
    points = customer.contact_points.filter(channel=str(datum))
    same = points.filter(**index_of(str(datum), value))
    if same.exclude(state=State.RETIRED).exists():
        return
    if same.exists():
        raise Clash(str(datum), str(NOT_USED))
    in_use = points.exclude(state=State.RETIRED)
    old = in_use.filter(source=ContactPoint.Source.IMPORT).order_by("-pk").first() or in_use.order_by("-pk").first()
    yield Changed(str(datum), datum, value, old, old)


def _require_not_older(customer: Customer, changed: Changed) -> None:
    """Raise ``Clash`` where this datum was corrected at the desk: an export never undoes that."""
    at_desk = Correction.objects.filter(customer=customer, datum=changed.datum).exclude(proof=Correction.Proof.FILE)
    at_desk = at_desk.exclude(datum__in=sorted(ADDRESSES), old_point=None)  # an added address replaced nothing
    if at_desk.exclude(state__in=(Correction.State.REFUSED, Correction.State.WITHDRAWN)).exists():
        raise Clash(changed.column, str(OLDER))
