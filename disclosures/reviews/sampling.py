"""Which entries of a month are looked at: what must be seen, and some of the rest drawn by lot.

Nobody can choose the lot beforehand: its seed is SHA-256 over the root of a checkpoint that was taken after the month
was over, and the month's name. An entry's place in the draw is SHA-256 over ``<seed>:<key of the entry>``; the smallest
ones are drawn. So whoever has the log and the checkpoint draws the same again.
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

MustSee = list[tuple[str, int, list[str]]]
"""What, its key, and why it must be seen."""


@dataclass(frozen=True)
class Split:
    """A month's disclosures counted, and what of the month is looked at."""

    entries: int
    must_see: MustSee
    sampled: list[int]


def seed_of(root: bytes, month: Month) -> str:
    """The seed of a month's draw, in hex."""
    return sha256(root + str(month).encode()).hexdigest()


def draw(keys: Iterable[int], seed: str, size: int) -> list[int]:
    """So many of the keys, or all where there are fewer, in their order. Holds no more than that in memory."""
    return sorted(heapq.nsmallest(size, keys, key=lambda key: sha256(f"{seed}:{key}".encode()).digest()))


def split(month: Month, *, seed: str, many_fields: int, sample_size: int) -> Split:
    """What of a month is looked at. One pass over its disclosures, a few columns of each, and three short lists."""
    must_see: MustSee = []
    count = 0

    def the_rest() -> Iterator[int]:
        nonlocal count
        for key, at, urgency, fields, got_before in _entries(month):
            count += 1
            whys = reasons(at, urgency, fields, first_time=not got_before, many_fields=many_fields)
            if whys:
                must_see.append((Reviewed.DISCLOSURE.value, key, whys))
            else:
                yield key

    sampled = draw(the_rest(), seed, sample_size)
    return Split(count, [*must_see, *_beside(month)], sampled)


def reasons(at: datetime, urgency: str, fields: list[str], *, first_time: bool, many_fields: int) -> list[str]:
    """Why a disclosure must be seen, by code; none where it goes into the lot."""
    asked = (
        (WhySeen.EMERGENCY, urgency == DisclosureRequest.Urgency.EMERGENCY),
        (WhySeen.OUT_OF_HOURS, is_out_of_hours(at)),
        (WhySeen.FIRST_TIME, first_time),
        (WhySeen.MANY_FIELDS, len(fields) >= many_fields),
    )
    return [why.value for why, holds in asked if holds]


def has_something(month: Month) -> list[Exists]:
    """Conditions of which one holds where there is anything in a month to be looked at, each found by an index."""
    return [Exists(rows) for rows in (disclosures_of(month), glass_of(month), refusals_of(month), allowances_of(month))]


def disclosures_of(month: Month) -> QuerySet[Disclosure]:
    """What left in a month."""
    return Disclosure.objects.filter(at__gte=month.began, at__lt=month.ended)


def glass_of(month: Month) -> QuerySet[AccessGrant]:
    """The glass that was broken in a month."""
    taken = AccessGrant.objects.filter(how=AccessGrant.How.BREAK_GLASS)
    return taken.filter(at__gte=month.began, at__lt=month.ended)


def refusals_of(month: Month) -> QuerySet[Refusal]:
    """The reveals that were refused in a month because a budget was used up."""
    over = Refusal.objects.filter(why=OVER, act=Budget.REVEAL)
    return over.filter(at__gte=month.began, at__lt=month.ended)


def allowances_of(month: Month) -> QuerySet[BudgetAllowance]:
    """The decisions of a month to allow somebody more reveals."""
    more = BudgetAllowance.objects.filter(budget=Budget.REVEAL)
    return more.filter(at__gte=month.began, at__lt=month.ended)


def _entries(month: Month) -> Iterator[tuple[int, datetime, str, list[str], bool]]:
    """Key, time, urgency, fields, and whether the recipient had got something before; the oldest first."""
    before = Disclosure.objects.filter(recipient=OuterRef("recipient"), pk__lt=OuterRef("pk"))
    rows = disclosures_of(month).annotate(before=Exists(before)).order_by("pk")
    return rows.values_list("pk", "at", "urgency", "fields", "before").iterator(chunk_size=CHUNK)


def _beside(month: Month) -> MustSee:
    """What is no disclosure and must be seen: broken glass, days on which somebody was over budget, decisions on it."""
    glass = glass_of(month).order_by("pk").values_list("pk", flat=True)
    more = allowances_of(month).order_by("pk").values_list("pk", flat=True)
    return [
        *((Reviewed.BREAK_GLASS.value, key, [WhySeen.BREAK_GLASS.value]) for key in glass),
        *((Reviewed.OVER_BUDGET.value, key, [WhySeen.OVER_BUDGET.value]) for key, _times in over_budget(month)),
        *((Reviewed.ALLOWANCE.value, key, [WhySeen.OVER_BUDGET.value]) for key in more),
    ]


def over_budget(month: Month) -> list[tuple[int, int]]:
    """A person's refusals of one day are one thing to look at: the key of the first, and how many there were."""
    days: dict[tuple[int, object], list[int]] = {}
    for key, person, at in refusals_of(month).order_by("pk").values_list("pk", "by", "at"):
        day = timezone.localdate(at, timezone=timezone.get_default_timezone())
        days.setdefault((person, day), []).append(key)
    return [(keys[0], len(keys)) for keys in days.values()]
