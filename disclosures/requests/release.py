"""Releasing an approved disclosure: values are opened on record, packed in memory, and sealed to the recipient's key.

Fetching and deleting packages is in ``download``, the format of a package in ``package``.
"""

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
"""How long the record of a packing accounts for open values."""


@dataclass(frozen=True)
class OpenedValues:
    """The values to pack, by customer's reference and field code, and the record that accounts for opening them."""

    request: DisclosureRequest
    packing: Packing
    values: dict[str, dict[str, list[Value]]] = field(repr=False)


def release(request: DisclosureRequest, *, by: StaffMember) -> Package:
    """Make the package of what was approved and write the log's entries; ``by`` may fetch it once.

    The package can be fetched for ``settings.PACKAGE_MINUTES``. Three steps make sure that nothing leaves without a
    record: one act records that the values are opened; they are packed and sealed in memory; a second act checks
    everything again and stores the log's entries with the sealed package. Raises ``Refused`` (on record) where the
    recipient is suspended, or the commitment or permission is no longer in force; ``InvalidInput`` where the recipient
    has no key.
    """
    opened = _open(request, State.APPROVED, by=by)
    sealed = sealed_for(opened)
    with acting_on_request(request, DisclosureAct.RELEASE, by=by) as locked_request:
        commitment, permission = require_legal_basis(locked_request, approved_lines(locked_request))
        locked_request.transition("release")
        for entry in entries(locked_request, opened, sealed, commitment, permission):
            entry.save()
        package = keep(locked_request, sealed, by=by)
    return package


def make_again(request: DisclosureRequest, *, by: StaffMember) -> Package:
    """Make a new package of a disclosure whose first package did not arrive; the previous one is deleted.

    No new log entries are written. Recipient, legal basis and key are checked again, so a recipient suspended since
    gets no second package.
    """
    opened = _open(request, State.DISCLOSED, by=by)
    sealed = sealed_for(opened)
    with acting_on_request(request, DisclosureAct.RELEASE, by=by) as locked_request:
        require_legal_basis(locked_request, approved_lines(locked_request))
        if locked_request.state != State.DISCLOSED:
            raise TransitionNotAllowed(locked_request, locked_request.state)
        return keep(locked_request, sealed, by=by)


def _open(request: DisclosureRequest, state: str, *, by: StaffMember) -> OpenedValues:
    """Open the approved values of a request in ``state``, in an act of its own; nothing has left yet."""
    with acting_on_request(request, DisclosureAct.RELEASE, by=by) as locked_request:
        lines = approved_lines(locked_request)
        if locked_request.state != state:
            raise TransitionNotAllowed(locked_request, locked_request.state)  # checked before any value is opened
        require_legal_basis(locked_request, lines)
        _require_known_key(locked_request, by)
        return open_inside(locked_request, lines)


def open_inside(request: DisclosureRequest, lines: list[ScopeLine]) -> OpenedValues:
    """Collect the values of the lines to give, and record their opening. Call it inside an act.

    Raises ``Refuse`` while disclosing is frozen, ``InvalidInput`` where none of the values is held any more.
    """
    require_not_frozen()
    values: dict[str, dict[str, list[Value]]] = {}
    openings: list[list[str]] = []
    subjects = Customer.objects.filter(disclosure_subjects__request=request)
    customers = {customer.reference: customer for customer in subjects}
    for line in lines:
        if line.give:
            customer = customers[line.customer]
            if field_values := held(customer, line.field):  # a field without values is neither packed nor logged
                values.setdefault(line.customer, {})[line.field] = field_values
            openings += filter(None, (value.opening(customer) for value in field_values))
    if not values:
        raise InvalidInput(_("Nothing of it is held any more. Refuse the request, and say so."))
    packing = Packing(request=request, openings=openings, closes_at=timezone.now() + PACKED_WITHIN)
    packing.save()
    return OpenedValues(request, packing, values)


def _contents(opened: OpenedValues) -> Contents:
    """The contents of the package, in clear: each sealed value is opened under the packing's record."""

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
    """Pack and seal the opened values. Call it after the act that recorded their opening has committed."""
    return pack(_contents(opened), require_key(opened.request))


def require_key(request: DisclosureRequest) -> str:
    """The recipient's age public key. Raises ``InvalidInput`` where none is on file."""
    current = request.recipient.current
    if current is None or not current.age_key:
        raise InvalidInput(
            _("This recipient has no age public key on file; ask for it, put it on file, then try again.")
        )
    return current.age_key


def _require_known_key(request: DisclosureRequest, by: StaffMember) -> None:
    """Raise ``Refuse`` where ``by`` changed the recipient's details after the approval.

    The approver has not seen the new key, so somebody else has to release the package.
    """
    require_key(request)
    current = request.recipient.current
    approval = request.approvals.order_by("-pk").first()
    if current is not None and approval is not None and current.at > approval.at and current.by_id == by.pk:
        why = _("You changed this recipient after the approval; somebody else releases it. The refusal is on record.")
        raise Refuse(RefusalReason.SECOND_PERSON, why)


def entries(
    request: DisclosureRequest, opened: OpenedValues, sealed: SealedPackage, commitment: Any, permission: Any
) -> list[Disclosure]:
    """The log's entries, unsaved: one for each customer in the package, with exactly the fields packed."""
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
    """Close a request whose package was fetched; returns the record of the transition.

    The outcome is ``FULL`` where every line of the request matched a customer and every held field was given, else
    ``PARTIAL``. Raises ``InvalidInput`` while a package waits, or where none was fetched.
    """
    with acting_on_request(request, DisclosureAct.CLOSE_DISCLOSURE, by=by) as locked_request:
        if Package.objects.filter(request=locked_request, closes_at__gt=timezone.now()).exists():
            raise InvalidInput(_("The package waits to be fetched; fetch it first."))
        if not locked_request.packages_gone.filter(how=PackageGone.How.FETCHED).exists():
            raise InvalidInput(_("Nobody has fetched the package; make it again and fetch it."))
        delete_timed_out(Q(request=locked_request))
        lines = approved_lines(locked_request)
        is_full = locked_request.missed == 0 and all(line.give for line in lines if line.held)
        outcome = Outcome.FULL if is_full else Outcome.PARTIAL
        return locked_request.transition("close", update={"outcome": outcome}, outcome=outcome)
