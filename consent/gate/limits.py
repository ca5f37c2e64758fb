"""When news may be sent by each channel, and how often in 24 hours: rows with a source, like legal deadlines."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from consent.gate.purposes import channel_of
from consent.models import Channel, ContactLimit
from consent.models.acts import ConsentAct
from consent.permissions import can_keep_policies
from customers.acts.acting import Refuse, acting, lock_installation
from customers.acts.initial_rows import write_missing
from customers.models import LegalDeadline, StaffMember
from customers.models.acts import RefusalReason
from customers.validation.contact_data import LIKE_AN_ADDRESS
from customers.validation.errors import InvalidInput

Confidence = LegalDeadline.Confidence
A_DAY = timedelta(hours=24)
MIDNIGHT = 24
MOST_A_DAY = 100
SPAM_DECREE = "Decree 91/2020/NĐ-CP against spam, article 13"

FIRST: dict[str, tuple[int, int, int, str, str]] = {
    Channel.EMAIL: (0, 24, 3, SPAM_DECREE, Confidence.LIKELY),
    Channel.SMS: (7, 22, 3, SPAM_DECREE, Confidence.LIKELY),
    Channel.PHONE: (8, 17, 1, SPAM_DECREE, Confidence.LIKELY),
}
"""The first limits, until an officer sets others: from and until (hours in Vietnam), number in 24 hours, source."""
COLUMNS = ("from_hour", "to_hour", "a_day", "source", "confidence")


def provide(*, by: StaffMember) -> int:
    """Write the first row of each channel that has none, each with its record; returns how many were written."""
    return write_missing(
        _missing,
        lambda channel: ContactLimit(channel=channel, **dict(zip(COLUMNS, FIRST[channel], strict=True))),
        by=by,
    )


def _missing() -> list[str]:
    known = set(ContactLimit.objects.values_list("channel", flat=True))
    return [channel for channel in FIRST if channel not in known]


def limit(channel: str) -> ContactLimit | None:
    """The row that is in force for a channel; None where there is none yet."""
    return ContactLimit.objects.filter(channel=channel).order_by("-pk").first()  # type: ignore[no-any-return]


def limits() -> list[ContactLimit]:
    """The rows that are in force, in the order of the channels."""
    newest = {row.channel: row for row in ContactLimit.objects.select_related("by", "verified_by").order_by("pk")}
    return [newest[channel] for channel in Channel.values if channel in newest]


def is_quiet(held: ContactLimit, at: datetime) -> bool:
    """True where ``at`` is outside the hours for news, by the clock in Vietnam."""
    hour = timezone.localtime(at, timezone.get_default_timezone()).hour
    return not held.from_hour <= hour < held.to_hour


def set_limit(
    channel: str,
    *,
    by: StaffMember,
    from_hour: int,
    to_hour: int,
    a_day: int,
    source: str,
    confidence: str,
    verified: bool,
    instead_of: int | None = None,
) -> ContactLimit:
    """Set a new limit for a channel in place of the one in force.

    ``verified``: ``by`` vouches that the law's own text, or a lawyer, says so. ``instead_of``: the key of the row to
    replace. Raises ``InvalidInput`` for values that are not allowed, and where another row than ``instead_of`` is in
    force by now; ``Refused`` (on record) for anybody but officers.
    """
    way = channel_of(channel)
    if not (0 <= from_hour < to_hour <= MIDNIGHT and 1 <= a_day <= MOST_A_DAY):
        raise InvalidInput(_("News go from one full hour to a later one of the same day, 1 to 100 times in 24 hours."))
    if confidence not in Confidence.values or (confidence == Confidence.SETTLED and not verified):
        raise InvalidInput(_("A settled limit needs somebody who stands for it."))
    source = " ".join(source.split())
    if not source or len(source) > 200 or not source.isprintable() or LIKE_AN_ADDRESS.search(source):
        raise InvalidInput(_("Name the source in up to 200 characters: a law and its article, or a promise of ours."))
    with acting(ConsentAct.SET_LIMIT, by=by):
        if not can_keep_policies(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers say when news may be sent. The refusal is on record."))
        lock_installation()
        current = limit(way)
        if instead_of is not None and (current is None or current.pk != instead_of):
            raise InvalidInput(_("Somebody else has just set it. Look at it again."))
        row = ContactLimit(
            channel=way, from_hour=from_hour, to_hour=to_hour, a_day=a_day, source=source, confidence=confidence,
            verified_by=by if verified else None,
        )  # fmt: skip
        row.save()
    return row
