"""What the owner of the database can do past the triggers, and how the verifier tells it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from customers.audit_log.signer import log_signer
from customers.evidence.checkpoints import make_checkpoint
from customers.evidence.recording import recording
from customers.evidence.triggers import FrozenTable, statements
from customers.models import AccessChange, Head, Leaf, Refusal, Reveal
from tests import factories
from tests.customers.evidence.attacks import LOG, cut_off, rewrite, rewrite_history_from, told
from tests.customers.evidence.logs import as_owner, execute, fill, rows, sealed_contents, verify

pytestmark = pytest.mark.usefixtures("own_database")


def seq_of(table: str) -> int:
    """The first entry of a table."""
    return Leaf.objects.filter(table_name=table).order_by("seq").first().seq


# --- whole -----------------------------------------------------------------------------------------------------


def test_a_log_of_ordinary_acts_is_whole() -> None:
    fill()
    report = verify()
    assert (report.exit, report.first_bad) == (0, None), told(report)
    assert report.entries == Leaf.objects.count() == Head.objects.get().size


@pytest.mark.bare
def test_an_empty_log_is_not_called_whole_before_a_checkpoint_vouches_for_it() -> None:
    assert verify().exit == 2
    make_checkpoint(log_signer())
    report = verify()
    assert (report.exit, report.entries) == (0, 1), told(report)


def test_values_of_every_shape_are_read_back_as_they_were_written() -> None:
    shapes: list[Any] = [
        {},
        [],
        "text",
        "",
        "2026-01-31",
        "null",
        0,
        -1,
        2**53,
        True,
        False,
        {"a": [None, True, 1, "x"]},
        'Đặng \u0001\\"',
        {"é": "\u2028", "": ""},
    ]
    with recording(by=factories.system()):
        for shape in shapes:
            AccessChange(what="role_written", role="Nguyễn ✓ '\"\\", detail=shape).save()
        Refusal(act="", why="\t", at=datetime(2026, 1, 31, 8, 15, tzinfo=UTC)).save()
        Refusal(act="x" * 40, why="", at=datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)).save()
    make_checkpoint(log_signer())
    report = verify()
    assert report.exit == 0, told(report)


def test_entries_newer_than_the_newest_checkpoint_are_counted_not_blamed() -> None:
    fill()
    factories.team("Hue")
    factories.team("Vinh")
    report = verify()
    assert report.exit == 0
    assert "newer and not yet vouched for 2" in told(report)


def test_sealed_contents_are_reported_as_not_checked_without_the_keys() -> None:
    fill()
    assert f"{sealed_contents()} sealed contents were not checked." in told(verify())
    assert "not checked" not in told(verify(check_commits=lambda table, row, column, commit: None))


# --- triggers --------------------------------------------------------------------------------------------------


def on(table: str) -> str:
    return f' ON "{table}"' if connection.vendor == "postgresql" else ""


def a_trigger() -> tuple[str, str]:
    """One trigger of the reveals, and the SQL that drops it."""
    name = "customers_reveal_frozen" if connection.vendor == "postgresql" else "customers_reveal_no_update"
    return name, f'DROP TRIGGER "{name}"{on("customers_reveal")}'


def drop_a_trigger() -> None:
    execute(a_trigger()[1])


def make_a_trigger_toothless() -> None:
    name, drop = a_trigger()
    if connection.vendor == "sqlite":
        text = rows("SELECT sql FROM sqlite_master WHERE name = %s", [name])[0][0]
        execute(drop)
        execute(text.replace("WHEN ", "WHEN false AND ", 1))
    else:
        execute(
            'CREATE OR REPLACE FUNCTION "customers_reveal_keep"() RETURNS trigger LANGUAGE plpgsql AS'
            " $$ BEGIN RETURN coalesce(NEW, OLD); END $$"
        )


def add_a_trigger() -> None:
    if connection.vendor == "sqlite":
        execute("CREATE TRIGGER quiet BEFORE INSERT ON customers_refusal BEGIN SELECT RAISE(IGNORE); END")
    else:
        execute("CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
        execute("CREATE TRIGGER quiet BEFORE INSERT ON customers_refusal FOR EACH ROW EXECUTE FUNCTION quiet()")


TRIGGERS: dict[str, tuple[Callable[[], Any], str]] = {
    "dropped": (drop_a_trigger, "of table customers_reveal is missing"),
    "replaced": (make_a_trigger_toothless, "of table customers_reveal is altered"),
    "added": (add_a_trigger, 'Trigger "quiet" of table customers_refusal is not on the list'),
}


@pytest.mark.parametrize("what", TRIGGERS)
def test_a_trigger_is_told_to_be(what: str) -> None:
    fill()
    assert verify().exit == 0
    tamper, words = TRIGGERS[what]
    tamper()
    report = verify()
    assert report.exit == 1
    assert words in told(report)


@pytest.mark.parametrize("how", ["DISABLE TRIGGER", "ENABLE TRIGGER", "ENABLE REPLICA TRIGGER"])
def test_a_trigger_that_does_not_always_fire_is_told(how: str) -> None:
    fill()
    if connection.vendor == "sqlite":  # SQLite has no such switch: its nearest is a trigger that exists in name only
        make_a_trigger_toothless()
    else:
        execute(f'ALTER TABLE customers_reveal {how} "customers_reveal_frozen"')
    report = verify()
    assert report.exit == 1
    assert "of table customers_reveal is altered" in told(report)


def test_triggers_lifted_and_put_back_leave_no_trace_of_themselves() -> None:
    fill()
    with as_owner("customers_reveal", "customers_leaf"):
        pass
    assert verify().exit == 0
    for statement in statements(FrozenTable.of(Reveal), connection.vendor):
        execute(statement)
    assert verify().exit == 0


# --- rows and entries ------------------------------------------------------------------------------------------


ATTACKS: dict[str, tuple[tuple[str, ...], Callable[[], Any], str, Callable[[], int | None]]] = {
    "a column is changed and its entry kept": (
        ("customers_reveal",),
        lambda: execute("UPDATE customers_reveal SET ticket = 'T-2' WHERE ticket = 'T-1'"),
        "Column ticket of table customers_reveal differs from the entry.",
        lambda: seq_of("customers_reveal"),
    ),
    "a time is moved": (
        ("customers_refusal",),
        lambda: execute("UPDATE customers_refusal SET at = '2026-01-01 00:00:00'"),
        "Column at of table customers_refusal differs from the entry.",
        lambda: seq_of("customers_refusal"),
    ),
    "another person is put in": (
        ("customers_refusal",),
        lambda: execute("UPDATE customers_refusal SET by_id = (SELECT min(id) FROM customers_staffmember)"),
        "Column by_id of table customers_refusal differs from the entry.",
        lambda: seq_of("customers_refusal"),
    ),
    "a JSON column is changed": (
        ("customers_importbatch",),
        lambda: execute("UPDATE customers_importbatch SET \"references\" = '[]'"),
        "Column references of table customers_importbatch differs from the entry.",
        lambda: seq_of("customers_importbatch"),
    ),
    "a payload is changed and its hash kept": (
        LOG,
        lambda: rewrite(seq_of("customers_reveal"), rehash=False),
        "The entry's payload and its stored hash differ.",
        lambda: seq_of("customers_reveal"),
    ),
    "a payload and its hash are changed": (
        LOG,
        lambda: rewrite(seq_of("customers_reveal"), rehash=True),
        "The entry is not the one the log was made with.",
        lambda: seq_of("customers_reveal"),
    ),
    "a hash is changed": (
        LOG,
        lambda: execute("UPDATE customers_leaf SET leaf_hash = %s WHERE seq = 1", [bytes(32)]),
        "The entry's payload and its stored hash differ.",
        lambda: 1,
    ),
    "an entry is filed under another customer": (
        LOG,
        lambda: execute("UPDATE customers_leaf SET customer = NULL WHERE kind = 'reveal'"),
        "The entry's columns differ from its payload.",
        lambda: seq_of("customers_reveal"),
    ),
    "a row is put in without an entry": (
        (),
        lambda: execute("INSERT INTO customers_refusal (at, by_id, act, datum, why)"
                        " SELECT at, by_id, act, datum, why FROM customers_refusal"),
        'of table customers_refusal has no entry of its own.',
        lambda: None,
    ),
    "a row is removed": (
        ("customers_refusal",),
        lambda: execute("DELETE FROM customers_refusal"),
        "The entry has no row of its own in table customers_refusal.",
        lambda: seq_of("customers_refusal"),
    ),
    "an entry is removed": (
        LOG,
        lambda: execute("DELETE FROM customers_leaf WHERE seq = 2"),
        "The entry is missing, and what follows was not examined.",
        lambda: 2,
    ),
    "the newest entry is removed": (
        LOG,
        lambda: execute("DELETE FROM customers_leaf WHERE seq = (SELECT max(seq) FROM customers_leaf)"),
        "The head of the log differs from its entries.",
        lambda: Leaf.objects.count(),
    ),
    "two entries change places": (
        LOG,
        lambda: [
            execute("UPDATE customers_leaf SET seq = %s WHERE seq = %s", pair) for pair in ((999, 1), (1, 2), (2, 999))
        ],
        "Entry 2 stands in its place, and what follows was not examined.",
        lambda: 1,
    ),
    "the head's size is changed": (
        LOG, lambda: execute("UPDATE customers_head SET size = size + 1"), "The head of the log differs", lambda: None,
    ),
    "the head's frontier is changed": (
        LOG,
        lambda: execute("UPDATE customers_head SET frontier = %s", [bytes(64)]),
        "The head of the log differs from its entries.",
        lambda: None,
    ),
    "the head is removed": (
        LOG, lambda: execute("DELETE FROM customers_head"), "The head of the log differs", lambda: None,
    ),
    "the newest entries are cut off with their rows": (
        (*LOG, "disclosures_logexport", "customers_accesschange"),
        lambda: cut_off(2),
        "but they end here.",
        lambda: Leaf.objects.count(),
    ),
    "the whole log is written anew": (
        LOG, lambda: rewrite_history_from(seq_of("customers_reveal")), "was signed over others", lambda: 0,
    ),
    "a table is dropped": (
        (),
        lambda: execute("DROP TABLE customers_serviceaccesschange"),
        "Table customers_serviceaccesschange is missing.",
        lambda: None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_told_that(attack: str) -> None:
    tables, tamper, words, first_bad = ATTACKS[attack]
    fill()
    factories.team("Hue")
    make_checkpoint(log_signer())
    assert verify().exit == 0
    with as_owner(*tables):
        tamper()
    report = verify()
    assert report.exit == 1, told(report)
    assert words in told(report)
    assert report.first_bad == first_bad()
