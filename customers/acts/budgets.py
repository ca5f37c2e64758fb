"""How much of an act a person may do in an hour or a day, counted from the records of what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.acts.acting import Refuse, acting
from customers.models import (
    AccessGrant,
    Budget,
    BudgetAllowance,
    Find,
    Refusal,
    Reveal,
    StaffMember,
    Verification,
)
from customers.models.acts import Act, RefusalReason
from customers.permissions.access import can_decide_for
from customers.validation.calendar import day_began, today
from customers.validation.errors import InvalidInput

OVER = RefusalReason.OVER_BUDGET
"""Why, in the record of a refusal."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Limit:
    """A budget's number (by the name of its setting), its period, and the sentence for who has none left."""

    setting: str
    a_day: bool
    sentence: Promise

    @property
    def number(self) -> int:
        """So many in a period."""
        return int(getattr(settings, self.setting))


LIMITS: dict[str, Limit] = {
    Budget.FIND: Limit(
        "FINDS_AN_HOUR",
        False,
        gettext_lazy("You have looked for customers %(number)s times in an hour, which is the limit."),
    ),
    Budget.VERIFY: Limit(
        "VERIFICATIONS_AN_HOUR",
        False,
        gettext_lazy("You have verified callers %(number)s times in an hour, which is the limit."),
    ),
    Budget.REVEAL: Limit(
        "REVEALS_A_DAY", True, gettext_lazy("You have revealed %(number)s values today, which is the limit.")
    ),
    Budget.BREAK_GLASS: Limit(
        "BREAK_GLASS_A_DAY", True, gettext_lazy("You have broken glass %(number)s times today, which is the limit.")
    ),
}


def month_began() -> datetime:
    """When this month of Vietnam's began."""
    return day_began(today().replace(day=1))


def done(budget: str, person: StaffMember) -> QuerySet[Any]:
    """The records of a person's acts that a budget counts."""
    records: dict[str, QuerySet[Any]] = {
        Budget.FIND: Find.objects.all(),
        Budget.VERIFY: Verification.objects.all(),
        Budget.REVEAL: Reveal.objects.all(),
        Budget.BREAK_GLASS: AccessGrant.objects.filter(how=AccessGrant.How.BREAK_GLASS),
    }
    return records[budget].filter(by=person)


def left(budget: str, person: StaffMember) -> int:
    """How many the person may still do just now.

    What a lead or officer allowed for today is used first, once, and does not count against the hour or the day.
    """
    since = day_began() if LIMITS[budget].a_day else timezone.now() - HOUR
    acts = done(budget, person)
    counted: int = acts.filter(at__gte=since).count()
    over = 0
    days = {today(), timezone.localdate(since, timezone=timezone.get_default_timezone())}
    for allowance in BudgetAllowance.objects.filter(person=person, budget=budget, day__in=days):
        used = acts.filter(at__gt=allowance.at, at__lt=day_began(allowance.day) + timedelta(days=1)).order_by("at")
        times = list(used.values_list("at", flat=True)[: allowance.more])
        counted -= sum(at >= since for at in times)
        over += allowance.more - len(times) if allowance.day == today() else 0
    return max(0, LIMITS[budget].number - counted) + over


def require_budget_left(budget: str, by: StaffMember) -> None:
    """Raise ``Refuse`` where nothing is left. Inside ``acting``, so that of two at once one gets the last."""
    if not left(budget, by):
        rest = _("The refusal is on record; your lead can allow %(more)s more for today.")
        sentence = LIMITS[budget].sentence % {"number": LIMITS[budget].number}
        raise Refuse(OVER, f"{sentence} {rest % {'more': settings.MORE_FOR_TODAY}}")


def allow_more(person: StaffMember, budget: str, *, by: StaffMember) -> BudgetAllowance:
    """Allow a person some more of an act for today, once a day.

    Raises ``Refused`` (on record) where ``by`` does not decide for this person, nor for oneself; ``InvalidInput`` where
    more was allowed today already.
    """
    if budget not in Budget.values:
        raise InvalidInput(_("There is no such budget."))
    with acting(Act.ALLOW_MORE, by=by, about=person):
        if not can_decide_for(by, person):
            raise Refuse(RefusalReason.NO_RIGHT, _("You do not decide about this person. The refusal is on record."))
        if BudgetAllowance.objects.filter(person=person, budget=budget, day=today()).exists():
            raise InvalidInput(_("More was allowed for today already; tomorrow the budget is whole again."))
        allowance = BudgetAllowance(person=person, budget=budget, day=today(), more=settings.MORE_FOR_TODAY)
        allowance.save()
    return allowance


def out_of_budget(refusals: QuerySet[Refusal]) -> QuerySet[Refusal]:
    """Those of the refusals that were for a budget, of today."""
    return refusals.filter(why=OVER, at__gte=day_began())
