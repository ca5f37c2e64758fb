"""Which entries of a month are reviewed: those that must be seen, and a random sample of the other disclosures.

Nobody can predict or choose the sample: its seed is SHA-256 over the root of a checkpoint taken after the month had
ended, followed by the month's name (``2026-10``). Each disclosure is ranked by SHA-256 over ``<seed>:<its primary
key>``; the smallest hashes are drawn. The draw can be repeated from the log and the checkpoint.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from customers.access.office_hours import is_out_of_hours
from customers.acts.budgets import OVER
from customers.models import AccessGrant, Budget, BudgetAllowance, Refusal
from disclosures.models import Disclosure, DisclosureRequest, Reviewed, WhySeen
from disclosures.reviews.periods import Month

CHUNK = 2000
"""Rows fetched from the database at a time."""

MustSee = list[tuple[str, int, list[str]]]
"""What kind of entry it is (``Reviewed``), the primary key of its row, and why it must be seen (``WhySeen``)."""


@dataclass(frozen=True)
class Split:
    """The number of disclosures of a month, its entries that must be seen, and the keys of the disclosures sampled."""

    entries: int
    must_see: MustSee
    sampled: list[int]


def seed_of(root: bytes, month: Month) -> str:
    """The seed of a month's draw, in hex."""
    return sha256(root + str(month).encode()).hexdigest()


def draw(keys: Iterable[int], seed: str, size: int) -> list[int]:
    """Draw ``size`` of the keys, or all where there are fewer; sorted. Keeps no more than ``size`` keys in memory."""
    return sorted(heapq.nsmallest(size, keys, key=lambda key: sha256(f"{seed}:{key}".encode()).digest()))


def split(month: Month, *, seed: str, many_fields: int, sample_size: int) -> Split:
    """Select the entries of a month to review, in one pass over its disclosures and three short queries.

    A disclosure with ``many_fields`` fields or more must be seen.
    """
    must_see: MustSee = []
    count = 0

    def remaining_keys() -> Iterator[int]:
        nonlocal count
        for key, at, urgency, fields, got_before in _entries(month):
            count += 1
            whys = reasons(at, urgency, fields, first_time=not got_before, many_fields=many_fields)
            if whys:
                must_see.append((Reviewed.DISCLOSURE.value, key, whys))
            else:
                yield key

    sampled = draw(remaining_keys(), seed, sample_size)
    return Split(count, [*must_see, *_beside(month)], sampled)


def reasons(at: datetime, urgency: str, fields: list[str], *, first_time: bool, many_fields: int) -> list[str]:
    """The codes of why a disclosure must be seen; empty where it may only be sampled."""
    conditions = (
        (WhySeen.EMERGENCY, urgency == DisclosureRequest.Urgency.EMERGENCY),
        (WhySeen.OUT_OF_HOURS, is_out_of_hours(at)),
        (WhySeen.FIRST_TIME, first_time),
        (WhySeen.MANY_FIELDS, len(fields) >= many_fields),
    )
    return [why.value for why, holds in conditions if holds]


def has_something(month: Month) -> list[Exists]:
    """Conditions of which at least one is true where a month has anything to review; each uses an index."""
    return [Exists(rows) for rows in (disclosures_of(month), glass_of(month), refusals_of(month), allowances_of(month))]


def disclosures_of(month: Month) -> QuerySet[Disclosure]:
    """The disclosures of a month."""
    return Disclosure.objects.filter(at__gte=month.began, at__lt=month.ended)


def glass_of(month: Month) -> QuerySet[AccessGrant]:
    """The grants of access by breaking glass in a month."""
    grants = AccessGrant.objects.filter(how=AccessGrant.How.BREAK_GLASS)
    return grants.filter(at__gte=month.began, at__lt=month.ended)


def refusals_of(month: Month) -> QuerySet[Refusal]:
    """The reveals refused in a month because the budget of reveals was used up."""
    refusals = Refusal.objects.filter(why=OVER, act=Budget.REVEAL)
    return refusals.filter(at__gte=month.began, at__lt=month.ended)


def allowances_of(month: Month) -> QuerySet[BudgetAllowance]:
    """The decisions of a month to allow a person more reveals."""
    allowances = BudgetAllowance.objects.filter(budget=Budget.REVEAL)
    return allowances.filter(at__gte=month.began, at__lt=month.ended)


def _entries(month: Month) -> Iterator[tuple[int, datetime, str, list[str], bool]]:
    """Key, time, urgency and fields of each disclosure, and whether its recipient got an earlier one; oldest first."""
    before = Disclosure.objects.filter(recipient=OuterRef("recipient"), pk__lt=OuterRef("pk"))
    rows = disclosures_of(month).annotate(before=Exists(before)).order_by("pk")
    return rows.values_list("pk", "at", "urgency", "fields", "before").iterator(chunk_size=CHUNK)


def _beside(month: Month) -> MustSee:
    """The entries that must be seen and are no disclosures: broken glass, days over budget, allowances."""
    glass = glass_of(month).order_by("pk").values_list("pk", flat=True)
    allowances = allowances_of(month).order_by("pk").values_list("pk", flat=True)
    return [
        *((Reviewed.BREAK_GLASS.value, key, [WhySeen.BREAK_GLASS.value]) for key in glass),
        *((Reviewed.OVER_BUDGET.value, key, [WhySeen.OVER_BUDGET.value]) for key, _times in over_budget(month)),
        *((Reviewed.ALLOWANCE.value, key, [WhySeen.OVER_BUDGET.value]) for key in allowances),
    ]


def over_budget(month: Month) -> list[tuple[int, int]]:
    """A person's refusals over budget in one day of Vietnam, as one entry: the key of the first, and their number."""
    days: dict[tuple[int, object], list[int]] = {}
    for key, person, at in refusals_of(month).order_by("pk").values_list("pk", "by", "at"):
        day = timezone.localdate(at, timezone=timezone.get_default_timezone())
        days.setdefault((person, day), []).append(key)
    return [(keys[0], len(keys)) for keys in days.values()]
