"""The gate: may this customer be contacted for this purpose by this channel? One query serves one customer and many.

Whatever no rule allows is refused. The customer's status, addresses and suspensions count as they are at the moment of
the query; what the customer said, quiet hours and the daily limit count as of ``at``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from consent.gate.limits import A_DAY, is_quiet, limits
from consent.gate.purposes import channel_of, purpose_of, purposes
from consent.models import Channel, ConsentEvent, ContactLimit, Message, Purpose
from customers.models import ContactPoint, Customer

State, Status, What = ContactPoint.State, Customer.Status, ConsentEvent.What

ALLOWED, REFUSED, NO_CONSENT = "allowed", "refused", "no_consent"
"""The three answers. ``NO_CONSENT``: the policy allows it, but no consent is on record.

The setting ``CONTACT_WITHOUT_CONSENT`` decides what follows from it.
"""

WHYS = {
    "ended": gettext_lazy("the customer’s contract has ended"),
    "not_connected": gettext_lazy("the customer’s services are suspended"),
    "not_this_way": gettext_lazy("not by this channel"),
    What.OBJECTED: gettext_lazy("opted out"),
    What.WITHDRAWN: gettext_lazy("consent withdrawn"),
    "no_address": gettext_lazy("no address on file"),
    State.SUSPENDED: pgettext_lazy("contact", "address suspended"),
    State.UNVERIFIED: gettext_lazy("address not confirmed"),
    State.BOUNCED: gettext_lazy("mail bounces"),
    State.RETIRED: gettext_lazy("address no longer used"),
    NO_CONSENT: gettext_lazy("no consent on record"),
    "no_limit": gettext_lazy("no limit for news on file"),
    "quiet_hours": gettext_lazy("quiet hours"),
    "a_day": gettext_lazy("enough news for a day"),
}  # fmt: skip
"""Reasons against contact, by code, in the order in which the gate checks them."""

RANK = {State.ACTIVE: 0, State.SUSPENDED: 1, State.UNVERIFIED: 2, State.BOUNCED: 3, State.RETIRED: 4}
"""Which of several addresses counts for a channel: the one whose state has the lowest rank."""

NO_WORDS = {
    "event": Cast(Value(None), BigIntegerField()),
    "said": Value("", output_field=CharField()),
    "said_at": Cast(Value(None), DateTimeField()),
}
"""Columns for a purpose that no opt-out stops: nothing a customer said counts for it."""


@dataclass(frozen=True)
class ContactDecision:
    """The gate's answer, with its reason and the rows it rests on, by key; falsy where nothing may be sent.

    ``event`` is the newest consent event that counts, recorded at ``said_at`` (UTC); ``point`` is the contact point to
    write to.
    """

    purpose: Purpose
    channel: Channel
    at: datetime
    why: str = ""
    event: int | None = None
    point: int | None = None
    consented: bool = False
    said_at: datetime | None = None

    def __bool__(self) -> bool:
        return not self.why or (self.why == NO_CONSENT and _goes_without(self.purpose))

    @property
    def answer(self) -> str:
        """``allowed``, ``refused`` or ``no_consent``."""
        return {"": ALLOWED, NO_CONSENT: NO_CONSENT}.get(self.why, REFUSED)

    @property
    def rests_on_a_word(self) -> bool:
        """True where the answer follows from what the customer said."""
        return self.why in ConsentEvent.NO or (not self.why and self.consented)

    @property
    def sentence(self) -> str:
        """The reason, or yes, in the reader's language."""
        return str(WHYS.get(self.why, self.why)) if self.why else _("yes")


def may_contact(
    customer: Customer, purpose: Purpose | str, channel: str, *, at: datetime | None = None
) -> ContactDecision:
    """Whether this customer may be contacted for a purpose by a channel, at a time (default: now).

    Nothing is sent or recorded. Raises ``UnknownPurpose``, ``UnknownChannel``, and ``ValueError`` for a time without a
    time zone.
    """
    return decisions(Customer.objects.filter(pk=customer.pk), purpose, channel, at=at)[customer.pk]


def decisions(
    customers: QuerySet[Customer], purpose: Purpose | str, channel: str, *, at: datetime | None = None
) -> dict[int, ContactDecision]:
    """The answers of ``may_contact`` for many customers, by customer key; raises the same."""
    question = _Question(purpose_of(purpose), channel_of(channel), at)
    return {row["pk"]: question.decision(row) for row in question.row(customers, 0)}


def contactable(purpose: Purpose | str, channel: str, *, at: datetime | None = None) -> QuerySet[Customer]:
    """The queryset twin of ``may_contact``: the customers whom it allows to be contacted."""
    question = _Question(purpose_of(purpose), channel_of(channel), at)
    yes = ["", NO_CONSENT] if _goes_without(question.purpose) else [""]
    return question.judge(Customer.objects.filter(status__in=question.statuses), alias=True).filter(why__in=yes)  # type: ignore[misc]


def matrix(customer: Customer, *, at: datetime | None = None) -> list[tuple[Purpose, list[ContactDecision]]]:
    """The gate's answer for each purpose and channel, for one customer.

    One query for the answers, besides those that read purposes and limits.
    """
    limits_by_channel = {row.channel: row for row in limits()}
    all_purposes = purposes()
    distinct: dict[tuple[object, ...], _Question] = {}
    for purpose in all_purposes:
        for channel in Channel:
            question = _Question(purpose, channel, at, limits_by_channel)
            distinct.setdefault(question.alike, question)
    questions = list(distinct.values())
    if not questions:
        return []
    rows = [question.row(Customer.objects.filter(pk=customer.pk), place) for place, question in enumerate(questions)]
    answers = {
        questions[row["place"]].alike: questions[row["place"]].decision(row)
        for row in rows[0].union(*rows[1:], all=True)
    }
    alike = {
        purpose: [_Question(purpose, channel, at, limits_by_channel).alike for channel in Channel]
        for purpose in all_purposes
    }
    return [(purpose, [replace(answers[key], purpose=purpose) for key in alike[purpose]]) for purpose in all_purposes]


def _goes_without(purpose: Purpose) -> bool:
    """True where news may be sent without a consent on record: by setting, and never for an opt-in purpose."""
    return purpose.basis == Purpose.Basis.OPT_OUT and settings.CONTACT_WITHOUT_CONSENT == "allow"


class _Question:
    """One purpose, one channel, one time: builds the query behind ``may_contact`` and ``contactable``."""

    def __init__(
        self,
        purpose: Purpose,
        channel: Channel,
        at: datetime | None,
        known_limits: dict[str, ContactLimit] | None = None,
    ) -> None:
        if at is not None and timezone.is_naive(at):
            raise ValueError("A time without a zone is no time: say whose clock it is.")
        self.purpose, self.channel = purpose, channel
        self.at = at or timezone.now()
        self.is_dated = at is not None
        by_channel = {row.channel: row for row in limits()} if known_limits is None else known_limits
        self.limit = by_channel.get(channel)

    @property
    def alike(self) -> tuple[object, ...]:
        """The key of questions that have the same answer.

        Where no opt-out stops a purpose, no word of the customer counts: such purposes differ by legal basis, and by
        whether they use the channel.
        """
        purpose = self.purpose
        if purpose.stopped_by_opt_out:
            return (self.channel, purpose.pk)
        return (self.channel, purpose.basis, self.channel in purpose.channels)

    @property
    def statuses(self) -> list[str]:
        """The statuses in which a customer may be contacted; for news, connected customers only."""
        return [Status.CONNECTED] if self.purpose.is_news else [Status.CONNECTED, Status.SUSPENDED]

    def judge(self, customers: QuerySet[Customer], *, alias: bool = False) -> QuerySet[Customer]:
        """The customers with ``why``: the first reason against contacting each, or "" where there is none."""
        rules, default = self._rules()
        columns = dict(self._facts(), why=Case(*rules, default=Value(default), output_field=CharField()))
        return customers.alias(**columns) if alias else customers.annotate(**columns)

    def row(self, customers: QuerySet[Customer], place: int) -> Any:
        """The columns that ``decision`` needs, as ``values()``; ``place`` numbers the question."""
        judged = self.judge(customers).annotate(place=Value(place, output_field=IntegerField()))
        return judged.values("pk", "place", "why", "event", "said", "said_at", "point")

    def decision(self, row: dict[str, Any]) -> ContactDecision:
        """The decision from one row of ``row``."""
        consented = row["said"] == What.GRANTED
        return ContactDecision(
            self.purpose, self.channel, self.at, row["why"], row["event"], row["point"], consented, row["said_at"]
        )

    def _facts(self) -> dict[str, Any]:
        points = self._points()
        return {
            **(self._words() if self.purpose.stopped_by_opt_out else NO_WORDS),
            "point": Subquery(points.filter(state=State.ACTIVE).values("pk")[:1]),
            "stands": Coalesce(Subquery(points.values("state")[:1]), Value("no_address"), output_field=CharField()),
        }

    def _words(self) -> dict[str, Any]:
        events = self._events()
        return {
            "event": Subquery(events.values("pk")[:1]),
            "said": Coalesce(Subquery(events.values("what")[:1]), Value(""), output_field=CharField()),
            "said_at": Subquery(events.values("at")[:1]),
        }

    def _events(self) -> QuerySet[ConsentEvent]:
        """The customer's events about this purpose, for this channel or for every channel, newest first."""
        events = ConsentEvent.objects.filter(
            customer=OuterRef("pk"), purpose=self.purpose, channel__in=["", self.channel]
        )
        if self.is_dated:  # without a date no event is left out: another machine's clock may be ahead
            events = events.filter(at__lte=self.at)
        return events.order_by("-pk")

    def _points(self) -> QuerySet[ContactPoint]:
        """The customer's contact points of this kind: by ``RANK``, then the last confirmed first, then the newest."""
        rank = Case(*(When(state=state, then=Value(place)) for state, place in RANK.items()), default=Value(len(RANK)))
        points = ContactPoint.objects.filter(customer=OuterRef("pk"), channel=self.channel.address)
        return points.order_by(rank, F("verified_at").desc(nulls_last=True), "-pk")

    def _rules(self) -> tuple[list[When], str]:
        """The conditions with their reasons, in the order of ``WHYS``; and the reason where no condition applies."""
        ended = When(status=Status.ENDED, then=Value("ended"))
        if self.channel not in self.purpose.channels:
            return [ended, *self._unconnected()], "not_this_way"
        rules = [ended, *self._unconnected()]
        if self.purpose.stopped_by_opt_out:
            rules.append(When(said__in=ConsentEvent.NO, then=F("said")))
        rules.append(When(~Q(stands=State.ACTIVE), then=F("stands")))
        if not self.purpose.is_news:
            return rules, ""
        unsaid = When(~Q(said=What.GRANTED), then=Value(NO_CONSENT))
        if not _goes_without(self.purpose):
            rules.append(unsaid)
        if self.limit is None:
            return rules, "no_limit"
        if is_quiet(self.limit, self.at):
            return rules, "quiet_hours"
        rules.append(When(self._enough(self.limit.a_day), then=Value("a_day")))
        return ([*rules, unsaid] if _goes_without(self.purpose) else rules), ""

    def _unconnected(self) -> list[When]:
        others = ~Q(status__in=self.statuses)
        return [When(others, then=Value("not_connected"))]

    def _enough(self, a_day: int) -> Exists:
        """True where the daily number of news went to the customer by this channel in the 24 hours before."""
        recent_news = Message.objects.filter(
            customer=OuterRef("pk"), channel=self.channel, is_news=True, at__gt=self.at - A_DAY
        )
        if self.is_dated:
            recent_news = recent_news.filter(at__lte=self.at)
        return Exists(recent_news.order_by("-at")[a_day - 1 : a_day])
