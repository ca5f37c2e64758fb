"""What comes out anywhere is found there, and where nothing comes out, nothing is found."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from customers.models import ContactPoint, NameIndex
from customers.vault.masking import mask
from tests import factories
from tests.canary.planting import CANARIES, Planted, plant
from tests.canary.scanning import Scan, watching
from tests.canary.spellings import found_in
from tests.reading import customer_url, signed_in, texts
from tests.worlds import shared

NAME = CANARIES["Hanoi Customer.full_name"]
EMAIL = CANARIES["Da Nang former ContactPoint.email"]
PHONE = CANARIES["Hanoi ContactPoint.phone"]
LOCAL = EMAIL.value.partition("@")[0]


@pytest.fixture
def scan() -> Scan:
    return Scan()


planted = shared(plant)


# --- answers -----------------------------------------------------------------------------------------------------


def with_cookie(value: str, *, signed: bool = False, path: str = "/") -> HttpResponse:
    response = HttpResponse()
    (response.set_signed_cookie if signed else response.set_cookie)("last", value, path=path)
    return response


def with_messages(*said: str) -> HttpResponse:
    response = HttpResponse()
    storage = CookieStorage(RequestFactory().get("/"))
    for text in said:
        storage.add(messages.INFO, text)
    storage.update(response)
    return response


def in_utf_16() -> HttpResponse:
    return HttpResponse(NAME.value.encode("utf-16"), content_type="text/csv; charset=utf-16")


ANSWERS: dict[str, tuple[Callable[[], Any], str]] = {
    "a body": (lambda: HttpResponse(f"<b>{NAME.value}</b>"), f"page body: {NAME}, as it is"),
    "an escaped body": (lambda: HttpResponse(json.dumps([NAME.value])), f"page body: {NAME}, escaped"),
    "a body in another encoding": (in_utf_16, f"page body: {NAME}, as it is"),
    "a stream": (
        lambda: StreamingHttpResponse(iter([EMAIL.value[:5], EMAIL.value[5:]])),
        f"page body: {EMAIL}, as it is",
    ),
    "a file": (lambda: FileResponse(io.BytesIO(NAME.value.encode())), f"page body: {NAME}, as it is"),
    "a file's name": (
        lambda: FileResponse(io.BytesIO(), as_attachment=True, filename=f"{NAME.value}.csv"),
        f"page header Content-Disposition: {NAME}, escaped",
    ),
    "a status line": (lambda: HttpResponse(reason=PHONE.value), f"page status line: {PHONE}, as it is"),
    "a header": (
        lambda: HttpResponse(headers={"Location": quote(NAME.value)}),
        f"page header Location: {NAME}, escaped",
    ),
    "a header in words": (lambda: HttpResponse(headers={"X-For": NAME.value}), f"page header X-For: {NAME}, escaped"),
    "a header's name": (lambda: HttpResponse(headers={LOCAL: "1"}), f"page name of header 0: {EMAIL}, as it is"),
    "a cookie": (lambda: with_cookie(NAME.value), f"page cookie last: {NAME}, as it is"),
    "a cookie's path": (lambda: with_cookie("1", path=f"/{LOCAL}/"), f"page cookie last: {EMAIL}, as it is"),
    "a signed cookie": (lambda: with_cookie(EMAIL.value, signed=True), f"page cookie last: {EMAIL}, as it is"),
    "a packed cookie": (lambda: with_cookie(signing.dumps(NAME.value)), f"page cookie last: {NAME}, packed"),
    "a message": (lambda: with_messages(NAME.value), f"page cookie messages: {NAME}, packed"),
    "one of many messages": (
        lambda: with_messages(*["The customer was saved."] * 9, PHONE.value),
        f"page cookie messages: {PHONE}, packed",
    ),
}


@pytest.mark.one_engine("what is looked through here lies in memory")
@pytest.mark.parametrize(("answer", "finding"), ANSWERS.values(), ids=ANSWERS)
def test_what_an_answer_carries_is_found(answer: Callable[[], Any], finding: str, scan: Scan) -> None:
    assert scan.response(answer(), "page") == [finding]


@pytest.mark.one_engine("what is looked through here lies in memory")
def test_a_stream_can_still_be_read_after_it_was_looked_at(scan: Scan) -> None:
    response = StreamingHttpResponse(iter(["one ", "two"]))
    assert scan.response(response) == []
    assert response.getvalue() == b"one two"


@pytest.mark.one_engine("what is looked through here lies in memory")
def test_what_a_body_is_meant_to_show_is_let_pass_there_and_nowhere_else(scan: Scan) -> None:
    response = HttpResponse(f"{NAME.value} {EMAIL.value}", headers={"X-For": NAME.value})
    assert scan.response(response, "page", but=[NAME]) == [
        f"page header X-For: {NAME}, escaped",
        f"page body: {EMAIL}, as it is",
    ]


@pytest.mark.one_engine("what is looked through here lies in memory")
def test_an_answer_is_called_by_its_request(scan: Scan) -> None:
    response = HttpResponse(PHONE.value)
    response.request = {"REQUEST_METHOD": "GET", "PATH_INFO": "/customers/"}  # type: ignore[attr-defined]
    assert scan.response(response) == [f"GET /customers/ body: {PHONE}, as it is"]


# --- sessions and tables -------------------------------------------------------------------------------------------


KEPT = [
    ({"found": NAME.value}, "as it is"),
    ({"_messages": json.dumps([NAME.value])}, "escaped"),
    ({NAME.value: 1}, "as it is"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("kept", "how"), KEPT)
def test_what_a_session_holds_is_found(kept: dict[str, Any], how: str, scan: Scan) -> None:
    assert scan.sessions() == []
    session = SessionStore()
    session.update({"padding": "clean" * 30, **kept})
    session.save()
    assert scan.sessions() == [f"session 0: {NAME}, {how}"]
    assert scan.tables() == [f"django_session.session_data[0]: {NAME}, packed"]


@pytest.mark.django_db
def test_a_session_that_nobody_can_decode_is_looked_through_as_it_is_stored(scan: Scan) -> None:
    Session.objects.create(session_key="k", session_data=NAME.value, expire_date=timezone.now())
    assert scan.sessions() == [f"session 0: {NAME}, as it is"]


TYPES = {"varchar(200)": NAME.value, "text": f"of {EMAIL.value}", "bytes": NAME.value.encode(), "bigint": 84785319462}


@pytest.mark.django_db
@pytest.mark.parametrize("column", [*TYPES, "json"])
def test_what_a_cell_holds_is_found_whatever_its_type_and_table(column: str, scan: Scan) -> None:
    kind = {"bytes": "bytea", "json": "jsonb"}.get(column, column) if connection.vendor == "postgresql" else column
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE spill (number integer, cell {kind})")
        cursor.execute("INSERT INTO spill VALUES (1, NULL), (2, %s)", [TYPES.get(column, json.dumps([NAME.value]))])
    [finding] = scan.tables()
    assert finding.rpartition(", ")[0] in [f"spill.cell[1]: {canary}" for canary in (NAME, EMAIL, PHONE)]


@pytest.mark.django_db
def test_what_a_view_makes_of_clean_cells_is_found(scan: Scan) -> None:
    first, second = LOCAL.split("-")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE VIEW spill AS SELECT '{first}' || '-' || '{second}' AS cell")
    assert scan.tables() == [f"spill.cell[0]: {EMAIL}, as it is"]


def test_a_row_is_looked_at_again_once_it_has_changed(planted: Planted, scan: Scan) -> None:
    change = "UPDATE customers_customer SET row_digest = %s WHERE id = %s"
    assert scan.tables() == []
    for text, found in (("clean", []), (LOCAL, [EMAIL]), (LOCAL, []), (PHONE.value, [PHONE]), ("clean again", [])):
        with connection.cursor() as cursor:
            cursor.execute(change, [text, planted.hanoi.pk])
        told = [re.sub(r"\[\d+\]", "", line) for line in scan.tables()]
        assert told == [f"customers_customer.row_digest: {canary}, as it is" for canary in found]


def test_sealed_values_their_versions_and_their_blind_indexes_are_clean(planted: Planted, scan: Scan) -> None:
    indexed = ContactPoint.objects.exclude(email_index=None, phone_index=None)
    assert (NameIndex.objects.filter(customer=planted.hanoi).count(), indexed.count()) == (4, 8)
    assert scan.tables() == scan.sessions() == []
    assert {"customers_customer", "customers_historicalcontactpoint", "customers_reveal", "customers_leaf"} <= {
        table for table, rows in scan.looked_at.items() if rows
    }


def test_pages_full_of_masks_and_references_are_clean(planted: Planted, scan: Scan) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    for page in (customer_url(planted.hanoi), reverse("admin:customers_customer_changelist")):
        response = client.get(page)
        assert {mask(NAME.kind, NAME.value), planted.hanoi.reference} <= texts(response)
        assert scan.response(response) == []


# --- cache -------------------------------------------------------------------------------------------------------


CACHED: dict[str, tuple[str, Any, str]] = {
    "a text": ("k", NAME.value, f"cache default value 0: {NAME}, as it is"),
    "a text inside": ("k", {"rows": [(1, EMAIL.value)]}, f"cache default value 0: {EMAIL}, as it is"),
    "a number": ("k", [84785319462], f"cache default value 0: {PHONE}, as it is"),
    "a key": (f"found:{LOCAL}", 1, f"cache default key 0: {EMAIL}, as it is"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "value", "finding"), CACHED.values(), ids=CACHED)
def test_what_the_cache_holds_is_found(key: str, value: Any, finding: str, scan: Scan) -> None:
    assert scan.cache() == []
    cache.set(key, value)
    assert scan.cache() == [finding]


@pytest.mark.one_engine("what is looked through here lies in memory")
def test_a_cache_that_nobody_can_look_into_is_refused(settings: Any, tmp_path: Any, scan: Scan) -> None:
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(tmp_path)}}
    with pytest.raises(TypeError, match="default"):
        scan.cache()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert scan.cache() == []


# --- logs and streams ----------------------------------------------------------------------------------------------

LOG = logging.getLogger("desk.door")


class Shy:
    """Has no repr."""

    def __repr__(self) -> str:
        raise RuntimeError


class Loud:
    """Prints what its repr does not tell."""

    def __repr__(self) -> str:
        return "Loud"

    def __str__(self) -> str:
        return NAME.value


def fail(text: str) -> None:
    try:
        raise KeyError(text)
    except KeyError as error:
        raise ValueError("It did not work.") from error


def log_failure() -> None:
    try:
        fail(NAME.value)
    except ValueError:
        LOG.exception("Oh")


LOGGED: dict[str, tuple[Callable[[], None], str]] = {
    "a message": (lambda: LOG.error(NAME.value), "message"),
    "a message nobody prints": (lambda: LOG.debug("Found %s", NAME.value), "message"),
    "arguments": (lambda: LOG.info("Found %(x)s", {"x": 1, "row": NAME.value}), "args"),
    "arguments that do not fit": (lambda: LOG.info("Found", NAME.value), "args"),
    "arguments beside one without repr": (lambda: LOG.info(f"{NAME.value} %s", Shy()), "msg"),
    "what is attached": (lambda: LOG.info("Found", extra={"row": {"name": NAME.value}}), "row"),
    "what prints itself": (lambda: LOG.info("Found", extra={"row": Loud()}), "row"),
    "what it is attached as": (lambda: LOG.info("Found", extra={NAME.value: 1}), "name of an attribute"),
    "a traceback": (log_failure, "traceback"),
}


@pytest.mark.one_engine("what is looked through here lies in memory")
@pytest.mark.parametrize(("log", "part"), LOGGED.values(), ids=LOGGED)
def test_what_is_logged_is_found(log: Callable[[], None], part: str) -> None:
    with watching() as watch:
        log()
    told = [finding for finding in watch.findings() if finding.startswith("log desk.door ")]
    assert [line for line in told if f" {part}: {NAME}, " in line]


@pytest.mark.one_engine("what is looked through here lies in memory")
def test_records_that_others_kept_are_looked_through(scan: Scan, caplog: pytest.LogCaptureFixture) -> None:
    LOG.warning("Found nothing")
    assert scan.logs(caplog.records) == []
    LOG.warning("Found %s", EMAIL.value)
    told = scan.logs(caplog.records)
    assert {line.partition(": ")[2] for line in told} == {f"{EMAIL}, as it is"}
    assert told[0].startswith("log desk.door WARNING test_scanning.py:")


def state_of(logger: logging.Logger) -> list[Any]:
    handlers = [(handler, handler.level) for handler in logger.handlers]
    return [logger.level, logger.disabled, logger.propagate, handlers]


@pytest.mark.one_engine("what is looked through here lies in memory")
@pytest.mark.parametrize("trait", ["propagate", "disabled", "level"])
def test_loggers_that_keep_to_themselves_are_heard_and_left_as_they_were(trait: str) -> None:
    quiet = logging.getLogger(f"desk.quiet.{trait}")
    setattr(quiet, trait, {"propagate": False, "disabled": True, "level": logging.CRITICAL}[trait])
    quiet.addHandler(logging.NullHandler())
    before = state_of(quiet), state_of(logging.root)
    with watching() as watch:
        quiet.debug(NAME.value)
    assert f"log {quiet.name} DEBUG" in watch.findings()[0]
    assert (state_of(quiet), state_of(logging.root)) == before


@pytest.mark.one_engine("what is looked through here lies in memory")
def test_nobody_can_silence_what_is_watched() -> None:
    logging.disable(logging.CRITICAL)
    try:
        with watching() as watch:
            LOG.info(NAME.value)
        assert (len(watch.findings()) > 0, logging.root.manager.disable) == (True, logging.CRITICAL)
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.one_engine("what is looked through here lies in memory")
def test_others_hear_no_more_than_before(caplog: pytest.LogCaptureFixture) -> None:
    with watching():
        LOG.debug("a whisper")
        LOG.warning("a word")
    assert caplog.messages == ["a word"]


@pytest.mark.one_engine("what is looked through here lies in memory")
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_what_is_written_to_a_stream_is_found(stream: str) -> None:
    with watching() as watch:
        print("clean", file=getattr(sys, stream))
        assert watch.findings() == []
        print(NAME.value, file=getattr(sys, stream))
        getattr(sys, stream).buffer.write(EMAIL.value.encode())
    assert watch.findings() == [f"{stream}: {NAME}, as it is", f"{stream}: {EMAIL}, as it is"]


@pytest.mark.one_engine("what is looked through here lies in memory")
def test_a_text_that_was_written_is_looked_through(scan: Scan) -> None:
    assert scan.stream("nothing") == []
    assert scan.stream(f"of {NAME.value}", "stderr of a command") == [f"stderr of a command: {NAME}, as it is"]


# --- findings ------------------------------------------------------------------------------------------------------


@pytest.mark.one_engine("what is looked through here lies in memory")
def test_no_finding_says_what_it_found(scan: Scan) -> None:
    response = HttpResponse(NAME.value, headers={LOCAL: "x"})
    response.set_cookie(LOCAL, NAME.value)
    told = scan.response(response, f"GET /?q={EMAIL.value}") + scan.stream(NAME.value, PHONE.value)
    assert f"a place whose own name holds one: {NAME}, as it is" in told
    assert [found_in(line) for line in told] == [{}] * len(told)
    assert found_in(repr([*CANARIES.items()])) == {}
