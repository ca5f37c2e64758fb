"""When news may reach customers, and how often: rows with a source, like deadlines."""

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
"""What holds until an officer says otherwise: from, until (hours in Vietnam), so many in 24 hours, on whose word."""
COLUMNS = ("from_hour", "to_hour", "a_day", "source", "confidence")


def provide(*, by: StaffMember) -> int:
    """Write the first row of each channel that has none, on record; returns how many there were."""
    return write_missing(
        _missing,
        lambda channel: ContactLimit(channel=channel, **dict(zip(COLUMNS, FIRST[channel], strict=True))),
        by=by,
    )


def _missing() -> list[str]:
    known = set(ContactLimit.objects.values_list("channel", flat=True))
    return [channel for channel in FIRST if channel not in known]


def limit(channel: str) -> ContactLimit | None:
    """The row that holds for a channel now; None where there is none yet."""
    return ContactLimit.objects.filter(channel=channel).order_by("-pk").first()  # type: ignore[no-any-return]


def limits() -> list[ContactLimit]:
    """The rows that hold now, by channel."""
    newest = {row.channel: row for row in ContactLimit.objects.select_related("by", "verified_by").order_by("pk")}
    return [newest[channel] for channel in Channel.values if channel in newest]


def is_quiet(held: ContactLimit, at: datetime) -> bool:
    """True where it is too early or too late for news, by Vietnam's clock."""
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
    """Put a new row in the place of the one that holds for a channel.

    ``verified``: ``by`` stands for it that a lawyer, or the law's own text, says so. ``instead_of``: the key of the row
    that is replaced; where another one holds by now, somebody was faster. Raises ``InvalidInput`` for that, and for
    numbers or words that make no sense; ``Refused`` (on record) for anybody but officers.
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
        held = limit(way)
        if instead_of is not None and (held is None or held.pk != instead_of):
            raise InvalidInput(_("Somebody else has just set it. Look at it again."))
        row = ContactLimit(
            channel=way, from_hour=from_hour, to_hour=to_hour, a_day=a_day, source=source, confidence=confidence,
            verified_by=by if verified else None,
        )  # fmt: skip
        row.save()
    return row
