"""Texts for this app's kinds of record, for timelines and the log; and which of its sealed texts can be revealed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from consent.gate.gate import WHYS
from consent.gate.purposes import FIRST
from consent.models import (
    Channel,
    ConsentEvent,
    ContactLimit,
    ContactRefusal,
    Message,
    MessageOutcome,
    MessageTemplate,
    PolicyAcceptance,
    PolicyVersion,
    Publication,
    Purpose,
)

What, Through = ConsentEvent.What, ConsentEvent.Through


ROWS = {"consentevent": "consent_events", "message": "contact_messages"}
"""Models whose sealed text can be revealed, with the customer's related name for their rows."""


def _way(code: str) -> str:
    return str(Channel(code).label) if code else _("every channel")


def _named(code: str) -> str:
    """A purpose's name; the code for one that was added later, because timelines make no queries of their own."""
    language = "vi" if (get_language() or "")[:2] == "vi" else "en"
    return str(FIRST[code][f"name_{language}"]) if code in FIRST else code


def _event(columns: dict[str, Any]) -> str:
    event = {
        What.GRANTED: _("Consented: %(purpose)s"),
        What.WITHDRAWN: _("Consent withdrawn: %(purpose)s"),
        What.OBJECTED: _("Opted out: %(purpose)s"),
    }[What(columns["what"])] % {"purpose": _named(columns["purpose"])}
    through = str(Through(columns["through"]).label)
    evidence = columns["evidence"] if columns["through"] != Through.IMPORT else ""
    return " · ".join(filter(None, [event, _way(columns["channel"]), through, evidence]))


def _refusal(columns: dict[str, Any]) -> str:
    names = {"purpose": _named(columns["purpose"]), "way": _way(columns["channel"])}
    return _("Stopped by the gate: %(purpose)s, %(way)s") % names + f" · {WHYS.get(columns['why'], columns['why'])}"


def _message(columns: dict[str, Any]) -> str:
    names = {"purpose": _named(columns["purpose"]), "way": _way(columns["channel"])}
    return _("Written: %(purpose)s, %(way)s") % names


def _outcome(columns: dict[str, Any]) -> str:
    return _("The message left") if columns["left"] else _("The message did not leave")


def _acceptance(columns: dict[str, Any]) -> str:
    how = str(PolicyAcceptance.How(columns["how"]).label)
    return _("Policy %(version)s accepted %(how)s") % {"version": columns["version"], "how": how}


def _version(columns: dict[str, Any]) -> str:
    return _("Policy version on file: %(label)s") % {"label": columns["label"]}


def _publication(columns: dict[str, Any]) -> str:
    return _("Policy seen on %(site)s (%(language)s)") % {
        "site": columns["site"],
        "language": str(Publication.Language(columns["language"]).label),
    }


def _purpose(columns: dict[str, Any]) -> str:
    return _("Purpose: %(code)s") % {"code": columns["code"]}


def _limit(columns: dict[str, Any]) -> str:
    names = {"way": _way(columns["channel"]), "start": columns["from_hour"], "end": columns["to_hour"]}
    times = ngettext("%(n)s time in 24 hours", "%(n)s times in 24 hours", columns["a_day"]) % {"n": columns["a_day"]}
    return _("News by %(way)s: from %(start)s to %(end)s o’clock") % names + f", {times}"


def _template(columns: dict[str, Any]) -> str:
    names = {"code": columns["code"]}
    return (_("Template: %(code)s") if columns["in_use"] else _("Template out of use: %(code)s")) % names


DESCRIBED_BY = {
    ConsentEvent.kind: _event,
    ContactRefusal.kind: _refusal,
    Message.kind: _message,
    MessageOutcome.kind: _outcome,
    PolicyAcceptance.kind: _acceptance,
    PolicyVersion.kind: _version,
    Publication.kind: _publication,
    Purpose.kind: _purpose,
    ContactLimit.kind: _limit,
    MessageTemplate.kind: _template,
}
"""The function that describes each kind of record on timelines and in the log."""
