"""Legal bases besides an authority's request: commitments of payment processors, and permissions of customers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting, acting_on_customer
from customers.models import Customer, StaffMember
from customers.models.acts import RefusalReason
from customers.permissions.customers import can_see
from customers.validation.calendar import today
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_words
from customers.validation.tickets import normal_ticket
from disclosures.models import (
    Commitment,
    CommitmentStop,
    CustomerPermission,
    Document,
    Field,
    PermissionWithdrawal,
    Recipient,
    RecipientKind,
)
from disclosures.models.acts import DisclosureAct, DisclosureRefusalReason
from disclosures.permissions import can_keep_recipients, can_propose
from disclosures.recipients.documents import Upload, keep

COMMITTABLE = frozenset({Field.NAME, Field.COMPANY, Field.EMAIL, Field.PHONE, Field.SERVICES})
"""The fields that a commitment may cover: those a payment service may need, which logins of services are not."""
LONGEST_COMMITMENT = timedelta(days=10 * 366)
LONGEST_PERMISSION = timedelta(days=366)
WARN_DAYS = (30, 7)
"""Days before a commitment ends from which it counts as ending soon, and as urgent."""


def clean_fields(codes: Collection[str], among: Collection[str] = tuple(Field)) -> list[str]:
    """The field codes, each once, in the order of ``Field``. Raises ``InvalidInput`` for none or one not ``among``."""
    if not codes or not set(codes) <= set(among):
        raise InvalidInput(_("Choose fields from the list, at least one."))
    return [field for field in Field.values if field in codes]


# --- commitments ----------------------------------------------------------------------------------------------------


def commit(
    recipient: Recipient, upload: Upload, *, by: StaffMember, signed_on: date, valid_until: date, fields: list[str]
) -> Commitment:
    """Put a processor's signed commitment on file; it replaces the previous one.

    Raises ``InvalidInput`` for a recipient of another kind, impossible dates, or a document used before (extending a
    commitment needs a new one); ``Refused`` (on record) where ``by`` may not keep recipients.
    """
    if recipient.recipient_kind != RecipientKind.PROCESSOR:
        raise InvalidInput(
            _("Commitments are for payment processors; an authority needs none, and nobody else has one.")
        )
    if not signed_on <= today() <= valid_until or signed_on >= valid_until:
        raise InvalidInput(_("The day it was signed cannot be to come, nor its last day be past."))
    if valid_until - signed_on > LONGEST_COMMITMENT:
        raise InvalidInput(_("A commitment holds for ten years at most."))
    fields = clean_fields(fields, COMMITTABLE)
    with acting(DisclosureAct.COMMIT, by=by):
        if not can_keep_recipients(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers keep commitments. The refusal is on record."))
        recipient.locked()
        if recipient.commitments.filter(document_sha256=upload.sha256).exists():
            raise InvalidInput(_("This document is on file already; extending a commitment takes a new one."))
        document = keep(upload, Document.What.COMMITMENT, recipient=recipient)
        row = Commitment(
            recipient=recipient, document=document, document_sha256=document.sha256, signed_on=signed_on,
            valid_until=valid_until, fields=fields,
        )  # fmt: skip
        row.save()
    return row


def stop_commitment(commitment: Commitment, *, by: StaffMember) -> CommitmentStop:
    """Suspend a commitment at once. It cannot be resumed: the processor needs a new one.

    Raises ``InvalidInput`` where it is suspended already, ``Refused`` (on record) where ``by`` may not keep recipients.
    """
    with acting(DisclosureAct.STOP_COMMITMENT, by=by):
        if not can_keep_recipients(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers keep commitments. The refusal is on record."))
        commitment.recipient.locked()
        if CommitmentStop.objects.filter(commitment=commitment).exists():
            raise InvalidInput(_("It is suspended already."))
        row = CommitmentStop(commitment=commitment)
        row.save()
    return row


def commitment_of(recipient: Recipient) -> Commitment | None:
    """The newest commitment of a processor, in force or not; None where there is none."""
    return recipient.commitments.select_related("stop").order_by("-pk").first()


def holds(commitment: Commitment) -> bool:
    """True while the commitment is in force: not suspended, and to the end of its last day in Vietnam."""
    return not hasattr(commitment, "stop") and commitment.signed_on <= today() <= commitment.valid_until


def require_commitment(recipient: Recipient, fields: Collection[str]) -> Commitment:
    """The commitment in force that covers these fields. Raises ``Refuse`` without one. Call it inside an act."""
    commitment = commitment_of(recipient)
    if commitment is None or not holds(commitment):
        raise Refuse(
            DisclosureRefusalReason.NO_COMMITMENT,
            _("This processor has no commitment in force. Put a new one on file, then try again."),
        )
    if not set(fields) <= set(commitment.fields):
        raise Refuse(
            DisclosureRefusalReason.OUT_OF_SCOPE, _("The commitment does not cover every field that is to be given.")
        )
    return commitment


# --- permissions of customers ---------------------------------------------------------------------------------------


def permit(
    customer: Customer,
    recipient: Recipient,
    *,
    by: StaffMember,
    fields: list[str],
    until: date,
    through: str,
    evidence: str,
    words: str = "",
) -> CustomerPermission:
    """Record a customer's permission to give these fields to this recipient, to the end of the day ``until``.

    ``evidence`` is the number of the ticket that has the permission. Raises ``InvalidInput`` for a recipient that this
    customer did not name, missing evidence, or a day in the past or more than a year away; ``Refused`` (on record)
    where ``by`` may not propose disclosures or does not see the customer.
    """
    if recipient.customer_id != customer.pk:
        raise InvalidInput(_("This customer has not named that recipient."))
    if not today() <= until <= today() + LONGEST_PERMISSION:
        raise InvalidInput(_("A permission ends today or later, within a year."))
    if through not in CustomerPermission.Through.values or not normal_ticket(evidence):
        raise InvalidInput(_("Type the number of the ticket under which the customer’s permission is kept."))
    fields = clean_fields(fields)
    with acting_on_customer(
        customer, DisclosureAct.PERMIT, by=by, may=_may_permit, sentence=_("Officers put this on record.")
    ):
        row = CustomerPermission(
            customer=customer, recipient=recipient, fields=fields, until=until, through=through,
            evidence=normal_ticket(evidence), words=clean_words(words) or None,
        )  # fmt: skip
        row.save()
    return row


def withdraw_permission(permission: CustomerPermission, *, by: StaffMember, evidence: str = "") -> PermissionWithdrawal:
    """Record that a customer withdrew a permission; nothing can be released or fetched on it from then on.

    Everybody who sees the customer may do it. Raises ``InvalidInput`` where it was withdrawn before.
    """
    customer = permission.customer
    with acting_on_customer(
        customer, DisclosureAct.WITHDRAW_PERMISSION, by=by, may=can_see, sentence=_("You do not see this customer.")
    ):
        if PermissionWithdrawal.objects.filter(permission=permission).exists():
            raise InvalidInput(_("It was withdrawn before."))
        row = PermissionWithdrawal(customer=customer, permission=permission, evidence=normal_ticket(evidence))
        row.save()
    return row


def _may_permit(by: StaffMember, customer: Customer) -> bool:
    return can_propose(by) and can_see(by, customer)


def still_permits(permission: CustomerPermission) -> bool:
    """True while the permission is in force: not withdrawn, and to the end of its last day in Vietnam."""
    return not hasattr(permission, "withdrawal") and today() <= permission.until


def require_customer_permission(
    permission: CustomerPermission | None, recipient: Recipient, customers: Collection[int], fields: Collection[str]
) -> CustomerPermission:
    """The permission, reloaded, where it is in force for this recipient, these customers (keys) and these fields.

    Raises ``Refuse`` where it is not. Call it inside an act.
    """
    if permission is not None:  # the lock orders this act and a withdrawal
        Customer.objects.select_for_update(no_key=True).get(pk=permission.customer_id)
    current = (
        CustomerPermission.objects.select_related("withdrawal").filter(pk=permission.pk).first() if permission else None
    )
    matches = current is not None and current.recipient_id == recipient.pk and set(customers) == {current.customer_id}
    if current is None or not matches or not still_permits(current):
        raise Refuse(
            DisclosureRefusalReason.NO_PERMISSION,
            _("The customer’s permission is not valid: it has ended or was withdrawn."),
        )
    if not set(fields) <= set(current.fields):
        raise Refuse(DisclosureRefusalReason.OUT_OF_SCOPE, _("The customer permits fewer fields than are to be given."))
    return current
