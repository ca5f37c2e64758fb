"""A cache in the desk's own database, so that several web machines share counters without another server.

Django's ``DatabaseCache`` does not fit. It unpickles values, so anybody who can write to the database could run code on
the web machines, where the keys are; its ``incr`` reads and then writes, so concurrent counts are lost, and it extends
the expiry; and it culls entries that are still valid. Here values are JSON, counting is one statement, and only expired
entries are removed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils import timezone

ONE_IN = 100
"""One in so many writes also removes expired entries."""


class SharedCache(BaseCache):
    """A cache in the table that ``LOCATION`` names (key, value, expires), which a migration creates.

    ``expires`` is in UNIX seconds, or null for never. Raises ``TypeError`` for a value that is not JSON, and
    ``DatabaseError`` where the database fails: the counters are limits, so a failure must not be ignored.
    """

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.table = f'"{table}"'

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store the value unless the key has one; True where it was stored."""
        over = f"WHERE {self.table}.expires <= %s"
        return self._put(key, value, timeout, version, over, [_now()]) == 1

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The value, as decoded from JSON."""
        rows = self._rows([self.make_and_validate_key(key, version)])
        return json.loads(rows[0][1]) if rows else default

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """The values of several keys, in one query."""
        keys_by_name = {self.make_and_validate_key(key, version): key for key in keys}
        return {keys_by_name[name]: json.loads(value) for name, value in self._rows(list(keys_by_name))}

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store the value, replacing one that is there."""
        self._put(key, value, timeout, version, "", [])

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Set a new expiry; True where the key has a value."""
        name = self.make_and_validate_key(key, version)
        where = "WHERE key = %s AND (expires IS NULL OR expires > %s)"
        return self._run(f"UPDATE {self.table} SET expires = %s {where}", [self._end(timeout), name, _now()]) == 1

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Remove the value; True where there was one."""
        name = self.make_and_validate_key(key, version)
        return self._run(f"DELETE FROM {self.table} WHERE key = %s", [name]) == 1

    def clear(self) -> None:
        """Remove all entries of the table."""
        self._run(f"DELETE FROM {self.table}", [])

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add to a number in one statement, so that concurrent counts add up; the expiry is kept.

        Raises ``ValueError`` where the key has no value.
        """
        name = self.make_and_validate_key(key, version)
        counted = "CAST(CAST(value AS bigint) + %s AS text)"
        where = "WHERE key = %s AND (expires IS NULL OR expires > %s)"
        with transaction.atomic(using=DEFAULT_DB_ALIAS):  # the updated row stays locked until it is read
            if not self._run(f"UPDATE {self.table} SET value = {counted} {where}", [delta, name, _now()]):
                raise ValueError("There is nothing to count on from.")
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute(f"SELECT value FROM {self.table} WHERE key = %s", [name])
                return int(cursor.fetchone()[0])

    # --- statements ---------------------------------------------------------------------------------------------

    def _put(self, key: Any, value: Any, timeout: Any, version: int | None, condition: str, values: list[Any]) -> int:
        name = self.make_and_validate_key(key, version)
        if random.randrange(ONE_IN) == 0:  # noqa: S311  (no secret)
            self._run(f"DELETE FROM {self.table} WHERE expires <= %s", [_now()])
        instead = "ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires"
        statement = f"INSERT INTO {self.table} (key, value, expires) VALUES (%s, %s, %s) {instead} {condition}"
        return self._run(statement, [name, json.dumps(value, ensure_ascii=False), self._end(timeout), *values])

    def _rows(self, names: list[str]) -> list[tuple[str, str]]:
        if not names:
            return []
        places = ", ".join(["%s"] * len(names))
        where = f"WHERE key IN ({places}) AND (expires IS NULL OR expires > %s)"
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(f"SELECT key, value FROM {self.table} {where}", [*names, _now()])
            return list(cursor.fetchall())

    def _run(self, statement: str, values: list[Any]) -> int:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)

    def _end(self, timeout: Any) -> float | None:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return None if seconds is None else _now() + seconds


def _now() -> float:
    return timezone.now().timestamp()
