"""A month under review: its entries, who had a part in each, and the newest verdict on it."""

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
"""What an entry is, and the key of its row."""
BATCH = 500

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
"""Which columns of a row say who proposed it, who approved it, and whose doing it was."""
BESIDE: dict[str, tuple[str, ...]] = {
    Reviewed.DISCLOSURE: ("customer", "request", "details__customer", "proposed_by", "approved_by", "by"),
    Reviewed.BREAK_GLASS: ("customer__team", "by"),
    Reviewed.OVER_BUDGET: ("by",),
    Reviewed.ALLOWANCE: ("by", "person"),
}


@dataclass(frozen=True)
class TakingPart:
    """The keys of the people who had a part in an entry."""

    proposed_by: int | None
    approved_by: int | None
    done_by: int

    def has(self, person: StaffMember) -> bool:
        """True where the person is one of them."""
        return person.pk in (self.proposed_by, self.approved_by, self.done_by)


@dataclass(frozen=True)
class ReviewedEntry:
    """One thing to look at: what it is, why, who had a part in it, and the newest verdict on it (None: not yet)."""

    what: str
    key: int
    whys: list[str]
    part: TakingPart
    verdict: ReviewVerdict | None

    @property
    def named(self) -> Key:
        """What and which."""
        return self.what, self.key

    @property
    def name(self) -> str:
        """The same as one word, as forms and addresses have it."""
        return f"{self.what}-{self.key}"

    @property
    def why(self) -> list[str]:
        """Why it is looked at, in words."""
        return [str(WhySeen(code).label) for code in self.whys]


@dataclass(frozen=True)
class Shown:
    """An entry with its row, for a page; ``times``: how often, where several refusals are one entry."""

    entry: ReviewedEntry
    row: Any
    times: int = 1


@dataclass(frozen=True)
class Review:
    """A month's review as it stands; ``signed`` is None while it is under way."""

    month: Month
    begun: ReviewBegun
    signed: MonthReview | None
    entries: list[ReviewedEntry] = field(repr=False)

    def to_judge(self, person: StaffMember) -> list[ReviewedEntry]:
        """What waits for this person's word."""
        return [entry for entry in self.entries if entry.verdict is None and not entry.part.has(person)]

    def for_others(self, person: StaffMember) -> list[ReviewedEntry]:
        """What waits for somebody else's: this person had a part in it."""
        return [entry for entry in self.entries if entry.verdict is None and entry.part.has(person)]

    @property
    def judged(self) -> list[ReviewedEntry]:
        """What has a verdict, the questioned ones first."""
        found = [entry for entry in self.entries if entry.verdict is not None]
        return sorted(found, key=lambda entry: entry.verdict.verdict != "questioned" if entry.verdict else False)

    @property
    def questioned(self) -> list[ReviewedEntry]:
        """What is questioned."""
        return [e for e in self.entries if e.verdict is not None and e.verdict.verdict == "questioned"]

    @property
    def newest(self) -> int:
        """The key of the newest verdict, 0 where there is none: what a page has seen."""
        return max((entry.verdict.pk for entry in self.entries if entry.verdict), default=0)

    def entries_of(self, named: Iterable[Key]) -> list[ReviewedEntry]:
        """Those of these names, in their order."""
        wanted = set(named)
        return [entry for entry in self.entries if entry.named in wanted]

    @cached_property
    def by_name(self) -> dict[str, ReviewedEntry]:
        """Each entry by its word."""
        return {entry.name: entry for entry in self.entries}


def review_of(begun: ReviewBegun) -> Review:
    """The review of a month as it stands: a few queries, however much there is to look at."""
    month = Month.parse(begun.month)
    assert month is not None
    whys: dict[Key, list[str]] = {(what, key): why for what, key, why in begun.must_see}
    whys |= {(Reviewed.DISCLOSURE.value, key): [WhySeen.SAMPLE.value] for key in begun.sampled}
    verdicts = newest_verdicts(begun.month)
    parts = parts_of(whys)
    entries = [ReviewedEntry(*named, why, parts[named], verdicts.get(named)) for named, why in whys.items()]
    return Review(month, begun, MonthReview.objects.filter(begun=begun).select_related("by").first(), entries)


def newest_verdicts(month: str) -> dict[Key, ReviewVerdict]:
    """The newest verdict on each entry of a month."""
    rows = ReviewVerdict.objects.filter(month=month).select_related("by").order_by("pk")
    return {(row.what, row.row_key): row for row in rows}


def parts_of(named: Iterable[Key]) -> dict[Key, TakingPart]:
    """Who had a part in each of these entries."""
    found: dict[Key, TakingPart] = {}
    for what, keys in _by_what(named):
        columns = [column for column in PARTS[what] if column]
        for row in TABLES[what].objects.filter(pk__in=keys).values("pk", *columns):
            proposed, approved, done = PARTS[what]
            found[what, row["pk"]] = TakingPart(row.get(proposed), row.get(approved), row[done])
    return found


def shown(entries: Iterable[ReviewedEntry], month: Month) -> list[Shown]:
    """The entries with their rows, in their order."""
    entries = list(entries)
    rows: dict[Key, Any] = {}
    for what, keys in _by_what(entry.named for entry in entries):
        found = TABLES[what].objects.filter(pk__in=keys).select_related(*BESIDE[what])
        rows |= {(what, row.pk): row for row in found}
    times = dict(over_budget(month)) if any(entry.what == Reviewed.OVER_BUDGET for entry in entries) else {}
    return [Shown(entry, rows[entry.named], times.get(entry.key, 1)) for entry in entries]


def _by_what(named: Iterable[Key]) -> Iterator[tuple[str, list[int]]]:
    """The keys of each table, in batches that every database takes."""
    keys: dict[str, list[int]] = {}
    for what, key in named:
        keys.setdefault(what, []).append(key)
    for what, of_table in keys.items():
        rest = iter(of_table)
        while batch := list(islice(rest, BATCH)):
            yield what, batch
