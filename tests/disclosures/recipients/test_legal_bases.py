"""By whose leave: without a commitment, or a permission, that holds and covers it, nothing goes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyrage
import pytest
from django.utils import timezone

from customers.acts.refusals import Refused
from customers.casework.addresses import retire
from customers.models import Refusal
from customers.validation.calendar import today
from customers.validation.errors import InvalidInput
from disclosures.models import Disclosure, DisclosureRequest, Package, Recipient
from disclosures.recipients.commitment_terms import terms
from disclosures.recipients.legal_bases import (
    commit,
    holds,
    permit,
    still_permits,
    stop_commitment,
    withdraw_permission,
)
from disclosures.recipients.recipients import add_recipient, change_recipient, resume_recipient, suspend_recipient
from disclosures.requests.decisions import approve, propose
from disclosures.requests.download import fetch
from disclosures.requests.register import RequestDetails, register
from disclosures.requests.release import make_again, release
from tests import factories
from tests.conftest import Clock
from tests.disclosures.outside import (
    CALLED,
    PDF,
    Desk,
    approved,
    as_json,
    committed,
    desk,
    details,
    document,
    fresh,
    letter,
    permitted,
    processor,
)

__all__ = ["desk"]
FIELDS = ["name", "email"]


def of_processor(desk: Desk, recipient: Recipient, fields: list[str] | None = None) -> DisclosureRequest:
    """A processor asks, and is approved."""
    fields = fields or FIELDS
    request = register(recipient, letter(asked=fields), by=desk.officer)
    propose(request, {(desk.reference, field) for field in fields}, by=desk.officer, checks=CALLED)
    approve(request, by=desk.approver, proposal=request.proposals.get())
    return fresh(request)


def of_permission(desk: Desk, **said: Any) -> DisclosureRequest:
    """Whom the customer permits asks, and is approved."""
    permission = permitted(desk.customer, desk.officer, **said)
    asked = RequestDetails(identifiers=desk.reference, asked=FIELDS, came_by="email")
    request = register(permission.recipient, asked, by=desk.officer, permission=permission)
    propose(request, {(desk.reference, field) for field in FIELDS}, by=desk.officer, checks=CALLED)
    approve(request, by=desk.approver, proposal=request.proposals.get())
    return fresh(request)


def why_not(request: DisclosureRequest, desk: Desk) -> str:
    """The code under which a release is refused, on record; nothing has left."""
    with pytest.raises(Refused) as refused:
        release(request, by=desk.officer)
    assert Refusal.objects.latest("pk").why == refused.value.why
    assert (Disclosure.objects.count(), Package.objects.count(), fresh(request).state) == (0, 0, "approved")
    return refused.value.why


# --- commitments ----------------------------------------------------------------------------------------------------


def test_a_processor_with_a_commitment_in_force_gets_what_it_covers(desk: Desk) -> None:
    bank = processor(desk.officer)
    commitment = committed(bank, desk.officer)
    request = of_processor(desk, bank)
    release(request, by=desk.officer)
    assert Disclosure.objects.get().commitment == commitment
    assert [given["reference"] for given in as_json(fetch(request, by=desk.officer).content)["customers"]] == [
        desk.reference
    ]


def test_without_a_commitment_nothing_is_even_proposed(desk: Desk) -> None:
    bank = processor(desk.officer)
    request = register(bank, letter(asked=FIELDS), by=desk.officer)
    with pytest.raises(Refused) as refused:
        propose(request, {(desk.reference, "name")}, by=desk.officer, checks=CALLED)
    assert refused.value.why == "no_commitment"
    committed(bank, desk.officer)
    propose(request, {(desk.reference, "name")}, by=desk.officer, checks=CALLED)


def test_a_field_beyond_the_commitment_is_refused(desk: Desk) -> None:
    bank = processor(desk.officer)
    committed(bank, desk.officer, fields=["name"])
    request = register(bank, letter(asked=FIELDS), by=desk.officer)
    with pytest.raises(Refused) as refused:
        propose(request, {(desk.reference, "email")}, by=desk.officer, checks=CALLED)
    assert refused.value.why == "out_of_scope"
    propose(request, {(desk.reference, "name")}, by=desk.officer, checks=CALLED)


def test_a_commitment_suspended_after_the_approval_stops_the_release(desk: Desk) -> None:
    bank = processor(desk.officer)
    commitment = committed(bank, desk.officer)
    request = of_processor(desk, bank)
    stop_commitment(commitment, by=desk.colleague)
    assert why_not(request, desk) == "no_commitment"
    with pytest.raises(InvalidInput):
        stop_commitment(commitment, by=desk.officer)
    committed(bank, desk.officer)
    release(request, by=desk.officer)


def test_a_commitment_ends_at_vietnams_midnight(desk: Desk, clock: Clock) -> None:
    zone = timezone.get_default_timezone()
    bank = processor(desk.officer)
    last = committed(bank, desk.officer, days=1).valid_until
    request = of_processor(desk, bank)
    midnight = timezone.make_aware(timezone.datetime(last.year, last.month, last.day), zone) + timedelta(days=1)
    clock.now = midnight
    assert why_not(request, desk) == "no_commitment"
    clock.now = midnight - timedelta(microseconds=1)
    release(request, by=desk.officer)
    assert Disclosure.objects.count() == 1


def test_a_commitment_s_days_are_vietnam_s_from_the_first_to_the_last(desk: Desk, clock: Clock) -> None:
    clock.now = datetime(2031, 3, 3, 16, 59, 59, tzinfo=UTC)  # a second to midnight in Vietnam
    assert today() == date(2031, 3, 3)
    bank, days = processor(desk.officer), {"signed_on": date(2031, 3, 4), "valid_until": date(2031, 3, 5)}
    with pytest.raises(InvalidInput, match="cannot be to come"):
        committed(bank, desk.officer, **days)
    clock.now = datetime(2031, 3, 3, 17, tzinfo=UTC)  # the fourth in Vietnam, the third in Greenwich
    commitment = committed(bank, desk.officer, **days)
    seen = []
    for at in ("2031-03-03T17:00", "2031-03-04T16:59", "2031-03-04T17:00", "2031-03-05T16:59", "2031-03-05T17:00"):
        clock.now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        ((_recipient, term),) = terms()
        seen.append((holds(commitment), term.holds, term.days))
    assert seen == [(True, True, 1), (True, True, 1), (True, True, 0), (True, True, 0), (False, False, -1)]
    with pytest.raises(InvalidInput, match="nor its last day be past"):
        committed(bank, desk.officer, **days)


def test_extending_takes_a_new_document(desk: Desk) -> None:
    bank = processor(desk.officer)
    until = today() + timedelta(days=9)
    days: dict[str, Any] = {"signed_on": today() - timedelta(days=1), "valid_until": until, "fields": ["name"]}
    commit(bank, document(), by=desk.officer, **days)
    with pytest.raises(InvalidInput):
        commit(bank, document(), by=desk.officer, **days)
    commit(bank, document(PDF + b" two"), by=desk.officer, **days)
    assert bank.commitments.count() == 2


@pytest.mark.parametrize(("days", "listed"), [(31, False), (30, True), (8, True), (7, True), (0, True)])
def test_a_commitment_asks_for_another_document_a_month_before_it_ends(desk: Desk, days: int, listed: bool) -> None:
    committed(processor(desk.officer), desk.officer, days=days)
    found = terms()
    assert bool(found) is listed
    assert [(term.holds, term.urgent) for _recipient, term in found] == ([(True, days <= 7)] if listed else [])


def test_a_commitment_is_for_payment_processors_alone(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        committed(desk.police, desk.officer)
    committed(processor(desk.officer), desk.officer)


@pytest.mark.parametrize("field", ["logins", "registered", "status", "password"])
def test_a_commitment_covers_nothing_that_payment_does_not_need(desk: Desk, field: str) -> None:
    with pytest.raises(InvalidInput):
        committed(processor(desk.officer), desk.officer, fields=["name", field])


# --- permissions ----------------------------------------------------------------------------------------------------


def test_whom_the_customer_permits_gets_what_the_customer_permits(desk: Desk) -> None:
    request = of_permission(desk)
    release(request, by=desk.officer)
    assert Disclosure.objects.get().permission == request.permission


def test_a_permission_taken_back_stops_the_release(desk: Desk) -> None:
    request = of_permission(desk)
    assert request.permission is not None
    withdraw_permission(request.permission, by=desk.agent)
    assert why_not(request, desk) == "no_permission"


def test_a_permission_ends_with_its_last_day(desk: Desk, clock: Clock) -> None:
    request = of_permission(desk, until=today())
    clock.now += timedelta(days=1)
    assert why_not(request, desk) == "no_permission"
    clock.now -= timedelta(days=1)
    release(request, by=desk.officer)


def test_a_permission_s_last_day_is_vietnam_s(desk: Desk, clock: Clock) -> None:
    clock.now = datetime(2031, 3, 3, 17, tzinfo=UTC)  # the fourth in Vietnam, the third in Greenwich
    permission = permitted(desk.customer, desk.officer, until=date(2031, 3, 4))
    seen = []
    for at in ("2031-03-04T16:59", "2031-03-04T17:00"):
        clock.now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        seen.append(still_permits(permission))
    assert seen == [True, False]


def test_a_permission_covers_no_field_besides(desk: Desk) -> None:
    permission = permitted(desk.customer, desk.officer, fields=["name"])
    asked = RequestDetails(identifiers=desk.reference, asked=FIELDS, came_by="email")
    with pytest.raises(Refused) as refused:
        register(permission.recipient, asked, by=desk.officer, permission=permission)
    assert refused.value.why == "out_of_scope"


def test_nobody_is_permitted_what_another_customer_allows(desk: Desk) -> None:
    other = factories.customer("BZ0000002", email="other@mail.example.com", phone="+84912345699")
    theirs = add_recipient("named", details(name="Trần Văn Kế"), by=desk.officer, customer=other)
    with pytest.raises(InvalidInput):
        permit(desk.customer, theirs, by=desk.officer, fields=["name"], until=today(), through="ticket", evidence="T-1")
    permit(other, theirs, by=desk.officer, fields=["name"], until=today(), through="ticket", evidence="T-1")


# --- recipients -----------------------------------------------------------------------------------------------------


def test_a_recipient_suspended_between_approval_and_release_gets_nothing(desk: Desk) -> None:
    request = approved(desk)
    suspend_recipient(desk.police, by=desk.colleague)
    assert why_not(request, desk) == "recipient_suspended"
    resume_recipient(Recipient.objects.get(pk=desk.police.pk), by=desk.officer)
    release(request, by=desk.officer)


def test_a_package_that_waits_does_not_leave_for_a_suspended_recipient(desk: Desk) -> None:
    request = approved(desk)
    release(request, by=desk.officer)
    suspend_recipient(desk.police, by=desk.officer)
    with pytest.raises(Refused) as refused:
        fetch(request, by=desk.officer)
    assert refused.value.why == "recipient_suspended"
    with pytest.raises(Refused):
        make_again(request, by=desk.officer)
    resume_recipient(Recipient.objects.get(pk=desk.police.pk), by=desk.officer)
    assert fetch(request, by=desk.officer).content


@pytest.mark.parametrize("kind", ["broker", "affiliate", "marketing_partner", "buyer", ""])
def test_no_other_kind_of_recipient_can_be_put_on_file(desk: Desk, kind: str) -> None:
    before = Recipient.objects.count()
    with pytest.raises(InvalidInput):
        add_recipient(kind, details(), by=desk.officer)
    assert Recipient.objects.count() == before
    add_recipient("regulator", details(), by=desk.officer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"name": "x" * 201}, {"name": "ai@police.example.com"}, {"contact": ""}, {"found": " "},
        {"country": "VNM"}, {"country": "84"}, {"age_key": "age1nonsense"}, {"age_key": "ssh-ed25519 AAAA"},
        {"age_key": "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"},
    ],
    ids=str,
)  # fmt: skip
def test_details_that_make_no_sense_are_told(desk: Desk, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        add_recipient("authority", details(**wrong), by=desk.officer)


def test_support_staff_keep_no_recipients(desk: Desk) -> None:
    for person in (desk.agent, desk.approver):
        with pytest.raises(Refused):
            add_recipient("authority", details(), by=person)
        with pytest.raises(Refused):
            suspend_recipient(desk.police, by=person)
    assert Recipient.objects.get(pk=desk.police.pk).state == "active"


def test_a_key_put_on_file_since_the_approval_is_not_released_to_by_whoever_put_it_there(desk: Desk) -> None:
    request = approved(desk)
    change_recipient(desk.police, details(age_key=str(pyrage.x25519.Identity.generate().to_public())), by=desk.officer)
    with pytest.raises(Refused) as refused:
        release(request, by=desk.officer)
    assert refused.value.why == "second_person"
    assert (request.packings.count(), Disclosure.objects.count()) == (0, 0)
    release(request, by=desk.colleague)


def test_what_is_no_longer_held_is_neither_packed_nor_logged(desk: Desk) -> None:
    lead = factories.person("thao", "Support lead")
    request = approved(desk, ["name", "phone"])
    retire(desk.customer.contact_points.get(channel="phone"), by=lead)
    release(request, by=desk.officer)
    assert Disclosure.objects.get().fields == ["name"]
    only_phone = approved(desk, ["email"])
    retire(desk.customer.contact_points.get(channel="email"), by=lead)
    with pytest.raises(InvalidInput):
        release(only_phone, by=desk.officer)
    assert only_phone.packings.count() == 0
