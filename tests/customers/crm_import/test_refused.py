"""Files and commands that are refused whole: one clear line, and nothing was written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from customers.crm_import import file
from customers.crm_import import report as import_report
from customers.crm_import.customers import import_customers
from customers.crm_import.file import look_through
from customers.crm_import.rows import REQUIRED_COLUMNS
from customers.evidence.recording import recording
from customers.models import Customer, ImportBatch, Leaf, StaffMember
from customers.validation.errors import InvalidInput
from tests import factories
from tests.exports import export, record

pytestmark = [pytest.mark.django_db, pytest.mark.bare]

HEADER = ",".join(REQUIRED_COLUMNS)
LINE = "EX0000001,Nguyễn Thị Hoa,,hoa@example.com,0912345612,vi,2021-10-25,active,Hanoi,CDN,,\r\n"
GOOD = f"{HEADER}\r\n{LINE}".encode()


def written(content: bytes) -> Callable[[Path], None]:
    """Makes a file of that content."""
    return lambda path: (path.write_bytes(content), None)[1]


def without(column: str) -> bytes:
    """A sound file but for one column."""
    return (",".join(name for name in REQUIRED_COLUMNS if name != column) + "\r\n").encode()


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (lambda path: None, "no such file"),
    "a directory": (Path.mkdir, "directory"),
    "a pipe": (lambda path: os.mkfifo(path), "no such file"),
    "empty": (written(b""), "empty"),
    "a byte order mark only": (written(b"\xef\xbb\xbf"), "empty"),
    "blank lines only": (written(b"\r\n\r\n"), "empty"),
    "Latin-1": (written(GOOD.replace("Thị".encode(), b"Th\xe9")), "not UTF-8"),
    "UTF-16": (written(GOOD.decode().encode("utf-16")), "not UTF-8"),
    "cut in the middle of a letter": (written(GOOD + "ị".encode()[:1]), "not UTF-8"),
    "NUL bytes": (written(GOOD.replace(b"CDN", b"CD\0")), "NUL"),
    **{f"no {name}": (written(without(name)), f"no column {name}") for name in REQUIRED_COLUMNS},
    "no header": (written(LINE.encode()), "no column"),
    "a column twice": (written(GOOD.replace(b"customer_no", b"customer_no,email", 1)), "column email twice"),
    "an optional column twice": (written(f"{HEADER},renewals,renewals\r\n".encode()), "column renewals twice"),
    "a strange column twice": (written(f"{HEADER},hoa,hoa\r\n".encode()), "a column twice"),
    "an open quote": (written(GOOD + b'EX0000002,"Nguyen'), "Near line"),
    "a misplaced quote": (written(GOOD + b'EX0000002,"Nguyen" Hoa,'), "Near line 3"),
    "an endless cell": (written(GOOD + b"x" * 200_000), "Near line 3"),
    "an endless line": (written(GOOD + b"x," * 2_000_000), "a line of more than 1 MB"),
}


LAST = '{\n "rows": 1,\n "accepted": 1\n}'
"""A report of an earlier import, as far as a report is known by its beginning."""


def nothing_written() -> bool:
    """Nothing is on record but what the database was born with."""
    return (Customer.objects.count(), ImportBatch.objects.count(), Leaf.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_in_one_line_with_nothing_written(what: str, tmp_path: Path) -> None:
    make, says = REFUSED[what]
    path, report = tmp_path / "export.csv", tmp_path / "report.json"
    make(path)
    with pytest.raises(CommandError) as refused:
        call_command("import_customers", str(path), report=report)
    assert says in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert not [value for value in ("Hoa", "hoa", "0912345612") if value in str(refused.value)]
    assert nothing_written()
    assert not report.exists()


@pytest.mark.parametrize("content", [GOOD, b"\xef\xbb\xbf" + GOOD, GOOD.replace(b"\r\n", b"\n") + b"\n\n"])
def test_the_same_file_without_the_fault_is_taken_in(content: bytes, tmp_path: Path, system: StaffMember) -> None:
    (tmp_path / "export.csv").write_bytes(content)
    assert import_customers(tmp_path / "export.csv", by=system).report() == {
        "rows": 1, "accepted": 1, "unchanged": 0, "rejected": [],
    }  # fmt: skip


def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(GOOD)
    assert file.LARGEST_BYTES == 512_000_000
    monkeypatch.setattr(file, "LARGEST_BYTES", len(GOOD))
    assert look_through(path).rows == 1
    monkeypatch.setattr(file, "LARGEST_BYTES", len(GOOD) - 1)
    with pytest.raises(CommandError, match="larger than 512 MB"):
        call_command("import_customers", str(path))
    assert nothing_written()


def test_a_letter_and_a_line_that_chunks_share_are_read_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "export.csv").write_bytes(GOOD)
    monkeypatch.setattr(file, "CHUNK_BYTES", 1)
    assert look_through(tmp_path / "export.csv").rows == 1
    longest = max(len(line) for line in GOOD.splitlines())
    monkeypatch.setattr(file, "LONGEST_LINE_BYTES", longest)
    assert look_through(tmp_path / "export.csv").rows == 1
    monkeypatch.setattr(file, "LONGEST_LINE_BYTES", longest - 1)
    with pytest.raises(InvalidInput, match="a line of more than"):
        look_through(tmp_path / "export.csv")


def test_a_file_without_records_is_taken_in_with_nothing_to_do(system: StaffMember, tmp_path: Path) -> None:
    assert import_customers(export(tmp_path / "export.csv", []), by=system).rows == 0
    assert nothing_written()


def test_columns_that_are_not_the_desks_are_left_out_and_counted(system: StaffMember, tmp_path: Path) -> None:
    row = {**record(1), "birthday": "1990-01-01", "": "x"}
    outcome = import_customers(export(tmp_path / "export.csv", [row]), by=system)
    assert (outcome.accepted, outcome.left_out) == (1, 2)


def test_a_row_with_too_many_cells_is_rejected_and_the_others_are_not(system: StaffMember, tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_bytes(GOOD + b"EX0000002,\r\n" + LINE.replace("0000001", "0000003").encode())
    outcome = import_customers(tmp_path / "export.csv", by=system)
    assert (outcome.accepted, [(r.row, r.column) for r in outcome.rejected]) == (2, [(2, "")])


def test_a_file_that_is_changed_while_it_is_read_is_taken_in_no_further(
    system: StaffMember, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customers.crm_import.customers.BATCH_ROWS", 1)
    path = export(tmp_path / "export.csv", [record(n) for n in range(1, 4)])

    def add(done: int, total: int) -> None:
        path.write_bytes(path.read_bytes() + b"\r\n")

    with pytest.raises(InvalidInput, match="changed while it was read"):
        import_customers(path, by=system, progress=add)
    assert Customer.objects.count() == 1


# --- who, and where to ------------------------------------------------------------------------------------------


def test_an_import_is_on_record_as_done_by_whom_the_command_names_or_else_by_the_reserved_account(
    tmp_path: Path,
) -> None:
    factories.person("mai")
    call_command("import_customers", str(export(tmp_path / "one.csv", [record(1)])), by="mai")
    call_command("import_customers", str(export(tmp_path / "two.csv", [record(2)])))
    assert list(ImportBatch.objects.order_by("pk").values_list("by__username", flat=True)) == ["mai", "system"]


def test_somebody_unknown_or_no_longer_active_cannot_import(tmp_path: Path) -> None:
    path = export(tmp_path / "export.csv", [record(1)])
    gone = factories.person("mai")
    gone.is_active = False
    gone.save()
    for username, says in (("nobody", "nobody of that username"), ("mai", "no longer active")):
        with pytest.raises(CommandError, match=says):
            call_command("import_customers", str(path), by=username)
    assert Customer.objects.count() == 0


def test_a_wrong_key_is_told_before_anything_is_read(tmp_path: Path, settings: Any) -> None:
    settings.VAULT_KEYS = ["QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="]
    with pytest.raises(CommandError, match="needs the field key") as refused:
        call_command("import_customers", str(tmp_path / "nothing.csv"))
    assert len(str(refused.value).splitlines()) == 1
    settings.VAULT_KEYS = []
    with pytest.raises(CommandError, match="FIELD_ENCRYPTION_KEY is not set"):
        call_command("import_customers", str(tmp_path / "nothing.csv"))


@pytest.mark.parametrize(
    ("report", "says"), [("missing/report.json", "cannot be written"), (".", "directory"), ("export.csv", "overwrite")]
)
def test_a_report_that_cannot_be_written_is_told_before_the_import(report: str, says: str, tmp_path: Path) -> None:
    path = export(tmp_path / "export.csv", [record(1)])
    content = path.read_bytes()
    with pytest.raises(CommandError, match=says):
        call_command("import_customers", str(path), report=tmp_path / report)
    assert nothing_written()
    assert path.read_bytes() == content


def test_a_report_takes_the_place_of_no_other_file_and_of_no_device(tmp_path: Path) -> None:
    path, pipe, other = export(tmp_path / "export.csv", [record(1)]), tmp_path / "pipe", tmp_path / "desk.sqlite3"
    os.mkfifo(pipe)
    other.write_bytes(b"SQLite format 3")
    for report in (pipe, other):
        with pytest.raises(CommandError, match="no report"):
            call_command("import_customers", str(path), report=report)
    assert nothing_written()
    assert (pipe.is_fifo(), other.read_bytes()) == (True, b"SQLite format 3")


@pytest.mark.parametrize("where", ["file", "report"])
def test_a_name_that_is_too_long_is_one_line(where: str, tmp_path: Path) -> None:
    path, endless = export(tmp_path / "export.csv", [record(1)]), tmp_path / ("x" * 300)
    with pytest.raises(CommandError, match="cannot be"):
        call_command("import_customers", *((endless,) if where == "file" else (path, "--report", endless)))
    assert nothing_written()


def test_lines_may_end_in_carriage_returns_however_many_there_are(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    lines = b"".join(LINE.strip().replace("EX0000001", f"EX{n:07d}").encode() + b"\r" for n in range(12_000))
    path.write_bytes(f"{HEADER}\r".encode() + lines)
    assert look_through(path).rows == 12_000


def test_a_report_takes_the_place_of_the_last_one_whole_or_not_at_all(
    system: StaffMember, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, report = export(tmp_path / "export.csv", [record(1)]), tmp_path / "report.json"
    report.write_text(LAST)

    def full(*args: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(import_report.os, "fsync", full)
        with pytest.raises(InvalidInput, match="report could not be written"):
            import_customers(path, by=system, report=report)
    assert sorted(tmp_path.iterdir()) == [path, report]
    assert report.read_text() == LAST
    with report.open() as reader:
        import_customers(path, by=system, report=report)
        assert reader.read() == LAST
    assert '"unchanged": 1' in report.read_text()


def test_the_database_refusing_is_one_line_that_quotes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = export(tmp_path / "export.csv", [record(1)])
    factories.team()
    with recording(by=factories.system()):
        factories.note()
    monkeypatch.setattr("customers.crm_import.customers.compare", lambda rows, sha: ([*rows, *rows], [], []))
    with pytest.raises(CommandError) as refused:
        call_command("import_customers", str(path))
    assert str(refused.value).startswith("The database refused (IntegrityError)")
    assert Customer.objects.count() == 0
