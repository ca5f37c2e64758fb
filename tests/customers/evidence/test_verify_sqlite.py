"""What the owner of a database can do to it, and what the verifier says."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from customers.evidence import verify
from tests.customers.evidence import bundles

pytestmark = pytest.mark.one_engine("it makes SQLite files of its own")

# Rows 1 to 8 of the log are notes; row 0 is the list of tables.
ROW_4 = bundles.note_row(4)[0]["id"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = bundles.database(tmp_path / "desk.sqlite3")
    assert check(connection).exit == 0
    yield connection
    connection.close()


def check(connection: sqlite3.Connection, **options: object) -> verify.Report:
    return verify.verify_database(connection, "sqlite", **({"key": bundles.KEY} | options))  # type: ignore[arg-type]


def as_owner(desk: sqlite3.Connection, *statements: str) -> verify.Report:
    """Lift the triggers, do it, put the triggers back, verify."""
    desk.execute("DROP TRIGGER desk_note_no_delete")
    for statement in statements:
        assert desk.execute(statement).rowcount != 0
    desk.execute(bundles.FREEZE)
    return check(desk)


def test_a_whole_database_is_whole(desk: sqlite3.Connection) -> None:
    report = check(desk)
    assert (report.exit, report.entries, report.first_bad) == (0, 9, None)
    assert report.lines[-1] == "8 sealed contents were not checked."
    assert report.last_good is not None
    assert report.last_good.size == 9


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("text", "'other'"),
        ("text", "NULL"),
        ("text", "4"),
        ("text", "CAST(x'ff' AS text)"),
        ("done", "1"),
        ("done", "NULL"),
        ("done", "2"),
        ("at", "'2026-01-31 08:15:00.000001'"),
        ("at", "'nonsense'"),
        ("day", "'2026-02-01'"),
        ("ref", f"'{ROW_4}'"),
        ("extra", """'{"b": [4, 1], "a": null}'"""),
        ("extra", """'{"b": [4, true], "a": null, "c": 1.5}'"""),
        ("extra", "'{'"),
        ("digest", "x'05ff'"),
        ("customer", "'C-0004'"),
    ],
)
def test_a_column_changed_under_its_entry_is_told(desk: sqlite3.Connection, column: str, value: str) -> None:
    report = as_owner(desk, f"UPDATE desk_note SET {column} = {value} WHERE id = '{ROW_4}'")
    assert (report.exit, report.first_bad) == (1, 4)
    assert f"Column {column} of table desk_note" in report.lines[1]
    assert report.last_good is not None


@pytest.mark.parametrize("seq", range(9))
def test_a_payload_changed_under_its_stored_hash_is_told(desk: sqlite3.Connection, seq: int) -> None:
    change = """CAST(replace(CAST(payload AS text), '"by":"lan"', '"by":"huy"') AS blob)"""
    report = as_owner(desk, f"UPDATE customers_leaf SET payload = {change} WHERE seq = {seq}")
    assert (report.exit, report.first_bad) == (1, seq)
    hashed = [verify.leaf_hash(row[0]) for row in desk.execute("SELECT payload FROM customers_leaf ORDER BY seq")]
    desk.execute("UPDATE customers_leaf SET leaf_hash = ? WHERE seq = ?", (hashed[seq], seq))
    report = check(desk)
    assert (report.exit, report.first_bad) == (1, seq)


@pytest.mark.parametrize("column", ["leaf_hash", "kind", "customer", "table_name", "row_key", "payload"])
@pytest.mark.parametrize("value", ["'desk_schema'", "NULL", "7", "x'00'"])
def test_a_leafs_own_columns_must_repeat_its_payload(desk: sqlite3.Connection, column: str, value: str) -> None:
    # Entry 3 is about a customer, so that null differs in every column.
    report = as_owner(desk, f"UPDATE customers_leaf SET {column} = {value} WHERE seq = 3")
    assert (report.exit, report.first_bad) == (1, 3)


def test_a_row_without_its_entry_is_told(desk: sqlite3.Connection) -> None:
    new = bundles.note_row(250)[0]["id"]
    select = f"SELECT '{new}', text, done, at, day, ref, extra, digest, customer, reason FROM desk_note"
    report = as_owner(desk, f"INSERT INTO desk_note {select} WHERE id = '{ROW_4}'")
    assert report.exit == 1
    assert "has no entry" in report.lines[1]


def test_an_entry_without_its_row_is_told(desk: sqlite3.Connection) -> None:
    report = as_owner(desk, f"DELETE FROM desk_note WHERE id = '{ROW_4}'")
    assert (report.exit, report.first_bad) == (1, 4)
    assert "has no row" in report.lines[1]


def test_an_entry_taken_out_of_the_log_is_told(desk: sqlite3.Connection) -> None:
    for seq in (8, 4, 0):
        report = as_owner(desk, f"DELETE FROM customers_leaf WHERE seq = {seq}")
        assert (report.exit, report.first_bad) == (1, seq)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP TRIGGER desk_note_no_delete", "missing"),
        (bundles.FREEZE.replace("'rows are kept'", "'rows'"), "altered"),
        (bundles.FREEZE.replace("_no_delete", "_extra"), "not on the list"),
        (bundles.FREEZE.replace("_no_delete", "_extra").replace('"desk_note"', "DESK_NOTE"), "not on the list"),
        (bundles.FREEZE.replace("desk_note", "customers_leaf"), "not on the list"),
    ],
)
def test_a_trigger_dropped_altered_or_added_is_told(desk: sqlite3.Connection, change: str, told: str) -> None:
    if told == "altered":
        desk.execute("DROP TRIGGER desk_note_no_delete")
    desk.execute(change)
    report = check(desk)
    assert report.exit == 1
    assert told in report.lines[1]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE customers_head SET size = 8",
        "UPDATE customers_head SET frontier = zeroblob(64)",
        "UPDATE customers_head SET id = 2",
        "INSERT INTO customers_head VALUES (2, 0, x'', '')",
        "DELETE FROM customers_head",
        "UPDATE customers_checkpoint SET size = 4 WHERE id = 1",
        "UPDATE customers_checkpoint SET root = zeroblob(32) WHERE id = 1",
        "UPDATE customers_checkpoint SET note = replace(note, 'privacy', 'Privacy') WHERE id = 1",
        "UPDATE customers_checkpoint SET note = NULL WHERE id = 2",
        "ALTER TABLE desk_note RENAME TO elsewhere",
    ],
)
def test_a_changed_head_checkpoint_or_table_is_told(desk: sqlite3.Connection, change: str) -> None:
    desk.execute("CREATE TABLE unlisted AS SELECT * FROM desk_note")
    assert check(desk).exit == 0
    desk.execute(change)
    assert check(desk).exit == 1


def test_a_database_without_any_checkpoint_cannot_be_verified(desk: sqlite3.Connection) -> None:
    desk.execute("DELETE FROM customers_checkpoint")
    assert check(desk).exit == 2


def test_entries_after_the_newest_checkpoint_are_counted_and_no_fault(desk: sqlite3.Connection) -> None:
    bundles.add_note(desk)
    bundles.add_note(desk)
    report = check(desk)
    assert (report.exit, report.entries) == (0, 11)
    assert report.lines[0].endswith("not yet vouched for 2.")


def test_a_rollback_is_told_by_an_anchor_or_by_the_state(tmp_path: Path) -> None:
    older = bundles.database(tmp_path / "older", notes=5)
    newer = bundles.database(tmp_path / "newer", notes=8)
    note = bundles.add_checkpoint(newer)
    assert [check(older).exit, check(newer, anchors=[note]).exit, check(newer, state=note).exit] == [0, 0, 0]
    for report in (check(older, anchors=[note]), check(older, state=note)):
        assert (report.exit, report.first_bad) == (1, 6)
        assert report.last_good is not None
        assert report.last_good.size == 6


def test_a_table_that_left_the_list_is_told(desk: sqlite3.Connection) -> None:
    seq, prev = bundles.last_hash(desk)
    spec = {name: table for name, table in bundles.tables_spec().items() if name != "desk_note"}
    row = {"id": 2, "tables": spec}
    desk.execute("INSERT INTO desk_schema VALUES (2, ?)", [verify.canonical(spec).decode()])
    new = bundles.entry(seq, prev, kind="schema", table="desk_schema", row="2", columns=row, commits={})
    bundles.append(desk, new)
    report = check(desk)
    assert (report.exit, report.first_bad) == (1, 1)


@pytest.mark.parametrize("tables", [None, {"x; DROP TABLE y": {}}, {"desk_note": {}}, {"a": []}])
def test_a_malformed_list_of_tables_is_told(desk: sqlite3.Connection, tables: object) -> None:
    seq, prev = bundles.last_hash(desk)
    row = {"id": 2, "tables": tables}
    bundles.append(desk, bundles.entry(seq, prev, kind="schema", table="desk_schema", row="2", columns=row))
    report = check(desk)
    assert (report.exit, report.first_bad) == (1, 9)


def test_sealed_contents_are_left_to_whoever_holds_the_keys(desk: sqlite3.Connection) -> None:
    asked: list[tuple[str, str, str, str]] = []

    def fine(*commit: str) -> str | None:
        asked.append(commit)  # type: ignore[arg-type]
        return None

    assert check(desk, check_commits=fine).exit == 0
    rows = sorted(bundles.note_row(number)[1]["id"] for number in range(1, 9))
    assert asked == [("desk_note", row, "reason", "ab" * 32) for row in rows]
    wrong: Callable[..., str | None] = lambda table, row, *_: "It is another." if row == rows[0] else None  # noqa: E731
    assert check(desk, check_commits=wrong).exit == 1


def test_a_connection_with_converters_is_read_as_it_is_and_left_as_it_was(tmp_path: Path) -> None:
    bundles.database(tmp_path / "desk").close()
    desk = sqlite3.connect(tmp_path / "desk", detect_types=sqlite3.PARSE_DECLTYPES)
    sqlite3.register_converter("bool", lambda raw: raw == b"1")
    assert check(desk).exit == 0
    assert (desk.in_transaction, desk.text_factory) == (False, str)
    desk.execute("BEGIN")
    assert check(desk).exit == 0
    assert desk.in_transaction
    desk.close()


def test_the_command_line_reads_a_database_without_writing(tmp_path: Path) -> None:
    bundles.database(tmp_path / "desk file").close()
    key = ["--key", str(bundles.key_file(tmp_path))]
    url = f"sqlite:///{tmp_path / 'desk file'}"
    before = (tmp_path / "desk file").read_bytes()
    assert verify.main(["--database", url, *key, "--state", str(tmp_path / "state")]) == 0
    assert (tmp_path / "state").exists()
    assert verify.main(["--database", url]) == 2
    assert (tmp_path / "desk file").read_bytes() == before
    (tmp_path / "noise").write_bytes(b"SQLite format 3\0" + b"\7" * 5000)
    (tmp_path / "empty").write_bytes(b"")
    for name in ("noise", "empty", "missing"):
        assert verify.main(["--database", f"sqlite:///{tmp_path / name}", *key]) == 2
