"""The import of new customers, batch by batch; each batch is one transaction with one record (``ImportBatch``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.access.name_index import index_names
from customers.acts.acting import lock_installation
from customers.casework.holds import spread_to
from customers.crm_import.corrections import correct_row
from customers.crm_import.file import CrmFile, look_through
from customers.crm_import.report import Outcome, require_free_place, write_report
from customers.crm_import.rows import Rejection, Row, judge
from customers.evidence.recording import recording
from customers.models import ContactPoint, Customer, ImportBatch, ServiceAccess, StaffMember, Team
from customers.staff.teams import make_team

BATCH_ROWS = 500
TRIES = 3
"""Attempts to write a batch where another import writes the same customers or teams meanwhile."""

TWICE = _("stands on an earlier row of this file with other data")
DIFFERS = _("is on record with other data")


class Progress(Protocol):
    """A callback, called after each batch with the number of rows done and in total."""

    def __call__(self, done: int, total: int) -> None: ...


def import_customers(
    path: Path,
    *,
    by: StaffMember,
    report: Path | None = None,
    at: datetime | None = None,
    correct: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Import the new customers of a CRM export and write a report of the result of each row.

    The file is read through first: where it cannot be used as a whole, or the report cannot be written, this raises
    ``InvalidInput`` and nothing is changed. Batches follow, each committed with its ``ImportBatch``; after an
    interruption the import can be run again, and rows already on file count as unchanged. A registration later than
    ``at`` (default: now) is rejected. With ``correct``, rows that differ from what is on file become corrections, one
    act per row; without, they are rejected.
    """
    if report is not None:
        require_free_place(report, path)
    file = look_through(path)
    outcome = Outcome(left_out=file.left_out, corrected=0 if correct else None)
    at = at or timezone.now()
    for records in batches(file.records(), BATCH_ROWS):
        file.require_same_file()
        judged = [judge(number, file.header, cells, at=at) for number, cells in records]
        take_in(judged, file, outcome, by=by)
        if progress is not None:
            progress(outcome.rows, file.rows)
    if report is not None:
        write_report(outcome, report)
    return outcome


def batches(records: Iterator[tuple[int, list[str]]], size: int) -> Iterator[list[tuple[int, list[str]]]]:
    """The records in lists of ``size``, the last one may be shorter."""
    while batch := list(islice(records, size)):
        yield batch


def take_in(judged: Iterable[Row | Rejection], file: CrmFile, outcome: Outcome, *, by: StaffMember) -> None:
    """Process one batch: compare its valid rows with what is on file, write the new ones, correct or reject, count."""
    judged = list(judged)
    sound = [row for row in judged if isinstance(row, Row)]
    rejected = [row for row in judged if isinstance(row, Rejection)]
    for left in reversed(range(TRIES)):
        new, differing, twice = compare(sound, file.sha256)
        try:
            if new:
                write(new, file.sha256, by=by)
            break
        except IntegrityError:  # another import has just written one of these customers or teams: compare again
            if not left:
                raise
    unchanged = len(sound) - len(new) - len(differing) - len(twice)
    if outcome.corrected is None:
        refused = [Rejection(row.number, "customer_no", str(DIFFERS)) for row in differing]
    else:
        refused = [no for row in differing if (no := correct_row(row, file.sha256, by=by)) is not None]
    corrected = len(differing) - len(refused)
    outcome.add(accepted=len(new), unchanged=unchanged, corrected=corrected, rejected=rejected + twice + refused)


def compare(rows: list[Row], file_sha256: str) -> tuple[list[Row], list[Row], list[Rejection]]:
    """Sort rows into new ones, ones that differ from what is on file, and rejections of repeated ones. One query.

    A customer on file from this same file came from an earlier row of it, so earlier batches need not be remembered.
    """
    on_record = Customer.objects.filter(reference__in={row.reference for row in rows})
    known = {
        reference: (digest, row_file or source)
        for reference, digest, row_file, source in on_record.values_list(
            "reference", "row_digest", "row_file", "imported_by__file_sha256"
        )
    }
    new: list[Row] = []
    differing: list[Row] = []
    twice: list[Rejection] = []
    for row in rows:
        if row.reference not in known:
            known[row.reference] = (row.digest, file_sha256)
            new.append(row)
        elif (earlier := known[row.reference])[0] != row.digest:
            if earlier[1] == file_sha256:
                twice.append(Rejection(row.number, "customer_no", str(TWICE)))
            else:
                known[row.reference] = (row.digest, file_sha256)
                differing.append(row)
    return new, differing, twice


def write(rows: list[Row], file_sha256: str, *, by: StaffMember) -> ImportBatch:
    """Write new customers and all that belongs to them, with a fixed number of queries per batch."""
    with recording(by=by):
        batch = ImportBatch(
            file_sha256=file_sha256,
            rows=[row.number for row in rows],
            references=[row.reference for row in rows],
        )
        batch.save()
        teams = teams_named({row.team for row in rows})
        customers = [customer_of(row, teams[row.team], batch) for row in rows]
        keep(Customer, customers)
        pairs = list(zip(customers, rows, strict=True))
        index_names((customer, row.full_name) for customer, row in pairs)
        points = [point for customer, row in pairs for point in contact_points_of(row, customer)]
        doubtful = require_owners_word(points)
        keep(ContactPoint, points)
        spread_to(doubtful, by=by)
        keep(ServiceAccess, [access for customer, row in pairs for access in services_of(row, customer)])
    return batch


def keep(model: Any, rows: list[Any]) -> None:
    """Insert rows in bulk, and the first history version of each, as saving them one by one would."""
    model.objects.bulk_create(rows)
    model.history.bulk_history_create(rows, default_change_reason=None)


def teams_named(names: set[str]) -> dict[str, Team]:
    """The teams of these names; missing ones are created without members."""
    teams = {team.name: team for team in Team.objects.filter(name__in=names)}
    return teams | {name: make_team(name) for name in sorted(names - teams.keys())}


def customer_of(row: Row, team: Team, batch: ImportBatch) -> Customer:
    """The unsaved customer of a row."""
    return Customer(
        reference=row.reference,
        full_name=row.full_name,
        company=row.company,
        locale=row.locale,
        registered_at=row.registered_at,
        status=row.status,
        team=team,
        password_hash=row.password_hash,
        row_digest=row.digest,
        row_file=batch.file_sha256,
        imported_by=batch,
    )


def contact_points_of(row: Row, customer: Customer) -> list[ContactPoint]:
    """The unsaved addresses of a row: active, and not verified."""
    common = {"customer": customer, "state": ContactPoint.State.ACTIVE, "source": ContactPoint.Source.IMPORT}
    points = [ContactPoint(channel=ContactPoint.Channel.EMAIL, email=row.email, **common)]
    if row.phone is not None:
        points.append(ContactPoint(channel=ContactPoint.Channel.PHONE, phone=row.phone, **common))
    return points


def require_owners_word(points: list[ContactPoint]) -> list[ContactPoint]:
    """Set to unverified the addresses that are retired or suspended at another customer; returns them. Two queries.

    Such an address may belong to a stranger by now.
    """
    lock_installation()
    lost = (ContactPoint.State.RETIRED, ContactPoint.State.SUSPENDED)
    doubtful: list[ContactPoint] = []
    for column in ("email_index", "phone_index"):
        indexes = {getattr(point, column) for point in points} - {None}
        contact_points = ContactPoint.objects.filter(**{f"{column}__in": indexes}, state__in=lost)
        digests = set(contact_points.values_list(column, flat=True))
        doubtful += [point for point in points if getattr(point, column) in digests]
    for point in doubtful:
        point.state = ContactPoint.State.UNVERIFIED
    return doubtful


def services_of(row: Row, customer: Customer) -> list[ServiceAccess]:
    """The unsaved services of a row, without login and secret."""
    return [ServiceAccess(customer=customer, service=name, renews_on=day) for name, day in row.services.items()]
