"""At least one row in each table of disclosures, through the acts that write them in life."""

from __future__ import annotations

from django.core import mail

from customers.casework.corrections import Why, correct
from customers.models import Customer
from customers.validation.calendar import today
from disclosures.accounting.log import export, narrowed
from disclosures.accounting.notifications import keep_from_customer, tell_customer, tell_recipients
from disclosures.accounting.statement import give_statement
from disclosures.models import Recipient
from disclosures.recipients.documents import read_words
from disclosures.recipients.legal_bases import stop_commitment, withdraw_permission
from disclosures.recipients.recipients import suspend_recipient
from disclosures.requests.download import fetch
from disclosures.requests.emergencies import release_at_once, review_emergency
from disclosures.requests.release import make_again, release
from tests import factories
from tests.disclosures import outside


def desk_disclosures(customer: Customer) -> None:
    """A letter answered, kept from the customer and then told; an emergency; a commitment and a permission that ended.

    And a recipient who is told that the name was corrected since.
    """
    mail.outbox = getattr(mail, "outbox", [])
    named = customer.reference.lower()
    officer = factories.person(f"discloser-{named}", "Compliance officer")
    lead = factories.person(f"lead-{named}", "Support lead", customer.team.name)
    approver = factories.person(f"second-{named}", "Disclosure approver")
    police = outside.authority(officer)
    desk = outside.Desk(customer, officer, approver, approver, officer, police)
    request = outside.approved(desk, ["name"], identifiers=customer.reference)
    release(request, by=officer)
    keep_from_customer(
        request, by=officer, form="written", instrument="Article 88", until=today(),
        document=outside.document(outside.PDF + b" order"),
    )  # fmt: skip
    make_again(request, by=officer)
    fetch(request, by=officer)
    read_words(request, by=officer)
    why = Why("correct", "inaccurate", "proactive", "call")
    correction = correct(customer, "name", f"Nguyễn Thị {named.title()}", by=lead, why=why)
    tell_recipients(correction, by=officer)
    alone = outside.asked(desk, identifiers=customer.reference, urgency="emergency")
    release_at_once(alone, {(customer.reference, "email")}, by=officer, checks=outside.CALLED)
    review_emergency(alone, by=approver, verdict="right")
    open_to_tell = outside.approved(desk, ["email"], identifiers=customer.reference)
    release(open_to_tell, by=officer)
    tell_customer(open_to_tell.disclosures.get(), by=officer)
    bank = outside.processor(officer)
    stop_commitment(outside.committed(bank, officer), by=officer)
    suspend_recipient(Recipient.objects.get(pk=bank.pk), by=officer)
    withdraw_permission(outside.permitted(customer, officer), by=officer)
    give_statement(customer, by=officer, language="vi")
    export(narrowed({})[0], by=officer, narrowed={})
