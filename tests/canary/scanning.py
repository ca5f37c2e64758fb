"""Looking for canaries wherever the desk writes: answers, sessions, tables, cache, letters, logs, streams.

A finding says where a canary came out, which one, and how it was spelled; never what it says.
"""

from __future__ import annotations

import io
import json
import logging
import re
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.core.mail import EmailMessage
from django.db import connection
from django.http.response import HttpResponseBase

from config.shared_cache import SharedCache
from tests.canary.planting import Canary
from tests.canary.spellings import found_in, is_clean, remember_clean, text_of

TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[0-9A-Za-z]{64}(?=")')
APART = " \x1f;\x1f "
"""Between two texts that are looked through together: no word, number or packing runs across it."""
TEMPLATES = "django.template"
ASIDE = "a place whose own name holds one"
OF_NO_INTEREST = vars(logging.makeLogRecord({})).keys() - {"name", "msg", "args", "exc_text", "stack_info"}
"""Attributes of every log record that logging fills itself; the exception among them is looked at as a traceback."""

Texts = Iterable[tuple[str, str]]
"""Texts, each with where it stands."""


def findings(texts: Texts, but: Collection[Canary] = ()) -> list[str]:
    """One line for each canary in each text, but for those that belong there. New texts cost one look together."""
    texts = [(where, text) for where, text in texts if not is_clean(text)]
    if not found_in(APART.join(text for _, text in texts)):
        remember_clean(text for _, text in texts)
        return []
    found = []
    for where, text in texts:
        place = ASIDE if found_in(where) else where
        found += [f"{place}: {canary}, {how}" for canary, how in found_in(text).items() if canary not in but]
    return found


class Scan:
    """One looking-through of everything, to be repeated as often as there is something new. Needs a database."""

    def __init__(self) -> None:
        self.looked_at: dict[str, set[int]] = {}
        """By table, the rows that were looked at, as hashes of all their cells."""

    def another(self) -> Scan:
        """One that passes over the rows this one has looked at, and remembers its own apart."""
        other = Scan()
        other.looked_at = {table: set(rows) for table, rows in self.looked_at.items()}
        return other

    def response(self, response: HttpResponseBase, where: str = "", but: Collection[Canary] = ()) -> list[str]:
        """Status line, headers, cookies, body. ``but``: canaries the body, and nothing else, is meant to show.

        A streaming body is read to its end and put back. ``where`` is how the answer is called: its request, if "".
        """
        request = getattr(response, "request", {})
        where = where or f"{request.get('REQUEST_METHOD', '')} {request.get('PATH_INFO', '')}".strip() or "answer"
        body = response.getvalue()  # type: ignore[attr-defined]
        if response.streaming:
            response.streaming_content = [body]  # type: ignore[attr-defined]
        texts = [(f"{where} status line", f"{response.status_code} {response.reason_phrase}")]
        for number, (name, value) in enumerate(response.headers.items()):
            texts.append((f"{where} header {name}", value))
            texts.append((f"{where} name of header {number}", name))
        for number, (name, morsel) in enumerate(response.cookies.items()):
            texts.append((f"{where} cookie {name}", morsel.OutputString()))
            texts.append((f"{where} name of cookie {number}", name))
        body_text = TOKEN.sub("", _decoded(body, response.charset))
        return findings(texts) + findings([(f"{where} body", body_text)], but)

    def sessions(self) -> list[str]:
        """Every session in the database, decoded and as it is stored."""
        return findings(
            (f"session {number}", f"{session.get_decoded()}{APART}{session.session_data}")
            for number, session in enumerate(Session.objects.all())
        )

    def tables(self, of: Collection[str] = ()) -> list[str]:
        """Every cell of every table, or of some, by plain SQL. Rows looked at by an earlier call are passed over."""
        found = []
        with connection.cursor() as cursor:
            for table in sorted(of or connection.introspection.table_names(cursor, include_views=True)):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                columns = [column[0] for column in cursor.description]
                found += findings(
                    (f"{table}.{column}[{number}]", cell)
                    for number, cells in self._new(table, cursor.fetchall())
                    for column, cell in zip(columns, cells, strict=True)
                )
        return found

    def _new(self, table: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, list[str]]]:
        known = self.looked_at.setdefault(table, set())
        for number, row in enumerate(rows):
            if (mark := _mark(row)) not in known:
                known.add(mark)
                yield number, [text_of(cell) for cell in row]

    def written(self, tables: Collection[str]) -> list[str]:
        """What stands in tables that were just written to; where sessions or caches are kept in one, in these too."""
        found = self.tables(tables) if tables else []
        if Session._meta.db_table in tables:
            found += self.sessions()
        if any(alias.table.strip('"') in tables for alias in caches.all() if isinstance(alias, SharedCache)):
            found += self.cache()
        return found

    def cache(self) -> list[str]:
        """Every entry, key and value, of every cache. Raises ``TypeError`` for one outside the database."""
        texts = []
        for alias in settings.CACHES:
            cache = caches[alias]
            if isinstance(cache, DummyCache):
                continue
            if not isinstance(cache, SharedCache):
                raise TypeError(f"Nobody can say what the cache {alias!r} holds: it is not in the database.")
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT key, value FROM {cache.table}")
                for number, (key, stored) in enumerate(cursor.fetchall()):
                    texts += [(f"cache {alias} key {number}", key)]
                    texts += [(f"cache {alias} value {number}", APART.join((stored, repr(json.loads(stored)))))]
        return findings(texts)

    def mail(self) -> list[str]:
        """Every letter that was sent: envelope, headers, body, alternatives, attachments.

        The address of its one recipient may stand in ``To`` and on the envelope, alone, and nowhere else in it.
        """
        letters = enumerate(getattr(mail, "outbox", []))
        return findings(text for number, letter in letters for text in letter_texts(f"letter {number}", letter))

    def logs(self, records: Iterable[logging.LogRecord]) -> list[str]:
        """Messages, arguments, whatever was attached, and tracebacks."""
        return findings(text for record in records for text in record_texts(record))

    def stream(self, text: str, where: str = "stream") -> list[str]:
        """A text that was written somewhere."""
        return findings([(where, text)])


def _mark(row: tuple[Any, ...]) -> int:
    try:
        return hash(row)
    except TypeError:  # a cell that may change: JSON, a list
        return hash(tuple(map(text_of, row)))


def _decoded(body: bytes, charset: str) -> str:
    try:
        own = "" if charset.lower() in ("utf-8", "us-ascii") else body.decode(charset, "replace")
    except LookupError:  # a made-up name
        own = ""
    return f"{text_of(body)}{APART}{own}"


def letter_texts(where: str, letter: EmailMessage) -> Texts:
    """What a letter says, decoded, part by part."""
    message = letter.message()
    own = letter.to[0] if len(letter.to) == 1 and parseaddr(letter.to[0])[1] == letter.to[0] else None
    yield f"{where} envelope", repr([letter.from_email, *([] if own else letter.to), *letter.cc, *letter.bcc])
    for number, part in enumerate(message.walk()):
        for name, value in part.items():
            if not (number == 0 and name == "To" and str(value) == own):
                yield f"{where} part {number} header {name}", str(value)
        yield f"{where} part {number} file name", str(part.get_filename(""))
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield f"{where} part {number}", _decoded(payload, part.get_content_charset("utf-8"))


def record_texts(record: logging.LogRecord) -> Texts:
    """What a log record says, and all that a handler could make of it."""
    where = f"log {record.name} {record.levelname} {record.filename}:{record.lineno}"
    yield f"{where} message", _shown(logging.LogRecord.getMessage, record)
    for name, value in list(vars(record).items()):
        if name not in OF_NO_INTEREST:
            yield f"{where} {name}", f"{_shown(repr, value)}{APART}{_shown(str, value)}"
            yield f"{where} name of an attribute", name
    if record.exc_info:
        yield f"{where} traceback", "".join(traceback.format_exception(*record.exc_info))


def _shown(maker: Callable[[Any], str], value: object) -> str:
    try:
        return maker(value)
    except Exception:  # then no handler can print it either, only its parts, which are looked at one by one
        return ""


class Watch(logging.Handler):
    """What is logged, and written to stdout and stderr, while it is on watch."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self.streams = {name: io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for name in ("out", "err")}

    def filter(self, record: logging.LogRecord) -> bool:
        """All but what the template engine notes of its own workings, which no level in use lets through."""
        return record.name != TEMPLATES or record.levelno > logging.DEBUG

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the texts as they are now: what a record points at may change."""
        self.texts += record_texts(record)

    def findings(self) -> list[str]:
        """Every canary since the watch began."""
        streams = [(f"std{name}", text_of(stream.buffer.getvalue())) for name, stream in self.streams.items()]  # type: ignore[attr-defined]
        return findings([*self.texts, *streams])


@contextmanager
def watching() -> Iterator[Watch]:
    """Hear every logger at every level (but the template engine's notes to itself), and both streams of this process.

    Whoever else listens hears what they heard before.
    """
    watch = Watch()
    manager = logging.root.manager
    loggers = [logging.root, *(known for known in manager.loggerDict.values() if isinstance(known, logging.Logger))]
    silenced, states = manager.disable, [(logger, logger.level, logger.disabled) for logger in loggers]
    listening = [
        (handler, handler.level, logger.getEffectiveLevel()) for logger in loggers for handler in logger.handlers
    ]
    try:
        logging.disable(logging.NOTSET)
        for handler, level, heard in listening:
            handler.setLevel(max(level, heard))
        for logger in loggers:
            ends_here = logger is logging.root or not logger.propagate
            logger.disabled = False
            quietest = logging.INFO if logger.name == TEMPLATES else logging.NOTSET  # it notes more than all others
            logger.setLevel(logging.DEBUG if ends_here else quietest)
            if ends_here:
                logger.addHandler(watch)
        with redirect_stdout(watch.streams["out"]), redirect_stderr(watch.streams["err"]):
            yield watch
    finally:
        for logger, level, disabled in states:
            logger.removeHandler(watch)
            logger.setLevel(level)
            logger.disabled = disabled
        for handler, level, _heard in listening:
            handler.setLevel(level)
        logging.disable(silenced)
