"""The scope of a disclosure: checked, proposed by one, approved by another, as it is or narrowed."""

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
"""What has to be checked before anything is proposed, by basis."""


@dataclass(frozen=True)
class Checks:
    """How it was seen to that a request is genuine, in words; and the call back, on a number found independently."""

    sender: str = field(default="", repr=False)
    signer: str = field(default="", repr=False)
    instrument: str = field(default="", repr=False)
    call_number: str = field(default="", repr=False)
    call_found: str = field(default="", repr=False)
    call_to: str = field(default="", repr=False)
    called_at: datetime | None = None


@dataclass(frozen=True)
class ScopeLine:
    """One field of one customer: how many values are held, whether it is given, and why not."""

    customer: str
    field: str
    held: int
    give: bool
    why: str = ""

    @property
    def label(self) -> str:
        """The field in words."""
        return str(Field(self.field).label)

    @property
    def why_in_words(self) -> str:
        """Why it is not given."""
        return str(DisclosureRequest.WhyWithheld(self.why).label) if self.why else ""


def lines_of(rows: Iterable[dict[str, Any]]) -> list[ScopeLine]:
    """Lines as they are kept in a record."""
    return [ScopeLine(row["customer"], row["field"], row["held"], row["give"], row["why"]) for row in rows]


def settled_lines(request: DisclosureRequest) -> list[ScopeLine]:
    """What somebody approved last; in an emergency, what was proposed; nothing where there is neither."""
    proposal = request.proposals.order_by("-pk").first()
    approval = getattr(proposal, "approval", None)
    found = approval or (proposal if request.in_emergency else None)
    return lines_of(found.lines) if found else []


def scope(request: DisclosureRequest) -> list[ScopeLine]:
    """What was asked for, line by line, nothing given yet: the beginning of every proposal. Opens nothing."""
    customers = Customer.objects.filter(disclosure_subjects__request=request).order_by("reference")
    return [
        ScopeLine(each.reference, code, len(held(each, code)), False) for each in customers for code in request.asked
    ]


# --- checking -------------------------------------------------------------------------------------------------------


def check(request: DisclosureRequest, checks: Checks, *, by: StaffMember) -> AuthenticityCheck:
    """Put on record how it was seen to that the request is genuine. Raises ``InvalidInput`` once it is decided on."""
    with acting_on_request(request, DisclosureAct.CHECK_REQUEST, by=by) as now:
        if now.state not in (State.RECEIVED, State.REVIEW):
            raise InvalidInput(_("It is past its review; have it sent back first."))
        return put_check(now, checks)


def put_check(request: DisclosureRequest, checks: Checks) -> AuthenticityCheck:
    """The same inside an act under way. Raises ``InvalidInput``."""
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
    """A call back names number, source and person, came after the request, and used no number of the letter's own."""
    if not all(call.values()):
        raise InvalidInput(_("Of the call back, say all: the number, where it was found, and to whom you spoke."))
    if called_at is not None and not request.received_at <= called_at <= timezone.now():
        raise InvalidInput(_("The call back cannot be earlier than the request, nor still to come."))
    given = request.letter_phone
    if given is not None and given == dialled(call["call_number"]):
        raise InvalidInput(_("That is the number in their letter. Find one independently, and call that."))


def checked(request: DisclosureRequest) -> set[str]:
    """What has been checked so far."""
    return {item for items in request.checks.values_list("items", flat=True) for item in items}


def unchecked(request: DisclosureRequest) -> list[str]:
    """What still has to be."""
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
    """Propose to give these (customer's reference, field); whatever else was asked for is withheld.

    ``why``: why a line is withheld (default: more than the purpose needs). ``checks`` are put on record in the same
    act. Raises ``InvalidInput`` where nothing would be given; ``Refused`` (on record) for what was not asked for, is
    not held, is not covered, was not checked, or is not clear about whom.
    """
    with acting_on_request(request, DisclosureAct.PROPOSE, by=by) as now:
        if checks is not None and checks != Checks():
            put_check(now, checks)
        require_ready(now)
        lines = decided(now, given, why or {})
        require_legal_basis(now, lines)
        row = Proposal(request=now, lines=[vars(line) for line in lines])
        row.save()
        now.transition("propose", update={"proposed_by": by, "approved_by": None})
    return row


def require_ready(request: DisclosureRequest) -> None:
    """Raise ``Refuse`` where it is not clear who is meant, or not all was checked. Inside an act."""
    if request.ambiguous or not request.subjects.exists():
        raise Refuse(
            DisclosureRefusalReason.AMBIGUOUS,
            _("It is not clear yet which customer is meant; say that more exactly first."),
        )
    _require_checked(request)


def decided(
    request: DisclosureRequest, given: Collection[tuple[str, str]], why: dict[tuple[str, str], str]
) -> list[ScopeLine]:
    """The lines of a proposal. Raises ``Refuse`` for more than was asked, ``InvalidInput`` for what makes no sense."""
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
    """What the disclosure rests on besides the law, as it stands now. Raises ``Refuse``. Inside an act."""
    require_active(request.recipient)
    fields = {line.field for line in lines if line.give}
    if request.basis == Basis.PROCESSOR:
        return require_commitment(request.recipient, fields), None
    if request.basis == Basis.PERMISSION:
        given = {line.customer for line in lines if line.give}
        keys = set(Customer.objects.filter(reference__in=given).values_list("pk", flat=True))
        return None, require_customer_permission(request.permission, request.recipient, keys, fields)
    return None, None


def send_back(request: DisclosureRequest, *, by: StaffMember, words: str) -> Any:
    """Not like this: back to the review, with words on why. By an approver, or by the proposer."""
    words = clean_words(words)
    if not words:
        raise InvalidInput(_("Say in a few words why, or how."))
    may = (lambda person: True) if request.proposed_by_id == by.pk else can_approve
    with acting_on_request(request, DisclosureAct.SEND_BACK, by=by, may=may) as now:
        if now.proposed_by_id != by.pk and not can_approve(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Approvers send proposals back. The refusal is on record."))
        return now.transition("send_back", words=words, update={"proposed_by": None, "approved_by": None})


def approve(
    request: DisclosureRequest,
    *,
    by: StaffMember,
    proposal: Proposal,
    withheld: Collection[tuple[str, str]] = (),
    why: str = "",
) -> Approval:
    """A second person says yes to exactly this proposal, or to less of it: ``withheld``, for a coded reason.

    Raises ``InvalidInput`` where another proposal stands by now, or nothing would be left; ``Refused`` (on record) for
    one's own proposal, without the right, or where what it rests on no longer holds.
    """
    with acting_on_request(request, DisclosureAct.APPROVE_DISCLOSURE, by=by, may=can_approve) as now:
        if now.proposed_by_id == by.pk or proposal.by_id == by.pk:
            raise Refuse(
                RefusalReason.OWN_PROPOSAL, _("You proposed this; somebody else approves it. The refusal is on record.")
            )
        if now.proposals.order_by("-pk").values_list("pk", flat=True).first() != proposal.pk:
            raise InvalidInput(_("There is another proposal by now. Look at it again."))
        lines = _narrowed(lines_of(proposal.lines), withheld, why)
        require_legal_basis(now, lines)
        require_not_frozen()
        now.transition("approve", update={"approved_by": by}, why=why)
        row = Approval(
            request=now, proposal=proposal, proposed_by=now.proposed_by, lines=[vars(line) for line in lines],
            narrowed=bool(withheld), why=why,
        )  # fmt: skip
        row.save()
    return row


def _narrowed(lines: list[ScopeLine], withheld: Collection[tuple[str, str]], why: str) -> list[ScopeLine]:
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
    """What may leave: what somebody else than its proposer approved; in an emergency, what was proposed.

    Raises ``InvalidInput`` where nothing is approved, ``Refuse`` where nobody else has. Inside an act.
    """
    if request.state not in (State.APPROVED, State.DISCLOSED):
        raise InvalidInput(_("This is not approved, or it is over. Look at it again."))
    if request.in_emergency:
        return lines_of(request.proposals.latest("pk").lines)
    approval = request.approvals.filter(proposal=request.proposals.latest("pk")).first()
    if approval is None or approval.by_id == approval.proposed_by_id:
        raise Refuse(RefusalReason.SECOND_PERSON, _("Nobody else has approved this. The refusal is on record."))
    return lines_of(approval.lines)
