"""Logs, bundles and databases made by hand, so that the verifier is tried without the software that writes them."""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from customers.evidence import verify

ORIGIN = "privacy-desk/test"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = verify.VerifierKey.of(ORIGIN, PRIVATE.public_key().public_bytes_raw())
FILES = ("entries.jsonl", "checkpoint", "key", "README.txt")


def entry(seq: int, prev: bytes, **overrides: Any) -> dict[str, Any]:
    """One payload as an object; its salt follows from its place, so that the same log is made every time."""
    return {
        "v": 1,
        "seq": seq,
        "prev": prev.hex(),
        "salt": hashlib.sha256(b"%d" % seq).hexdigest()[:32],
        "at": f"2026-01-31T08:{seq // 60 % 60:02}:{seq % 60:02}.000000Z",
        "kind": "note",
        "by": "lan",
        "customer": f"C-{seq:04}" if seq % 2 else None,
        "table": "desk_note",
        "row": str(seq + 1),
        "columns": {"id": seq + 1, "text": f"Ghi chú {seq}"},
        "commits": {"reason": hashlib.sha256(b"reason %d" % seq).hexdigest()} if seq % 3 == 0 else {},
    } | overrides


def log(count: int, **overrides: Any) -> list[bytes]:
    """The payloads of a whole log."""
    payloads: list[bytes] = []
    prev = bytes(32)
    for seq in range(count):
        payloads.append(verify.canonical(entry(seq, prev, **overrides)))
        prev = verify.leaf_hash(payloads[-1])
    return payloads


def tree(payloads: Sequence[bytes]) -> verify.Frontier:
    found = verify.Frontier()
    for payload in payloads:
        found.append(verify.leaf_hash(payload))
    return found


def note(payloads: Sequence[bytes], size: int | None = None, private: Ed25519PrivateKey = PRIVATE) -> bytes:
    """A signed checkpoint over the first ``size`` payloads, or all."""
    covered = payloads if size is None else payloads[:size]
    text = verify.checkpoint_text(ORIGIN, len(covered), tree(covered).root())
    return verify.sign_note(text, ORIGIN, private)


def bundle(payloads: Sequence[bytes], checkpoint: bytes | None = None) -> dict[str, bytes]:
    """File name to content."""
    return {
        "entries.jsonl": b"".join(payload + b"\n" for payload in payloads),
        "checkpoint": note(payloads) if checkpoint is None else checkpoint,
        "key": f"{KEY.vkey()}\n".encode(),
        "README.txt": verify.BUNDLE_README.encode(),
    }


def write(where: Path, files: dict[str, bytes]) -> Path:
    where.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (where / name).write_bytes(data)
    return where


def key_file(where: Path) -> Path:
    """The auditor's own copy of the key."""
    path = where / "auditor.vkey"
    path.write_bytes(f"{KEY.vkey()}\n".encode())
    return path


# --- databases ---

TYPES = {"id": "uuid", "text": "text", "done": "boolean", "at": "time", "day": "date", "ref": "uuid", "extra": "json"}
TYPES |= {"digest": "bytes", "customer": "text"}
FREEZE = (
    'CREATE TRIGGER "desk_note_no_delete" BEFORE DELETE ON "desk_note"'
    " BEGIN SELECT RAISE(ABORT, 'rows are kept'); END"
)
TABLES_SQL = (
    "CREATE TABLE customers_leaf (seq bigint PRIMARY KEY, payload BLOB, leaf_hash BLOB, kind text, customer text,"
    " table_name text, row_key text)",
    "CREATE TABLE customers_head (id integer PRIMARY KEY, size bigint, frontier BLOB, schema_digest text)",
    "CREATE TABLE customers_checkpoint (id integer PRIMARY KEY, size bigint, root BLOB, note text, at datetime)",
    "CREATE TABLE desk_schema (id integer PRIMARY KEY, tables text)",
    "CREATE TABLE desk_note (id char(32) PRIMARY KEY, text text, done bool, at datetime, day date, ref char(32),"
    " extra text, digest BLOB, customer text, reason text)",
)


def note_row(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """One row of ``desk_note``: as SQLite holds it, and as its payload names it. Its key is a UUID."""
    dashed = f"00000000-0000-4000-8000-{number * 7919 % 1000:012}"
    moment = "2026-01-31 08:15:00" + (f".{number:06}" if number % 2 else "")
    raw: dict[str, Any] = {
        "id": dashed.replace("-", ""),
        "text": f"Ghi chú {number}",
        "done": number % 2,
        "at": moment,
        "day": "2026-01-31",
        "ref": None,
        "extra": f'{{"b": [{number}, true], "a": null}}',
        "digest": bytes([number, 255]),
        "customer": None,
        "reason": "sealed",
    }
    named = {name: value for name, value in raw.items() if name != "reason"}
    named |= {"id": dashed, "done": number % 2 == 1, "extra": {"b": [number, True], "a": None}}
    named |= {"at": f"2026-01-31T08:15:00.{number if number % 2 else 0:06}Z", "digest": bytes([number, 255]).hex()}
    return raw, named


def tables_spec() -> dict[str, Any]:
    plain: dict[str, Any] = {"key": "id", "columns": {}, "sealed": [], "leaves": False, "triggers": {}}
    notes = plain | {"columns": TYPES, "sealed": ["reason"], "leaves": True}
    schema = plain | {"columns": {"id": "integer", "tables": "json"}, "leaves": True}
    return {
        "customers_leaf": plain,
        "desk_note": notes | {"triggers": {"desk_note_no_delete": verify.text_digest(FREEZE)}},
        "desk_schema": schema,
    }


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def append(connection: sqlite3.Connection, payload: dict[str, Any]) -> None:
    """Append one entry as the log's writer does: the leaf, then the head."""
    size, data = connection.execute("SELECT size, frontier FROM customers_head").fetchone()
    tree_so_far = verify.Frontier.from_bytes(size, data)
    raw = verify.canonical(payload)
    tree_so_far.append(verify.leaf_hash(raw))
    leaf = {"seq": payload["seq"], "payload": raw, "leaf_hash": verify.leaf_hash(raw), "kind": payload["kind"]}
    leaf |= {"customer": payload["customer"], "table_name": payload["table"], "row_key": payload["row"]}
    _insert(connection, "customers_leaf", leaf)
    connection.execute("UPDATE customers_head SET size = ?, frontier = ?", (tree_so_far.size, tree_so_far.to_bytes()))


def last_hash(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """The size of the log and the hash that its next entry names."""
    row = connection.execute("SELECT seq, leaf_hash FROM customers_leaf ORDER BY seq DESC").fetchone()
    return (row[0] + 1, row[1]) if row else (0, bytes(32))


def add_note(connection: sqlite3.Connection) -> None:
    seq, prev = last_hash(connection)
    raw, named = note_row(seq)
    _insert(connection, "desk_note", raw)
    append(connection, entry(seq, prev, row=named["id"], columns=named, commits={"reason": "ab" * 32}))


def add_checkpoint(connection: sqlite3.Connection) -> bytes:
    payloads = [row[0] for row in connection.execute("SELECT payload FROM customers_leaf ORDER BY seq")]
    signed = note(payloads)
    row = {"size": len(payloads), "root": tree(payloads).root(), "note": signed.decode(), "at": "2026-01-31 09:00:00"}
    _insert(connection, "customers_checkpoint", row)
    return signed


def database(path: Path, notes: int = 8) -> sqlite3.Connection:
    """A whole database: the list of tables, ``notes`` rows with their leaves, checkpoints midway and at the end."""
    connection = sqlite3.connect(path)
    for statement in (*TABLES_SQL, FREEZE):
        connection.execute(statement)
    _insert(connection, "customers_head", {"id": 1, "size": 0, "frontier": b"", "schema_digest": ""})
    spec = tables_spec()
    _insert(connection, "desk_schema", {"id": 1, "tables": verify.canonical(spec).decode()})
    columns = {"id": 1, "tables": spec}
    append(connection, entry(0, bytes(32), kind="schema", table="desk_schema", row="1", columns=columns, commits={}))
    for number in range(notes):
        add_note(connection)
        if number == notes // 2:
            add_checkpoint(connection)
    add_checkpoint(connection)
    connection.commit()
    return connection
