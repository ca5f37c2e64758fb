"""Acts on recipients: adding, changing details, suspending, resuming."""

from __future__ import annotations

from dataclasses import dataclass

import pyrage
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting
from customers.models import Customer, StaffMember
from customers.models.acts import RefusalReason
from customers.permissions.customers import can_see
from customers.validation.contact_data import LIKE_AN_ADDRESS
from customers.validation.errors import InvalidInput
from disclosures.models import Recipient, RecipientDetails, RecipientKind, RecipientMove
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_keep_recipients

LONGEST_NAME, LONGEST_CONTACT = 200, 300


@dataclass(frozen=True)
class Details:
    """The details of a recipient as typed in.

    ``found`` names the independent source of the contact, which must not be a letter of the recipient itself;
    ``country`` is a two-letter code.
    """

    name: str
    contact: str
    found: str
    country: str
    age_key: str = ""


def add_recipient(
    recipient_kind: str, details: Details, *, by: StaffMember, customer: Customer | None = None
) -> Recipient:
    """Put a recipient on file. One named by a ``customer`` has its name and contact sealed.

    Raises ``InvalidInput`` for an unknown kind or invalid details; ``Refused`` (on record) where ``by`` may not keep
    recipients or does not see the customer.
    """
    if recipient_kind not in RecipientKind.values:
        raise InvalidInput(_("Choose what kind of recipient it is; there are no others."))
    if (recipient_kind == RecipientKind.NAMED) != (customer is not None):
        raise InvalidInput(_("Recipients that a customer names are added on that customer’s page."))
    details = clean(details)
    with acting(DisclosureAct.KEEP_RECIPIENT, by=by):
        _require_keeper(by, customer)
        recipient = Recipient(recipient_kind=recipient_kind, customer=customer)
        recipient.save()
        _put(recipient, details)
    return recipient


def change_recipient(recipient: Recipient, details: Details, *, by: StaffMember) -> RecipientDetails:
    """Add new details; earlier disclosures keep referring to the old ones. Raises as ``add_recipient`` does."""
    details = clean(details)
    with acting(DisclosureAct.KEEP_RECIPIENT, by=by):
        _require_keeper(by, recipient.customer)
        return _put(recipient.locked(), details)


def _require_keeper(by: StaffMember, customer: Customer | None) -> None:
    if not can_keep_recipients(by) or (customer is not None and not can_see(by, customer)):
        raise Refuse(RefusalReason.NO_RIGHT, _("Officers keep the recipients. The refusal is on record."))


def _put(recipient: Recipient, details: Details) -> RecipientDetails:
    """Save the details and make them the recipient's current ones."""
    is_named = recipient.customer is not None
    row = RecipientDetails(
        recipient=recipient, customer=recipient.customer, recipient_kind=recipient.recipient_kind,
        name="" if is_named else details.name, contact="" if is_named else details.contact,
        sealed_name=details.name if is_named else None, sealed_contact=details.contact if is_named else None,
        found=details.found, country=details.country, age_key=details.age_key,
    )  # fmt: skip
    row.save()
    recipient.current = row
    recipient.save(update_fields=["current"])
    return row


def clean(details: Details) -> Details:
    """The details with spaces normalized. Raises ``InvalidInput`` for missing, overlong or malformed ones."""
    name, contact, found = (" ".join(text.split()) for text in (details.name, details.contact, details.found))
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or LIKE_AN_ADDRESS.search(name):
        raise InvalidInput(_("Type the recipient’s name, in up to 200 characters, without an address in it."))
    if not contact or len(contact) > LONGEST_CONTACT or not contact.isprintable():
        raise InvalidInput(_("Type the official contact: a number, an address, a mailbox."))
    if not found or len(found) > LONGEST_NAME or not found.isprintable():
        raise InvalidInput(_("Say where the contact was found: on whose site, in which register. Not in their letter."))
    country = details.country.strip().upper()
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise InvalidInput(_("Type the country as two letters, for example VN."))
    return Details(name, contact, found, country, clean_key(details.age_key))


def clean_key(text: str) -> str:
    """The text as an age public key (X25519, ``age1…``), or "" where it is empty.

    Raises ``InvalidInput`` for anything else, a secret key included.
    """
    text = text.strip()
    if text.upper().startswith("AGE-SECRET-KEY"):
        raise InvalidInput(_("That is a secret key. Ask for the public one, and have them make a new pair."))
    if text:
        try:
            pyrage.x25519.Recipient.from_str(text)
        except pyrage.RecipientError:
            raise InvalidInput(_("That is no age public key; it begins with age1 and is copied whole.")) from None
    return text


def suspend_recipient(recipient: Recipient, *, by: StaffMember) -> RecipientMove:
    """Suspend a recipient: from now on nothing can be released to it, even if approved. No reason is needed."""
    return _move(recipient, "suspend", by=by)


def resume_recipient(recipient: Recipient, *, by: StaffMember) -> RecipientMove:
    """End the suspension of a recipient; a legal basis in force is needed as before."""
    return _move(recipient, "resume", by=by)


def _move(recipient: Recipient, how: str, *, by: StaffMember) -> RecipientMove:
    """Apply a transition to a recipient, as an act for those who may keep recipients."""
    with acting(DisclosureAct(f"{how}_recipient"), by=by):
        if not can_keep_recipients(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Officers keep the recipients. The refusal is on record."))
        return recipient.transition(how)  # type: ignore[no-any-return]
