"""Emergency release: one officer proposes and releases alone, and a second person reviews it afterwards."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from customers.acts.acting import Refuse
from customers.casework.deadlines import due, rule
from customers.models import StaffMember
from customers.models.acts import RefusalReason
from customers.models.requests import Right
from customers.models.state_machine import TransitionNotAllowed
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_words
from disclosures.models import DisclosureRequest, EmergencyReview, Package, Proposal
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_work_on_disclosures
from disclosures.requests.decisions import Checks, decided, put_check, require_legal_basis, require_ready
from disclosures.requests.download import keep
from disclosures.requests.register import Urgency, acting_on_request
from disclosures.requests.release import entries, open_inside, require_key, sealed_for


def review_due(request: DisclosureRequest) -> datetime:
    """The time by which a second person has to review an emergency release, counted from its first log entry."""
    deadline = rule(Right.EMERGENCY_REVIEW)
    return due(request.disclosures.order_by("pk")[0].at, deadline.amount, deadline.unit)


def release_at_once(
    request: DisclosureRequest, given: Collection[tuple[str, str]], *, by: StaffMember, checks: Checks | None = None
) -> Package:
    """Propose and release in one step, by one officer, in an emergency that an authority asserts.

    The same checks are needed as for any request of an authority, the call back included; ``review_emergency`` follows.
    Raises what ``propose`` and ``release`` raise, and ``Refused`` (on record) where no emergency was asserted.
    """
    with acting_on_request(request, DisclosureAct.RELEASE, by=by) as locked_request:
        if locked_request.urgency != Urgency.EMERGENCY:
            raise Refuse(
                RefusalReason.SECOND_PERSON, _("No emergency was asserted: somebody else approves this first.")
            )
        if checks is not None and checks != Checks():
            put_check(locked_request, checks)
        require_ready(locked_request)
        if not locked_request.can("release_at_once"):
            raise TransitionNotAllowed(locked_request, locked_request.state)  # checked before any value is opened
        require_key(locked_request)
        lines = decided(locked_request, given, {})
        require_legal_basis(locked_request, lines)
        proposal = Proposal(request=locked_request, lines=[vars(line) for line in lines])
        proposal.save()
        opened = open_inside(locked_request, lines)
    sealed = sealed_for(opened)
    with acting_on_request(request, DisclosureAct.RELEASE, by=by) as locked_request:
        if locked_request.proposals.latest("pk").pk != proposal.pk:
            raise InvalidInput(_("There is another proposal by now. Look at it again."))
        require_ready(locked_request)
        decided(locked_request, given, {})  # the request may have been matched again meanwhile
        commitment, permission = require_legal_basis(locked_request, lines)
        locked_request.transition(
            "release_at_once", update={"in_emergency": True, "proposed_by": by, "approved_by": None}
        )
        for entry in entries(locked_request, opened, sealed, commitment, permission):
            entry.save()
        return keep(locked_request, sealed, by=by)


def review_emergency(request: DisclosureRequest, *, by: StaffMember, verdict: str, words: str = "") -> EmergencyReview:
    """Put a second person's verdict on an emergency release on record; a questioned one needs words.

    Raises ``InvalidInput`` where there was no emergency release or it was reviewed before; ``Refused`` (on record) for
    whoever proposed or released it.
    """
    words = clean_words(words)
    if verdict not in EmergencyReview.Verdict.values:
        raise InvalidInput(_("Choose one."))
    if verdict == EmergencyReview.Verdict.QUESTIONED and not words:
        raise InvalidInput(_("Say in a few words why, or how."))
    with acting_on_request(
        request, DisclosureAct.REVIEW_EMERGENCY, by=by, may=can_work_on_disclosures
    ) as locked_request:
        if not locked_request.in_emergency:
            raise InvalidInput(_("This was not released in an emergency."))
        if locked_request.proposed_by_id == by.pk or locked_request.packages_made.filter(by=by).exists():
            raise Refuse(
                RefusalReason.OWN_PROPOSAL, _("You released this; somebody else reviews it. The refusal is on record.")
            )
        if EmergencyReview.objects.filter(request=locked_request).exists():
            raise InvalidInput(_("It was reviewed already."))
        row = EmergencyReview(
            request=locked_request, released_by=locked_request.proposed_by, verdict=verdict, words=words or None
        )
        row.save()
    return row
