"""What becomes of an address: who may be written to, a new one, one that is no longer used, one that comes back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from customers.access.verify import verify
from customers.casework.address_verification import ask_owner
from customers.casework.addresses import add_point, index_of, may_send_confidential, may_write_to, retire, written_to
from customers.casework.holds import close_after_contact, suspend
from customers.crm_import.customers import import_customers
from customers.evidence.recording import recording
from customers.models import (
    ContactPoint,
    ContactPointAdded,
    ContactPointMove,
    Customer,
    Hold,
    Leaf,
    Notice,
    StaffMember,
)
from customers.validation.errors import InvalidInput
from customers.vault.kinds import Kind
from tests import factories
from tests.customers.evidence.logs import payloads
from tests.exports import AS_OF, export, record
from tests.worlds import shared

EMAIL, PHONE = "hoa.nguyen@mail.example.com", "+84912345612"
STATES = [str(state) for state in ContactPoint.State.values]


@shared
def linh() -> StaffMember:
    """An agent of the customer's team; the customer has an e-mail address and a number."""
    factories.deadlines()
    factories.customer("BZ0000001")
    return factories.person("linh", "Support agent")


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def point(channel: str = "email") -> ContactPoint:
    return customer().contact_points.get(channel=channel, source="import")


def on_file(whose: Customer, text: str, state: str, *, verified: bool = False, channel: str = "email") -> ContactPoint:
    """An address that has come to be in that state."""
    with recording(by=factories.system()):
        made = ContactPoint(customer=whose, channel=channel, source="import", state=state, **{channel: text})
        made.verified_at = timezone.now() if verified else None
        made.save()
        factories.note()
    return made


def added(whose: Customer, text: str, channel: str = "email", *, knowingly: bool = False) -> ContactPoint:
    """An address put beside the others in an act of its own."""
    with recording(by=factories.system()):
        return add_point(whose, channel, text, knowingly=knowingly)


def counts() -> tuple[int, int, int, int]:
    """How many addresses, moves, letters and log entries there are."""
    return (
        ContactPoint.objects.count(), ContactPointMove.objects.count(), Notice.objects.count(), Leaf.objects.count(),
    )  # fmt: skip


# --- may it be written to ------------------------------------------------------------------------------------------


def test_only_an_active_address_is_written_to_and_only_a_confirmed_one_in_confidence(linh: StaffMember) -> None:
    said = {
        (state, verified): (bool(may_write_to(row)), bool(may_send_confidential(row)))
        for state, verified in product(STATES, (True, False))
        for row in [on_file(customer(), f"{state}.{verified}@example.org", state, verified=verified)]
    }
    assert said == {
        (state, verified): (state == "active", state == "active" and verified)
        for state, verified in product(STATES, (True, False))
    }


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("unverified", "its owner has not confirmed it yet"),
        ("retired", "it is no longer used"),
        ("bounced", "mail to it bounces"),
        ("suspended", "it is suspended"),
    ],
)
def test_a_no_says_why(state: str, why: str, linh: StaffMember) -> None:
    row = on_file(customer(), "other@example.org", state, verified=True)
    assert (str(may_write_to(row).why_not), str(may_send_confidential(row).why_not)) == (why, why)


def test_a_number_is_written_to_only_where_there_is_a_gateway(linh: StaffMember, settings: Any) -> None:
    assert may_write_to(point("phone"))
    settings.SMS_GATEWAY = ""
    assert str(may_write_to(point("phone")).why_not) == "this installation sends no text messages"
    assert (bool(may_write_to(point("email"))), written_to(customer())) == (True, point("email"))


def test_a_suspension_stops_confidences_until_it_is_released(linh: StaffMember) -> None:
    row = on_file(customer(), "other@example.org", "active", verified=True)
    hold = suspend(row, by=linh, reason="reported", ticket="T-1")
    assert not may_send_confidential(ContactPoint.objects.get(pk=row.pk))
    close_after_contact(hold, by=linh, way="phone", over=point("phone"), result="confirmed", who="bà Hoa")
    assert may_send_confidential(ContactPoint.objects.get(pk=row.pk))


def test_a_letter_goes_to_a_confirmed_address_first_and_to_e_mail_before_phone(linh: StaffMember) -> None:
    assert written_to(customer()) == point("email")
    assert written_to(customer(), but=point("email")) == point("phone")
    confirmed_number = on_file(customer(), "+84912345698", "active", verified=True, channel="phone")
    assert written_to(customer()) == point("email")
    assert written_to(customer(), but=point("email")) == confirmed_number
    confirmed = on_file(customer(), "confirmed@example.org", "active", verified=True)
    on_file(customer(), "newer@example.org", "active")
    assert written_to(customer()) == confirmed


@pytest.mark.parametrize("state", [state for state in STATES if state != "active"])
def test_nothing_but_an_active_address_is_ever_chosen(state: str, linh: StaffMember) -> None:
    other = factories.customer("BZ0000002")
    with recording(by=linh):
        for row in other.contact_points.all():
            row.transition("retire", customer=other)
    on_file(other, "other@example.org", state, verified=True)
    assert written_to(other) is None
    good = on_file(other, "good@example.org", "active")
    assert written_to(other) == good


# --- a new one -----------------------------------------------------------------------------------------------------


def test_a_new_address_is_unconfirmed_and_on_record_without_saying_what_it_is(linh: StaffMember) -> None:
    made = added(customer(), "new@mail.example.com")
    assert (made.state, made.source, made.verified_at, made.email) == (
        "unverified", "staff", None, "new@mail.example.com",
    )  # fmt: skip
    entry = payloads()[-1]
    assert (entry["kind"], entry["columns"]["contact_point_id"]) == ("contact_point_added", made.pk)
    assert (entry["columns"]["known_elsewhere"], "new@mail" in str(entry)) == (False, False)


@pytest.mark.parametrize("text", ["", " ", "hoa", "hoa@", "@example.org", "hoa@exa..mple.org"])
def test_what_is_no_e_mail_address_is_told(text: str, linh: StaffMember) -> None:
    before = counts()
    with pytest.raises(InvalidInput, match="no e-mail address"):
        added(customer(), text)
    assert counts() == before


@pytest.mark.parametrize("text", ["", "12", "hoa@example.org", "+84 000", "9" * 1_000_000])
def test_what_is_no_number_is_told(text: str, linh: StaffMember) -> None:
    with pytest.raises(InvalidInput, match="no phone number"):
        added(customer(), text, "phone")
    assert added(customer(), "+84912345699", "phone").phone == "+84912345699"


@pytest.mark.parametrize(
    "text",
    [
        "hoa nguyen@example.org", "hoa@example", "hoa@example.org\nBcc: thief@example.net", "a@b@example.org",
        "hoa@example.org, thief@example.net", "\u202ehoa@example.org", "hoa\x00@example.org",
        "a" * 1_000_000 + "@example.org",
    ],
    ids=["space", "no domain", "header", "two ats", "two addresses", "right to left", "control", "a million letters"],
)  # fmt: skip
def test_what_no_mail_server_would_take_is_no_address(text: str, linh: StaffMember) -> None:
    with pytest.raises(InvalidInput, match="no e-mail address"):
        index_of("email", text)
    with pytest.raises(InvalidInput, match="no e-mail address"):
        added(customer(), text)


@pytest.mark.parametrize("text", ["091 234 5699", "0912.345.699", "(+84) 912 345 699", "Tel: 0912345699"])
def test_a_number_is_kept_so_that_a_gateway_understands_it(text: str, linh: StaffMember) -> None:
    made = added(customer(), text, "phone")
    ask_owner(made, by=linh)
    assert (made.phone, mail.outbox[-1].to) == ("+84912345699", ["84912345699@sms.example.com"])


def told_of(channel: str, text: str) -> str:
    """What is said of a typed address: its column, or the sentence that refuses it."""
    try:
        return " ".join(index_of(channel, text))
    except InvalidInput as told:
        return str(told)


@pytest.mark.one_engine("it asks no database")
@given(text=st.text(max_size=60))
def test_whatever_is_typed_is_an_address_or_told_without_being_repeated(text: str) -> None:
    assert told_of("email", text) in ("email_index", "This is no e-mail address; check how it is written.")
    assert told_of("phone", text) in ("phone_index", "This is no phone number; check how it is written.")


@pytest.mark.parametrize("spelling", [EMAIL, f"  {EMAIL.upper()} "])
@pytest.mark.parametrize("state", STATES)
def test_an_address_the_customer_has_is_added_again_only_once_it_is_retired(
    state: str, spelling: str, linh: StaffMember
) -> None:
    other = factories.customer("BZ0000002", email="alone@example.org")
    on_file(other, EMAIL, state)
    if state == "retired":
        assert added(other, spelling).state == "unverified"
        return
    with pytest.raises(InvalidInput, match="on file already"):
        added(other, spelling)


def test_a_retired_address_becomes_another_customers_only_where_that_is_known(linh: StaffMember) -> None:
    other = factories.customer("BZ0000002", email="alone@example.org")
    retire(point(), by=linh)
    before = counts()
    with pytest.raises(InvalidInput, match="Another customer has stopped using this address"):
        added(other, EMAIL)
    assert counts() == before
    made = added(other, EMAIL, knowingly=True)
    assert (made.state, made.added.known_elsewhere) == ("unverified", True)
    assert not may_write_to(made)


def test_an_address_that_customers_share_is_added_without_asking(linh: StaffMember) -> None:
    other = factories.customer("BZ0000002", email="alone@example.org")
    assert (added(other, EMAIL).added.known_elsewhere, ContactPointAdded.objects.count()) == (False, 1)


def test_an_unconfirmed_claim_does_not_make_a_retired_address_a_shared_one(linh: StaffMember) -> None:
    second, third = (factories.customer(f"BZ000000{n}", email=f"own{n}@example.org") for n in (2, 3))
    retire(point(), by=linh)
    added(second, EMAIL, knowingly=True)
    with pytest.raises(InvalidInput, match="Another customer has stopped using this address"):
        added(third, EMAIL)


@pytest.mark.parametrize("knowingly", [True, False])
def test_a_suspended_address_is_put_on_file_nowhere(knowingly: bool, linh: StaffMember) -> None:
    other = factories.customer("BZ0000002", email="alone@example.org")
    suspend(point(), by=linh, reason="reported", ticket="T-1")
    with pytest.raises(InvalidInput, match="nothing is done with it before that is cleared up"):
        added(other, EMAIL, knowingly=knowingly)
    assert added(other, "free@example.org").state == "unverified"


def test_an_address_of_a_confirmed_fraud_does_not_come_back_unasked(linh: StaffMember) -> None:
    hold = suspend(point(), by=linh, reason="reported", ticket="T-1")
    close_after_contact(hold, by=linh, way="phone", over=point("phone"), result="denied", who="bà Hoa")
    assert point().state == "retired"
    with pytest.raises(InvalidInput):
        added(customer(), EMAIL)


@pytest.mark.parametrize("before", [retire, suspend], ids=["retired", "suspended"])
def test_an_import_does_not_make_a_lost_address_one_in_use(
    before: Callable[..., Any], linh: StaffMember, tmp_path: Path
) -> None:
    before(point(), by=linh, **({"reason": "reported", "ticket": "T-1"} if before is suspend else {}))
    rows = [record(1, email=EMAIL), record(2)]
    import_customers(export(tmp_path / "crm.csv", rows), by=factories.system(), at=AS_OF)
    sound = ContactPoint.objects.get(customer__reference="EX0000002", channel="email")
    lost = ContactPoint.objects.filter(customer__reference="EX0000001", channel="email")
    assert (bool(may_write_to(sound)), [row.pk for row in lost if may_write_to(row)]) == (True, [])


def test_an_imported_address_that_is_suspended_elsewhere_is_suspended_too_and_not_written_to(
    linh: StaffMember, tmp_path: Path
) -> None:
    hold = suspend(point(), by=linh, reason="reported", ticket="T-1")
    import_customers(export(tmp_path / "crm.csv", [record(1, email=EMAIL), record(2)]), by=factories.system(), at=AS_OF)
    held, free = (ContactPoint.objects.get(customer__reference=f"EX000000{n}", channel="email") for n in (1, 2))
    assert (held.state, free.state) == ("suspended", "active")
    spread = Hold.objects.exclude(pk=hold.pk).get()
    assert (spread.contact_point, spread.reason, spread.ticket, spread.spread_from) == (held, "shared", "T-1", hold)
    assert ask_owner(free, by=linh).left
    with pytest.raises(InvalidInput):
        ask_owner(held, by=linh)


def test_knowing_an_address_that_nobody_confirmed_proves_nothing(linh: StaffMember) -> None:
    added(customer(), "thief@example.net")
    assert verify(customer(), {Kind.EMAIL: EMAIL}, by=linh).matched == ["email"]
    assert verify(customer(), {Kind.EMAIL: "thief@example.net"}, by=linh).matched == []
