"""The demo, as a stranger starts it."""

import hashlib
import json
import sqlite3
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django import Settings

from config.demo.clock import Story, story
from customers.models import AccessGrant
from tests import factories
from tests.processes import demo, demo_served, manage

on_sqlite = pytest.mark.one_engine("a demo's database is on SQLite, whatever the tests run on")

PEOPLE = ["linh", "minh", "thao", "an", "dung", "binh", "quang", "yen"]


@pytest.fixture(scope="module")
def var() -> Path:
    """A demo's folder."""
    return demo()[0]


def contents(var: Path) -> str:
    """A digest of every row of every table but the sessions."""
    with sqlite3.connect(var / "privacy_desk.sqlite3") as database:
        return hashlib.sha256("\n".join(database.iterdump()).encode()).hexdigest()


@on_sqlite
def test_the_first_run_makes_people_customers_and_secrets_and_says_who_may_sign_in(var: Path) -> None:
    said = demo()[1]
    assert [name for name in PEOPLE if f"  {name} " not in said] == []
    with sqlite3.connect(var / "privacy_desk.sqlite3") as database:
        count = dict(
            (table, database.execute(f"SELECT COUNT(*) FROM customers_{table}").fetchone()[0])
            for table in ("customer", "serviceaccesschange", "checkpoint")
        )
    assert count == {"customer": 300, "serviceaccesschange": 40, "checkpoint": 7}


@on_sqlite
def test_its_story_has_a_policy_in_effect_and_what_the_readme_says_of_consent(var: Path) -> None:
    with sqlite3.connect(var / "privacy_desk.sqlite3") as database:

        def rows(sql: str) -> list[tuple[object, ...]]:
            return database.execute(sql).fetchall()

        counted = [rows(f"SELECT COUNT(*) FROM consent_{table}")[0][0] for table in ("purpose", "contactlimit")]
        published = rows("SELECT version, COUNT(*) FROM consent_publication GROUP BY version ORDER BY version")
        of_caller = "FROM consent_{} t JOIN customers_customer c ON c.id = t.customer_id AND c.reference = 'DM0000032'"
        said = rows(f"SELECT purpose, channel, through {of_caller.format('consentevent')} AND what = 'objected'")
        stopped = rows(f"SELECT purpose, t.channel, why {of_caller.format('contactrefusal')}")
        imported = rows("SELECT what FROM consent_consentevent WHERE through = 'import' GROUP BY what ORDER BY what")
    assert counted == [6, 3]
    assert published == [("2026-01", 2), ("2026-02", 1)]
    assert ("promotions", "", "phone") in said
    assert stopped == [("promotions", "email", "objected")]
    assert imported == [("granted",), ("objected",)]


def asked(var: Path, sql: str) -> list[tuple[object, ...]]:
    """The rows of a question to the demo's database."""
    with sqlite3.connect(var / "privacy_desk.sqlite3") as database:
        return database.execute(sql).fetchall()


@on_sqlite
def test_its_log_is_told_in_the_order_of_time(var: Path) -> None:
    payloads = asked(var, "SELECT payload FROM customers_leaf ORDER BY seq")
    times = [str(json.loads(bytes(payload))["at"]) for (payload,) in payloads]  # type: ignore[arg-type]
    first, *rest = times  # the list of tables comes first, however early its act began
    assert rest == sorted(rest)
    assert first[:7] < rest[-1][:7]


@on_sqlite
def test_its_story_has_three_months_of_which_the_last_waits_for_its_review(var: Path) -> None:
    ((running,),) = asked(var, "SELECT strftime('%Y-%m', max(at), '+7 hours') FROM customers_checkpoint")
    left = "SELECT DISTINCT strftime('%Y-%m', at, '+7 hours') FROM disclosures_disclosure ORDER BY 1"
    months = [str(month) for (month,) in asked(var, left) if str(month) < str(running)]
    signed = [str(month) for (month,) in asked(var, "SELECT month FROM disclosures_monthreview ORDER BY month")]
    assert len(months) == 3
    assert signed == months[:2]


@on_sqlite
def test_its_story_has_a_hijack_a_late_correction_a_letter_and_a_lapse(var: Path) -> None:
    of = "JOIN customers_customer c ON c.id = customer_id WHERE c.reference"
    parked = asked(var, f"SELECT t.state FROM customers_customerrequest t {of} = 'DM0000020'")
    held = asked(
        var, f"SELECT t.state, opened_at < datetime('now', '-72 hours') FROM customers_hold t {of} = 'DM0000020'"
    )
    late = f"SELECT request_kind, complete_by < datetime('now') FROM customers_customerrequest t {of} = 'DM0000024'"
    letter = """SELECT (julianday(reply_by) - julianday(m.at)) * 24 FROM disclosures_disclosurerequest r
                JOIN customers_checkpoint m WHERE r.number_given = '18/CSDT' AND r.state = 'received'"""
    lapse = "SELECT valid_until BETWEEN date('now') AND date('now', '+7 days') FROM disclosures_commitment"
    assert (parked, held) == ([("parked",)], [("open", 1)])
    assert asked(var, late) == [("correction", 1)]
    assert 0 < max(float(str(hours)) for (hours,) in asked(var, letter)[-1:]) < 3
    assert asked(var, lapse) == [(1,)]


@pytest.mark.django_db
def test_only_a_demo_turns_its_clock_and_it_is_the_real_one_again_afterwards(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, real = AccessGrant._meta.get_field("at"), timezone.now
    with pytest.raises(ImproperlyConfigured), story():
        pass
    settings.MODE = "demo"
    factories.team("Hanoi")
    long_ago = timezone.now() - timedelta(days=90)
    with story() as told:
        told.goes_to(long_ago)  # there is a log already: never behind its newest entry
        assert timezone.now() - long_ago > timedelta(days=89)
    monkeypatch.setattr(Story, "_told", lambda told: None)
    with story() as told:
        told.goes_to(long_ago)
        assert timezone.now() - long_ago < timedelta(days=1)
        assert at.get_default() - long_ago < timedelta(days=1)
        told.goes_to(long_ago - timedelta(days=30))  # never back
        assert timezone.now() >= long_ago
        told.goes_to(told.today + timedelta(days=30))  # never ahead
        assert timezone.now() <= told.today
    assert (timezone.now, at.default) == (real, real)
    assert at.get_default() - long_ago > timedelta(days=89)


@on_sqlite
def test_its_keys_and_passwords_are_readable_by_their_owner_only(var: Path) -> None:
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in [*(var / "keys").iterdir(), var / "passwords"]}
    assert modes == dict.fromkeys(
        ["field_encryption_key", "blind_index_key", "checkpoint_key", "secret_key", "passwords"], "0o400"
    )


@on_sqlite
def test_nobody_else_reads_its_database_its_mail_or_its_export(var: Path) -> None:
    made = [path for path in var.rglob("*") if path.is_file()]
    assert var / "privacy_desk.sqlite3" in made
    assert [path.name for path in made if path.stat().st_mode & 0o077] == []


@on_sqlite
def test_running_it_again_changes_nothing_and_says_the_same(var: Path) -> None:
    before = contents(var)
    again = manage("demo", "--no-serve", var=var)
    assert again.returncode == 0, again.stderr
    assert contents(var) == before
    assert again.stdout.strip() in demo()[1]


@on_sqlite
def test_after_the_demo_commands_need_no_mode(var: Path) -> None:
    done = manage("verify_evidence", var=var)
    assert done.returncode == 0, done.stdout + done.stderr


@on_sqlite
def test_it_serves_the_sign_in_page_on_the_loopback_address(var: Path) -> None:
    with demo_served(var) as url, urllib.request.urlopen(f"{url}/login/", timeout=10) as page:
        assert "Privacy Desk" in page.read().decode()


@on_sqlite
def test_production_refuses_the_demos_keys(var: Path) -> None:
    files = {f"{name.upper()}_FILE": str(var / "keys" / name) for name in ["field_encryption_key", "blind_index_key"]}
    rest = {"CHECKPOINT_KEY_FILE": str(var / "keys" / "checkpoint_key"), "SECRET_KEY": "w" * 60}
    done = manage("check", var=var, PRIVACY_DESK_MODE="production", **files, **rest)
    assert done.returncode == 1
    assert done.stderr.count("vault.E004") == 3
