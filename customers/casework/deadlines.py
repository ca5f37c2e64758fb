"""Legal deadlines: their rows, each with its source, and the counting of days in Vietnam's time zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.acts.acting import Refuse, acting, lock_installation
from customers.acts.initial_rows import write_missing
from customers.models import LegalDeadline, StaffMember
from customers.models.acts import Act, RefusalReason
from customers.models.requests import Right
from customers.permissions.casework import can_keep_rules
from customers.validation.calendar import is_working_day
from customers.validation.contact_data import LIKE_AN_ADDRESS
from customers.validation.errors import InvalidInput

Unit, Confidence = LegalDeadline.Unit, LegalDeadline.Confidence
LONGEST = 366
"""Longest deadline in days; in hours it is 24 times as much."""

LAW = gettext_noop("Law 91/2025/QH15 on personal data protection, and its decree")
CYBERSECURITY = gettext_noop("Law on Cybersecurity, and its decree")
OWN = gettext_noop("The provider’s own promise")

FIRST: dict[str, tuple[int, str, int, int, str, str]] = {
    Right.ACKNOWLEDGE: (2, Unit.WORKING_DAYS, 0, 0, LAW, Confidence.LIKELY),
    Right.OPT_OUT: (15, Unit.CALENDAR_DAYS, 20, 15, LAW, Confidence.LIKELY),
    Right.RESTRICTION: (15, Unit.CALENDAR_DAYS, 20, 15, LAW, Confidence.LIKELY),
    Right.OBJECTION: (15, Unit.CALENDAR_DAYS, 20, 15, LAW, Confidence.LIKELY),
    Right.ACCESS: (10, Unit.CALENDAR_DAYS, 0, 10, LAW, Confidence.OPEN),
    Right.CORRECTION: (10, Unit.CALENDAR_DAYS, 0, 10, LAW, Confidence.OPEN),
    Right.DELETION: (10, Unit.CALENDAR_DAYS, 0, 10, LAW, Confidence.OPEN),
    Right.QUESTION: (5, Unit.WORKING_DAYS, 0, 5, OWN, Confidence.OPEN),
    Right.FEEDBACK: (10, Unit.WORKING_DAYS, 0, 5, OWN, Confidence.OPEN),
    Right.HOLD_REVIEW: (72, Unit.HOURS, 0, 0, OWN, Confidence.OPEN),
    Right.AUTHORITY: (24, Unit.HOURS, 0, 0, CYBERSECURITY, Confidence.LIKELY),
    Right.EMERGENCY: (3, Unit.HOURS, 0, 0, CYBERSECURITY, Confidence.OPEN),
    Right.EMERGENCY_REVIEW: (24, Unit.HOURS, 0, 0, OWN, Confidence.OPEN),
    Right.DISCLOSURE: (5, Unit.WORKING_DAYS, 0, 0, OWN, Confidence.OPEN),
}
"""Initial deadlines, not verified yet, that apply until an officer sets others.

Columns: amount, unit, amount where a third party has to act too (0: the same), extension (0: none), source, confidence.
"""
COLUMNS = ("amount", "unit", "third_party", "extension", "source", "confidence")


def provide(*, by: StaffMember) -> int:
    """Write the initial row of each right that has none, recorded; returns how many were written."""
    return write_missing(
        _missing, lambda right: LegalDeadline(right=right, **dict(zip(COLUMNS, FIRST[right], strict=True))), by=by
    )


def _missing() -> list[str]:
    known = set(LegalDeadline.objects.values_list("right", flat=True))
    return [right for right in FIRST if right not in known]


def rule(right: str) -> LegalDeadline:
    """The row in force for a right: the newest. Raises ``InvalidInput`` where there is none yet."""
    row = LegalDeadline.objects.filter(right=right).order_by("-pk").first()
    if row is None:
        raise InvalidInput(_("No deadline is on file for this; have an administrator run `manage.py sync_roles`."))
    return row


def rules() -> list[LegalDeadline]:
    """The rows in force, one for each right, in the order of ``Right``."""
    newest = {row.right: row for row in LegalDeadline.objects.select_related("verified_by", "by").order_by("pk")}
    return [newest[right] for right in Right.values if right in newest]


def set_deadline(
    right: str,
    *,
    by: StaffMember,
    amount: int,
    unit: str,
    third_party: int,
    extension: int,
    source: str,
    confidence: str,
    verified: bool,
    instead_of: int | None = None,
) -> LegalDeadline:
    """Replace the row in force for a right; requests on file keep the deadline they began with.

    ``verified``: ``by`` vouches that a lawyer or the text of the law confirms the deadline. ``instead_of``: the key of
    the row to be replaced. Raises ``InvalidInput`` where another row is in force by now, and for numbers or texts that
    are invalid; ``Refused`` (on record) where ``by`` may not keep the rules.
    """
    if right not in Right.values or unit not in Unit.values or confidence not in Confidence.values:
        raise InvalidInput(_("Choose a right, a unit and a confidence from the lists."))
    longest = LONGEST * 24 if unit == Unit.HOURS else LONGEST
    in_bounds = 1 <= amount <= longest and 0 <= extension <= longest
    if not in_bounds or (third_party and not amount <= third_party <= longest):
        raise InvalidInput(
            _("A deadline is at least 1 and at most a year, no shorter with somebody else; an extension may be 0.")
        )
    if confidence == Confidence.SETTLED and not verified:
        raise InvalidInput(_("A settled deadline needs somebody who stands for it."))
    source = " ".join(source.split())
    if not source or len(source) > 200 or not source.isprintable() or LIKE_AN_ADDRESS.search(source):
        raise InvalidInput(_("Name the source in up to 200 characters: a law and its article, or a promise of ours."))
    with acting(Act.SET_DEADLINE, by=by):
        if not can_keep_rules(by):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("Officers say how long something may take. The refusal is on record.")
            )
        lock_installation()
        if instead_of is not None and rule(right).pk != instead_of:
            raise InvalidInput(_("Somebody else has just set it. Look at it again."))
        row = LegalDeadline(
            right=right, amount=amount, unit=unit, third_party=third_party, extension=extension, source=source,
            confidence=confidence, verified_by=by if verified else None,
        )  # fmt: skip
        row.save()
    return row


# --- counting -----------------------------------------------------------------------------------------------------


def due(began: datetime, amount: int, unit: str) -> datetime:
    """When something that began at ``began`` is due, as an aware datetime.

    Days are counted in Vietnam's time zone: the day it began does not count, the last one counts to its end, so it is
    due at the following midnight. A calendar deadline that ends on a holiday is not put off.
    """
    if unit == Unit.HOURS:
        return began + timedelta(hours=amount)
    day = timezone.localdate(began, timezone=timezone.get_default_timezone())
    step = timedelta(days=1)
    while amount:
        day += step
        amount -= unit == Unit.CALENDAR_DAYS or is_working_day(day)
    return datetime.combine(day + step, datetime.min.time(), timezone.get_default_timezone())


def began_before(now: datetime, amount: int, unit: str) -> datetime:
    """The inverse of ``due``: what began before the returned time is overdue at ``now``, the rest is not."""
    if unit == Unit.HOURS:
        return now - timedelta(hours=amount)
    zone, step = timezone.get_default_timezone(), timedelta(days=1)
    day = timezone.localdate(now, timezone=zone)
    while due(datetime.combine(day, datetime.min.time(), zone), amount, unit) >= now:
        day -= step
    return datetime.combine(day + step, datetime.min.time(), zone)
