"""One officer alone, where life is at stake: released at once, and looked at by somebody else in time."""

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
    """By when somebody else has to look at what one person released."""
    held = rule(Right.EMERGENCY_REVIEW)
    return due(request.disclosures.order_by("pk")[0].at, held.amount, held.unit)


def release_at_once(
    request: DisclosureRequest, given: Collection[tuple[str, str]], *, by: StaffMember, checks: Checks | None = None
) -> Package:
    """One officer alone proposes and releases, in an emergency that an authority asserts; somebody else reviews it.

    What has to be checked is checked all the same, the call back above all. Raises as ``propose`` and ``release``.
    """
    with acting_on_request(request, DisclosureAct.RELEASE, by=by) as now:
        if now.urgency != Urgency.EMERGENCY:
            raise Refuse(
                RefusalReason.SECOND_PERSON, _("No emergency was asserted: somebody else approves this first.")
            )
        if checks is not None and checks != Checks():
            put_check(now, checks)
        require_ready(now)
        if not now.can("release_at_once"):
            raise TransitionNotAllowed(now, now.state)  # before anything is opened
        require_key(now)
        lines = decided(now, given, {})
        require_legal_basis(now, lines)
        proposal = Proposal(request=now, lines=[vars(line) for line in lines])
        proposal.save()
        opened = open_inside(now, lines)
    sealed = sealed_for(opened)
    with acting_on_request(request, DisclosureAct.RELEASE, by=by) as now:
        if now.proposals.latest("pk").pk != proposal.pk:
            raise InvalidInput(_("There is another proposal by now. Look at it again."))
        require_ready(now)
        decided(now, given, {})  # who is meant may have been looked at anew
        leave = require_legal_basis(now, lines)
        now.transition("release_at_once", update={"in_emergency": True, "proposed_by": by, "approved_by": None})
        for entry in entries(now, opened, sealed, *leave):
            entry.save()
        return keep(now, sealed, by=by)


def review_emergency(request: DisclosureRequest, *, by: StaffMember, verdict: str, words: str = "") -> EmergencyReview:
    """Somebody else looks at what one person released. Raises ``Refused`` (on record) for one's own."""
    words = clean_words(words)
    if verdict not in EmergencyReview.Verdict.values:
        raise InvalidInput(_("Choose one."))
    if verdict == EmergencyReview.Verdict.QUESTIONED and not words:
        raise InvalidInput(_("Say in a few words why, or how."))
    with acting_on_request(request, DisclosureAct.REVIEW_EMERGENCY, by=by, may=can_work_on_disclosures) as now:
        if not now.in_emergency:
            raise InvalidInput(_("This was not released in an emergency."))
        if now.proposed_by_id == by.pk or now.packages_made.filter(by=by).exists():
            raise Refuse(
                RefusalReason.OWN_PROPOSAL, _("You released this; somebody else reviews it. The refusal is on record.")
            )
        if EmergencyReview.objects.filter(request=now).exists():
            raise InvalidInput(_("It was reviewed already."))
        row = EmergencyReview(request=now, released_by=now.proposed_by, verdict=verdict, words=words or None)
        row.save()
    return row
