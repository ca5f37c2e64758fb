"""Acts in odd places: savepoints, other threads, no autocommit. Each change has its record, each record its row."""

import contextvars
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.db import connection, connections, transaction

from customers.access.reveal import reveal
from customers.audit_log.signer import log_signer
from customers.evidence.checkpoints import make_checkpoint
from customers.evidence.errors import NotRecording
from customers.evidence.recording import recording
from customers.models import Leaf, Refusal, Reveal, Team
from customers.vault.errors import NotAccounted
from tests import factories
from tests.customers.evidence.attacks import told
from tests.customers.evidence.logs import payloads, verify

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.bare]


@pytest.fixture
def no_autocommit() -> Iterator[None]:
    """A connection on which nothing commits by itself."""
    connection.set_autocommit(False)
    yield
    connection.rollback()
    connection.set_autocommit(True)


def test_a_record_that_a_savepoint_took_back_leaves_no_leaf_and_the_log_stays_whole() -> None:
    with recording(by=factories.system()):
        with suppress(ZeroDivisionError), transaction.atomic():
            Refusal(act="withdrawn", why="x").save()
            raise ZeroDivisionError
        with transaction.atomic():
            Refusal(act="kept", why="x").save()
    with recording(by=factories.system()):
        Refusal(act="next", why="x").save()
    make_checkpoint(log_signer())
    report = verify()
    assert report.exit == 0, told(report)
    assert [payload["columns"].get("act") for payload in payloads()] == [None, "kept", "next"]


def test_an_act_whose_only_record_was_taken_back_did_not_happen() -> None:
    def act() -> None:
        with recording(by=factories.system()):
            Team(name="Hue").save()
            with suppress(ZeroDivisionError), transaction.atomic():
                Refusal(act="withdrawn", why="x").save()
                raise ZeroDivisionError

    with pytest.raises(NotRecording):
        act()
    assert (Team.objects.count(), Leaf.objects.count()) == (0, 0)


def test_a_change_inside_a_savepoint_is_taken_back_alone() -> None:
    with recording(by=factories.system()):
        with suppress(ZeroDivisionError), transaction.atomic():
            Team(name="Hue").save()
            raise ZeroDivisionError
        Team(name="Vinh").save()
        factories.note()
    assert [team.name for team in Team.objects.all()] == ["Vinh"]


def test_an_act_does_not_reach_into_another_thread_that_inherits_its_context() -> None:
    refused: list[str] = []

    def elsewhere() -> None:
        try:
            Team(name="Hue").save()
        except NotRecording as error:
            refused.append(str(error))
        finally:
            connections.close_all()

    with suppress(ZeroDivisionError), recording(by=factories.system()):
        thread = threading.Thread(target=contextvars.copy_context().run, args=(elsewhere,))
        thread.start()
        thread.join()
        raise ZeroDivisionError
    assert (len(refused), Team.objects.count()) == (1, 0)


def test_without_autocommit_nothing_is_done_and_nothing_signed(no_autocommit: None) -> None:
    with pytest.raises(RuntimeError, match="Autocommit"), recording(by=factories.system()):
        factories.note()
    with pytest.raises(RuntimeError, match="Autocommit"):
        make_checkpoint(log_signer())
    assert Leaf.objects.count() == 0


def test_without_autocommit_nothing_is_revealed() -> None:
    customer, agent = factories.customer(), factories.person("linh", "Support agent")
    record = reveal(customer, "full_name", by=agent, reason="call_back").record
    connection.set_autocommit(False)
    try:
        with pytest.raises(RuntimeError, match="Autocommit"):
            reveal(customer, "full_name", by=agent, reason="call_back")
        with pytest.raises(NotAccounted):
            customer.full_name.expose(record)
    finally:
        connection.rollback()
        connection.set_autocommit(True)
    assert Reveal.objects.count() == 1
