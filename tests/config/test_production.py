"""A production desk over TLS, asked in a process of its own with production's settings."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ask, born, collected, manage, production

pytestmark = pytest.mark.one_engine("headers, cookies and what a command says; the desk asked is on SQLite")

ASK = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.test import Client
from customers.sign_in import second_factors
from customers.staff import accounts
from customers.models import StaffMember
from tests import signing

linh = accounts.add_person("linh", by=StaffMember.objects.get(username="system"), password="correct horse battery")
second_factors.set_app(linh, signing.SECRET)
desk = Client(HTTP_HOST="desk.example.com")
form = {"login": "linh", "password": "correct horse battery"}
answers = {
    "plain": desk.get("/"),
    "door": desk.get("/login/", secure=True),
    "password": desk.post("/login/", form, secure=True),
    "in": desk.post("/login/second-factor/", {"code": signing.code()}, secure=True),
    "page": desk.get("/", secure=True),
    "language": desk.post("/language/setlang/", {"language": "vi", "next": "/"}, secure=True),
    "static": desk.get("/static/config/desk.css", secure=True),
    "foreign": desk.get("/", secure=True, headers={"host": "elsewhere.example.net"}),
    "missing": desk.get("/nowhere/", secure=True),
    "health": desk.get("/healthz", headers={"host": "127.0.0.1:8000"}),
}
found = {
    name: {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "cookies": {name: dict(morsel) | {"is set": bool(morsel.value)} for name, morsel in answer.cookies.items()},
        "body": answer.content.decode() if not answer.streaming else "",
    }
    for name, answer in answers.items()
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a production desk answered, by question; under "log" what it wrote meanwhile."""
    var = tmp_path_factory.mktemp("production")
    born(var)
    done = ask(ASK, var, {**whole(var), "STATIC_ROOT": str(collected())})
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "log": done.stderr}


COOKIE = {"path": "/", "domain": "", "secure": True, "httponly": True, "samesite": "Strict", "is set": True}


def test_cookies_are_this_host_s_alone_and_no_script_reads_them(desk: dict[str, Any]) -> None:
    given = {
        name: cookie
        for answer in ("door", "password", "in", "language")
        for name, cookie in desk[answer]["cookies"].items()
    }
    assert {re.sub("_[0-9a-f]{16}$", "", name) for name in given} == {
        f"__Host-{name}" for name in ("sessionid", "csrftoken", "django_language", "known_browser")
    }
    for cookie in given.values():
        assert {name: cookie[name] for name in COOKIE} == COOKIE


def test_the_person_is_in_and_reads_the_language_chosen(desk: dict[str, Any]) -> None:
    assert (desk["in"]["status"], desk["page"]["status"], desk["language"]["status"]) == (302, 200, 302)


@pytest.mark.parametrize("what", ["door", "password", "in", "page", "language", "static", "foreign", "missing"])
def test_over_tls_every_answer_asks_for_tls_from_now_on(what: str, desk: dict[str, Any]) -> None:
    told = desk[what]["headers"]["Strict-Transport-Security"]
    assert told == "max-age=31536000; includeSubDomains; preload"


def test_every_answer_carries_the_same_set(desk: dict[str, Any]) -> None:
    names = ("Content-Security-Policy", "Permissions-Policy", "X-Frame-Options", "X-Content-Type-Options",
             "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy")  # fmt: skip
    answers = [answer for what, answer in desk.items() if what != "log"]
    sets = {tuple(answer["headers"][name] for name in names) for answer in answers}
    assert len(sets) == 1
    assert "unsafe" not in str(sets)


def test_without_tls_there_is_the_way_to_it_and_no_cookie(desk: dict[str, Any]) -> None:
    plain = desk["plain"]
    assert (plain["status"], plain["headers"]["Location"]) == (301, "https://desk.example.com/")
    assert (plain["cookies"], "Strict-Transport-Security" in plain["headers"]) == ({}, False)


def test_only_static_files_may_be_kept(desk: dict[str, Any]) -> None:
    kept = {what: answer["headers"]["Cache-Control"] for what, answer in desk.items() if what != "log"}
    assert "max-age" in kept.pop("static")
    assert set(kept.values()) == {"no-store"}


def test_a_container_asks_after_its_health_without_host_or_tls(desk: dict[str, Any]) -> None:
    assert desk["health"]["status"] == 200
    assert json.loads(desk["health"]["body"])["status"] == "ok"
    assert desk["foreign"]["status"] == 400


def test_the_log_is_json_and_names_routes_instead_of_paths(desk: dict[str, Any]) -> None:
    lines = [json.loads(line) for line in desk["log"].splitlines()]
    said = [line for line in lines if line["logger"] == "desk.access"]
    assert [line["status"] for line in said] == [301, 200, 302, 302, 200, 302, 400, 404]
    assert {line["by"] for line in said if line["status"] == 404} == {"linh"}
    assert [said[1][name] for name in ("level", "method", "route", "by")] == ["INFO", "GET", "/login/", None]
    assert all(line["request"] and line["at"].endswith("Z") and isinstance(line["ms"], int) for line in said)
    assert ("nowhere" in desk["log"], "elsewhere" in desk["log"]) == (False, False)


# --- check --deploy ------------------------------------------------------------------------------------------------


def whole(var: Path) -> dict[str, str]:
    """What config/OPERATING.md asks for."""
    return {
        **production(var),
        "EMAIL_URL": "smtp://127.0.0.1:25",
        "SITE_URL": "https://desk.example.com",
        "SECRET_KEY": secrets.token_urlsafe(60),
    }


def test_a_whole_production_environment_leaves_the_deployment_check_nothing_to_say(tmp_path: Path) -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", var=tmp_path, **whole(tmp_path))
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("name", "value", "id"),
    [("ALLOWED_HOSTS", "", "W020"), ("SITE_URL", "", "desk.W001"), ("SECRET_KEY", "short", "W009")],
)
def test_the_deployment_check_complains_of_what_is_missing(name: str, value: str, id: str, tmp_path: Path) -> None:
    environment = {**whole(tmp_path), name: value}
    done = manage("check", "--deploy", "--fail-level", "WARNING", var=tmp_path, **environment)
    assert (done.returncode, id in done.stderr) == (1, True), done.stderr


def test_a_command_that_fails_in_production_says_where_and_quotes_nothing(tmp_path: Path) -> None:
    nowhere = {**whole(tmp_path), "DATABASE_URL": "sqlite:////nowhere/hoa.nguyen/desk.sqlite3"}
    done = manage("migrate", var=tmp_path, **nowhere)
    assert done.returncode == 1
    assert "django.db.utils.OperationalError" in done.stderr
    assert ("unable to open" in done.stderr, "hoa" in done.stderr) == (False, False)
