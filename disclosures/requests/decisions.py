"""The scope of a disclosure: checks of authenticity, the proposal of one person, and the approval of another.

An approval takes the proposal as it is, or narrows it. Releasing what was approved is in ``release``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse
from customers.models import Customer, StaffMember
from customers.models.acts import RefusalReason
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_words
from disclosures.models import Approval, AuthenticityCheck, Commitment, CustomerPermission, DisclosureRequest, Proposal
from disclosures.models.acts import DisclosureAct, DisclosureRefusalReason
from disclosures.models.requests import Field
from disclosures.permissions import can_approve
from disclosures.recipients.legal_bases import require_commitment, require_customer_permission
from disclosures.requests.register import Basis, State, acting_on_request, dialled, require_active
from disclosures.requests.values import held
from disclosures.tamper_check.tamper_check import require_not_frozen

NEEDED = {
    Basis.AUTHORITY: ("sender", "signer", "instrument", "call"),
    Basis.PROCESSOR: ("sender",),
    Basis.PERMISSION: ("sender",),
}
"""The items that have to be checked before a disclosure is proposed, by legal basis; "call" is the call back."""


@dataclass(frozen=True)
class Checks:
    """How a request was checked for authenticity, in words, and the call back to its sender.

    ``call_number`` is the number called, found independently of the request; ``call_found`` says where.
    """

    sender: str = field(default="", repr=False)
    signer: str = field(default="", repr=False)
    instrument: str = field(default="", repr=False)
    call_number: str = field(default="", repr=False)
    call_found: str = field(default="", repr=False)
    call_to: str = field(default="", repr=False)
    called_at: datetime | None = None


@dataclass(frozen=True)
class ScopeLine:
    """One field of one customer (by reference): number of values held, whether it is given, and the code of why not."""

    customer: str
    field: str
    held: int
    give: bool
    why: str = ""

    @property
    def label(self) -> str:
        """The field's name in the active language."""
        return str(Field(self.field).label)

    @property
    def why_in_words(self) -> str:
        """Why the field is withheld, in the active language; "" where it is given."""
        return str(DisclosureRequest.WhyWithheld(self.why).label) if self.why else ""


def lines_of(rows: Iterable[dict[str, Any]]) -> list[ScopeLine]:
    """Scope lines from the JSON of a proposal or an approval."""
    return [ScopeLine(row["customer"], row["field"], row["held"], row["give"], row["why"]) for row in rows]


def settled_lines(request: DisclosureRequest) -> list[ScopeLine]:
    """The lines of the newest proposal's approval; in an emergency, of the proposal itself; else none."""
    proposal = request.proposals.order_by("-pk").first()
    approval = getattr(proposal, "approval", None)
    decision = approval or (proposal if request.in_emergency else None)
    return lines_of(decision.lines) if decision else []


def scope(request: DisclosureRequest) -> list[ScopeLine]:
    """All fields asked for, of every customer matched, none given: every proposal starts from it. Opens no value."""
    customers = Customer.objects.filter(disclosure_subjects__request=request).order_by("reference")
    return [
        ScopeLine(customer.reference, code, len(held(customer, code)), False)
        for customer in customers
        for code in request.asked
    ]


# --- checking -------------------------------------------------------------------------------------------------------


def check(request: DisclosureRequest, checks: Checks, *, by: StaffMember) -> AuthenticityCheck:
    """Put on record how a request was checked for authenticity.

    Raises ``InvalidInput`` once the request is proposed or closed, or where ``checks`` are empty or incomplete.
    """
    with acting_on_request(request, DisclosureAct.CHECK_REQUEST, by=by) as locked_request:
        if locked_request.state not in (State.RECEIVED, State.REVIEW):
            raise InvalidInput(_("It is past its review; have it sent back first."))
        return put_check(locked_request, checks)


def put_check(request: DisclosureRequest, checks: Checks) -> AuthenticityCheck:
    """Record the checks and put a received request under review. Call it inside an act.

    Raises ``InvalidInput`` where nothing was checked or the call back is incomplete.
    """
    words = {name: clean_words(getattr(checks, name)) for name in ("sender", "signer", "instrument")}
    call = {name: clean_words(getattr(checks, name)) for name in ("call_number", "call_found", "call_to")}
    items = [name for name, text in words.items() if text]
    if any(call.values()):
        _require_call(request, call, checks.called_at)
        items.append("call")
    if not items:
        raise InvalidInput(_("Say what was checked, and how."))
    row = AuthenticityCheck(
        request=request, items=items, called_at=(checks.called_at or timezone.now()) if "call" in items else None,
        **{name: text or None for name, text in {**words, **call}.items()},
    )  # fmt: skip
    row.save()
    if request.state == State.RECEIVED:
        request.transition("review")
    return row


def _require_call(request: DisclosureRequest, call: dict[str, str], called_at: datetime | None) -> None:
    """Raise ``InvalidInput`` for an unusable call back.

    It names number, source and person, took place after the request was received, and did not use the number given in
    the letter.
    """
    if not all(call.values()):
        raise InvalidInput(_("Of the call back, say all: the number, where it was found, and to whom you spoke."))
    if called_at is not None and not request.received_at <= called_at <= timezone.now():
        raise InvalidInput(_("The call back cannot be earlier than the request, nor still to come."))
    letter_phone = request.letter_phone
    if letter_phone is not None and letter_phone == dialled(call["call_number"]):
        raise InvalidInput(_("That is the number in their letter. Find one independently, and call that."))


def checked(request: DisclosureRequest) -> set[str]:
    """The items checked so far: those of ``NEEDED``, and others."""
    return {item for items in request.checks.values_list("items", flat=True) for item in items}


def unchecked(request: DisclosureRequest) -> list[str]:
    """The items of ``NEEDED`` that still have to be checked, in order."""
    done = checked(request)
    return [item for item in NEEDED[Basis(request.basis)] if item not in done]


def _require_checked(request: DisclosureRequest) -> None:
    if unchecked(request):
        raise Refuse(
            DisclosureRefusalReason.NOT_CHECKED,
            _("Not everything was checked that such a request needs, the call back too."),
        )


# --- proposing, approving ---------------------------------------------------------------------------------------------


def propose(
    request: DisclosureRequest,
    given: Collection[tuple[str, str]],
    *,
    by: StaffMember,
    why: dict[tuple[str, str], str] | None = None,
    checks: Checks | None = None,
) -> Proposal:
    """Propose to give the fields in ``given``, pairs of a customer's reference and a field; the rest is withheld.

    ``why`` has the reason for withholding a line (default: more than the purpose needs). ``checks`` are put on record
    in the same act. Raises ``InvalidInput`` where nothing would be given, a field to give is not held, or a reason is
    unknown; ``Refused`` (on record) where a field was not asked for or is not covered by the legal basis, a check is
    missing, or it is not clear which customer is meant.
    """
    with acting_on_request(request, DisclosureAct.PROPOSE, by=by) as locked_request:
        if checks is not None and checks != Checks():
            put_check(locked_request, checks)
        require_ready(locked_request)
        lines = decided(locked_request, given, why or {})
        require_legal_basis(locked_request, lines)
        row = Proposal(request=locked_request, lines=[vars(line) for line in lines])
        row.save()
        locked_request.transition("propose", update={"proposed_by": by, "approved_by": None})
    return row


def require_ready(request: DisclosureRequest) -> None:
    """Raise ``Refuse`` where a line is ambiguous, no customer was matched, or a check is missing. Call it in an act."""
    if request.ambiguous or not request.subjects.exists():
        raise Refuse(
            DisclosureRefusalReason.AMBIGUOUS,
            _("It is not clear yet which customer is meant; say that more exactly first."),
        )
    _require_checked(request)


def decided(
    request: DisclosureRequest, given: Collection[tuple[str, str]], why: dict[tuple[str, str], str]
) -> list[ScopeLine]:
    """The lines of a proposal that gives ``given`` and withholds the rest.

    Raises ``Refuse`` where a field was not asked for; ``InvalidInput`` where a field to give is not held, nothing is
    given, or a reason is unknown.
    """
    lines = []
    for line in scope(request):
        key = (line.customer, line.field)
        give = key in given
        reason = "" if give else why.get(key) or DisclosureRequest.WhyWithheld.NOT_NEEDED
        lines.append(ScopeLine(*key, line.held, give, str(reason)))
    if set(given) - {(line.customer, line.field) for line in lines}:
        raise Refuse(DisclosureRefusalReason.NOT_ASKED, _("More would be given than was asked for. Nothing was done."))
    if any(line.give and not line.held for line in lines):
        raise InvalidInput(_("A field is to be given that is not held; withhold it."))
    if not any(line.give for line in lines):
        raise InvalidInput(_("Nothing would be given. Choose what is, or refuse the request."))
    if set(why.values()) - set(DisclosureRequest.WhyWithheld.values):
        raise InvalidInput(_("Pick a reason."))
    return lines


def require_legal_basis(
    request: DisclosureRequest, lines: Collection[ScopeLine]
) -> tuple[Commitment | None, CustomerPermission | None]:
    """The commitment or permission that covers the lines to give at present; both None for an authority.

    Raises ``Refuse`` where there is none, or the recipient is suspended. Call it inside an act.
    """
    require_active(request.recipient)
    fields = {line.field for line in lines if line.give}
    if request.basis == Basis.PROCESSOR:
        return require_commitment(request.recipient, fields), None
    if request.basis == Basis.PERMISSION:
        references = {line.customer for line in lines if line.give}
        keys = set(Customer.objects.filter(reference__in=references).values_list("pk", flat=True))
        return None, require_customer_permission(request.permission, request.recipient, keys, fields)
    return None, None


def send_back(request: DisclosureRequest, *, by: StaffMember, words: str) -> Any:
    """Return a proposed request to review, with the reason in words; returns the record of the transition.

    Raises ``InvalidInput`` without a reason, ``Refused`` (on record) for anybody but an approver or the proposer.
    """
    words = clean_words(words)
    if not words:
        raise InvalidInput(_("Say in a few words why, or how."))
    may = (lambda person: True) if request.proposed_by_id == by.pk else can_approve
    with acting_on_request(request, DisclosureAct.SEND_BACK, by=by, may=may) as locked_request:
        if locked_request.proposed_by_id != by.pk and not can_approve(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Approvers send proposals back. The refusal is on record."))
        return locked_request.transition("send_back", words=words, update={"proposed_by": None, "approved_by": None})


def approve(
    request: DisclosureRequest,
    *,
    by: StaffMember,
    proposal: Proposal,
    withheld: Collection[tuple[str, str]] = (),
    why: str = "",
) -> Approval:
    """Approve a proposal, by a second person: as it is, or without the lines ``withheld`` (reason code: ``why``).

    Raises ``InvalidInput`` where there is a newer proposal, or nothing would be left to give; ``Refused`` (on record)
    for the proposer, for anybody without the right to approve, where the recipient is suspended or the legal basis is
    no longer in force, and while disclosing is frozen.
    """
    with acting_on_request(request, DisclosureAct.APPROVE_DISCLOSURE, by=by, may=can_approve) as locked_request:
        if locked_request.proposed_by_id == by.pk or proposal.by_id == by.pk:
            raise Refuse(
                RefusalReason.OWN_PROPOSAL, _("You proposed this; somebody else approves it. The refusal is on record.")
            )
        if locked_request.proposals.order_by("-pk").values_list("pk", flat=True).first() != proposal.pk:
            raise InvalidInput(_("There is another proposal by now. Look at it again."))
        lines = _narrowed(lines_of(proposal.lines), withheld, why)
        require_legal_basis(locked_request, lines)
        require_not_frozen()
        locked_request.transition("approve", update={"approved_by": by}, why=why)
        row = Approval(
            request=locked_request, proposal=proposal, proposed_by=locked_request.proposed_by,
            lines=[vars(line) for line in lines], narrowed=bool(withheld), why=why,
        )  # fmt: skip
        row.save()
    return row


def _narrowed(lines: list[ScopeLine], withheld: Collection[tuple[str, str]], why: str) -> list[ScopeLine]:
    """The proposal's lines, those in ``withheld`` no longer given. Raises ``InvalidInput``."""
    if withheld and why not in DisclosureRequest.WhyWithheld.values:
        raise InvalidInput(_("Pick a reason for giving less."))
    given = {(line.customer, line.field) for line in lines if line.give}
    if set(withheld) - given:
        raise InvalidInput(_("Only what was proposed can be taken out."))
    if not given - set(withheld):
        raise InvalidInput(_("Nothing would be given. Send it back, or refuse the request."))
    return [
        ScopeLine(line.customer, line.field, line.held, False, why) if (line.customer, line.field) in withheld else line
        for line in lines
    ]


def approved_lines(request: DisclosureRequest) -> list[ScopeLine]:
    """The lines that may be released: those approved by a second person; in an emergency, those proposed.

    Raises ``InvalidInput`` where the request is neither approved nor disclosed; ``Refuse`` where nobody but the
    proposer has approved its newest proposal. Call it inside an act.
    """
    if request.state not in (State.APPROVED, State.DISCLOSED):
        raise InvalidInput(_("This is not approved, or it is over. Look at it again."))
    if request.in_emergency:
        return lines_of(request.proposals.latest("pk").lines)
    approval = request.approvals.filter(proposal=request.proposals.latest("pk")).first()
    if approval is None or approval.by_id == approval.proposed_by_id:
        raise Refuse(RefusalReason.SECOND_PERSON, _("Nobody else has approved this. The refusal is on record."))
    return lines_of(approval.lines)
