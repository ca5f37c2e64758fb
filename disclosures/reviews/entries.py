"""The entries of a month under review, the people who had a part in each, and the newest verdict on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from customers.models import AccessGrant, BudgetAllowance, Refusal, StaffMember
from disclosures.models import Disclosure, MonthReview, ReviewBegun, Reviewed, ReviewVerdict, WhySeen
from disclosures.reviews.periods import Month
from disclosures.reviews.sampling import over_budget

Key = tuple[str, int]
"""What an entry is (``Reviewed``), and the primary key of its row."""
BATCH = 500
"""Keys in one query, few enough for the limits of every database."""

TABLES: dict[str, Any] = {
    Reviewed.DISCLOSURE: Disclosure,
    Reviewed.BREAK_GLASS: AccessGrant,
    Reviewed.OVER_BUDGET: Refusal,
    Reviewed.ALLOWANCE: BudgetAllowance,
}
PARTS: dict[str, tuple[str, str, str]] = {
    Reviewed.DISCLOSURE: ("proposed_by", "approved_by", "by"),
    Reviewed.BREAK_GLASS: ("", "", "by"),
    Reviewed.OVER_BUDGET: ("", "", "by"),
    Reviewed.ALLOWANCE: ("", "by", "person"),
}
"""The columns of a row for who proposed it, who approved it, and who did it; "" where there is none."""
BESIDE: dict[str, tuple[str, ...]] = {
    Reviewed.DISCLOSURE: ("customer", "request", "details__customer", "proposed_by", "approved_by", "by"),
    Reviewed.BREAK_GLASS: ("customer__team", "by"),
    Reviewed.OVER_BUDGET: ("by",),
    Reviewed.ALLOWANCE: ("by", "person"),
}
"""The related rows that a page shows, loaded with each kind of row."""


@dataclass(frozen=True)
class TakingPart:
    """The primary keys of the staff who had a part in an entry; they must not judge it."""

    proposed_by: int | None
    approved_by: int | None
    done_by: int

    def has(self, person: StaffMember) -> bool:
        """True where the person is one of them."""
        return person.pk in (self.proposed_by, self.approved_by, self.done_by)


@dataclass(frozen=True)
class ReviewedEntry:
    """One entry to review: what it is, the codes of why, its people, and its newest verdict (None: not yet)."""

    what: str
    key: int
    whys: list[str]
    part: TakingPart
    verdict: ReviewVerdict | None

    @property
    def named(self) -> Key:
        """What it is, and the primary key of its row."""
        return self.what, self.key

    @property
    def name(self) -> str:
        """Its name in forms and URLs: ``disclosure-12``."""
        return f"{self.what}-{self.key}"

    @property
    def why(self) -> list[str]:
        """The reasons why it is reviewed, in the active language."""
        return [str(WhySeen(code).label) for code in self.whys]


@dataclass(frozen=True)
class Shown:
    """An entry with its row, for a page; ``times`` is the number of refusals that are grouped into one entry."""

    entry: ReviewedEntry
    row: Any
    times: int = 1


@dataclass(frozen=True)
class Review:
    """The review of a month at present; ``signed`` is None until it is signed off."""

    month: Month
    begun: ReviewBegun
    signed: MonthReview | None
    entries: list[ReviewedEntry] = field(repr=False)

    def to_judge(self, person: StaffMember) -> list[ReviewedEntry]:
        """The entries without a verdict that this person may judge."""
        return [entry for entry in self.entries if entry.verdict is None and not entry.part.has(person)]

    def for_others(self, person: StaffMember) -> list[ReviewedEntry]:
        """The entries without a verdict that this person had a part in, so somebody else has to judge them."""
        return [entry for entry in self.entries if entry.verdict is None and entry.part.has(person)]

    @property
    def judged(self) -> list[ReviewedEntry]:
        """The entries with a verdict, the questioned ones first."""
        judged = [entry for entry in self.entries if entry.verdict is not None]
        return sorted(judged, key=lambda entry: entry.verdict.verdict != "questioned" if entry.verdict else False)

    @property
    def questioned(self) -> list[ReviewedEntry]:
        """The entries whose newest verdict is “questioned”."""
        return [entry for entry in self.entries if entry.verdict is not None and entry.verdict.verdict == "questioned"]

    @property
    def newest(self) -> int:
        """The key of the newest verdict, or 0; a form sends it back to show which verdicts its reader has seen."""
        return max((entry.verdict.pk for entry in self.entries if entry.verdict), default=0)

    def entries_of(self, named: Iterable[Key]) -> list[ReviewedEntry]:
        """The entries with these names, in the order of the review."""
        wanted = set(named)
        return [entry for entry in self.entries if entry.named in wanted]

    @cached_property
    def by_name(self) -> dict[str, ReviewedEntry]:
        """The entries by their names in forms and URLs."""
        return {entry.name: entry for entry in self.entries}


def review_of(begun: ReviewBegun) -> Review:
    """Load the review of a month; the number of queries grows only by batches of ``BATCH`` entries."""
    month = Month.parse(begun.month)
    assert month is not None
    whys: dict[Key, list[str]] = {(what, key): why for what, key, why in begun.must_see}
    whys |= {(Reviewed.DISCLOSURE.value, key): [WhySeen.SAMPLE.value] for key in begun.sampled}
    verdicts = newest_verdicts(begun.month)
    parts = parts_of(whys)
    entries = [ReviewedEntry(*named, why, parts[named], verdicts.get(named)) for named, why in whys.items()]
    return Review(month, begun, MonthReview.objects.filter(begun=begun).select_related("by").first(), entries)


def newest_verdicts(month: str) -> dict[Key, ReviewVerdict]:
    """The newest verdict on each entry of a month that has one."""
    rows = ReviewVerdict.objects.filter(month=month).select_related("by").order_by("pk")
    return {(row.what, row.row_key): row for row in rows}


def parts_of(named: Iterable[Key]) -> dict[Key, TakingPart]:
    """The people who had a part in each of these entries."""
    parts: dict[Key, TakingPart] = {}
    for what, keys in _by_what(named):
        columns = [column for column in PARTS[what] if column]
        for row in TABLES[what].objects.filter(pk__in=keys).values("pk", *columns):
            proposed, approved, done = PARTS[what]
            parts[what, row["pk"]] = TakingPart(row.get(proposed), row.get(approved), row[done])
    return parts


def shown(entries: Iterable[ReviewedEntry], month: Month) -> list[Shown]:
    """The entries with their rows, in the order given."""
    entries = list(entries)
    rows: dict[Key, Any] = {}
    for what, keys in _by_what(entry.named for entry in entries):
        batch = TABLES[what].objects.filter(pk__in=keys).select_related(*BESIDE[what])
        rows |= {(what, row.pk): row for row in batch}
    times = dict(over_budget(month)) if any(entry.what == Reviewed.OVER_BUDGET for entry in entries) else {}
    return [Shown(entry, rows[entry.named], times.get(entry.key, 1)) for entry in entries]


def _by_what(named: Iterable[Key]) -> Iterator[tuple[str, list[int]]]:
    """The keys of each kind of entry, in batches of ``BATCH``."""
    keys: dict[str, list[int]] = {}
    for what, key in named:
        keys.setdefault(what, []).append(key)
    for what, kind_keys in keys.items():
        remaining = iter(kind_keys)
        while batch := list(islice(remaining, BATCH)):
            yield what, batch
