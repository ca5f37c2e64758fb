"""By whose leave: commitments of payment processors, permissions of customers; and whether they hold just now."""

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
"""What a payment service may need; what opens a service is none of it."""
LONGEST_COMMITMENT = timedelta(days=10 * 366)
LONGEST_PERMISSION = timedelta(days=366)
WARN_DAYS = (30, 7)
"""So many days before the last one, a commitment asks for another document; from the second on, urgently."""


def clean_fields(codes: Collection[str], among: Collection[str] = tuple(Field)) -> list[str]:
    """Fields in their own order, each once. Raises ``InvalidInput`` for none, or one that may not be among them."""
    if not codes or not set(codes) <= set(among):
        raise InvalidInput(_("Choose fields from the list, at least one."))
    return [field for field in Field.values if field in codes]


# --- commitments ----------------------------------------------------------------------------------------------------


def commit(
    recipient: Recipient, upload: Upload, *, by: StaffMember, signed_on: date, valid_until: date, fields: list[str]
) -> Commitment:
    """Put a processor's signed commitment on file; it takes the place of the one before.

    Raises ``InvalidInput`` for a recipient of another kind, dates that make no sense, a document that was used before
    (extending needs a new one); ``Refused`` (on record) where ``by`` keeps no recipients.
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
    """Suspend a commitment at once; only another document opens the way again."""
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
    """The newest commitment of a processor, whether it holds or not."""
    return recipient.commitments.select_related("stop").order_by("-pk").first()


def holds(commitment: Commitment) -> bool:
    """True until the end of its last day, in Vietnam, unless it was suspended."""
    return not hasattr(commitment, "stop") and commitment.signed_on <= today() <= commitment.valid_until


def require_commitment(recipient: Recipient, fields: Collection[str]) -> Commitment:
    """The commitment that covers these fields now. Raises ``Refuse`` where there is none. Inside an act."""
    found = commitment_of(recipient)
    if found is None or not holds(found):
        raise Refuse(
            DisclosureRefusalReason.NO_COMMITMENT,
            _("This processor has no commitment in force. Put a new one on file, then try again."),
        )
    if not set(fields) <= set(found.fields):
        raise Refuse(
            DisclosureRefusalReason.OUT_OF_SCOPE, _("The commitment does not cover every field that is to be given.")
        )
    return found


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
    """The customer permits that these fields go to this recipient, to the end of that day.

    Raises ``InvalidInput`` for a recipient somebody else named, no evidence, or a day that is past or more than a year
    away; ``Refused`` (on record) where ``by`` does not work on disclosures of this customer.
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
    """The customer takes it back; what has not left does not leave. At any time, by whoever hears of it first."""
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
    """True until the end of its last day, in Vietnam, unless the customer took it back."""
    return not hasattr(permission, "withdrawal") and today() <= permission.until


def require_customer_permission(
    permission: CustomerPermission | None, recipient: Recipient, customers: Collection[int], fields: Collection[str]
) -> CustomerPermission:
    """The permission, where it covers exactly this. Raises ``Refuse`` where it does not. Inside an act."""
    if permission is not None:  # taking it back waits for this act, or this act for that
        Customer.objects.select_for_update(no_key=True).get(pk=permission.customer_id)
    found = (
        CustomerPermission.objects.select_related("withdrawal").filter(pk=permission.pk).first() if permission else None
    )
    about_this = found is not None and found.recipient_id == recipient.pk and set(customers) == {found.customer_id}
    if found is None or not about_this or not still_permits(found):
        raise Refuse(
            DisclosureRefusalReason.NO_PERMISSION,
            _("The customer’s permission is not valid: it has ended or was withdrawn."),
        )
    if not set(fields) <= set(found.fields):
        raise Refuse(DisclosureRefusalReason.OUT_OF_SCOPE, _("The customer permits fewer fields than are to be given."))
    return found
