"""A cache in the desk's own database, so that several web machines count together without another server.

Django's ``DatabaseCache`` is not it: it unpickles what it finds, so whoever writes to the database runs code where the
keys are; its ``incr`` reads, then writes, so that many at once are counted as few, and puts off the end of what it
counts; and it throws away what still counts once it holds more than so much. Here a value is JSON, counting is one
statement, and only what has run out is removed.
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
"""How seldom a write also removes what has run out."""


class SharedCache(BaseCache):
    """``LOCATION`` names the table (key, value, expires), which a migration makes. ``expires``: UNIX seconds, or null.

    Raises ``TypeError`` for a value that is no JSON, and ``DatabaseError`` where the database fails: what is counted
    here protects, so it is not passed over.
    """

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.table = f'"{table}"'

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """True where there was nothing under the key, and now is."""
        over = f"WHERE {self.table}.expires <= %s"
        return self._put(key, value, timeout, version, over, [_now()]) == 1

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The value, as JSON gives it back."""
        found = self._rows([self.make_and_validate_key(key, version)])
        return json.loads(found[0][1]) if found else default

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """In one query."""
        asked = {self.make_and_validate_key(key, version): key for key in keys}
        return {asked[name]: json.loads(value) for name, value in self._rows(list(asked))}

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Put it there, whatever was."""
        self._put(key, value, timeout, version, "", [])

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Let it last longer."""
        name = self.make_and_validate_key(key, version)
        where = "WHERE key = %s AND (expires IS NULL OR expires > %s)"
        return self._run(f"UPDATE {self.table} SET expires = %s {where}", [self._end(timeout), name, _now()]) == 1

    def delete(self, key: Any, version: int | None = None) -> bool:
        """True where something was there."""
        name = self.make_and_validate_key(key, version)
        return self._run(f"DELETE FROM {self.table} WHERE key = %s", [name]) == 1

    def clear(self) -> None:
        """Everything."""
        self._run(f"DELETE FROM {self.table}", [])

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count on, however many do at once; it ends when it would have. ``ValueError`` where nothing is there."""
        name = self.make_and_validate_key(key, version)
        counted = "CAST(CAST(value AS bigint) + %s AS text)"
        where = "WHERE key = %s AND (expires IS NULL OR expires > %s)"
        with transaction.atomic(using=DEFAULT_DB_ALIAS):  # the row is ours until we have read it
            if not self._run(f"UPDATE {self.table} SET value = {counted} {where}", [delta, name, _now()]):
                raise ValueError("There is nothing to count on from.")
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute(f"SELECT value FROM {self.table} WHERE key = %s", [name])
                return int(cursor.fetchone()[0])

    # --- statements ---------------------------------------------------------------------------------------------

    def _put(self, key: Any, value: Any, timeout: Any, version: int | None, over: str, among: list[Any]) -> int:
        name = self.make_and_validate_key(key, version)
        if random.randrange(ONE_IN) == 0:  # noqa: S311  (no secret)
            self._run(f"DELETE FROM {self.table} WHERE expires <= %s", [_now()])
        instead = "ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires"
        statement = f"INSERT INTO {self.table} (key, value, expires) VALUES (%s, %s, %s) {instead} {over}"
        return self._run(statement, [name, json.dumps(value, ensure_ascii=False), self._end(timeout), *among])

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
