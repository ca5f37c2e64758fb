"""Taking in what a CRM export says about news: yes is an imported consent, no an opt-out, blank says nothing."""

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
"""What the export says, by which channel."""
MARKETING = ("new_products", "promotions")
"""What the export's word is about. Surveys are asked about on their own."""
SAYS = {"yes": ConsentEvent.What.GRANTED, "no": ConsentEvent.What.OBJECTED, "": None}

NOT_A_WORD = gettext_lazy("is not yes, no or blank")
UNKNOWN = gettext_lazy("is no customer on record; import the customers first")
CELLS = gettext_lazy("the row has more or fewer cells than the header")
TWICE = gettext_lazy("stands on another row of this file with another answer")


class ConsentProgress(Protocol):
    """Told after each batch how many of the file's rows are done."""

    def __call__(self, done: int, total: int) -> None: ...


@dataclass
class ImportOutcome:
    """What became of the rows: ``rows == recorded + unchanged + blank + kept + len(rejected)``.

    ``kept``: rows whose yes was not taken, because the customer's own no stands. ``events`` were written.
    """

    rows: int = 0
    recorded: int = 0
    unchanged: int = 0
    blank: int = 0
    kept: int = 0
    events: int = 0
    rejected: list[Rejection] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """What the report holds: counts, and of each rejected row its number, column and why."""
        return {**{k: v for k, v in self.__dict__.items() if k != "rejected"},
                "rejected": [asdict(rejection) for rejection in self.rejected]}  # fmt: skip


@dataclass(frozen=True)
class ConsentRow:
    """A sound row: which customer, and what is said by each channel about which something is said."""

    number: int
    reference: str
    said: tuple[tuple[Channel, str], ...]


def import_consents(
    path: Path, *, by: StaffMember, report: Path | None = None, progress: ConsentProgress | None = None
) -> ImportOutcome:
    """Take in the marketing columns of a CRM export, batch by batch, each committed on its own; run again, it goes on.

    Every event has the file's SHA-256 as its evidence. A yes never takes back a no, whoever said it: only new evidence
    at the desk does; nor does one on another row of the same customer. Raises ``InvalidInput`` where the file, or the
    place for the report, cannot be used; then nothing has happened.
    """
    if report is not None:
        require_free_place(report, path)
    file = look_through(path)
    try:
        purposes = [purpose_of(code) for code in MARKETING]
    except UnknownPurpose:
        raise InvalidInput(_("The purposes are not on file yet; run `manage.py sync_roles` first.")) from None
    taken, torn = ImportOutcome(), _torn(file)
    for records in batches(file.records(), BATCH_ROWS):
        file.require_same_file()
        judged = [_read(number, file.header, cells) for number, cells in records]
        _take_in(_whole(judged, torn), file, purposes, taken, by=by)
        if progress is not None:
            progress(taken.rows, file.rows)
    if report is not None:
        write_report(taken, report)
    return taken


def _read(number: int, header: tuple[str, ...], cells: list[str]) -> ConsentRow | Rejection:
    """One row by itself, at its first fault."""
    if len(cells) != len(header):
        return Rejection(number, "", str(CELLS))
    values = dict(zip(header, cells, strict=True))
    said: list[tuple[Channel, str]] = []
    for column, channel in COLUMNS.items():
        word = values[column].strip().lower()
        if word not in SAYS:
            return Rejection(number, column, str(NOT_A_WORD))
        if what := SAYS[word]:
            said.append((channel, what))
    return ConsentRow(number, values["customer_no"].strip(), tuple(said))


def _torn(file: CrmFile) -> set[str]:
    """The customers of whom the file says one thing on one row and another on the next: which holds, nobody knows."""
    said: dict[str, tuple[tuple[Channel, str], ...]] = {}
    torn: set[str] = set()
    for number, cells in file.records():
        row = _read(number, file.header, cells)
        if isinstance(row, ConsentRow) and row.reference and said.setdefault(row.reference, row.said) != row.said:
            torn.add(row.reference)
    return torn


def _whole(judged: Iterable[ConsentRow | Rejection], torn: set[str]) -> list[ConsentRow | Rejection]:
    """The rows. Of customers who are torn, a no counts and a yes does not; a row without a no is rejected."""
    found: list[ConsentRow | Rejection] = []
    for row in judged:
        if isinstance(row, ConsentRow) and row.reference in torn:
            noes = tuple((channel, what) for channel, what in row.said if what == ConsentEvent.What.OBJECTED)
            found.append(replace(row, said=noes) if noes else Rejection(row.number, "customer_no", str(TWICE)))
        else:
            found.append(row)
    return found


def _take_in(
    judged: list[ConsentRow | Rejection],
    file: CrmFile,
    purposes: list[Purpose],
    taken: ImportOutcome,
    *,
    by: StaffMember,
) -> None:
    """One batch, in one act: what is new is written, the rest counted. Nothing new, nothing written."""
    rows = [row for row in judged if isinstance(row, ConsentRow)]
    rejected = [row for row in judged if isinstance(row, Rejection)]
    try:
        with recording(by=by):
            counted = _compare(rows, file.sha256, purposes)
            if not counted.events:
                raise _NothingNew(counted)
            ConsentEvent.objects.bulk_create(counted.events)
    except _NothingNew as nothing:
        counted = nothing.counted
    taken.rows += len(judged)
    taken.recorded += counted.recorded
    taken.unchanged += counted.unchanged
    taken.blank += counted.blank
    taken.kept += counted.kept
    taken.events += len(counted.events)
    taken.rejected += sorted([*rejected, *counted.rejected], key=lambda rejection: rejection.row)


@dataclass
class _Counted:
    """A batch, compared with the record."""

    events: list[ConsentEvent] = field(default_factory=list)
    recorded: int = 0
    unchanged: int = 0
    blank: int = 0
    kept: int = 0
    rejected: list[Rejection] = field(default_factory=list)


class _NothingNew(Exception):
    """The batch says nothing that is not on record."""

    def __init__(self, counted: _Counted) -> None:
        super().__init__()
        self.counted = counted


def _compare(rows: list[ConsentRow], sha256: str, purposes: list[Purpose]) -> _Counted:
    """What of a batch is new; the customers are locked, so that nobody opts out meanwhile and is overruled."""
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
    """The events that a row adds, and whether a yes of it was not taken.

    What the CRM has said before is no news, whatever the customer has said at the desk since. Its first no, and a yes
    in the place of its no, are put on record though the desk has heard the same: later files are held against them.
    """
    new, kept = [], False
    for channel, what in row.said:
        for purpose in purposes:
            key = (customer.pk, purpose.code, str(channel))
            before, of_crm = last.of_all.get(key), last.of_crm.get(key)
            is_yes = what == ConsentEvent.What.GRANTED
            if is_yes and before in ConsentEvent.NO:
                kept = True
            elif of_crm != what and not (is_yes and before == what and of_crm is None):
                new.append(ConsentEvent(customer=customer, purpose=purpose, channel=channel, what=what))
                last.of_all[key] = last.of_crm[key] = what
    return new, kept


@dataclass
class _LastWords:
    """By customer, purpose and channel: what was said last, and what the CRM said last."""

    of_all: dict[tuple[int, str, str], str] = field(default_factory=dict)
    of_crm: dict[tuple[int, str, str], str] = field(default_factory=dict)


def _last_words(customers: list[Customer], purposes: list[Purpose]) -> _LastWords:
    """What each customer said last, by purpose and channel; one query."""
    found = _LastWords()
    rows = ConsentEvent.objects.filter(customer__in=customers, purpose__in=purposes).order_by("pk")
    for customer, purpose, channel, what, through in rows.values_list(
        "customer_id", "purpose_id", "channel", "what", "through"
    ):
        for way in [channel] if channel else COLUMNS.values():
            found.of_all[(customer, str(purpose), str(way))] = what
            if through == ConsentEvent.Through.IMPORT:
                found.of_crm[(customer, str(purpose), str(way))] = what
    return found


def in_words(taken: ImportOutcome) -> str:
    """The count, which adds up."""
    return _(
        "%(rows)d rows: %(recorded)d recorded (%(events)d events), %(unchanged)d unchanged, %(blank)d blank,"
        " %(kept)d kept as the customer’s own no, %(rejected)d rejected."
    ) % {**taken.report(), "rejected": len(taken.rejected)}
