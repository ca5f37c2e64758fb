"""Imports what a CRM export says about news: yes is a consent, no an opt-out, blank says nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.gate.purposes import UnknownPurpose, purpose_of
from consent.models import Channel, ConsentEvent, Purpose
from consent.policies.versions import in_force
from customers.crm_import.customers import BATCH_ROWS, batches
from customers.crm_import.file import CrmFile, look_through
from customers.crm_import.report import require_free_place, write_report
from customers.crm_import.rows import Rejection
from customers.evidence.recording import recording
from customers.models import Customer, StaffMember
from customers.validation.errors import InvalidInput

COLUMNS = {"marketing_email": Channel.EMAIL, "marketing_sms": Channel.SMS}
"""The columns of the export that are read, with their channels."""
MARKETING = ("new_products", "promotions")
"""The purposes that the export's answers count for. For surveys, customers are asked separately."""
SAYS = {"yes": ConsentEvent.What.GRANTED, "no": ConsentEvent.What.OBJECTED, "": None}

NOT_A_WORD = gettext_lazy("is not yes, no or blank")
UNKNOWN = gettext_lazy("is no customer on record; import the customers first")
CELLS = gettext_lazy("the row has more or fewer cells than the header")
TWICE = gettext_lazy("stands on another row of this file with another answer")


class ConsentProgress(Protocol):
    """Called after each batch with the number of rows done and of all rows."""

    def __call__(self, done: int, total: int) -> None: ...


@dataclass
class ImportOutcome:
    """What became of the rows: ``rows == recorded + unchanged + blank + kept + len(rejected)``.

    ``kept``: rows whose yes was not recorded, because the customer's own no holds. ``events``: how many were written.
    """

    rows: int = 0
    recorded: int = 0
    unchanged: int = 0
    blank: int = 0
    kept: int = 0
    events: int = 0
    rejected: list[Rejection] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """The report's content: the counts, and of each rejected row its number, column and reason."""
        return {**{k: v for k, v in self.__dict__.items() if k != "rejected"},
                "rejected": [asdict(rejection) for rejection in self.rejected]}  # fmt: skip


@dataclass(frozen=True)
class ConsentRow:
    """A valid row: the customer's reference, and the answers by channel, without the blank ones."""

    number: int
    reference: str
    said: tuple[tuple[Channel, str], ...]


def import_consents(
    path: Path, *, by: StaffMember, report: Path | None = None, progress: ConsentProgress | None = None
) -> ImportOutcome:
    """Import the marketing columns of a CRM export, batch by batch, each committed on its own.

    A second run continues where the first stopped. Every event has the file's SHA-256 as its evidence. A yes never
    takes back a no, neither of the record nor of another row for the same customer: only newer evidence at the desk
    does. Raises ``InvalidInput`` where the file, or the place for the report, cannot be used; then nothing was written.
    """
    if report is not None:
        require_free_place(report, path)
    file = look_through(path)
    try:
        purposes = [purpose_of(code) for code in MARKETING]
    except UnknownPurpose:
        raise InvalidInput(_("The purposes are not on file yet; run `manage.py sync_roles` first.")) from None
    outcome, torn = ImportOutcome(), _torn(file)
    for records in batches(file.records(), BATCH_ROWS):
        file.require_same_file()
        judged = [_read(number, file.header, cells) for number, cells in records]
        _take_in(_whole(judged, torn), file, purposes, outcome, by=by)
        if progress is not None:
            progress(outcome.rows, file.rows)
    if report is not None:
        write_report(outcome, report)
    return outcome


def _read(number: int, header: tuple[str, ...], cells: list[str]) -> ConsentRow | Rejection:
    """One row, or its rejection at its first fault."""
    if len(cells) != len(header):
        return Rejection(number, "", str(CELLS))
    values = dict(zip(header, cells, strict=True))
    answers: list[tuple[Channel, str]] = []
    for column, channel in COLUMNS.items():
        word = values[column].strip().lower()
        if word not in SAYS:
            return Rejection(number, column, str(NOT_A_WORD))
        if answer := SAYS[word]:
            answers.append((channel, answer))
    return ConsentRow(number, values["customer_no"].strip(), tuple(answers))


def _torn(file: CrmFile) -> set[str]:
    """The references for which the file has rows with different answers, so that it is unknown which holds."""
    answers: dict[str, tuple[tuple[Channel, str], ...]] = {}
    torn: set[str] = set()
    for number, cells in file.records():
        row = _read(number, file.header, cells)
        if isinstance(row, ConsentRow) and row.reference and answers.setdefault(row.reference, row.said) != row.said:
            torn.add(row.reference)
    return torn


def _whole(judged: Iterable[ConsentRow | Rejection], torn: set[str]) -> list[ConsentRow | Rejection]:
    """The rows. For customers in ``torn`` a no counts and a yes does not; a row without a no is rejected."""
    rows: list[ConsentRow | Rejection] = []
    for row in judged:
        if isinstance(row, ConsentRow) and row.reference in torn:
            noes = tuple((channel, answer) for channel, answer in row.said if answer == ConsentEvent.What.OBJECTED)
            rows.append(replace(row, said=noes) if noes else Rejection(row.number, "customer_no", str(TWICE)))
        else:
            rows.append(row)
    return rows


def _take_in(
    judged: list[ConsentRow | Rejection],
    file: CrmFile,
    purposes: list[Purpose],
    outcome: ImportOutcome,
    *,
    by: StaffMember,
) -> None:
    """Write a batch's new events in one transaction and count its rows. Without new events nothing is written."""
    rows = [row for row in judged if isinstance(row, ConsentRow)]
    rejected = [row for row in judged if isinstance(row, Rejection)]
    try:
        with recording(by=by):
            counted = _compare(rows, file.sha256, purposes)
            if not counted.events:
                raise _NothingNew(counted)
            ConsentEvent.objects.bulk_create(counted.events)
    except _NothingNew as stop:
        counted = stop.counted
    outcome.rows += len(judged)
    outcome.recorded += counted.recorded
    outcome.unchanged += counted.unchanged
    outcome.blank += counted.blank
    outcome.kept += counted.kept
    outcome.events += len(counted.events)
    outcome.rejected += sorted([*rejected, *counted.rejected], key=lambda rejection: rejection.row)


@dataclass
class _Counted:
    """One batch compared with the record: new events, counts and rejections."""

    events: list[ConsentEvent] = field(default_factory=list)
    recorded: int = 0
    unchanged: int = 0
    blank: int = 0
    kept: int = 0
    rejected: list[Rejection] = field(default_factory=list)


class _NothingNew(Exception):
    """The batch holds nothing that is not on record."""

    def __init__(self, counted: _Counted) -> None:
        super().__init__()
        self.counted = counted


def _compare(rows: list[ConsentRow], sha256: str, purposes: list[Purpose]) -> _Counted:
    """Compare a batch with the record. The customers are locked, so that an opt-out meanwhile is not overruled."""
    counted, policy = _Counted(), in_force()
    locked = Customer.objects.filter(reference__in={row.reference for row in rows}).order_by("pk")
    known = {customer.reference: customer for customer in locked.select_for_update(no_key=True)}
    last = _last_words(list(known.values()), purposes)
    common = {"through": ConsentEvent.Through.IMPORT, "evidence": sha256, "policy_version": policy,
              "policy_sha256": policy.sha256_vi if policy else ""}  # fmt: skip
    for row in rows:
        customer = known.get(row.reference)
        if customer is None:
            counted.rejected.append(Rejection(row.number, "customer_no", str(UNKNOWN)))
            continue
        new, kept = _new_events(customer, row, purposes, last)
        for event in new:
            for name, value in common.items():
                setattr(event, name, value)
        counted.events += new
        counted.recorded += bool(new)
        counted.kept += bool(kept and not new)
        counted.blank += not row.said
        counted.unchanged += bool(row.said and not new and not kept)
    return counted


def _new_events(
    customer: Customer, row: ConsentRow, purposes: list[Purpose], last: _LastWords
) -> tuple[list[ConsentEvent], bool]:
    """The events that a row adds, and whether a yes of it was not recorded because of a no.

    An answer that the CRM has given before adds nothing, whatever the customer said at the desk since. Its first no,
    and a yes in place of its earlier no, are recorded even where the desk has recorded the same: later files are
    compared with them.
    """
    new, kept = [], False
    for channel, answer in row.said:
        for purpose in purposes:
            key = (customer.pk, purpose.code, str(channel))
            before, of_crm = last.of_all.get(key), last.of_crm.get(key)
            is_yes = answer == ConsentEvent.What.GRANTED
            if is_yes and before in ConsentEvent.NO:
                kept = True
            elif of_crm != answer and not (is_yes and before == answer and of_crm is None):
                new.append(ConsentEvent(customer=customer, purpose=purpose, channel=channel, what=answer))
                last.of_all[key] = last.of_crm[key] = answer
    return new, kept


@dataclass
class _LastWords:
    """The newest answer of all, and the newest from the CRM, by customer, purpose and channel."""

    of_all: dict[tuple[int, str, str], str] = field(default_factory=dict)
    of_crm: dict[tuple[int, str, str], str] = field(default_factory=dict)


def _last_words(customers: list[Customer], purposes: list[Purpose]) -> _LastWords:
    """The newest answers of these customers for these purposes; one query."""
    last = _LastWords()
    rows = ConsentEvent.objects.filter(customer__in=customers, purpose__in=purposes).order_by("pk")
    for customer, purpose, channel, answer, through in rows.values_list(
        "customer_id", "purpose_id", "channel", "what", "through"
    ):
        for way in [channel] if channel else COLUMNS.values():
            last.of_all[(customer, str(purpose), str(way))] = answer
            if through == ConsentEvent.Through.IMPORT:
                last.of_crm[(customer, str(purpose), str(way))] = answer
    return last


def in_words(outcome: ImportOutcome) -> str:
    """The counts of an import as one sentence."""
    return _(
        "%(rows)d rows: %(recorded)d recorded (%(events)d events), %(unchanged)d unchanged, %(blank)d blank,"
        " %(kept)d kept as the customer’s own no, %(rejected)d rejected."
    ) % {**outcome.report(), "rejected": len(outcome.rejected)}
