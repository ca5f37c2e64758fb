"""What several web machines count together, in the database they share."""

from __future__ import annotations

import pickle
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from config.shared_cache import SharedCache
from tests.conftest import Clock

TABLE = "customers_sharedcache"


def rows() -> list[tuple[Any, ...]]:
    """What lies in the table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key, value FROM {TABLE} ORDER BY key")
        return list(cursor.fetchall())


@pytest.mark.django_db
def test_it_is_the_cache_of_every_mode() -> None:
    assert isinstance(cache._connections[cache._alias], SharedCache)  # type: ignore[attr-defined]
    cache.set("a", 1)
    assert rows() == [(":1:a", "1")]


@pytest.mark.django_db
@pytest.mark.parametrize("value", [1, "chữ", None, [1.5, 2.5], {"a": [True]}, ""])
def test_what_was_put_there_comes_back(value: Any) -> None:
    cache.set("a", value)
    assert (cache.get("a", "nothing"), cache.get_many(["a", "b"]), cache.has_key("a"), "b" in cache) == (
        value, {"a": value}, True, False,
    )  # fmt: skip
    assert (cache.delete("a"), cache.delete("a"), cache.get("a", "nothing")) == (True, False, "nothing")


@pytest.mark.django_db
def test_adding_leaves_what_is_there_and_setting_does_not(clock: Clock) -> None:
    assert (cache.add("a", 1, 60), cache.add("a", 2, 60), cache.get("a")) == (True, False, 1)
    cache.set("a", 3, 60)
    assert cache.get("a") == 3
    clock.now += timedelta(seconds=60)
    assert (cache.get("a"), cache.add("a", 4, 60), cache.get("a")) == (None, True, 4)
    cache.set("b", 5, None)
    assert (cache.add("b", 6), cache.get("b")) == (False, 5)
    clock.now += timedelta(days=1000)
    assert (cache.get("a"), cache.get("b")) == (None, 5)


@pytest.mark.django_db
def test_counting_does_not_put_off_the_end(clock: Clock) -> None:
    cache.add("a", 0, 60)
    for n in range(1, 60):
        clock.now += timedelta(seconds=1)
        assert cache.incr("a") == n
    clock.now += timedelta(seconds=1)
    with pytest.raises(ValueError, match="nothing"):
        cache.incr("a")


@pytest.mark.django_db
def test_touching_puts_off_the_end(clock: Clock) -> None:
    cache.set("a", 1, 60)
    clock.now += timedelta(seconds=59)
    assert (cache.touch("a", 60), cache.touch("b", 60)) == (True, False)
    clock.now += timedelta(seconds=59)
    assert cache.get("a") == 1
    clock.now += timedelta(seconds=1)
    assert (cache.get("a"), cache.touch("a", 60)) == (None, False)


def test_many_who_count_at_once_are_all_counted(own_database: str) -> None:
    cache.set("a", 0, 600)
    counted: list[int] = []
    start = Barrier(4)

    def count() -> None:
        try:
            start.wait()
            counted.extend(cache.incr("a") for _ in range(10))
        finally:
            connections.close_all()

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counted) == list(range(1, 41))


def test_many_who_add_at_once_are_told_that_one_did(own_database: str) -> None:
    added: list[bool] = []
    start = Barrier(4)

    def add() -> None:
        try:
            start.wait()
            added.append(cache.add("a", 0, 600))
        finally:
            connections.close_all()

    threads = [Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [False, False, False, True]


@pytest.mark.django_db
def test_only_what_has_run_out_is_removed(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.shared_cache.ONE_IN", 1)
    for n in range(400):  # more than Django's own cache keeps
        cache.set(f"short{n}", n, 60)
    cache.set("long", 1, 600)
    assert len(rows()) == 401
    clock.now += timedelta(seconds=60)
    cache.set("new", 1, 60)
    assert rows() == [(":1:long", "1"), (":1:new", "1")]


class Ran(Exception):
    """Somebody's code ran."""


class Bomb:
    """What a thief of the database would leave there."""

    def __reduce__(self) -> Any:
        return (_go_off, ())


def _go_off() -> None:
    raise Ran


@pytest.mark.django_db
def test_nothing_found_in_the_database_is_run() -> None:
    with pytest.raises(Ran):
        pickle.loads(pickle.dumps(Bomb()))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (key, value, expires) VALUES (%s, %s, NULL)",
            [":1:a", pickle.dumps(Bomb(), 0).decode()],
        )
    with pytest.raises(ValueError, match="Expecting value"):
        cache.get("a")
    with pytest.raises(TypeError):
        cache.set("b", Bomb())


@pytest.mark.django_db
def test_how_often_a_link_was_asked_is_counted_where_every_machine_sees_it() -> None:
    for _ in range(3):
        Client(REMOTE_ADDR="192.0.2.1").get("/unsubscribe/wrong/")
    ((key, value),) = rows()
    assert (value, "192.0.2.1" in key, "wrong" in key) == ("3", False, False)


def test_its_table_comes_and_goes_with_its_migration(own_database: str) -> None:
    assert TABLE in connection.introspection.table_names()
    MigrationExecutor(connection).migrate([("customers", "0007_sign_ins")])
    assert TABLE not in connection.introspection.table_names()
    call_command("migrate", verbosity=0)
    assert TABLE in connection.introspection.table_names()
