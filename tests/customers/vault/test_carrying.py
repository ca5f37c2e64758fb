"""Carrying a sealed value into another row: sealed anew with its index, within kind and customer, seen by nobody."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customers.evidence.recording import recording
from customers.models import ContactPoint, Customer, ServiceAccess
from customers.vault import tokens
from customers.vault.blind_index import email_index
from customers.vault.errors import SealedMisuse, Unreadable
from customers.vault.reseal import carry
from customers.vault.sealed import Sealed
from tests import factories
from tests.customers.evidence.logs import execute, payloads
from tests.worlds import shared

EMAIL, NAME, LOGIN = "hoa.nguyen@mail.example.com", "Nguyễn Thị Hoa", "hoa"


@shared
def owner() -> Customer:
    """A customer with name, company, addresses and a service."""
    return factories.customer("BZ0000001")


def point(owner: Customer, channel: str = "email") -> ContactPoint:
    return owner.contact_points.get(channel=channel, source="import")


def empty(owner: Customer, channel: str = "email") -> ContactPoint:
    """A new row of the same customer, with nothing in it yet."""
    return ContactPoint(customer=owner, channel=channel, source="staff", state="unverified")


def saved(row: Any) -> Any:
    """The row, written and read again."""
    with recording(by=factories.system()):
        row.save()
        factories.note()
    return type(row)._default_manager.get(pk=row.pk)


def test_a_carried_value_is_the_same_and_sealed_for_its_new_place(owner: Customer) -> None:
    row = empty(owner)
    carry(point(owner).email, row, "email")
    row = saved(row)
    assert (row.email, row.email_index) == (EMAIL, email_index(EMAIL))
    assert str(row.email._token) != str(point(owner).email._token)
    assert row.email.commitment != point(owner).email.commitment
    tokens.unseal(row.email._token, tokens.Place("customers.ContactPoint.email", row.seal_id))
    with pytest.raises(Unreadable):
        tokens.unseal(row.email._token, tokens.Place("customers.ContactPoint.email", point(owner).seal_id))


def test_an_index_follows_a_value_that_takes_anothers_place(owner: Customer) -> None:
    row = saved(ContactPoint(customer=owner, channel="email", email="old@example.org", source="staff", state="active"))
    carry(point(owner).email, row, "email")
    row = saved(row)
    assert (row.email, row.email_index) == (EMAIL, email_index(EMAIL))


def test_a_value_of_a_version_is_carried_back_into_its_row(owner: Customer) -> None:
    owner.full_name = "Nguyễn Thị Hoà"
    now = saved(owner)
    carry(now.history.earliest().full_name, now, "full_name")
    assert (saved(now).full_name, now.history.count()) == (NAME, 3)


def test_what_was_carried_is_shown_to_nobody(owner: Customer, caplog: pytest.LogCaptureFixture) -> None:
    row = empty(owner)
    assert carry(point(owner).email, row, "email") is None
    assert (type(row.email), str(row.email) == str(point(owner).email), str(row.email) == EMAIL) == (
        Sealed,
        True,
        False,
    )
    saved(row)
    assert [text for text in (EMAIL, "hoa.nguyen") if text in caplog.text + str(payloads()) + repr(row)] == []


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("name", "email"), ("name", "phone"), ("email", "phone"), ("phone", "email"), ("login", "email"),
        ("name", "customer"), ("name", "state"), ("name", "nothing"), ("email", "email_index"), ("email", "seal_id"),
        ("email", ""), ("email", "__class__"),
    ],
)  # fmt: skip
def test_a_value_goes_into_a_field_of_its_own_kind_only(value: str, field: str, owner: Customer) -> None:
    values = {
        "name": owner.full_name, "email": point(owner).email, "phone": point(owner, "phone").phone,
        "login": owner.services.get().login,
    }  # fmt: skip
    row = empty(owner)
    before = dict(row.__dict__)
    with pytest.raises(SealedMisuse) as told:
        carry(values[value], row, field)
    assert [text for text in (EMAIL, NAME, "912345612", str(values[value]._token)) if text in str(told.value)] == []
    assert row.__dict__ == before
    carry(values["email"], row, "email")
    assert row.email == EMAIL


def test_a_secret_and_a_login_are_of_one_kind(owner: Customer) -> None:
    service = owner.services.get()
    other = ServiceAccess(customer=owner, service="CDN")
    carry(service.login, other, "login")
    assert (saved(other).login, other.secret) == (LOGIN, None)


def test_a_value_stays_with_its_customer(owner: Customer) -> None:
    other = factories.customer("BZ0000002")
    for row, field in ((empty(other), "email"), (point(other), "email")):
        with pytest.raises(SealedMisuse, match="stays with its customer") as told:
            carry(point(owner).email, row, field)
        assert EMAIL not in str(told.value)
    with pytest.raises(SealedMisuse, match="stays with its customer"):
        carry(owner.full_name, other, "full_name")
    assert point(other).email_index == email_index(EMAIL)


def test_a_value_that_was_read_without_its_row_is_not_carried(owner: Customer) -> None:
    loose = ContactPoint.objects.filter(channel="email").values_list("email", flat=True).get()
    row = empty(owner)
    with pytest.raises(SealedMisuse):
        carry(loose, row, "email")
    assert row.email is None


def test_a_value_that_does_not_open_is_not_carried_and_not_repeated(owner: Customer) -> None:
    row, broken = empty(owner), point(owner)
    execute("UPDATE customers_contactpoint SET email = %s WHERE id = %s", ["somebody@example.org", broken.pk])
    with pytest.raises(Unreadable) as told:
        carry(point(owner).email, row, "email")
    assert (row.email, row.email_index, "somebody" in str(told.value)) == (None, None, False)
    carry(point(owner, "phone").phone, row, "phone")
    assert row.phone == "+84912345612"


@hypothesis_settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_is_carried_letter_by_letter(text: str, owner: Customer) -> None:
    source = Customer(reference=owner.reference, full_name=text)
    target = Customer(reference=owner.reference)
    carry(source.full_name, target, "full_name")
    assert target.full_name == text


def test_a_million_letters_are_carried_whole(owner: Customer) -> None:
    source, target = Customer(reference="BZ0000001", full_name="á" * 1_000_000), Customer(reference="BZ0000001")
    carry(source.full_name, target, "full_name")
    assert target.full_name == "á" * 1_000_000
