"""Who keeps recipients, who proposes, approves and reads disclosures. Each predicate has its twin beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Model, QuerySet

from customers.models import StaffMember
from customers.permissions.staff import can_manage_staff, can_read_evidence
from customers.permissions.standing import holds_at_desk, rights_at_desk
from disclosures.models import (
    AccessReview,
    Commitment,
    CustomerPermission,
    Disclosure,
    DisclosureRequest,
    Document,
    FreezeLift,
    MonthReview,
    NonDisclosure,
    Recipient,
    Statement,
    TamperCheck,
)
from disclosures.models.tamper_checks import OFFICERS_NEEDED

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Person = StaffMember | AnonymousUser

KEEP, PROPOSE, APPROVE = "keep_recipients", "propose_disclosures", "approve_disclosures"
READ, REVIEW = "read_disclosures", "review_disclosures"
WORK = frozenset({PROPOSE, APPROVE})


def can_keep_recipients(person: Person) -> bool:
    """True where the person keeps recipients and commitments."""
    return holds_at_desk(person, KEEP)


def can_propose(person: Person) -> bool:
    """True where the person puts requests on file, proposes what is given, and releases what was approved."""
    return holds_at_desk(person, PROPOSE)


def can_approve(person: Person) -> bool:
    """True where the person approves what somebody else proposed."""
    return holds_at_desk(person, APPROVE)


def can_work_on_disclosures(person: Person) -> bool:
    """True where the person reads what came with requests: whoever proposes or approves."""
    return bool(rights_at_desk(person) & WORK)


def can_read_disclosures(person: Person) -> bool:
    """True where the person reads requests and the log of disclosures, masked."""
    return holds_at_desk(person, READ)


def can_review(person: Person) -> bool:
    """True where the person reviews the log and signs months off."""
    return holds_at_desk(person, REVIEW)


def can_check_log(person: Person) -> bool:
    """True where the person has the log checked: whoever reads evidence, and administrators."""
    return can_read_evidence(person) or can_manage_staff(person)


def can_lift_freeze(person: Person) -> bool:
    """True where the person is one of the officers of whom two let disclosing go on after a failed check."""
    return can_propose(person)


def liftable_by(person: Person) -> QuerySet[TamperCheck]:
    """The check whose freeze this person may still help to lift: the newest failed one, unless it is lifted already."""
    rows = TamperCheck.objects.filter(pk__in=TamperCheck.objects.filter(whole=False).order_by("-pk").values("pk")[:1])
    frozen = rows.annotate(officers=Count("lifts")).filter(officers__lt=OFFICERS_NEEDED)
    return frozen.exclude(lifts__by=person.pk) if can_lift_freeze(person) else rows.none()


def approvable_by(person: Person) -> QuerySet[DisclosureRequest]:
    """The proposals that wait for this person's word: those of others."""
    rows = DisclosureRequest.objects.filter(state=DisclosureRequest.State.PROPOSED)
    return rows.exclude(proposed_by=person.pk) if can_approve(person) else rows.none()


def _for_readers(model: type[Model]) -> Any:
    return lambda person: model._default_manager.filter(**({} if can_read_disclosures(person) else {"pk__in": ()}))


def _for_checkers(model: type[Model]) -> Any:
    return lambda person: model._default_manager.filter(**({} if can_check_log(person) else {"pk__in": ()}))


TWINS: dict[type[Model], Any] = {
    model: _for_readers(model)
    for model in (
        Recipient, Commitment, CustomerPermission, DisclosureRequest, Document, Disclosure, NonDisclosure, Statement,
        MonthReview, AccessReview,
    )
}  # fmt: skip
TWINS |= {model: _for_checkers(model) for model in (TamperCheck, FreezeLift)}
"""Which rows of this floor's tables a person may see: all, or none. Support staff see nothing of it."""
