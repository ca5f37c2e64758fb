"""The page of the policy as rules: each clause with when it last said no; where policy and law differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.policy.clause import CONSTRAINT, TRIGGER, Clause
from config.policy.clauses import PARTS
from config.policy.differences import (
    DIFFERENCES,
    Deadlines,
    Decides,
    Difference,
    Fixed,
    Limits,
    OptOuts,
    Setting,
)
from consent.gate.gate import WHYS as WHYS_OF_THE_GATE
from consent.gate.limits import limits
from consent.gate.purposes import purposes
from consent.models import ContactLimit, ContactRefusal, Purpose
from consent.permissions import can_keep_policies
from customers.acts.refusals import WHYS
from customers.admin_views.base import page
from customers.casework.deadlines import rules
from customers.messages.letters import rule_in_words
from customers.models import LegalDeadline, Refusal, StaffMember
from customers.permissions.access import can_watch_access
from customers.permissions.casework import can_keep_rules
from customers.permissions.reader import reader
from customers.permissions.staff import can_read_evidence

A_YEAR = timedelta(days=365)
REFUSALS, STOPPED = "admin:customers_refusal_changelist", "admin:consent_contactrefusal_changelist"


@require_safe
def policy_rules_view(request: HttpRequest) -> HttpResponse:
    """For those who read the evidence."""
    person = reader(request)
    if not can_read_evidence(person):
        raise PermissionDenied
    keeps = can_keep_rules(person)
    context = {
        "title": _("Policy as rules"),
        "tab": "policy",
        "keeps_rules": keeps,
        "parts": told(person),
        "differences": differences(keeps_rules=keeps),
    }
    return page(request, "admin/policy_rules.html", context)


# --- when a clause last said no --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class No:
    """Refusals on record that share what they are about: by act, or by purpose, and by reason."""

    about: str
    why: str
    at: datetime
    times: int
    """How many in the last 12 months; ``at`` is the newest there ever was."""


@dataclass(frozen=True)
class LastNo:
    """When a clause last refused, why, how often in 12 months; ``url`` is the list, for who may open it."""

    at: datetime
    why: str
    times: int
    url: str


class Name(str):
    """A name of the software's; ``parts`` are where a long one may go on in the next line."""

    __slots__ = ()

    @property
    def parts(self) -> list[str]:
        """It in pieces, each ending where a line may."""
        return re.findall(r"[^_./:]+[_./:]*", self)


@dataclass(frozen=True)
class Told:
    """A clause as the page tells it."""

    clause: Clause
    refused: LastNo | None
    stopped: LastNo | None

    @property
    def places(self) -> list[tuple[str, Name]]:
        """Where it is enforced: what that is, in words, and its name."""
        return [_place(name) for name in self.clause.places]

    @property
    def tests(self) -> list[Name]:
        """The tests that show it."""
        return [Name(test) for test in self.clause.tests]


@dataclass(frozen=True)
class ToldPart:
    """Clauses that belong together, as the page tells them."""

    title: str
    clauses: list[Told]


def told(person: StaffMember) -> list[ToldPart]:
    """Every clause, in two queries however many there are."""
    since = timezone.now() - A_YEAR
    refused, stopped = refusals(since), stops(since)
    to_refusals = reverse(REFUSALS) if can_watch_access(person) else ""
    to_stopped = reverse(STOPPED) if can_keep_policies(person) else ""

    def tell(clause: Clause) -> Told:
        by_act = (each for each in refused if clause.counts(each.about, each.why))
        by_gate = (each for each in stopped if clause.stopped and clause.stopped.holds(each.about, each.why))
        return Told(clause, _last(by_act, WHYS, to_refusals), _last(by_gate, WHYS_OF_THE_GATE, to_stopped))

    return [ToldPart(str(part.title), [tell(clause) for clause in part.clauses]) for part in PARTS]


def refusals(since: datetime) -> list[No]:
    """What was refused at the desk, by act and reason."""
    acts = {act for part in PARTS for clause in part.clauses for act in clause.refusals}
    rows = Refusal.objects.filter(act__in=acts).values_list("act", "why")
    return [No(*row) for row in rows.annotate(newest=Max("at"), times=Count("pk", filter=Q(at__gte=since)))]


def stops(since: datetime) -> list[No]:
    """What the gate stopped, by purpose and reason."""
    rows = ContactRefusal.objects.values_list("purpose_id", "why")
    return [No(*row) for row in rows.annotate(newest=Max("at"), times=Count("pk", filter=Q(at__gte=since)))]


def _last(found: Iterable[No], words: Mapping[str, object], url: str) -> LastNo | None:
    every = list(found)
    if not every:
        return None
    newest = max(every, key=lambda each: each.at)
    to_list = f"{url}?why={newest.why}" if url else ""
    times = sum(each.times for each in every)
    return LastNo(newest.at, str(words.get(newest.why, newest.why)), times, to_list)


def _place(name: str) -> tuple[str, Name]:
    for prefix, words in ((CONSTRAINT, _("constraint")), (TRIGGER, _("triggers"))):
        if name.startswith(prefix):
            return words, Name(name.removeprefix(prefix))
    return "", Name(name)


# --- where policy and law differ -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decided:
    """What decides, and what it says now. ``code``: a name of the software's; ``note``: how sure it is, who says so."""

    name: str
    value: str
    note: str = ""
    code: str = ""
    url: str = ""


@dataclass(frozen=True)
class ToldDifference:
    """A difference as the page tells it."""

    difference: Difference
    decided: list[Decided]

    @property
    def confidence(self) -> str:
        """How sure it is what the law says, in words."""
        return str(self.difference.confidence.label)


@dataclass(frozen=True)
class _Rows:
    """The rows that decide, read once."""

    deadlines: dict[str, LegalDeadline]
    limits: list[ContactLimit]
    purposes: list[Purpose]
    keeps_rules: bool


def differences(*, keeps_rules: bool) -> list[ToldDifference]:
    """Where policy and law differ, with what decides as it stands: three queries."""
    rows = _Rows({rule.right: rule for rule in rules()}, limits(), purposes(), keeps_rules)
    return [
        ToldDifference(each, [decided for what in each.decides for decided in _decided(what, rows)])
        for each in DIFFERENCES
    ]


def _decided(what: Decides, rows: _Rows) -> list[Decided]:
    match what:
        case Setting():
            return [_setting(what)]
        case Deadlines():
            return [_deadline(rows.deadlines[right], rows) for right in what.rights if right in rows.deadlines]
        case OptOuts():
            return _opt_outs(rows.purposes)
        case Limits():
            return [_limit(row) for row in rows.limits]
        case Fixed():
            return [Decided(_("Fixed"), str(what.words), code=what.place)]


def _setting(what: Setting) -> Decided:
    value = str(getattr(settings, what.name))
    return Decided(_("Setting"), str(what.words.get(value, value)), code=f"{what.name} = {value}")


def _deadline(rule: LegalDeadline, rows: _Rows) -> Decided:
    url = reverse("admin:customers_legaldeadline_changelist") if rows.keeps_rules else ""
    return Decided(capfirst(rule.get_right_display()), rule_in_words(rule), _on_whose_word(rule), url=url)


def _limit(row: ContactLimit) -> Decided:
    told = {"start": row.from_hour, "end": row.to_hour, "n": row.a_day}
    words = _("%(start)s to %(end)s o’clock, at most %(n)s in 24 hours") % told
    return Decided(capfirst(row.get_channel_display()), words, _on_whose_word(row))


def _opt_outs(every: list[Purpose]) -> list[Decided]:
    named = [purpose.name for purpose in every if purpose.basis == Purpose.Basis.OPT_OUT]
    return [Decided(_("Until one opts out"), ", ".join(named))] if named else []


def _on_whose_word(row: LegalDeadline | ContactLimit) -> str:
    """The source, how sure it is, and who verified it."""
    who = row.verified_by.username if row.verified_by else _("nobody yet")
    verified = _("verified by %(who)s") % {"who": who}
    return " · ".join([row.source, row.get_confidence_display(), verified])
