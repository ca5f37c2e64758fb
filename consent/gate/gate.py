"""The gate: may we contact this customer for this, this way? One query answers for one customer and for all of them.

What no rule lets through is a no. Relationship, addresses and suspensions count as they stand when it is asked; what
customers said, quiet hours and the day's limit as of ``at``.
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
"""The three answers. The third: the policy allows it, but no consent is on record; a setting decides."""

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
"""Why not, by code, in the order in which the gate asks."""

RANK = {State.ACTIVE: 0, State.SUSPENDED: 1, State.UNVERIFIED: 2, State.BOUNCED: 3, State.RETIRED: 4}
"""Which of several addresses answers for a channel: one in use, else the one that matters most."""

NO_WORDS = {
    "event": Cast(Value(None), BigIntegerField()),
    "said": Value("", output_field=CharField()),
    "said_at": Cast(Value(None), DateTimeField()),
}
"""What a customer says about a purpose that no opt-out stops: nothing that counts."""


@dataclass(frozen=True)
class ContactDecision:
    """What the gate says; falsy where nothing may be sent. It names the reason and what it rests on, by key.

    ``event`` is what the customer said last about it, recorded at ``said_at`` (UTC); ``point`` the address to write to.
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
        """True where the answer is what the customer said."""
        return self.why in ConsentEvent.NO or (not self.why and self.consented)

    @property
    def sentence(self) -> str:
        """Why, in the reader's language."""
        return str(WHYS.get(self.why, self.why)) if self.why else _("yes")


def may_contact(
    customer: Customer, purpose: Purpose | str, channel: str, *, at: datetime | None = None
) -> ContactDecision:
    """Whether this customer may be contacted for that purpose this way, at a time (now). Nothing is sent or recorded.

    Raises ``UnknownPurpose`` or ``UnknownChannel`` for what there is not, ``ValueError`` for a time without a zone.
    """
    return decisions(Customer.objects.filter(pk=customer.pk), purpose, channel, at=at)[customer.pk]


def decisions(
    customers: QuerySet[Customer], purpose: Purpose | str, channel: str, *, at: datetime | None = None
) -> dict[int, ContactDecision]:
    """The same for many customers at once, by key."""
    asked = _Question(purpose_of(purpose), channel_of(channel), at)
    return {row["pk"]: asked.decision(row) for row in asked.row(customers, 0)}


def contactable(purpose: Purpose | str, channel: str, *, at: datetime | None = None) -> QuerySet[Customer]:
    """The customers who may be contacted for that purpose this way: those to whom ``may_contact`` says yes."""
    asked = _Question(purpose_of(purpose), channel_of(channel), at)
    yes = ["", NO_CONSENT] if _goes_without(asked.purpose) else [""]
    return asked.judge(Customer.objects.filter(status__in=asked.statuses), alias=True).filter(why__in=yes)  # type: ignore[misc]


def matrix(customer: Customer, *, at: datetime | None = None) -> list[tuple[Purpose, list[ContactDecision]]]:
    """The gate's answer to every purpose and channel for one customer: one query, besides those for the rules."""
    held = {row.channel: row for row in limits()}
    every = purposes()
    wanted: dict[tuple[object, ...], _Question] = {}
    for purpose in every:
        for channel in Channel:
            question = _Question(purpose, channel, at, held)
            wanted.setdefault(question.alike, question)
    asked = list(wanted.values())
    if not asked:
        return []
    rows = [question.row(Customer.objects.filter(pk=customer.pk), place) for place, question in enumerate(asked)]
    found = {asked[row["place"]].alike: asked[row["place"]].decision(row) for row in rows[0].union(*rows[1:], all=True)}
    alike = {purpose: [_Question(purpose, channel, at, held).alike for channel in Channel] for purpose in every}
    return [(purpose, [replace(found[key], purpose=purpose) for key in alike[purpose]]) for purpose in every]


def _goes_without(purpose: Purpose) -> bool:
    """Whether the policy's word is enough where no consent is on record: by setting, and never for an opt-in."""
    return purpose.basis == Purpose.Basis.OPT_OUT and settings.CONTACT_WITHOUT_CONSENT == "allow"


class _Question:
    """One purpose, one channel, one time: the query that the gate and its set twin share."""

    def __init__(
        self,
        purpose: Purpose,
        channel: Channel,
        at: datetime | None,
        held: dict[str, ContactLimit] | None = None,
    ) -> None:
        if at is not None and timezone.is_naive(at):
            raise ValueError("A time without a zone is no time: say whose clock it is.")
        self.purpose, self.channel = purpose, channel
        self.at = at or timezone.now()
        self.is_dated = at is not None
        rows = {row.channel: row for row in limits()} if held is None else held
        self.limit = rows.get(channel)

    @property
    def alike(self) -> tuple[object, ...]:
        """What questions share that have the same answer: of what no opt-out stops, nothing is a customer's word."""
        purpose = self.purpose
        if purpose.stopped_by_opt_out:
            return (self.channel, purpose.pk)
        return (self.channel, purpose.basis, self.channel in purpose.channels)

    @property
    def statuses(self) -> list[str]:
        """Where a customer may stand with the provider: news are for those who are connected."""
        return [Status.CONNECTED] if self.purpose.is_news else [Status.CONNECTED, Status.SUSPENDED]

    def judge(self, customers: QuerySet[Customer], *, alias: bool = False) -> QuerySet[Customer]:
        """Customers with ``why``: the first reason against contacting each, "" where there is none."""
        rules, default = self._rules()
        given = dict(self._facts(), why=Case(*rules, default=Value(default), output_field=CharField()))
        return customers.alias(**given) if alias else customers.annotate(**given)

    def row(self, customers: QuerySet[Customer], place: int) -> Any:
        """What a decision is made of."""
        judged = self.judge(customers).annotate(place=Value(place, output_field=IntegerField()))
        return judged.values("pk", "place", "why", "event", "said", "said_at", "point")

    def decision(self, row: dict[str, Any]) -> ContactDecision:
        """The decision that a row holds."""
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
        """What a customer said about this, by this way or by every way, newest first."""
        found = ConsentEvent.objects.filter(
            customer=OuterRef("pk"), purpose=self.purpose, channel__in=["", self.channel]
        )
        if self.is_dated:  # undated, nothing is left out: another machine's clock may be ahead
            found = found.filter(at__lte=self.at)
        return found.order_by("-pk")

    def _points(self) -> QuerySet[ContactPoint]:
        """A customer's addresses of this kind, the one that counts first: in use, confirmed, newest."""
        rank = Case(*(When(state=state, then=Value(place)) for state, place in RANK.items()), default=Value(len(RANK)))
        found = ContactPoint.objects.filter(customer=OuterRef("pk"), channel=self.channel.address)
        return found.order_by(rank, F("verified_at").desc(nulls_last=True), "-pk")

    def _rules(self) -> tuple[list[When], str]:
        """Conditions and reasons in the order of ``WHYS``; the last word is the default."""
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
        """True where so many news went to the customer this way in the 24 hours before."""
        lately = Message.objects.filter(
            customer=OuterRef("pk"), channel=self.channel, is_news=True, at__gt=self.at - A_DAY
        )
        if self.is_dated:
            lately = lately.filter(at__lte=self.at)
        return Exists(lately.order_by("-at")[a_day - 1 : a_day])
