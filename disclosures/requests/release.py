"""What was approved leaves: opened on record, packed in memory, sealed to the recipient, fetched once, deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse
from customers.models import Customer, StaffMember
from customers.models.acts import RefusalReason
from customers.models.state_machine import TransitionNotAllowed
from customers.validation.errors import InvalidInput
from disclosures.models import (
    Disclosure,
    DisclosureRequest,
    Package,
    PackageGone,
    Packing,
)
from disclosures.models.acts import DisclosureAct
from disclosures.requests.decisions import ScopeLine, approved_lines, require_legal_basis
from disclosures.requests.download import delete_timed_out, keep
from disclosures.requests.package import Contents, FieldValues, SealedPackage, pack
from disclosures.requests.register import Outcome, State, acting_on_request
from disclosures.requests.values import Value, held
from disclosures.tamper_check.tamper_check import require_not_frozen

PACKED_WITHIN = timedelta(minutes=2)
"""How long the values may stay open while they are packed."""


@dataclass(frozen=True)
class OpenedValues:
    """What is to be packed for a request as it stood then, and the record that accounts for opening it."""

    request: DisclosureRequest
    packing: Packing
    values: dict[str, dict[str, list[Value]]] = field(repr=False)


def release(request: DisclosureRequest, *, by: StaffMember) -> Package:
    """Make the package of what was approved and put its entries into the log; ``by`` may fetch it once, for minutes.

    Three steps, so that nothing leaves without its record: the values' opening is put on record; they are packed and
    sealed in memory; the entries and the sealed package are kept in one act, which checks everything again. Raises
    ``Refused`` (on record) where recipient, commitment or permission no longer hold, ``InvalidInput`` without a key.
    """
    opened = _open(request, State.APPROVED, by=by)
    sealed = sealed_for(opened)
    with acting_on_request(request, DisclosureAct.RELEASE, by=by) as now:
        leave = require_legal_basis(now, approved_lines(now))
        now.transition("release")
        for entry in entries(now, opened, sealed, *leave):
            entry.save()
        package = keep(now, sealed, by=by)
    return package


def make_again(request: DisclosureRequest, *, by: StaffMember) -> Package:
    """Another package of the same, where the first did not arrive; the one before can no longer be fetched.

    Everything is asked again: a recipient that was suspended since gets no second one.
    """
    opened = _open(request, State.DISCLOSED, by=by)
    sealed = sealed_for(opened)
    with acting_on_request(request, DisclosureAct.RELEASE, by=by) as now:
        require_legal_basis(now, approved_lines(now))
        if now.state != State.DISCLOSED:
            raise TransitionNotAllowed(now, now.state)
        return keep(now, sealed, by=by)


def _open(request: DisclosureRequest, state: str, *, by: StaffMember) -> OpenedValues:
    """Put on record that the approved values are opened, to be packed; nothing has left yet."""
    with acting_on_request(request, DisclosureAct.RELEASE, by=by) as now:
        lines = approved_lines(now)
        if now.state != state:
            raise TransitionNotAllowed(now, now.state)  # before anything is opened
        require_legal_basis(now, lines)
        _require_known_key(now, by)
        return open_inside(now, lines)


def open_inside(request: DisclosureRequest, lines: list[ScopeLine]) -> OpenedValues:
    """The same inside an act under way. Raises ``Refuse`` while disclosing is frozen."""
    require_not_frozen()
    values: dict[str, dict[str, list[Value]]] = {}
    openings: list[list[str]] = []
    customers = {each.reference: each for each in Customer.objects.filter(disclosure_subjects__request=request)}
    for line in lines:
        if line.give:
            customer = customers[line.customer]
            if found := held(customer, line.field):  # what is no longer held is neither packed nor put into the log
                values.setdefault(line.customer, {})[line.field] = found
            openings += filter(None, (value.opening(customer) for value in found))
    if not values:
        raise InvalidInput(_("Nothing of it is held any more. Refuse the request, and say so."))
    packing = Packing(request=request, openings=openings, closes_at=timezone.now() + PACKED_WITHIN)
    packing.save()
    return OpenedValues(request, packing, values)


def _contents(opened: OpenedValues) -> Contents:
    """The values, opened against their record."""

    def shown(value: Value) -> tuple[str, str]:
        text = value.value if isinstance(value.value, str) else value.value.expose(opened.packing)
        return text, value.about

    request, current = opened.request, opened.request.recipient.current
    assert current is not None
    return Contents(
        number=request.number,
        their_number=request.number_given,
        instrument=request.instrument,
        recipient=current.shown,
        packed_at=timezone.now(),
        customers=[
            (reference, [FieldValues(code, [shown(value) for value in values]) for code, values in fields.items()])
            for reference, fields in opened.values.items()
        ],
    )


def sealed_for(opened: OpenedValues) -> SealedPackage:
    """The package, sealed; after the record of its opening has committed."""
    return pack(_contents(opened), require_key(opened.request))


def require_key(request: DisclosureRequest) -> str:
    """The recipient's age public key. Raises ``InvalidInput`` where there is none."""
    current = request.recipient.current
    if current is None or not current.age_key:
        raise InvalidInput(
            _("This recipient has no age public key on file; ask for it, put it on file, then try again.")
        )
    return current.age_key


def _require_known_key(request: DisclosureRequest, by: StaffMember) -> None:
    """A key put on file since the approval is no key that the second person saw: whoever put it there waits."""
    require_key(request)
    current = request.recipient.current
    approval = request.approvals.order_by("-pk").first()
    if current is not None and approval is not None and current.at > approval.at and current.by_id == by.pk:
        told = _("You changed this recipient after the approval; somebody else releases it. The refusal is on record.")
        raise Refuse(RefusalReason.SECOND_PERSON, told)


def entries(
    request: DisclosureRequest, opened: OpenedValues, sealed: SealedPackage, commitment: Any, permission: Any
) -> list[Disclosure]:
    """One entry of the log for each customer of whom something was packed: exactly the fields that were."""
    fields = {reference: list(packed) for reference, packed in opened.values.items()}
    customers = Customer.objects.filter(reference__in=fields).order_by("reference")
    return [
        Disclosure(
            customer=customer,
            request=request,
            recipient=request.recipient,
            details=request.recipient.current,
            recipient_kind=request.recipient.recipient_kind,
            basis=request.basis,
            urgency=request.urgency,
            fields=fields[customer.reference],
            proposed_by=request.proposed_by,
            approved_by=request.approved_by,
            in_emergency=request.in_emergency,
            commitment=commitment,
            permission=permission,
            package_sha256=sealed.sha256,
        )
        for customer in customers
    ]


def close(request: DisclosureRequest, *, by: StaffMember) -> Any:
    """The recipient has what it was to get. Full where all that was asked and is held was given, else part of it."""
    with acting_on_request(request, DisclosureAct.CLOSE_DISCLOSURE, by=by) as now:
        if Package.objects.filter(request=now, closes_at__gt=timezone.now()).exists():
            raise InvalidInput(_("The package waits to be fetched; fetch it first."))
        if not now.packages_gone.filter(how=PackageGone.How.FETCHED).exists():
            raise InvalidInput(_("Nobody has fetched the package; make it again and fetch it."))
        delete_timed_out(Q(request=now))
        lines = approved_lines(now)
        all_of_it = now.missed == 0 and all(line.give for line in lines if line.held)
        outcome = Outcome.FULL if all_of_it else Outcome.PARTIAL
        return now.transition("close", update={"outcome": outcome}, outcome=outcome)
