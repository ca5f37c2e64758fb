"""Log first, then show: where an act cannot be put on record, nothing is shown and nothing has happened."""

from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client
from django.urls import reverse

from customers.access.reveal import reveal
from customers.casework.requests import register
from customers.evidence.errors import RecordFailed
from customers.evidence.recording import recording
from customers.models import Customer, ImportBatch, Leaf, Membership, Refusal, Reveal, StaffMember, Team
from customers.vault import tokens
from tests import factories
from tests.customers.evidence.failing import FAILURES, broken_trigger
from tests.customers.evidence.logs import execute, rows, verify
from tests.signing import sign_in

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def customer() -> Customer:
    return factories.customer()


@pytest.fixture
def agent() -> StaffMember:
    return factories.person("linh", "Support agent")


def everything() -> list[Any]:
    """All that an act could have done here."""
    tables = (
        "leaf",
        "reveal",
        "refusal",
        "team",
        "importbatch",
        "serviceaccess",
        "historicalserviceaccess",
        "nameindex",
    )
    return [rows(f"SELECT * FROM customers_{table}") for table in (*tables, "head")]


def chain(error: BaseException | None) -> str:
    """All that a traceback would print of an error."""
    return "" if error is None else f"{error!r} {error.args} {chain(error.__cause__)} {chain(error.__context__)}"


@pytest.mark.parametrize("failure", FAILURES)
def test_nothing_is_shown_and_nothing_is_done_where(failure: str, customer: Customer, agent: StaffMember) -> None:
    reveal(customer, "full_name", by=agent, reason="call_back")
    address = customer.contact_points.get(channel="email")
    with FAILURES[failure]():
        before = everything()
        with pytest.raises(RecordFailed) as failed:
            reveal(address, "email", by=agent, reason="call_back", text="x" * 2000)
        assert everything() == before
    assert "so" in str(failed.value)
    assert str(failed.value).endswith("Try again in a moment.")
    assert "hoa.nguyen" not in chain(failed.value)
    revealed = reveal(address, "email", by=agent, reason="call_back")
    assert revealed.value == "hoa.nguyen@mail.example.com"
    report = verify()
    assert report.exit in (0, 2), report.lines  # 2: nobody has signed yet
    assert report.first_bad is None


@pytest.mark.parametrize("failure", FAILURES)
def test_a_person_at_the_desk_reads_a_sentence_and_no_value_where(
    failure: str, customer: Customer, agent: StaffMember, client: Client
) -> None:
    address = customer.contact_points.get(channel="email")
    url = reverse("admin:customers_customer_reveal", args=[customer.pk, "contactpoint", address.pk, "email"])
    sign_in(client, agent)
    said = {"reason": "call_back", "ticket": "T-1", "text": "x" * 400}
    assert b"hoa.nguyen@mail.example.com" in client.post(url, said).content
    with FAILURES[failure]():
        before = Reveal.objects.count()
        answer = client.post(url, said)
        assert Reveal.objects.count() == before
    assert answer.status_code == 503
    assert answer["Cache-Control"] == "no-store"
    assert "so this was not done" in answer.content.decode() or "so it was not done" in answer.content.decode()
    assert b"hoa.nguyen" not in answer.content
    assert client.post(url, said).status_code == 200


@pytest.mark.parametrize("failure", [name for name in FAILURES if "of the records" not in name])
def test_an_act_with_rows_of_its_own_leaves_none_where(failure: str, customer: Customer, agent: StaffMember) -> None:
    factories.deadlines()
    asked = {"came_by": "ticket", "ticket": "T-1"}
    with FAILURES[failure]():
        before = everything()
        with pytest.raises(RecordFailed):
            register(customer, "question", by=agent, text="x" * 9000, **asked)
        assert everything() == before
    register(customer, "question", by=agent, text="x", **asked)


def test_nothing_is_opened_before_the_record_is_committed(
    customer: Customer, agent: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    unseal = tokens.unseal
    monkeypatch.setattr(tokens, "unseal", lambda token, place: opened.append(place.field) or unseal(token, place))
    exposed: list[int] = []
    accounted = type(customer.full_name).expose
    monkeypatch.setattr(
        type(customer.full_name), "expose", lambda self, record: exposed.append(1) or accounted(self, record)
    )
    with broken_trigger("customers_leaf"), pytest.raises(RecordFailed):
        reveal(customer, "full_name", by=agent, reason="call_back")
    assert exposed == []
    reveal(customer, "full_name", by=agent, reason="call_back")
    assert exposed == [1]
    assert opened


def test_a_refusal_that_cannot_be_put_on_record_shows_nothing_either(customer: Customer) -> None:
    stranger = factories.person("minh", "Support agent", "Da Nang")
    with broken_trigger("customers_leaf"), pytest.raises(RecordFailed):
        reveal(customer, "full_name", by=stranger, reason="call_back")
    assert (Refusal.objects.count(), Reveal.objects.count()) == (0, 0)


@pytest.mark.bare
def test_a_constraint_that_is_looked_at_on_commit_undoes_the_act() -> None:
    before = Leaf.objects.count()
    with pytest.raises(RecordFailed) as failed, recording(by=factories.system()):
        factories.note()
        execute("INSERT INTO customers_nameindex (customer_id, digest) VALUES (987654, 'x')")
    assert isinstance(failed.value.__cause__, IntegrityError)
    assert (ImportBatch.objects.count(), Leaf.objects.count()) == (0, before)
    factories.team("Hue")
    assert Leaf.objects.count() == before + 2  # the list of tables, too


def test_a_mistake_in_an_act_is_no_trouble_with_the_record() -> None:
    factories.team("Hue")
    with pytest.raises(IntegrityError), recording(by=factories.system()):
        factories.note()
        Team(name="Hue").save()
    with pytest.raises(ZeroDivisionError), recording(by=factories.system()):
        factories.note()
        raise ZeroDivisionError
    assert ImportBatch.objects.count() == 0


def test_a_database_that_goes_away_during_an_act_is_trouble_with_the_record() -> None:
    with pytest.raises(RecordFailed) as failed, recording(by=factories.system()):
        factories.note()
        raise OperationalError("server closed the connection unexpectedly")
    assert isinstance(failed.value.__cause__, OperationalError)
    assert (ImportBatch.objects.count(), Membership.objects.count()) == (0, 0)
