"""Taking in a CRM export, batch by batch; each batch is one transaction with one record."""

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
"""How often a batch is begun where another import takes in the same customers or teams meanwhile."""

TWICE = _("stands on an earlier row of this file with other data")
DIFFERS = _("is on record with other data")


class Progress(Protocol):
    """Told after each batch how many of the file's rows are done."""

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
    """Take in what is new in a CRM export and write a report of what became of each row.

    The file is looked through first: where it cannot be used as a whole, or the report cannot be written, this
    raises ``InvalidInput`` and nothing has happened. Then come batches, each committed with its ``ImportBatch``;
    stopped half-way and run again, what is on record counts as unchanged and the rest follows. ``at`` is the time that
    registrations are held against (now). With ``correct``, rows that say something else than the record become
    corrections on our initiative, each row an act of its own; without, they are rejected.
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
    """The records in lists of that size, the last one shorter."""
    while batch := list(islice(records, size)):
        yield batch


def take_in(judged: Iterable[Row | Rejection], file: CrmFile, outcome: Outcome, *, by: StaffMember) -> None:
    """One batch: compare its sound rows with the record, write the new ones, count. No new one, nothing written."""
    judged = list(judged)
    sound = [row for row in judged if isinstance(row, Row)]
    rejected = [row for row in judged if isinstance(row, Rejection)]
    for left in reversed(range(TRIES)):
        new, differing, twice = compare(sound, file.sha256)
        try:
            if new:
                write(new, file.sha256, by=by)
            break
        except IntegrityError:  # somebody else has just written one of these customers or teams: look again
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
    """The rows that are new, those that say something else than the record, and than an earlier row; one query.

    A record that came from this very file came from an earlier row of it, so nothing of earlier batches is kept.
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
        elif (found := known[row.reference])[0] != row.digest:
            if found[1] == file_sha256:
                twice.append(Rejection(row.number, "customer_no", str(TWICE)))
            else:
                known[row.reference] = (row.digest, file_sha256)
                differing.append(row)
    return new, differing, twice


def write(rows: list[Row], file_sha256: str, *, by: StaffMember) -> ImportBatch:
    """Write new customers and all that belongs to them, in a number of queries that rows do not add to."""
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
    """Insert rows, and the first version of each into its history by whoever acts: as saving one by one would."""
    model.objects.bulk_create(rows)
    model.history.bulk_history_create(rows, default_change_reason=None)


def teams_named(names: set[str]) -> dict[str, Team]:
    """The teams of these names; those the desk does not know are made, with no members of their own."""
    found = {team.name: team for team in Team.objects.filter(name__in=names)}
    return found | {name: make_team(name) for name in sorted(names - found.keys())}


def customer_of(row: Row, team: Team, batch: ImportBatch) -> Customer:
    """The customer a row tells of."""
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
    """The address and the number of a row: in use, and verified by nobody."""
    common = {"customer": customer, "state": ContactPoint.State.ACTIVE, "source": ContactPoint.Source.IMPORT}
    points = [ContactPoint(channel=ContactPoint.Channel.EMAIL, email=row.email, **common)]
    if row.phone is not None:
        points.append(ContactPoint(channel=ContactPoint.Channel.PHONE, phone=row.phone, **common))
    return points


def require_owners_word(points: list[ContactPoint]) -> list[ContactPoint]:
    """Leave unverified what some other customer has stopped using, or what is suspended there; which ones; two queries.

    Such an address may have gone to a stranger, or may be in a stranger's hands just now.
    """
    lock_installation()
    lost = (ContactPoint.State.RETIRED, ContactPoint.State.SUSPENDED)
    doubtful: list[ContactPoint] = []
    for column in ("email_index", "phone_index"):
        sought = {getattr(point, column) for point in points} - {None}
        once = ContactPoint.objects.filter(**{f"{column}__in": sought}, state__in=lost)
        digests = set(once.values_list(column, flat=True))
        doubtful += [point for point in points if getattr(point, column) in digests]
    for point in doubtful:
        point.state = ContactPoint.State.UNVERIFIED
    return doubtful


def services_of(row: Row, customer: Customer) -> list[ServiceAccess]:
    """The services of a row, with nothing yet that opens them."""
    return [ServiceAccess(customer=customer, service=name, renews_on=day) for name, day in row.services.items()]
