"""In which mode a command may run, and with which keys."""

import base64
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory

from config.middleware.loopback_only import LoopbackOnlyMiddleware
from customers.checks import letters_leave
from customers.models import Installation
from tests.processes import born, good_key, manage, production, serve

pytestmark = pytest.mark.one_engine("modes, keys and what a process is told are the same on each; its own is on SQLite")


def test_a_command_without_a_mode_stops_with_one_line_that_says_what_to_set(tmp_path: Path) -> None:
    done = manage("migrate", var=tmp_path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "PRIVACY_DESK_MODE" in done.stderr


@pytest.mark.parametrize("arguments", [("check",), ("--help",), ("collectstatic", "--dry-run", "--noinput")])
def test_commands_that_touch_no_data_need_neither_mode_nor_keys(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert manage(*arguments, var=tmp_path).returncode == 0


def test_an_unknown_mode_is_told(tmp_path: Path) -> None:
    done = manage("check", var=tmp_path, PRIVACY_DESK_MODE="staging")
    assert done.returncode == 2
    assert "'staging'" in done.stderr


def test_production_with_all_its_keys_is_born_and_checks_clean(tmp_path: Path) -> None:
    whole = born(tmp_path)
    assert manage("check", "--database", "default", "--deploy", var=tmp_path, fresh=True, **whole).returncode == 0


@pytest.mark.parametrize(
    ("name", "command"),
    [("FIELD_ENCRYPTION_KEY", ["check"]), ("EMAIL_URL", ["check"]), ("DATABASE_URL", ["showmigrations", "consent"])],
)
def test_a_secret_may_come_from_a_file(name: str, command: list[str], tmp_path: Path) -> None:
    whole = production(tmp_path)
    (tmp_path / "secret").write_text(whole.pop(name) + "\n")
    assert manage(*command, var=tmp_path, **whole).returncode != 0
    assert manage(*command, var=tmp_path, **whole, **{f"{name}_FILE": str(tmp_path / "secret")}).returncode == 0


def test_the_password_of_the_database_may_stand_apart_from_its_url(tmp_path: Path) -> None:
    password = "p@ss/w:rd#1"
    (tmp_path / "password").write_text(f"{password}\n")
    whole = {**production(tmp_path), "DATABASE_URL": "postgres://desk@db.example.com:5432/desk?sslmode=verify-full"}
    code = "from django.conf import settings; print(settings.DATABASES['default']['PASSWORD'])"
    asked = ("shell", "--no-imports", "-c", code)
    assert manage(*asked, var=tmp_path, **whole).stdout == "\n"
    assert manage(*asked, var=tmp_path, **whole, DATABASE_PASSWORD_FILE=str(tmp_path / "password")).stdout == (
        f"{password}\n"
    )


def test_production_does_not_start_without_a_mail_server_and_prints_no_letter_meanwhile(tmp_path: Path) -> None:
    whole = born(tmp_path)
    del whole["EMAIL_URL"]
    refused = serve(tmp_path, whole)
    assert (refused.returncode, refused.stdout, "desk.E006" in refused.stderr) == (2, "", True)
    code = "from django.core.mail import get_connection; print(type(get_connection()).__module__)"
    told = manage("shell", "--no-imports", "-c", code, var=tmp_path, **whole)
    assert told.stdout == "django.core.mail.backends.smtp\n"


@pytest.mark.parametrize(
    ("kind", "faults"), [("smtp", 0), ("console", 1), ("dummy", 1), ("filebased", 1), ("locmem", 1)]
)
def test_in_production_letters_leave_through_a_mail_server(kind: str, faults: int, settings: Any) -> None:
    settings.MODE, settings.EMAIL_URL_IS_SET = "production", True
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{kind}.EmailBackend"
    assert [fault.id for fault in letters_leave(None)] == ["desk.E006"] * faults
    settings.MODE = "demo"
    assert letters_leave(None) == []


@pytest.mark.parametrize("name", ["FIELD_ENCRYPTION_KEY", "BLIND_INDEX_KEY", "CHECKPOINT_KEY", "SECRET_KEY"])
def test_production_without_a_key_says_which(name: str, tmp_path: Path) -> None:
    whole = production(tmp_path)
    del whole[name]
    done = manage("check", var=tmp_path, **whole)
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["FIELD_ENCRYPTION_KEY", "BLIND_INDEX_KEY", "CHECKPOINT_KEY"])
def test_a_wrong_key_is_told_by_its_id_before_anything_is_read(name: str, tmp_path: Path) -> None:
    whole = born(tmp_path)
    done = manage("check", "--database", "default", var=tmp_path, **{**whole, name: good_key(9)})
    assert done.returncode == 1
    assert "vault.E007" in done.stderr
    assert good_key(9) not in done.stderr


def test_a_new_field_key_before_the_old_one_is_welcome(tmp_path: Path) -> None:
    whole = born(tmp_path)
    both = {**whole, "FIELD_ENCRYPTION_KEY": f"{good_key(9)},{good_key(1)}"}
    assert manage("check", "--database", "default", var=tmp_path, **both).returncode == 0


def test_production_refuses_keys_made_for_a_demo(tmp_path: Path) -> None:
    demo_key = base64.urlsafe_b64encode(b"demo" + bytes(28)).decode()
    done = manage("check", var=tmp_path, **{**production(tmp_path), "FIELD_ENCRYPTION_KEY": demo_key})
    assert done.returncode == 1
    assert "vault.E004" in done.stderr


def test_production_refuses_a_database_born_elsewhere(own_database: str, tmp_path: Path) -> None:
    assert Installation.objects.get().born_in == "test"
    whole = {**production(tmp_path), "DATABASE_URL": f"sqlite:///{own_database}"}
    done = manage("check", "--database", "default", var=tmp_path, **whole)
    assert done.returncode == 1
    assert "vault.E006" in done.stderr


def edit(var: Path, sql: str) -> None:
    """Change the production database as its owner."""
    with closing(sqlite3.connect(var / "production.sqlite3")) as database, database:
        database.execute(sql)


LOST = {
    "a field key": "DELETE FROM customers_keycheck WHERE use = 'field'",
    "the index key": "DELETE FROM customers_keycheck WHERE use = 'blind_index'",
    "the installation": "DELETE FROM customers_installation",
}


@pytest.mark.parametrize("what", LOST)
def test_a_database_that_lost_what_it_was_born_with_is_told(what: str, tmp_path: Path) -> None:
    whole = born(tmp_path)
    edit(tmp_path, LOST[what])
    done = manage("check", "--database", "default", var=tmp_path, **whole)
    assert (done.returncode, "vault.E008" in done.stderr) == (1, True), done.stderr
    verified = manage("verify_evidence", var=tmp_path, **whole)
    assert (verified.returncode, "Traceback" in verified.stderr) == (2, False), verified.stderr


def test_a_migration_that_was_stopped_half_way_goes_on_and_no_server_starts_before(tmp_path: Path) -> None:
    whole = production(tmp_path)
    assert "not up to date" in serve(tmp_path, whole).stderr
    manage("migrate", "customers", "0001", var=tmp_path, **whole)
    assert "not up to date" in serve(tmp_path, whole).stderr
    done = manage("migrate", var=tmp_path, **whole)
    assert done.returncode == 0, done.stderr
    assert serve(tmp_path, whole).stdout == "serving\n"


def test_the_server_starts_with_its_own_keys_and_not_with_others(tmp_path: Path) -> None:
    whole = born(tmp_path)
    assert serve(tmp_path, whole, fresh=True).stdout == "serving\n"
    refused = serve(tmp_path, {**whole, "BLIND_INDEX_KEY": good_key(9)})
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "vault.E007" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("url", ["", "mysql://somewhere/desk"])
def test_production_stops_where_it_is_not_told_of_a_database_it_runs_on(url: str, tmp_path: Path) -> None:
    done = manage("migrate", var=tmp_path, **{**production(tmp_path), "DATABASE_URL": url})
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "DATABASE_URL" in done.stderr


def test_a_key_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    missing = {"FIELD_ENCRYPTION_KEY_FILE": str(tmp_path / "nowhere")}
    done = manage("check", var=tmp_path, **{**production(tmp_path), **missing})
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "FIELD_ENCRYPTION_KEY_FILE" in done.stderr


def test_the_server_does_not_start_on_a_database_that_is_not_up_to_date(tmp_path: Path) -> None:
    refused = serve(tmp_path, production(tmp_path))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "manage.py migrate" in refused.stderr


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 403), ("::", 403)])
def test_a_demo_answers_its_own_machine_only(address: str, status: int, settings: Any, rf: RequestFactory) -> None:
    settings.MODE = "demo"
    desk = LoopbackOnlyMiddleware(lambda request: HttpResponse())
    assert desk(rf.get("/", REMOTE_ADDR=address)).status_code == status


def test_a_production_desk_answers_other_machines(settings: Any) -> None:
    settings.MODE = "production"
    with pytest.raises(MiddlewareNotUsed):
        LoopbackOnlyMiddleware(lambda request: HttpResponse())
