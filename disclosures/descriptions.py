"""This floor's records and acts in words, as timelines, the log and refusals tell them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from disclosures.models import (
    AccessReview,
    AccessVerdict,
    Approval,
    AuthenticityCheck,
    Commitment,
    CommitmentStop,
    CustomerPermission,
    CustomerTold,
    Disclosure,
    DisclosureMatch,
    DisclosureMove,
    DisclosureReceived,
    DisclosureRequest,
    EmergencyReview,
    Field,
    FreezeLift,
    MonthReview,
    NonDisclosure,
    PackageGone,
    PackageMade,
    Packing,
    PermissionWithdrawal,
    Proposal,
    Reading,
    RecipientDetails,
    RecipientKind,
    RecipientMove,
    RecipientTold,
    ReviewBegun,
    ReviewVerdict,
    Statement,
    TamperCheck,
)

ROWS = {"recipientdetails": "recipient_details", "customerpermission": "disclosure_permissions"}
"""Tables whose sealed words can be revealed, and how to get from the customer to their rows."""


def _number(key: Any) -> str:
    return f"D-{key}"


def fields_in_words(codes: list[str]) -> str:
    """``name, e-mail addresses``."""
    return ", ".join(str(Field(code).label) for code in codes)


def _details(columns: dict[str, Any]) -> str:
    told = {"kind": str(RecipientKind(columns["recipient_kind"]).label), "name": columns["name"]}
    return (
        _("Recipient on file: %(name)s (%(kind)s)") % told
        if told["name"]
        else _("Recipient on file, named by the customer")
    )


def _recipient_moved(columns: dict[str, Any]) -> str:
    return _("Recipient suspended") if columns["how"] == "suspend" else _("Recipient resumed")


def _commitment(columns: dict[str, Any]) -> str:
    told = {"fields": fields_in_words(columns["fields"]), "until": columns["valid_until"]}
    return _("Commitment until %(until)s: %(fields)s") % told


def _stopped(columns: dict[str, Any]) -> str:
    return _("Commitment suspended")


def _permission(columns: dict[str, Any]) -> str:
    told = {"fields": fields_in_words(columns["fields"]), "until": columns["until"]}
    return _("The customer permits a disclosure until %(until)s: %(fields)s") % told


def _withdrawn(columns: dict[str, Any]) -> str:
    return _("The customer took a permission to disclose back")


def _received(columns: dict[str, Any]) -> str:
    told = {"number": _number(columns["request_id"]), "basis": str(DisclosureRequest.Basis(columns["basis"]).label)}
    return _("%(number)s received: %(basis)s") % told


def _matched(columns: dict[str, Any]) -> str:
    found = len(columns["references"])
    words = ngettext("%(n)s customer", "%(n)s customers", found) % {"n": found}
    return _("%(number)s matched: %(found)s") % {"number": _number(columns["request_id"]), "found": words}


def _checked(columns: dict[str, Any]) -> str:
    return _("%(number)s checked") % {"number": _number(columns["request_id"])}


def _moved(columns: dict[str, Any]) -> str:
    state = str(DisclosureRequest.State(columns["to_state"]).label)
    outcome = str(DisclosureRequest.Outcome(columns["outcome"]).label) if columns["outcome"] else ""
    told = {"number": _number(columns["subject_id"]), "state": state}
    return " · ".join(filter(None, [_("%(number)s: %(state)s") % told, outcome]))


def _proposed(columns: dict[str, Any]) -> str:
    given = sum(line["give"] for line in columns["lines"])
    words = ngettext("%(n)s field", "%(n)s fields", given) % {"n": given}
    return _("%(number)s proposed: %(fields)s") % {"number": _number(columns["request_id"]), "fields": words}


def _approved(columns: dict[str, Any]) -> str:
    told = {"number": _number(columns["request_id"])}
    return _("%(number)s approved, narrowed") % told if columns["narrowed"] else _("%(number)s approved") % told


def _packing(columns: dict[str, Any]) -> str:
    return _("%(number)s: values opened to be packed") % {"number": _number(columns["request_id"])}


def _disclosed(columns: dict[str, Any]) -> str:
    told = {"number": _number(columns["request_id"]), "fields": fields_in_words(columns["fields"])}
    return _("Disclosed under %(number)s: %(fields)s") % told


def _made(columns: dict[str, Any]) -> str:
    return _("%(number)s: package made") % {"number": _number(columns["request_id"])}


def _gone(columns: dict[str, Any]) -> str:
    how = str(PackageGone.How(columns["how"]).label)
    return _("%(number)s: package deleted, %(how)s") % {"number": _number(columns["request_id"]), "how": how}


def _reviewed(columns: dict[str, Any]) -> str:
    verdict = str(EmergencyReview.Verdict(columns["verdict"]).label)
    return _("%(number)s: emergency reviewed, %(verdict)s") % {
        "number": _number(columns["request_id"]),
        "verdict": verdict,
    }


def _kept(columns: dict[str, Any]) -> str:
    told = {"number": _number(columns["request_id"]), "until": columns["until"]}
    return _("%(number)s is kept from its customers until %(until)s") % told


def _told(columns: dict[str, Any]) -> str:
    return _("The customer was told of %(number)s") % {"number": _number(columns["request_id"])}


def _stated(columns: dict[str, Any]) -> str:
    listed = len(columns["listed"])
    words = ngettext("%(n)s disclosure", "%(n)s disclosures", listed) % {"n": listed}
    return _("Statement of who got the data given: %(listed)s") % {"listed": words}


def _recipient_told(columns: dict[str, Any]) -> str:
    return _("A recipient was told of a correction")


def _log_checked(columns: dict[str, Any]) -> str:
    size, first = columns["size"], columns["first_bad"]
    if columns["whole"]:
        return ngettext("Log checked: %(n)s entry, whole", "Log checked: %(n)s entries, whole", size) % {"n": size}
    if first is None:
        return _("Log checked: tampered with; disclosing is frozen")
    return _("Log checked: tampered with from entry #%(first)s; disclosing is frozen") % {"first": first}


def _lifted(columns: dict[str, Any]) -> str:
    return " · ".join(filter(None, [_("An officer lets disclosing go on after a failed check"), columns["ticket"]]))


def _review_begun(columns: dict[str, Any]) -> str:
    told = {"month": columns["month"], "entries": columns["entries"]}
    return ngettext(
        "Review of %(month)s begun: %(entries)s disclosure", "Review of %(month)s begun: %(entries)s disclosures",
        columns["entries"],
    ) % told  # fmt: skip


def _judged(columns: dict[str, Any]) -> str:
    verdict = str(ReviewVerdict.Verdict(columns["verdict"]).label)
    return _("Review of %(month)s: %(verdict)s") % {"month": columns["month"], "verdict": verdict}


def _signed_off(columns: dict[str, Any]) -> str:
    told = {"month": columns["month"], "n": columns["questioned"]}
    return _("Review of %(month)s signed off, %(n)s questioned") % told


def _access_judged(columns: dict[str, Any]) -> str:
    what = str(AccessVerdict.What(columns["what"]).label)
    told = {
        "what": _(columns["role"]) if columns["role"] else what,
        "person": columns["person"],
        "quarter": columns["quarter"],
    }
    if columns["verdict"] == AccessVerdict.Verdict.END:
        return _("Access review %(quarter)s: %(person)s, %(what)s is to end") % told
    return _("Access review %(quarter)s: %(person)s keeps %(what)s") % told


def _access_signed_off(columns: dict[str, Any]) -> str:
    told = {"quarter": columns["quarter"], "kept": columns["kept"], "ended": columns["ended"]}
    return _("Access review %(quarter)s signed off: %(kept)s kept, %(ended)s to end") % told


def _reading(columns: dict[str, Any]) -> str:
    if columns["request_id"] is columns["document_id"] is None:
        return _("Opened: what officers said when they lifted a freeze")
    what = str(Reading.What(columns["what"]).label)
    return _("Opened: %(what)s") % {"what": what}


DESCRIBED_BY = {
    RecipientDetails.kind: _details,
    RecipientMove.kind: _recipient_moved,
    Commitment.kind: _commitment,
    CommitmentStop.kind: _stopped,
    CustomerPermission.kind: _permission,
    PermissionWithdrawal.kind: _withdrawn,
    DisclosureReceived.kind: _received,
    DisclosureMatch.kind: _matched,
    AuthenticityCheck.kind: _checked,
    DisclosureMove.kind: _moved,
    Proposal.kind: _proposed,
    Approval.kind: _approved,
    Packing.kind: _packing,
    Disclosure.kind: _disclosed,
    PackageMade.kind: _made,
    PackageGone.kind: _gone,
    EmergencyReview.kind: _reviewed,
    NonDisclosure.kind: _kept,
    CustomerTold.kind: _told,
    Statement.kind: _stated,
    RecipientTold.kind: _recipient_told,
    Reading.kind: _reading,
    TamperCheck.kind: _log_checked,
    FreezeLift.kind: _lifted,
    ReviewBegun.kind: _review_begun,
    ReviewVerdict.kind: _judged,
    MonthReview.kind: _signed_off,
    AccessVerdict.kind: _access_judged,
    AccessReview.kind: _access_signed_off,
}
"""How each kind of record reads on a timeline."""
