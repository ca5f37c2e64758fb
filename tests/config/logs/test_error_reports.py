"""An error nobody foresaw, in a view full of a customer's data: what log, mail and page say of it, and what not."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings as configured
from django.core import mail
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.log import AdminEmailHandler
from django.views.debug import (
    ExceptionReporter,
    SafeExceptionReporterFilter,
    get_exception_reporter_class,
    get_exception_reporter_filter,
)

from config.logs.error_reports import EmptyReporterFilter
from config.logs.exceptions import in_lines
from config.logs.formatters import JsonLines, Stderr, TextLines
from config.logs.request_info import route_of
from customers.models import Customer
from tests import factories
from tests.reading import customer_url, signed_in
from tests.signing import sign_in_for_real
from tests.worlds import shared

pytestmark = pytest.mark.one_engine("reports of errors are made without a database")

CANARY = "canary.hoa@mail.example.com"
SPELLINGS = (CANARY, "canary.hoa", "canary%2Ehoa", "canary_cookie")


def broken(*args: object, **kwargs: object) -> None:
    """Fails with data wherever data can be: in locals, the message, and the message of what it came from."""
    email, row = CANARY, {"email": CANARY}
    try:
        int(email)
    except ValueError as error:
        raise LookupError(f"no room for {email} in {row}") from error


@contextmanager
def listening(formatter: logging.Formatter | None = None) -> Iterator[io.StringIO]:
    """What the log says meanwhile, in production's form."""
    stream = io.StringIO()
    handler = Stderr(stream)
    handler.setFormatter(formatter or JsonLines())
    logging.getLogger().addHandler(handler)
    try:
        yield stream
    finally:
        logging.getLogger().removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The log's lines, read."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def canaries(text: str) -> list[str]:
    """Which canaries a text holds."""
    return [spelling for spelling in SPELLINGS if spelling in text]


@shared
def linh() -> Client:
    """An agent of the one customer's team, whose browser has a telling cookie."""
    factories.customer("BZ0000001")
    client = signed_in(factories.person("linh", "Support agent"))
    client.cookies["canary_cookie"] = CANARY
    return client


def fail(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A page that fails, asked with data in path, query, form, headers and cookies."""
    monkeypatch.setattr("customers.admin.customer.timeline", broken)
    page = customer_url(Customer.objects.get())
    return client.post(f"{page}?q={CANARY}", {"said": CANARY}, headers={"user-agent": CANARY, "referer": CANARY})


# --- log, mail and page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("formatter", [JsonLines(), TextLines()], ids=["production", "demo"])
def test_no_datum_of_a_failing_page_reaches_log_mail_or_answer(
    formatter: logging.Formatter, linh: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ADMINS = [("", "keeper@example.com")]
    with listening(formatter) as log:
        answer = fail(linh, monkeypatch)
    assert answer.status_code == 500
    number = answer["X-Request-ID"]
    (letter,) = mail.outbox
    texts = {"log": log.getvalue(), "mail": str(letter.message()), "page": answer.content.decode()}
    leaked = {where: canaries(text + str(answer.headers)) for where, text in texts.items()}
    assert leaked == {where: [] for where in texts}
    assert {where: number in text for where, text in texts.items()} == dict.fromkeys(texts, True)
    for where in ("log", "mail"):
        assert ("LookupError" in texts[where], "ValueError" in texts[where]) == (True, True)
        assert "tests/config/logs/test_error_reports.py" in texts[where]
    assert ("LookupError" in texts["page"], "Traceback" in texts["page"]) == (False, False)


def test_the_log_says_which_request_failed_where(linh: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as log:
        number = fail(linh, monkeypatch)["X-Request-ID"]
    error, access = lines(log)
    route = "/customers/customer/<int:object_id>/"
    about = {"request": number, "method": "POST", "route": route, "status": 500}
    assert {name: error[name] for name in about} == {name: access[name] for name in about} == about
    assert (error["logger"], error["level"]) == ("django.request", "ERROR")
    assert [each["class"] for each in error["exception"]] == ["LookupError", "ValueError"]
    assert error["exception"][0]["where"][-1].endswith(" broken")
    assert (access["logger"], access["by"], access["ms"] >= 0) == ("desk.access", "linh", True)


def test_what_outsiders_ask_amiss_is_logged_and_no_letter(linh: Client, settings: Any) -> None:
    settings.ADMINS = [("", "keeper@example.com")]
    with listening() as log:
        numbers = [
            linh.get("/nowhere/")["X-Request-ID"],
            linh.get("/", headers={"host": "x.example.net"})["X-Request-ID"],
        ]
    said = [(line["request"], line["status"]) for line in lines(log) if line["logger"] != "desk.access"]
    assert said == [(numbers[0], 404), (numbers[1], 400)]
    assert mail.outbox == []


def test_nobody_is_written_to_where_nobody_is_named(linh: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fail(linh, monkeypatch).status_code == 500
    assert mail.outbox == []


def test_django_s_own_reports_are_ours(rf: RequestFactory) -> None:
    request = rf.post(f"/?q={CANARY}", {"said": CANARY}, headers={"cookie": f"canary_cookie={CANARY}"})
    kind = get_exception_reporter_class(request)
    try:
        broken()
    except LookupError as error:
        report = kind(request, type(error), error, error.__traceback__)
        made = [report.get_traceback_text(), report.get_traceback_html(), str(report.get_traceback_data())]
    assert canaries("".join(made)) == []
    assert all("LookupError" in text and "tests/config/logs/test_error_reports.py" in text for text in made)
    shows = get_exception_reporter_filter(request)
    assert (shows.get_post_parameters(request), shows.get_safe_cookies(request), shows.get_safe_settings()) == ({},) * 3


def test_stock_reports_would_tell_everything(rf: RequestFactory) -> None:
    request = rf.post("/", {"said": CANARY}, headers={"cookie": f"canary_cookie={CANARY}"})
    try:
        broken()
    except LookupError as error:
        report = ExceptionReporter(request, type(error), error, error.__traceback__)
    report.filter = SafeExceptionReporterFilter()
    assert "canary_cookie" in report.get_traceback_html()
    assert CANARY in report.get_traceback_text()
    report.filter = EmptyReporterFilter()
    left = report.get_traceback_data()
    assert (left["filtered_POST_items"], left["request_meta"], left["request_COOKIES_items"]) == ([], {}, {}.items())
    assert {str(frame["vars"]) for frame in left["frames"]} == {"[]"}


# --- databases -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_a_database_quotes_reaches_no_log() -> None:
    with listening() as log:
        with pytest.raises(DatabaseError, match="no_such_table") as caught, connection.cursor() as cursor:
            cursor.execute(f"SELECT '{CANARY}' FROM no_such_table")
        logging.getLogger("somebody").error("it failed with %s", caught.value, exc_info=caught.value)
    (line,) = lines(log)
    assert (canaries(log.getvalue()), "no_such_table" in log.getvalue()) == ([], False)
    assert line["exception"][0]["class"] in ("django.db.utils.OperationalError", "django.db.utils.ProgrammingError")


def test_details_of_a_duplicate_are_not_told() -> None:
    try:
        raise psycopg.errors.UniqueViolation(f"duplicate key\nDETAIL:  Key (email)=({CANARY}) already exists.")
    except psycopg.Error as error:
        said = in_lines(error)
    assert said[0] == "psycopg.errors.UniqueViolation"
    assert canaries(" ".join(said)) == []


# --- paths that hold a key -------------------------------------------------------------------------------------------

SIGN_IN = "customers.admin_views.sign_in"
LINKS = {
    "confirm": ("/confirm/secret-token", "customers.casework.address_verification_page.check_of"),
    "unsubscribe": ("/unsubscribe/secret-token/", "consent.choices.unsubscribe_page.way_out"),
    "choose-password": ("/choose-password/MQ/secret-token/", f"{SIGN_IN}.ChoosePasswordView.dispatch"),
}


@pytest.mark.parametrize("what", LINKS)
def test_a_link_that_meets_a_failing_database_leaves_no_key_behind(
    what: str, db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, lookup = LINKS[what]

    def away(*args: object, **kwargs: object) -> None:
        raise DatabaseError("secret-token")

    monkeypatch.setattr(lookup, away)
    with listening() as log:
        answer = Client(raise_request_exception=False).get(path)
    assert answer.status_code == 500
    assert "secret-token" not in log.getvalue() + answer.content.decode()
    assert {line["route"].split("/")[1] for line in lines(log)} == {what}
    records = [record for record in caplog.records if record.name == "django.request"]
    assert len(records) == 1
    assert "secret-token" not in records[0].getMessage() + str(vars(records[0]) | {"exc_info": None, "exc_text": None})


@pytest.mark.parametrize("path", ["/canary.hoa@mail.example.com/", "/customers/?q=canary.hoa", "//canary.hoa/"])
def test_a_path_that_somebody_typed_is_in_no_line(path: str, linh: Client, caplog: pytest.LogCaptureFixture) -> None:
    with listening() as log:
        linh.get(path)
        linh.generic("CANARY.HOA", "/")
        linh.get("/", headers={"host": "canary.hoa.example.net"})
    assert (canaries(log.getvalue()), "CANARY" in log.getvalue()) == ([], False)
    own = [line["route"] for line in lines(log) if line["logger"] == "desk.access"]
    assert len(own) == 3
    assert "other" in [line["method"] for line in lines(log)]


def test_a_forged_form_leaves_neither_path_nor_referrer(caplog: pytest.LogCaptureFixture, db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    with listening() as log:
        client.post(f"/login/?next=/{CANARY}", headers={"origin": f"https://{CANARY}", "referer": f"https://{CANARY}"})
    assert canaries(log.getvalue()) == []
    (record,) = [record for record in caplog.records if record.name == "django.security.csrf"]
    assert record.getMessage() == "POST /login/: 403"


# --- the log's own workings ------------------------------------------------------------------------------------------


def test_of_other_people_s_lines_the_place_is_told_and_of_ours_the_words() -> None:
    with listening() as log:
        logging.getLogger("somebody").warning("met %s", CANARY)
        logging.getLogger("desk.somewhere").warning("met %s", "somebody")
    theirs, ours = lines(log)
    assert "message" not in theirs
    assert theirs["where"].startswith("tests/config/logs/test_error_reports.py:")
    assert ours["message"] == "met somebody"


def test_a_line_that_cannot_be_written_is_not_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    handler = Stderr(io.StringIO())
    handler.setFormatter(JsonLines())
    handler.handle(logging.LogRecord("desk.somewhere", logging.WARNING, __file__, 1, "%d", (CANARY,), None))
    assert capsys.readouterr().err == "A log line of desk.somewhere could not be written.\n"


def test_a_request_nobody_asked_the_user_of_costs_no_query(rf: RequestFactory) -> None:
    request: HttpRequest = rf.get("/static/x.css")
    assert route_of(request) == "/static"
    assert route_of(rf.get("/elsewhere")) == "-"


def test_only_our_handlers_write_and_the_server_s_own_lines_go_nowhere() -> None:
    assert [type(handler) for handler in logging.getLogger("django").handlers] == []
    assert not logging.getLogger("django.server").propagate
    kinds = {handler["class"] for handler in configured.LOGGING["handlers"].values()}
    assert kinds == {"config.logs.formatters.Stderr", "config.logs.formatters.ErrorMail", "logging.NullHandler"}
    assert not [each for each in logging.getLogger().handlers if type(each) is AdminEmailHandler]


@pytest.mark.django_db
def test_who_signs_in_is_named_from_the_first_page_on() -> None:
    linh = factories.person("linh", "Support agent")
    client = Client()
    with listening() as log:
        sign_in_for_real(client, linh)
        client.get(reverse("admin:index"))
        client.post(reverse("admin:logout"))
        client.get(reverse("admin:index"))
    assert [line["by"] for line in lines(log)] == [None, "linh", "linh", "linh", None]
    assert factories.PASSWORD not in log.getvalue()
