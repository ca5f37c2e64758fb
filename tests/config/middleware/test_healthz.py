"""``/healthz``: what it says where everything is well, where one part is not, and when it is asked a thousand times."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections
from django.test import Client, RequestFactory

from config.middleware import healthz
from config.middleware.healthz import HealthMiddleware
from customers.evidence.models import Leaf
from customers.vault.models import KeyCheck
from tests import factories
from tests.conftest import Clock

no_database = pytest.mark.one_engine("who looks is a stand-in that asks no database")

PARTS = ["database", "keys", "evidence_triggers", "checkpoint"]
WELL = {name: "ok" for name in ["status", *PARTS]}


def asked() -> tuple[int, dict[str, str]]:
    """Status and body, from a process that has not looked before."""
    answer = Client(raise_request_exception=False).get("/healthz")
    return answer.status_code, answer.json()


def without(*names: str) -> tuple[int, dict[str, str]]:
    """The answer where these parts are not well."""
    return 503, WELL | {name: "not ok" for name in ["status", *names]}


# --- each part -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_desk_that_is_well_says_so_to_everybody() -> None:
    factories.customer("BZ0000001")
    assert asked() == (200, WELL)
    assert Client().head("/healthz").content == b""


def test_a_database_that_is_away_takes_the_rest_along(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    assert asked() == (200, WELL)

    def away(*args: object, **kwargs: object) -> None:
        raise DatabaseError("could not connect to server as postgres, password hunter2")

    with monkeypatch.context() as patched:
        patched.setattr(type(connections["default"]), "cursor", away)
        assert asked() == without(*PARTS)


@pytest.mark.django_db
def test_a_wrong_key_is_told_and_not_which(settings: Any) -> None:
    assert asked() == (200, WELL)
    settings.CHECKPOINT_KEY = settings.BLIND_INDEX_KEY
    assert asked() == without("keys")


@pytest.mark.django_db
def test_a_key_that_the_database_forgot_is_told() -> None:
    KeyCheck.objects.filter(use=KeyCheck.Use.BLIND_INDEX).delete()
    assert asked() == without("keys")


@pytest.mark.django_db
def test_a_trigger_that_is_gone_is_told() -> None:
    on = "" if connection.vendor == "sqlite" else " ON customers_leaf"
    name = "customers_leaf_no_delete" if connection.vendor == "sqlite" else "customers_leaf_frozen"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    assert asked() == without("evidence_triggers")


@pytest.mark.bare
def test_an_entry_that_waits_too_long_for_its_checkpoint_is_told(
    own_database: str, clock: Clock, settings: Any
) -> None:
    settings.CHECKPOINT_MINUTES_AT_MOST = 60
    factories.customer("BZ0000001")
    clock.now += timedelta(minutes=59)
    assert asked() == (200, WELL)
    clock.now += timedelta(minutes=2)
    assert asked() == without("checkpoint")
    call_command("checkpoint", stdout=io.StringIO())
    assert asked() == (200, WELL)


def test_a_checkpoint_that_did_not_leave_the_database_counts_for_nothing(
    own_database: str, clock: Clock, settings: Any, tmp_path: Path
) -> None:
    factories.customer("BZ0000001")
    clock.now += timedelta(hours=2)
    settings.ANCHOR_FILE = tmp_path / "not mounted" / "anchors"
    with pytest.raises(CommandError, match="Signed, but not anchored"):
        call_command("checkpoint", stdout=io.StringIO())
    assert asked() == without("checkpoint")
    settings.ANCHOR_FILE = tmp_path / "anchors"
    call_command("checkpoint", stdout=io.StringIO())
    assert asked() == (200, WELL)


def test_a_log_that_nothing_was_added_to_needs_no_new_checkpoint(own_database: str, clock: Clock) -> None:
    factories.customer("BZ0000001")
    call_command("checkpoint", stdout=io.StringIO())
    clock.now += timedelta(days=3)
    assert asked() == (200, WELL)
    factories.person("linh", "Support agent")
    assert asked() == (200, WELL)
    clock.now += timedelta(hours=2)
    assert asked() == without("checkpoint")


# --- what it does not say -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_says_nothing_but_well_or_not_and_sets_no_cookie() -> None:
    factories.customer("BZ0000001")
    answer = Client().get("/healthz?verbose=1", headers={"host": "elsewhere.example.net"})
    assert (answer.status_code, set(answer.json().values()), answer.cookies) == (200, {"ok"}, {})
    assert not any(character.isdigit() for character in answer.content.decode())
    assert str(Leaf.objects.count()) not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz/", "/healthz/x", "/Healthz"])
def test_only_its_own_path_goes_round_the_door(path: str) -> None:
    assert Client().get("/healthz").status_code == 200
    assert Client().get(path).status_code == 302
    assert Client().get(path, headers={"host": "elsewhere.example.net"}).status_code == 400


# --- asked often ----------------------------------------------------------------------------------------------------


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each look that was taken; all is well."""
    taken: list[int] = []

    def look() -> dict[str, bool]:
        taken.append(1)
        return dict.fromkeys(PARTS, True)

    monkeypatch.setattr(healthz, "look", look)
    return taken


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass, as the answers' own clock counts them."""
    seconds = [1000.0]
    monkeypatch.setattr(healthz.time, "monotonic", lambda: seconds[0])

    def go_on(more: float) -> None:
        seconds[0] += more

    return go_on


def status(desk: HealthMiddleware, rf: RequestFactory) -> int:
    """What the desk answers now."""
    return desk(rf.get("/healthz")).status_code


def middleware() -> HealthMiddleware:
    """A process's own."""
    return HealthMiddleware(lambda request: pytest.fail("not reached"))


@no_database
def test_however_often_it_is_asked_it_looks_once_in_some_seconds(
    looks: list[int], passing: Callable[[float], None], rf: RequestFactory
) -> None:
    desk = middleware()
    assert [status(desk, rf) for _ in range(1000)] == [200] * 1000
    assert len(looks) == 1
    passing(healthz.SECONDS)
    assert (status(desk, rf), len(looks)) == (200, 2)


@no_database
def test_while_one_looks_the_others_are_told_what_was_seen_and_not_for_ever(
    looks: list[int], passing: Callable[[float], None], rf: RequestFactory
) -> None:
    desk = middleware()
    assert status(desk, rf) == 200
    with desk.looking:  # somebody is at it, and does not come back
        passing(healthz.SECONDS + 1)
        assert (status(desk, rf), len(looks)) == (200, 1)
        passing(healthz.LATE)
        assert (status(desk, rf), len(looks)) == (503, 1)
    assert (status(desk, rf), len(looks)) == (200, 2)


@no_database
def test_many_who_ask_first_at_once_share_one_look(looks: list[int], rf: RequestFactory) -> None:
    desk, answers = middleware(), []
    threads = [threading.Thread(target=lambda: answers.append(status(desk, rf))) for _ in range(20)]
    with desk.looking:
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert (answers, len(looks)) == ([200] * 20, 1)
