"""Records in words, as timelines and the log tell them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from customers.acts.refusals import ACTS, WHYS
from customers.evidence.accounting import parse_time
from customers.evidence.append_only import append_only_models
from customers.models import (
    AccessChange,
    AccessGrant,
    AccessGrantEnd,
    AddressCheckAnswer,
    Budget,
    BudgetAllowance,
    ContactPointAdded,
    ContactPointMove,
    Correction,
    CorrectionMove,
    CorrectionProposed,
    CustomerRequest,
    Find,
    Hold,
    HoldContact,
    HoldMove,
    HoldOpened,
    ImportBatch,
    InformationAnswer,
    InformationAsked,
    LegalDeadline,
    Notice,
    NoticeOutcome,
    RequestClock,
    RequestMove,
    RequestReceived,
    Reveal,
    SignIn,
    Verification,
    VerificationClosure,
)
from customers.models.access import reason_in_words
from customers.models.corrections import Datum
from customers.models.records import RevealReason
from customers.models.registry import Registry
from customers.models.requests import Right
from customers.vault.kinds import Kind


def kinds_in_words() -> dict[str, str]:
    """Every kind of record there is, with its name in the reader's language."""
    return {model.kind: capfirst(str(model._meta.verbose_name)) for model in append_only_models()}


def kind_in_words(kind: str) -> str:
    """A kind of record by its name; the code itself for one that is no longer known."""
    return kinds_in_words().get(kind, kind)


def _datum(code: str) -> str:
    return str(Kind(code).label) if code in Kind.values else code


def _field(place: str) -> str:
    """``customers.ServiceAccess.login`` in words; the code itself for a field that is no longer there."""
    app, model, field = place.split(".")
    try:
        return str(apps.get_model(app, model)._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    except (LookupError, FieldDoesNotExist):
        return place


def _reveal(columns: dict[str, Any]) -> str:
    why = ", ".join(filter(None, [str(RevealReason(columns["reason"]).label), columns["ticket"]]))
    return _("Revealed: %(kind)s · %(why)s") % {"kind": _field(columns["field"]), "why": why}


def _refusal(columns: dict[str, Any]) -> str:
    what = _datum(columns["datum"]) or str(ACTS.get(columns["act"], columns["act"]))
    why = str(WHYS.get(columns["why"], columns["why"]))
    return _("Refused: %(kind)s · %(why)s") % {"kind": what, "why": why}


def _find(columns: dict[str, Any]) -> str:
    sought = ", ".join(str(Find.What(what).label) for what in columns["sought"])
    count = len(columns["own"]) + len(columns["elsewhere"])
    return ngettext("Looked for by %(sought)s: %(n)s found", "Looked for by %(sought)s: %(n)s found", count) % {
        "sought": sought,
        "n": count,
    }


def _verification(columns: dict[str, Any]) -> str:
    told = [_("%(kind)s: match") % {"kind": _datum(kind)} for kind in columns["matched"]]
    told += [_("%(kind)s: no match") % {"kind": _datum(kind)} for kind in columns["missed"]]
    return _("Checked · %(told)s") % {"told": ", ".join(told)}


def _closure(columns: dict[str, Any]) -> str:
    at = timezone.localtime(parse_time(columns["until"])).strftime("%H:%M")
    return _("Verifying closed until %(at)s: too many misses") % {"at": at}


def _grant(columns: dict[str, Any]) -> str:
    told = {"person": columns["person"], "why": reason_in_words(columns["reason"], columns["ticket"])}
    if columns["how"] == AccessGrant.How.BREAK_GLASS:
        return _("Glass broken · %(why)s") % told
    return _("Grant given to %(person)s · %(why)s") % told


def _grant_end(columns: dict[str, Any]) -> str:
    return _("Grant of %(person)s ended") % {"person": columns["person"]}


def _allowance(columns: dict[str, Any]) -> str:
    return _("%(person)s: %(more)s more allowed for the day, %(act)s") % {
        "person": columns["person"],
        "more": columns["more"],
        "act": Budget(columns["budget"]).label,
    }


def _import_batch(columns: dict[str, Any]) -> str:
    return _("Imported from the CRM")


def _service_access_change(columns: dict[str, Any]) -> str:
    return _("Service access set")


def _access_change(columns: dict[str, Any]) -> str:
    what = capfirst(str(AccessChange.What(columns["what"]).label))
    role = _(columns["role"]) if columns["role"] else ""
    detail = columns["detail"]
    return " · ".join(filter(None, [what, detail.get("person"), role, detail.get("team")]))


def _sign_in(columns: dict[str, Any]) -> str:
    what = capfirst(str(dict(SignIn.What.choices).get(columns["what"], columns["what"])))
    factor = str(dict(SignIn.Factor.choices).get(columns["factor"], ""))
    return " · ".join(filter(None, [what, columns["person"], factor]))


# --- the daily work --------------------------------------------------------------------------------------------------


def _label(choices: Any, code: str) -> str:
    """A code in the reader's language; the code itself where it is no longer known."""
    return str(dict(choices.choices).get(code, code))


MOVED = {
    "confirm": gettext_noop("Address confirmed"),
    "bounce": gettext_noop("Mail to an address came back"),
    "retire": gettext_noop("Address no longer used"),
    "suspend": gettext_noop("Address suspended"),
    "release": gettext_noop("Address released"),
    "condemn": gettext_noop("Address no longer used: fraud"),
}
"""Moves of an address, as they begin a line."""


def _point_moved(columns: dict[str, Any]) -> str:
    return " · ".join(filter(None, [_(MOVED.get(columns["how"], columns["how"])), columns["ticket"]]))


def _point_added(columns: dict[str, Any]) -> str:
    return _("New address on file, not confirmed yet")


def _request_received(columns: dict[str, Any]) -> str:
    told = {"number": f"R-{columns['request_id']}", "kind": _label(CustomerRequest.Kind, columns["request_kind"])}
    came = _label(CustomerRequest.CameBy, columns["came_by"])
    return " · ".join(filter(None, [_("%(number)s received: %(kind)s") % told, came, columns["ticket"]]))


def _request_moved(columns: dict[str, Any]) -> str:
    told = {"number": f"R-{columns['subject_id']}", "state": _label(CustomerRequest.State, columns["to_state"])}
    why = _label(CustomerRequest.WhyRefused, columns["why"]) if columns["why"] else ""
    return " · ".join(filter(None, [_("%(number)s: %(state)s") % told, why]))


def _request_clock(columns: dict[str, Any]) -> str:
    told = {"number": f"R-{columns['request_id']}", "state": _label(RequestClock.What, columns["what"])}
    why = _label(CustomerRequest.WhyExtended, columns["why"]) if columns["why"] else ""
    return " · ".join(filter(None, [_("%(number)s: %(state)s") % told, why]))


def _hold_opened(columns: dict[str, Any]) -> str:
    why = ", ".join(filter(None, [_label(Hold.Reason, columns["reason"]), columns["ticket"]]))
    return _("Suspicion of fraud · %(why)s") % {"why": why}


def _hold_contact(columns: dict[str, Any]) -> str:
    told = {"way": _label(HoldContact.Way, columns["way"]), "result": _label(HoldContact.Result, columns["result"])}
    return _("Customer asked %(way)s: %(result)s") % told


def _hold_moved(columns: dict[str, Any]) -> str:
    return _("Suspicion of fraud: %(state)s") % {"state": _label(Hold.State, columns["to_state"])}


def _correction_proposed(columns: dict[str, Any]) -> str:
    told = {"datum": _label(Datum, columns["datum"]), "ground": _label(Correction.Ground, columns["ground"])}
    origin = _label(Correction.Origin, columns["origin"])
    return _("Correction proposed: %(datum)s · %(ground)s, %(origin)s") % {**told, "origin": origin}


CORRECTED = {
    "approve": gettext_noop("Correction approved: %(datum)s"),
    "carry_out": gettext_noop("Corrected: %(datum)s"),
    "refuse": gettext_noop("Correction refused: %(datum)s"),
    "withdraw": gettext_noop("Correction withdrawn: %(datum)s"),
}
"""Moves of a correction, as they begin a line."""


def _correction_moved(columns: dict[str, Any]) -> str:
    why = _label(Correction.WhyRefused, columns["why"]) if columns["why"] else ""
    told = _(CORRECTED.get(columns["how"], columns["how"])) % {"datum": _label(Datum, columns["datum"])}
    return " · ".join(filter(None, [told, why]))


def _notice(columns: dict[str, Any]) -> str:
    return _("Letter: %(what)s") % {"what": _label(Notice.What, columns["what"])}


def _notice_outcome(columns: dict[str, Any]) -> str:
    return _("The letter left") if columns["left"] else _("The letter did not leave")


def _check_answer(columns: dict[str, Any]) -> str:
    told = {"way": _label(AddressCheckAnswer.Way, columns["way"])}
    return (
        _("Address checked %(way)s: match") % told
        if columns["matched"]
        else _("Address checked %(way)s: no match") % told
    )


def _asked(columns: dict[str, Any]) -> str:
    count = len(columns["fields"])
    return ngettext("Customer asked for %(n)s thing", "Customer asked for %(n)s things", count) % {"n": count}


def _answered(columns: dict[str, Any]) -> str:
    return _("Answer: %(outcome)s") % {"outcome": _label(InformationAnswer.Outcome, columns["outcome"])}


def _deadline(columns: dict[str, Any]) -> str:
    told = {"right": _label(Right, columns["right"]), "amount": columns["amount"]}
    return _("Deadline: %(right)s · %(amount)s %(unit)s") % {
        **told,
        "unit": _label(LegalDeadline.Unit, columns["unit"]),
    }


DESCRIBED_BY: Registry[str, Callable[[dict[str, Any]], str]] = Registry(
    {
        Reveal.kind: _reveal,
        "refusal": _refusal,
        ImportBatch.kind: _import_batch,
        "service_access_change": _service_access_change,
        AccessChange.kind: _access_change,
        SignIn.kind: _sign_in,
        Find.kind: _find,
        Verification.kind: _verification,
        VerificationClosure.kind: _closure,
        AccessGrant.kind: _grant,
        AccessGrantEnd.kind: _grant_end,
        BudgetAllowance.kind: _allowance,
        ContactPointMove.kind: _point_moved,
        ContactPointAdded.kind: _point_added,
        RequestReceived.kind: _request_received,
        RequestMove.kind: _request_moved,
        RequestClock.kind: _request_clock,
        HoldOpened.kind: _hold_opened,
        HoldContact.kind: _hold_contact,
        HoldMove.kind: _hold_moved,
        CorrectionProposed.kind: _correction_proposed,
        CorrectionMove.kind: _correction_moved,
        Notice.kind: _notice,
        NoticeOutcome.kind: _notice_outcome,
        AddressCheckAnswer.kind: _check_answer,
        InformationAsked.kind: _asked,
        InformationAnswer.kind: _answered,
        LegalDeadline.kind: _deadline,
    }
)
"""How each kind of record reads on a timeline; any other reads as its name."""
