"""The one way to plaintext: against the committed record that names this customer, kind, field and row, in time."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.access.reveal import reveal
from customers.acts.refusals import Refused
from customers.evidence.accounting import Opening
from customers.evidence.recording import recording
from customers.evidence.verify import canonical
from customers.models import Customer, ImportBatch, Leaf, Refusal, Reveal
from customers.vault import tokens
from customers.vault.errors import NotAccounted, Unreadable
from customers.vault.sealed import Sealed
from tests import factories
from tests.customers.evidence.logs import as_owner, execute
from tests.customers.vault.leaks import traces
from tests.customers.vault.spots import EMAIL, LIVE, NAME, PASSWORD, PHONE, SECRET, Spot, Stock, acting, make_stock
from tests.signing import sign_in
from tests.worlds import shared

OPENED = tuple(spot for spot in LIVE if spot is not PASSWORD)


stock = shared(make_stock)


def record_for(spot: Spot, row: Any, **differing: Any) -> Reveal:
    """A committed reveal of the spot's value in that row, with what is said to differ."""
    value = spot.of(row)
    named: dict[str, Any] = {
        "customer": row if isinstance(row, Customer) else row.customer,
        "datum": value.kind,
        "field": value.field,
        "row_seal_id": row.seal_id,
        "reason": "call_back",
        "closes_at": timezone.now() + timedelta(minutes=1),
    }
    record = Reveal(**{**named, **differing})
    with recording(by=factories.system()):
        record.save()
    return record


def reveal_of_the_name(row: Customer) -> Reveal:
    """A reveal of a customer's name, not yet written."""
    where = {"field": "customers.Customer.full_name", "row_seal_id": row.seal_id, "datum": "name"}
    return Reveal(customer=row, reason="call_back", closes_at=timezone.now() + timedelta(minutes=1), **where)


def why_not(value: Sealed, record: Any) -> str:
    """The sentence with which an opening is refused."""
    with pytest.raises(NotAccounted) as error:
        value.expose(record)
    assert traces(str(error.value)) == []
    return str(error.value)


# --- with and without its record -------------------------------------------------------------------------------


@pytest.mark.parametrize("spot", OPENED, ids=[spot.name for spot in OPENED])
def test_a_value_is_opened_against_its_record(stock: Stock, spot: Spot) -> None:
    row = spot.row()
    record = record_for(spot, row)
    assert spot.of(row).expose(record) == spot.value
    assert type(spot.of(row).expose(Reveal.objects.get(pk=record.pk))) is str


def test_the_value_a_version_holds_is_opened_against_the_record_of_its_place(stock: Stock) -> None:
    row = NAME.row()
    assert NAME.of(row.history.get()).expose(record_for(NAME, row)) == NAME.value


def test_a_value_is_not_opened_without_a_record(stock: Stock) -> None:
    value = NAME.of(NAME.row())
    with pytest.raises(TypeError):
        value.expose()
    look_alike = SimpleNamespace(pk=1, _meta=Reveal._meta, _state=SimpleNamespace(db="default"))
    for nothing in (None, "", True, object(), look_alike, Leaf.objects.first(), NAME.row()):
        assert "this is none" in why_not(value, nothing)


def test_a_record_that_was_never_written_opens_nothing(stock: Stock) -> None:
    row = NAME.row()
    saved = record_for(NAME, row)
    unsaved = Reveal(**{f.attname: getattr(saved, f.attname) for f in Reveal._meta.concrete_fields if f.name != "id"})
    assert "never written" in why_not(NAME.of(row), unsaved)
    unsaved.pk = saved.pk + 1000
    assert "not in the log" in why_not(NAME.of(row), unsaved)


def test_a_record_opens_nothing_before_it_is_committed(stock: Stock) -> None:
    row = NAME.row()
    with recording(by=factories.system()):
        record = reveal_of_the_name(row)
        record.save()
        assert "open transaction" in why_not(NAME.of(row), record)
    assert NAME.of(row).expose(record) == NAME.value


def test_a_committed_record_opens_nothing_inside_another_transaction(stock: Stock) -> None:
    row = NAME.row()
    record = record_for(NAME, row)
    with transaction.atomic():
        assert "open transaction" in why_not(NAME.of(row), record)
    assert NAME.of(row).expose(record) == NAME.value


def test_a_record_that_was_rolled_back_opens_nothing(stock: Stock) -> None:
    row = NAME.row()
    record = reveal_of_the_name(row)
    with pytest.raises(ZeroDivisionError):
        save_and_fail(record)
    assert record.pk is not None
    assert "not in the log" in why_not(NAME.of(row), record)
    record_for(EMAIL, EMAIL.row())  # on SQLite this one gets the number that was rolled back
    assert why_not(NAME.of(row), record)


def save_and_fail(record: Reveal) -> None:
    """An act that breaks after its record was written."""
    with recording(by=factories.system()):
        record.save()
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("differing", "named"),
    [
        ("customer", lambda stock: stock.stranger),
        ("datum", lambda stock: "phone"),
        ("datum", lambda stock: "password"),
        ("field", lambda stock: "customers.Customer.company"),
        ("field", lambda stock: ""),
        ("row_seal_id", lambda stock: stock.stranger.seal_id),
    ],
    ids=["another customer", "another kind", "the password", "another field", "no field", "another row"],
)
def test_a_record_of_something_else_opens_nothing(stock: Stock, differing: str, named: Any) -> None:
    row = NAME.row()
    assert NAME.of(row).expose(record_for(NAME, row)) == NAME.value
    assert "is about another" in why_not(NAME.of(row), record_for(NAME, row, **{differing: named(stock)}))


def test_a_record_cannot_be_turned_to_something_else_after_it_was_written(stock: Stock) -> None:
    record, row = record_for(EMAIL, EMAIL.row()), NAME.row()
    record.datum, record.field, record.row_seal_id = "name", "customers.Customer.full_name", row.seal_id
    assert "is about another" in why_not(NAME.of(row), record)


def test_an_entry_that_does_not_match_its_own_hash_opens_nothing(stock: Stock) -> None:
    row = NAME.row()
    record = record_for(EMAIL, EMAIL.row())
    entry = Leaf.objects.get(table_name=record._meta.db_table, row_key=str(record.pk))
    assert EMAIL.of(EMAIL.row()).expose(record) == EMAIL.value
    payload = json.loads(bytes(entry.payload))
    payload["columns"] |= {
        "customer": row.reference, "datum": "name", "field": NAME.of(row).field, "row_seal_id": str(row.seal_id),
    }  # fmt: skip
    edited = canonical(payload)
    if connection.vendor == "postgresql":
        execute("SET CONSTRAINTS ALL IMMEDIATE")
    with as_owner(Leaf._meta.db_table):
        execute("UPDATE customers_leaf SET payload = %s WHERE seq = %s", [edited, entry.seq])
    assert type(record).accounts_for(payload).openings == {
        Opening(row.reference, "name", NAME.of(row).field, str(row.seal_id))
    }
    assert "does not match its own hash" in why_not(NAME.of(row), record)


def test_one_customers_record_does_not_open_the_same_field_of_another(stock: Stock) -> None:
    record = record_for(NAME, stock.stranger)
    assert "is about another" in why_not(NAME.of(NAME.row()), record)
    assert stock.stranger.full_name.expose(record) == NAME.other


def test_records_of_other_acts_open_nothing(stock: Stock) -> None:
    value = NAME.of(NAME.row())
    assert "is about another" in why_not(value, ImportBatch.objects.first())
    with pytest.raises(Refused):
        reveal(NAME.row(), "full_name", by=factories.person("ba"), reason="call_back")
    assert "is about another" in why_not(value, Refusal.objects.get())


@pytest.fixture
def later() -> Iterator[Any]:
    """Moves the clock by so many seconds."""
    real = timezone.now
    with mock.patch.object(timezone, "now") as now:
        now.side_effect = real

        def move(seconds: float) -> None:
            now.side_effect = lambda: real() + timedelta(seconds=seconds)

        yield move


def test_a_record_opens_nothing_once_its_time_is_over(stock: Stock, later: Any) -> None:
    row = NAME.row()
    record = record_for(NAME, row)
    later(30)
    assert NAME.of(row).expose(record) == NAME.value
    later(61)
    assert "is over" in why_not(NAME.of(row), record)
    record.closes_at = timezone.now() + timedelta(minutes=5)  # the leaf counts, not the object at hand
    assert "is over" in why_not(NAME.of(row), record)


def test_a_password_is_never_opened(stock: Stock) -> None:
    row = PASSWORD.row()
    assert "never opened" in why_not(PASSWORD.of(row), record_for(PASSWORD, row))
    assert str(PASSWORD.of(row)) == "•••"


def test_a_value_read_without_its_row_is_not_opened(stock: Stock) -> None:
    row = NAME.row()
    record = record_for(NAME, row)
    found = [NAME.rows().values("full_name")[0]["full_name"], NAME.rows().values_list("full_name", flat=True)[0]]
    for value in (*found, pickle.loads(pickle.dumps(NAME.of(row)))):
        assert "without its row" in why_not(value, record)
    assert NAME.of(pickle.loads(pickle.dumps(row))).expose(record) == NAME.value


def test_an_unreadable_value_is_not_opened_even_on_record(stock: Stock) -> None:
    row = NAME.row()
    record = record_for(NAME, row)
    NAME.plant(NAME.value)
    with pytest.raises(Unreadable) as error:
        NAME.of(NAME.row()).expose(record)
    assert traces(str(error.value)) == []


@pytest.mark.one_engine("a template asks no database")
def test_a_template_that_calls_expose_gets_nothing() -> None:
    assert Sealed.expose.alters_data


@pytest.mark.django_db
def test_a_record_of_another_database_accounts_for_nothing_here() -> None:
    customer, agent = factories.customer(), factories.person("linh", "Support agent")
    record = reveal(customer, "full_name", by=agent, reason="call_back").record
    record._state.db = "elsewhere"
    with pytest.raises(NotAccounted, match="another database"):
        customer.full_name.expose(record)


def test_expose_needs_the_real_commit(own_database: str) -> None:
    stock = make_stock()
    lead = factories.person("mai", "Support lead")
    with transaction.atomic(), pytest.raises(RuntimeError):
        reveal(stock.customer, "full_name", by=lead, reason="call_back")
    assert Reveal.objects.filter(datum="name").count() == 0
    assert reveal(stock.customer, "full_name", by=lead, reason="call_back").value == NAME.value


# --- openings counted against records ---------------------------------------------------------------------------


@pytest.fixture
def openings() -> Iterator[dict[str, int]]:
    """How often anything was decrypted, and how often it left the vault."""
    counted = {"unsealed": 0, "exposed": 0}
    unseal, expose = tokens.unseal, Sealed.expose

    def counting_unseal(*args: Any) -> Any:
        counted["unsealed"] += 1
        return unseal(*args)

    def counting_expose(self: Sealed, record: Any) -> str:
        counted["exposed"] += 1
        return expose(self, record)

    with mock.patch.object(tokens, "unseal", counting_unseal), mock.patch.object(Sealed, "expose", counting_expose):
        yield counted


def test_a_list_opens_each_mask_it_shows_once_and_exposes_nothing(stock: Stock, openings: dict[str, int]) -> None:
    client, counts = Client(), []
    sign_in(client, factories.person("mai", "Support lead"))
    for more in (0, 3):
        for _ in range(more):
            factories.customer()
        openings.update(unsealed=0)
        shown = client.get(reverse("admin:customers_customer_changelist")).content.decode()
        counts.append((Customer.objects.count(), shown.count('class="mask"'), openings["unsealed"]))
    assert counts == [(2, 8, 10), (5, 20, 25)]  # name, company, e-mail, phone; the name once more in the link's label
    assert openings["exposed"] == 0


def test_reading_rows_opens_nothing(stock: Stock, openings: dict[str, int]) -> None:
    rows = list(Customer.objects.with_addresses())
    assert [str(row) for row in rows] == [row.reference for row in rows]
    assert [point.email for row in rows for point in row.contact_points.all()]
    assert openings == {"unsealed": 0, "exposed": 0}
    assert str(rows[0].full_name)
    assert openings == {"unsealed": 1, "exposed": 0}


@pytest.mark.parametrize("spot", OPENED, ids=[spot.name for spot in OPENED])
def test_a_reveal_exposes_one_value_for_one_record(stock: Stock, openings: dict[str, int], spot: Spot) -> None:
    lead, before = factories.person("mai", "Support lead"), Reveal.objects.count()
    row = spot.row()
    openings.update(unsealed=0)
    assert reveal(row, spot.field, by=lead, reason="call_back").value == spot.value
    assert openings["exposed"] == 1 == Reveal.objects.count() - before
    assert openings["unsealed"] == 2  # once to see that it can be read, once to show it


def test_pages_expose_as_many_values_as_there_are_reveals(stock: Stock, openings: dict[str, int]) -> None:
    client, before = Client(), Reveal.objects.count()
    sign_in(client, factories.person("mai", "Support lead"))
    page = reverse("admin:customers_customer_change", args=[stock.customer.pk])
    assert traces(client.get(page).content.decode()) == []
    for spot in (EMAIL, PHONE, SECRET):
        url = reverse("admin:customers_customer_reveal",
                      args=[stock.customer.pk, spot.model._meta.model_name, spot.row().pk, spot.field])  # fmt: skip
        assert traces(client.get(url).content.decode()) == []
        shown = client.post(url, {"reason": "call_back"}).content.decode()
        assert spot.value in traces(shown)
        assert {secret for secret in traces(shown) if secret not in spot.value} == set()
    assert openings["exposed"] == 3 == Reveal.objects.count() - before
    url = reverse(
        "admin:customers_customer_reveal", args=[stock.customer.pk, "customer", stock.customer.pk, "password_hash"]
    )
    assert client.post(url, {"reason": "call_back"}).status_code == 404
    assert openings["exposed"] == 3


def test_writing_opens_nothing(stock: Stock, openings: dict[str, int]) -> None:
    row = NAME.row()
    with acting():
        row.full_name = NAME.other
        row.save()
        NAME.model._base_manager.get(pk=row.pk).save()
    assert openings == {"unsealed": 0, "exposed": 0}
