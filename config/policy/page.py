"""The page *Policy as rules*: each clause with its last refusal; and where policy and law differ."""

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
    """The page; 403 for anybody who may not read the evidence."""
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
    """Refusals on record with the same subject and reason, counted.

    ``about`` is the act, or for refusals of the gate the purpose; ``at`` is the newest of all times.
    """

    about: str
    why: str
    at: datetime
    times: int
    """How many in the last 12 months."""


@dataclass(frozen=True)
class LastNo:
    """The last refusal for a clause: when, why, how many in 12 months.

    ``url`` is the list of refusals; "" unless the reader may open it.
    """

    at: datetime
    why: str
    times: int
    url: str


class Name(str):
    """A name in the software, shown with possible line breaks."""

    __slots__ = ()

    @property
    def parts(self) -> list[str]:
        """The name in pieces; a line may break after each."""
        return re.findall(r"[^_./:]+[_./:]*", self)


@dataclass(frozen=True)
class Told:
    """A clause as the page shows it."""

    clause: Clause
    refused: LastNo | None
    stopped: LastNo | None

    @property
    def places(self) -> list[tuple[str, Name]]:
        """Where it is enforced: what kind of place (constraint, triggers), and its name."""
        return [_place(name) for name in self.clause.places]

    @property
    def tests(self) -> list[Name]:
        """The names of its tests."""
        return [Name(test) for test in self.clause.tests]


@dataclass(frozen=True)
class ToldPart:
    """A part of the policy as the page shows it."""

    title: str
    clauses: list[Told]


def told(person: StaffMember) -> list[ToldPart]:
    """Every clause for the page, in two queries however many there are."""
    since = timezone.now() - A_YEAR
    refused, stopped = refusals(since), stops(since)
    to_refusals = reverse(REFUSALS) if can_watch_access(person) else ""
    to_stopped = reverse(STOPPED) if can_keep_policies(person) else ""

    def tell(clause: Clause) -> Told:
        by_act = (row for row in refused if clause.counts(row.about, row.why))
        by_gate = (row for row in stopped if clause.stopped and clause.stopped.holds(row.about, row.why))
        return Told(clause, _last(by_act, WHYS, to_refusals), _last(by_gate, WHYS_OF_THE_GATE, to_stopped))

    return [ToldPart(str(part.title), [tell(clause) for clause in part.clauses]) for part in PARTS]


def refusals(since: datetime) -> list[No]:
    """Refusals at the desk, by act and reason."""
    acts = {act for part in PARTS for clause in part.clauses for act in clause.refusals}
    rows = Refusal.objects.filter(act__in=acts).values_list("act", "why")
    return [No(*row) for row in rows.annotate(newest=Max("at"), times=Count("pk", filter=Q(at__gte=since)))]


def stops(since: datetime) -> list[No]:
    """Refusals of the gate, by purpose and reason."""
    rows = ContactRefusal.objects.values_list("purpose_id", "why")
    return [No(*row) for row in rows.annotate(newest=Max("at"), times=Count("pk", filter=Q(at__gte=since)))]


def _last(matches: Iterable[No], words: Mapping[str, object], url: str) -> LastNo | None:
    rows = list(matches)
    if not rows:
        return None
    newest = max(rows, key=lambda row: row.at)
    to_list = f"{url}?why={newest.why}" if url else ""
    times = sum(row.times for row in rows)
    return LastNo(newest.at, str(words.get(newest.why, newest.why)), times, to_list)


def _place(name: str) -> tuple[str, Name]:
    for prefix, words in ((CONSTRAINT, _("constraint")), (TRIGGER, _("triggers"))):
        if name.startswith(prefix):
            return words, Name(name.removeprefix(prefix))
    return "", Name(name)


# --- where policy and law differ -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decided:
    """What decides, and its present value.

    ``code`` is a name in the software; ``note`` says how sure the rule is and who verified it.
    """

    name: str
    value: str
    note: str = ""
    code: str = ""
    url: str = ""


@dataclass(frozen=True)
class ToldDifference:
    """A difference as the page shows it."""

    difference: Difference
    decided: list[Decided]

    @property
    def confidence(self) -> str:
        """How sure it is what the law says, in the reader's language."""
        return str(self.difference.confidence.label)


@dataclass(frozen=True)
class _Rows:
    """The rows that decide, read once for all differences."""

    deadlines: dict[str, LegalDeadline]
    limits: list[ContactLimit]
    purposes: list[Purpose]
    keeps_rules: bool


def differences(*, keeps_rules: bool) -> list[ToldDifference]:
    """The differences for the page, with the present value of what decides: three queries."""
    rows = _Rows({rule.right: rule for rule in rules()}, limits(), purposes(), keeps_rules)
    return [
        ToldDifference(difference, [decided for source in difference.decides for decided in _decided(source, rows)])
        for difference in DIFFERENCES
    ]


def _decided(source: Decides, rows: _Rows) -> list[Decided]:
    match source:
        case Setting():
            return [_setting(source)]
        case Deadlines():
            return [_deadline(rows.deadlines[right], rows) for right in source.rights if right in rows.deadlines]
        case OptOuts():
            return _opt_outs(rows.purposes)
        case Limits():
            return [_limit(row) for row in rows.limits]
        case Fixed():
            return [Decided(_("Fixed"), str(source.words), code=source.place)]


def _setting(setting: Setting) -> Decided:
    value = str(getattr(settings, setting.name))
    return Decided(_("Setting"), str(setting.words.get(value, value)), code=f"{setting.name} = {value}")


def _deadline(rule: LegalDeadline, rows: _Rows) -> Decided:
    url = reverse("admin:customers_legaldeadline_changelist") if rows.keeps_rules else ""
    return Decided(capfirst(rule.get_right_display()), rule_in_words(rule), _on_whose_word(rule), url=url)


def _limit(row: ContactLimit) -> Decided:
    values = {"start": row.from_hour, "end": row.to_hour, "n": row.a_day}
    words = _("%(start)s to %(end)s o’clock, at most %(n)s in 24 hours") % values
    return Decided(capfirst(row.get_channel_display()), words, _on_whose_word(row))


def _opt_outs(all_purposes: list[Purpose]) -> list[Decided]:
    names = [purpose.name for purpose in all_purposes if purpose.basis == Purpose.Basis.OPT_OUT]
    return [Decided(_("Until one opts out"), ", ".join(names))] if names else []


def _on_whose_word(row: LegalDeadline | ContactLimit) -> str:
    """The source of a row, how sure it is, and who verified it."""
    who = row.verified_by.username if row.verified_by else _("nobody yet")
    verified = _("verified by %(who)s") % {"who": who}
    return " · ".join([row.source, row.get_confidence_display(), verified])
