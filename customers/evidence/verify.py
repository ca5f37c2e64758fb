"""Check a log of evidence without the software that wrote it. Writes nothing but the file named by ``--state``.

Needs the package ``cryptography``, and ``psycopg`` for a PostgreSQL database. Trees and their proofs follow RFC 6962
and RFC 9162; notes, checkpoints and proof files follow C2SP's signed-note, tlog-checkpoint and tlog-proof. The exit
code is 0 where the log is whole, 1 where it was tampered with, 2 where it cannot be verified.
"""

import argparse
import base64
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self
from unicodedata import normalize
from urllib.parse import quote
from uuid import UUID, uuid4

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
except ImportError:
    if __name__ != "__main__":
        raise
    print("Cannot verify: the Python package cryptography is missing; install it with `pip install cryptography`.")
    raise SystemExit(2) from None

EMPTY_ROOT = hashlib.sha256(b"").digest()
LARGEST, SHOWN = 1 << 26, 20  # most bytes read of a file or line; most findings printed
HEX, NUMBER, NAME = '"[0-9a-f]{64}"', "(0|[1-9][0-9]{0,18})", '"[a-z_][a-z0-9_]*"'
# Patterns of the JSON of each field of a payload, and of the tables in a schema entry, whose names go into SQL.
FIELDS = {"at": r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"', "by": '".*"', "columns": ".*}", "kind": '".*"', "v": "1"}
FIELDS |= {"commits": rf'{{("[^"]*": {HEX}(, )?)*}}', "customer": '".*"|null', "prev": HEX, "row": '".*"'}
FIELDS |= {"salt": '"[0-9a-f]{32}"', "seq": NUMBER, "table": '".*"'}
TABLES = rf'{{({NAME}:{{"columns":{{({NAME}:"(integer|text|boolean|time|date|uuid|json|bytes)",?)*}},"key":{NAME},'
TABLES += rf'"leaves":(true|false),"sealed":\[({NAME},?)*\],"triggers":{{("[^"\\]+":{HEX},?)*}}}},?)*}}'
NOTE = rf"((\S+)\n{NUMBER}\n(\S+)\n(?:[^\0-\x1f]+\n)*)\n((?:— [^\s+]+ \S+\n)+)"
PROOF = rf"c2sp\.org/tlog-proof@v1\n(?:extra \S+\n)?index {NUMBER}\n((?:\S+\n)*)\n(.*)".encode()
BUNDLE_README = """\
This directory is an export of a privacy desk's log of evidence:

entries.jsonl  every entry, one to a line, byte for byte as it was signed for; the first line is entry 0
checkpoint     the signed statement of how many entries there are, and of the root of the tree over them
key            the public key that the checkpoint is said to be signed with
README.txt     this text

To check it, ask the compliance officers for the public key by another way than this directory (in person, by
telephone, from a printed report), keep it in a file of your own, and run: python verify.py DIRECTORY --key FILE
The key in this directory proves nothing by itself: whoever can replace the entries can replace it too.
Add --anchor FILE for each checkpoint you were given earlier, and --state FILE to be told next time whether the
log has only grown since. The answer is 0 where all is whole, 1 where something was tampered with, 2 where there
can be no answer. What happened after the newest checkpoint is vouched for by nobody yet.
"""


def leaf_hash(payload: bytes) -> bytes:
    """The hash of an entry (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\0" + payload).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Frontier:
    """The roots of a growing tree's perfect subtrees, largest first; ``ValueError`` where they do not fit the size."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count() or any(len(h) != 32 for h in hashes):
            raise ValueError("The frontier does not fit the size of the tree.")
        self.size, self.hashes = size, list(hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Self:
        return cls(size, [data[at : at + 32] for at in range(0, len(data), 32)])

    def to_bytes(self) -> bytes:
        return b"".join(self.hashes)

    def append(self, leaf: bytes) -> None:
        for _ in range((~self.size & (self.size + 1)).bit_length() - 1):
            leaf = node_hash(self.hashes.pop(), leaf)
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        root = self.hashes[-1] if self.hashes else EMPTY_ROOT
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def _sides(at: int, last: int) -> list[bool]:
    """For each hash of a proof, from the leaf up, whether it is the left one (RFC 9162 §2.1.3.2)."""
    sides = []
    while last:
        sides.append(at & 1 == 1 or at == last)
        while sides[-1] and not at & 1:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    return sides


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """True where ``leaf`` is at ``index`` of the tree of ``size`` with ``root`` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or len(sides := _sides(index, size - 1)) != len(proof):
        return False
    for sibling, left in zip(proof, sides, strict=True):
        leaf = node_hash(sibling, leaf) if left else node_hash(leaf, sibling)
    return leaf == root


def verify_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """True where the new tree begins with all of the old (RFC 9162 §2.1.4.2); every tree begins with the empty one."""
    if not 0 < old_size < size:
        return 0 <= old_size <= size and not proof and old_root == (root if old_size == size else EMPTY_ROOT)
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    path = list(proof) if at else [old_root, *proof]
    if len(sides := _sides(at, last)) + 1 != len(path):
        return False
    old = new = path[0]
    for sibling, left in zip(path[1:], sides, strict=True):
        old = node_hash(sibling, old) if left else old
        new = node_hash(sibling, new) if left else node_hash(new, sibling)
    return old == old_root and new == root


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError("Evidence holds only objects, arrays, strings, integers, booleans and null.")
    if len(plain := {normalize("NFC", key): _plain(item) for key, item in value.items()}) != len(value):
        raise ValueError("Two keys of one object are the same text.")
    return plain


def canonical(obj: Any) -> bytes:
    """The one JSON form of ``obj``: sorted keys, no spaces, UTF-8 in NFC; ``ValueError`` for what has none."""
    try:
        return json.dumps(_plain(obj), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    except RecursionError:
        raise ValueError("The value is nested too deeply.") from None


def parse_payload(raw: bytes) -> dict[str, Any]:
    """A payload as an object; ``ValueError`` unless it is canonical and has exactly the agreed keys and types."""
    try:
        payload = json.loads(raw.decode())
    except RecursionError:
        payload = None
    if not isinstance(payload, dict) or payload.keys() != FIELDS.keys() or canonical(payload) != raw:
        raise ValueError("It is not canonical.")
    if not all(re.fullmatch(form, json.dumps(payload[name])) for name, form in FIELDS.items()):
        raise ValueError("A field has the wrong form.")
    datetime.fromisoformat(payload["at"])
    return payload


class BadNote(ValueError):
    """A note that is malformed or not validly signed with the key; the message says why in one sentence."""


def _base64(text: str | bytes) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data) != (text.encode() if isinstance(text, str) else text):
        raise ValueError("Base64 is not in canonical form.")
    return data


@dataclass(frozen=True)
class VerifierKey:
    """A named Ed25519 public key, with the id that follows from both (C2SP signed-note)."""

    name: str
    key_id: bytes
    public: bytes

    @classmethod
    def of(cls, name: str, public: bytes) -> Self:
        return cls(name, hashlib.sha256(name.encode() + b"\n\1" + public).digest()[:4], public)

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Raises ``ValueError`` unless writing the key again gives ``vkey``."""
        parts = re.fullmatch(r"([^\s+]+)\+[0-9a-f]{8}\+(\S+)", vkey)
        key = cls.of(parts[1], _base64(parts[2])[1:]) if parts else None
        if key is None or len(key.public) != 32 or key.vkey() != vkey:
            raise ValueError("The key is not a public key in the form name+id+key.")
        return key

    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+" + base64.b64encode(b"\1" + self.public).decode()


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says, and the note that says it."""

    origin: str
    size: int
    root: bytes
    note: bytes


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The three lines that are signed (C2SP tlog-checkpoint)."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def sign_note(text: str, name: str, private_key: Ed25519PrivateKey) -> bytes:
    """``text``, which ends in a newline, with one signature under it (C2SP signed-note)."""
    key_id = VerifierKey.of(name, private_key.public_key().public_bytes_raw()).key_id
    return f"{text}\n— {name} {base64.b64encode(key_id + private_key.sign(text.encode())).decode()}\n".encode()


def open_checkpoint(note: bytes, key: VerifierKey | None) -> Checkpoint:
    """The checkpoint in a note that ``key`` signed; other signatures are ignored. Raises ``BadNote``.

    Without a key no signature is checked, and nothing is proven.
    """
    try:
        match = re.fullmatch(NOTE, note.decode())
        if match is None or len(root := _base64(match[4])) != 32:
            raise BadNote("It is not a signed checkpoint.")
        signatures = [(name, _base64(data)) for name, data in re.findall(r"— (\S+) (\S+)\n", match[5])]
        mine = [data[4:] for name, data in signatures if key and (name, data[:4]) == (key.name, key.key_id)]
        for signature in mine:
            Ed25519PublicKey.from_public_bytes(key.public if key else b"").verify(signature, match[1].encode())
    except (ValueError, InvalidSignature) as error:
        raise BadNote(str(error) if isinstance(error, BadNote) else "Its signature or encoding is not valid.") from None
    if key and (match[2] != key.name or not mine):
        raise BadNote("It is another log's, or not signed with this key.")
    return Checkpoint(match[2], int(match[3]), root, note)


def split_notes(data: bytes) -> list[bytes]:
    """The notes of an anchor file, without the blank lines between them; a rest that is no note comes as one more."""
    return re.findall(rb"(?s)[^\n].*?\n\n(?:\xe2\x80\x94 [^\n]*\n)+|[^\n].*", data)


def tlog_proof(index: int, hashes: Sequence[bytes], checkpoint_note: bytes) -> bytes:
    """The proof that an entry is in the checkpointed log (C2SP tlog-proof)."""
    lines = b"".join(base64.b64encode(h) + b"\n" for h in hashes)
    return b"c2sp.org/tlog-proof@v1\nindex %d\n%b\n%b" % (index, lines, checkpoint_note)


def parse_tlog_proof(data: bytes) -> tuple[int, list[bytes], bytes]:
    """Index, hashes and checkpoint note of a proof; ``ValueError`` where it has another form."""
    match = re.fullmatch(PROOF, data, re.DOTALL)
    hashes = [_base64(line) for line in match[2].split()] if match else []
    if match is None or any(len(h) != 32 for h in hashes):
        raise ValueError("The file is not a proof.")
    return int(match[1]), hashes, match[3]


@dataclass
class Report:
    """The answer: ``exit`` 0 whole, 1 tampered, 2 cannot verify; ``last_good`` is the newest checkpoint that holds.

    ``found``: every finding, its sequence (None: not known) and a sentence, the earliest sequence first.
    """

    exit: int
    lines: list[str]
    entries: int = 0
    first_bad: int | None = None
    last_good: Checkpoint | None = None
    found: Sequence[tuple[int | None, str]] = ()


class _Check:
    """One verification: takes notes, then payloads in order, and reports where they first disagree."""

    def __init__(self, key: VerifierKey | None) -> None:
        self.key, self.proven, self.stopped, self.tree = key, True, False, Frontier()
        self.leaves: list[bytes] = []
        self.torn: dict[int, str] = {}  # by sequence: ``prev`` of entries where it is not the hash before them
        self.notes: list[tuple[str, Checkpoint]] = []
        self.bad: dict[tuple[int | None, str], None] = {}
        self.cannot: list[str] = []
        self.good: Checkpoint | None = None

    def add(self, sentence: str, seq: int | None = None) -> None:
        """Report a finding, at a sequence where that is known."""
        self.bad[seq, sentence] = None

    def take(self, name: str, data: bytes, own: bool = False) -> None:
        """Open the log's ``own`` note, or all notes that an auditor kept; ``name`` says which in findings.

        An own note that is not valid is a finding; one that the auditor kept only means that it cannot be verified.
        """
        for note in [data] if own else split_notes(data) or [data]:
            try:
                self.notes.append((name, open_checkpoint(note, self.key)))
            except BadNote as error:
                trouble = f"{name} is not to be believed: {error}"
                self.add(trouble) if own else self.cannot.append(trouble)

    def hold_against(self, anchors: Sequence[bytes], state: bytes | None) -> None:
        """Take the notes the auditor kept."""
        for name, data in [*(("The anchor", anchor) for anchor in anchors), ("The state", state)]:
            if data is not None:
                self.take(name, data)

    def unproven(self, name: str) -> None:
        """Go on without the auditor's key: whatever is found, the exit code will be 2."""
        self.proven = False
        self.cannot.append(f"No key was given, and the log's own, {name}, is unproven.")

    def feed(self, raw: bytes) -> dict[str, Any]:
        """Add the next payload and return it as an object, an empty one where it is no payload."""
        seq, payload = len(self.leaves), dict[str, Any]()
        try:
            payload = parse_payload(raw)
        except ValueError:
            self.add("The entry is not a canonical payload with the agreed fields.", seq)
        if payload and payload["seq"] != seq:
            self.stopped = True
            self.add(f"Entry {payload['seq']} stands in its place, and what follows was not examined.", seq)
            return {}
        if payload and payload["prev"] != (self.leaves[-1].hex() if seq else "0" * 64):
            self.torn[seq] = payload["prev"]
        self.leaves.append(leaf_hash(raw))
        return payload

    def close(self) -> None:
        """Report entries that do not fit each other, then notes that do not fit the entries.

        Of two entries that do not fit, the earlier is at fault if the later fits what comes after it.
        """
        size, signed = len(self.leaves), {(note.size, note.root) for _, note in self.notes}
        sizes = {size for size, _root in signed}
        for seq, claimed in self.torn.items():
            intact, tree = seq + 1 not in self.torn, Frontier()
            if 0 < seq == size - 1:
                for leaf in [*self.leaves[: seq - 1], bytes.fromhex(claimed)]:
                    tree.append(leaf)
                intact = (seq, tree.root()) in signed
                tree.append(self.leaves[seq])
                intact = intact or (size, tree.root()) in signed
            self.add("The entry is not the one the log was made with.", max(seq - intact, 0))
        roots = {0: EMPTY_ROOT}
        for leaf in self.leaves:
            self.tree.append(leaf)
            if self.tree.size in sizes:
                roots[self.tree.size] = self.tree.root()
        for name, note in sorted(self.notes, key=lambda pair: pair[1].size):
            since = self.good.size if self.good else 0
            if roots.get(note.size) == note.root:
                self.good = note
            elif note.size in roots:
                guess = size - 1 if note.size == size else since
                fault = f"{name} over {note.size} entries was signed over others, the first of them not before {since}."
                self.add(fault, None if not note.size or any(seq is not None for seq, _ in self.bad) else guess)
            elif not self.stopped:
                self.add(f"{name} is over {note.size} entries, but they end here.", size)

    def report(self) -> Report:
        """The answer in sentences, and the exit code, which is always 2 without a key."""
        size, first = len(self.leaves), min((seq for seq, _ in self.bad if seq is not None), default=None)
        if not self.notes and not self.bad:
            self.cannot.append("No checkpoint vouches for these entries.")
        lines = [f"Cannot verify: {sentence}" for sentence in self.cannot]
        good = f"over {self.good.size} entries, root {self.good.root.hex()}" if self.good else "none"
        if self.good and not self.bad:
            old, new = self.good.size, size - self.good.size
            lines.append(f"All agree: entries under the newest checkpoint {old}, newer and not yet vouched for {new}.")
        findings = sorted(self.bad, key=lambda pair: (pair[0] is None, pair[0] or 0))
        if findings:
            lines.append(f"Tampered: the first bad sequence is {'not known' if first is None else first}.")
            lines += [sentence if seq is None else f"Sequence {seq}: {sentence}" for seq, sentence in findings[:SHOWN]]
            lines += [f"There are {len(findings) - SHOWN} more findings."] if len(findings) > SHOWN else []
        code = 2 if not self.proven or (self.cannot and not self.bad) else int(bool(self.bad))
        return Report(code, [*lines, f"Last good checkpoint: {good}."], size, first, self.good, findings)


def _read(path: Path) -> bytes:
    """The bytes of a regular file. Raises ``OSError`` where it is none, or larger than ``LARGEST``."""
    if path.exists() and not (path.is_file() and path.stat().st_size <= LARGEST):
        raise OSError(f"{path} is no file, or too large.")
    return path.read_bytes()


def verify_bundle(
    path: str | Path, *, key: VerifierKey | None, anchors: Sequence[bytes] = (), state: bytes | None = None
) -> Report:
    """Check an exported directory: any change of any byte of its four files is reported. Raises nothing."""
    check, where = _Check(key), Path(path)
    try:
        own, entries = _read(where / "key"), where / "entries.jsonl"
        if key is None:
            check.key = VerifierKey.parse(own.decode().removesuffix("\n"))
            check.unproven(check.key.vkey())
        elif own != f"{key.vkey()}\n".encode():
            check.add("The key in the bundle is not the auditor's.")
        if _read(where / "README.txt") != BUNDLE_README.encode():
            check.add("README.txt is not the one that was exported.")
        check.take("The checkpoint", _read(where / "checkpoint"), own=True)
        end = check.notes[0][1].size if check.notes else None
        check.hold_against(anchors, state)
        if not entries.is_file():
            raise OSError("The bundle's entries are missing.")
        with entries.open("rb") as lines:
            while not check.stopped and (line := lines.readline(LARGEST)):
                if not line.endswith(b"\n"):
                    check.add("The entry's line has no end.", len(check.leaves))
                check.feed(line.removesuffix(b"\n"))
        if end is not None and end < len(check.leaves):
            check.add("The entry lies beyond the checkpoint.", end)
        check.close()
    except (OSError, ValueError) as error:
        check.cannot.append(_sentence(error))
    return check.report()


def text_digest(text: str) -> str:
    """SHA-256 of a trigger's text, in hex, as schema entries keep it."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def installed_triggers(cursor: Any, vendor: str, tables: Iterable[str]) -> dict[str, dict[str, str]]:
    """Table to trigger name to text. Raises ``ValueError`` for a table whose name is not a plain identifier."""
    triggers: dict[str, dict[str, str]] = {table: {} for table in tables}
    if not all(re.fullmatch(NAME, f'"{table}"') for table in triggers):
        raise ValueError("A table has a name that cannot be looked up.")
    names = ", ".join(f"'{table}'" for table in triggers) or "''"
    if vendor == "sqlite":
        sql = "SELECT lower(tbl_name) AS tab, name, sql FROM sqlite_master WHERE type = 'trigger' AND tab"
    else:
        sql = (
            "SELECT c.relname::text, t.tgname::text, concat_ws(' ', t.tgname, t.tgtype, t.tgenabled, t.tgnargs,"
            " cardinality(t.tgattr::int2[]), CASE WHEN t.tgqual IS NULL THEN '-' ELSE 'when' END, p.proname)"
            " || chr(10) || p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON"
            " c.oid = t.tgrelid AND c.relnamespace = current_schema()::regnamespace"
            " WHERE NOT t.tgisinternal AND c.relname"
        )
    cursor.execute(f"{sql} IN ({names})")
    for table, name, text in cursor.fetchall():
        triggers[table][name] = text
    return triggers


PG_FORMS = {  # as text, so that neither the session's time zone nor the caller's adapters matter
    "json": "{}::text",
    "time": """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "date": "to_char({}, 'YYYY-MM-DD')",
}
SQL_FORMS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "time": (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?", datetime.fromisoformat),
    "date": (r"\d{4}-\d\d-\d\d", date.fromisoformat),
    "uuid": ("[0-9a-f]{32}", UUID),
    "json": ("(?s).*", json.loads),
}


def _form(value: Any, kind: str) -> Any:
    """A column's value as payloads write it; a value that is not of its type stays as it is, and so differs."""
    if kind == "boolean" and type(value) is int and value in (0, 1):
        return bool(value)
    if isinstance(value, (bytes, memoryview)) and kind == "bytes":
        return bytes(value).hex()
    if isinstance(value, str) and kind in SQL_FORMS and re.fullmatch(SQL_FORMS[kind][0], value):
        value = SQL_FORMS[kind][1](value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds") + "Z"
    return str(value) if isinstance(value, (date, UUID)) else value


def _same(value: Any, kind: str, expected: Any) -> bool:
    try:
        return canonical(_form(value, kind)) == canonical(expected)
    except (ValueError, RecursionError):
        return False


CommitCheck = Callable[[str, str, str, str], str | None]
"""Table, row, column and commitment of a sealed content → what is wrong with it, in one sentence, or None."""


class _Database(_Check):
    """One verification of a database: its leaves, then its rows, columns and triggers against the leaves."""

    def __init__(self, connection: Any, vendor: str, key: VerifierKey | None, commits: CommitCheck | None) -> None:
        super().__init__(key)
        self.connection, self.vendor, self.commits, self.sealed = connection, vendor, commits, 0
        self.schema: tuple[int, Any] = (0, {})

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query one after another, never all in memory."""
        if self.vendor == "sqlite":
            yield from map(tuple, self.connection.execute(sql))  # not its cursor, which may outlive the connection
        else:
            with self.connection.cursor(uuid4().hex) as cursor:
                yield from cursor.execute(sql)

    def read_notes(self) -> None:
        for size, root, note in self.rows("SELECT size, root, note FROM customers_checkpoint ORDER BY size, id"):
            count = len(self.notes)
            self.take("A checkpoint", str(note).encode("utf-8", "surrogateescape"), own=True)
            if [(n.size, n.root) for _, n in self.notes[count:]] != [(size, _bytes(root))]:
                self.add("A checkpoint's columns differ from its note.")

    def read_leaves(self) -> None:
        columns = "seq, payload, leaf_hash, kind, customer, table_name, row_key"
        for seq, payload, digest, *side in self.rows(f"SELECT {columns} FROM customers_leaf ORDER BY seq"):
            at = len(self.leaves)
            if seq != at:
                self.stopped = True
                self.add("The entry is missing, and what follows was not examined.", at)
            entry = {} if self.stopped else self.feed(_bytes(payload))
            if self.stopped:
                break
            if _bytes(digest) != self.leaves[at]:
                self.add("The entry's payload and its stored hash differ.", at)
            if entry and side != [entry[name] for name in ("kind", "customer", "table", "row")]:
                self.add("The entry's columns differ from its payload.", at)
            if entry and entry["kind"] == "schema":
                self.take_list(at, entry["columns"].get("tables"))
            self.sealed += len(entry.get("commits", ()))

    def take_list(self, seq: int, tables: Any) -> None:
        """Keep the newest list of tables, and report where it covers less than the one before, which it never may."""
        before, self.schema = self.schema[1], (seq, tables)
        if not isinstance(tables, dict) or not re.fullmatch(TABLES, canonical(tables).decode()):
            self.schema = seq, None
            return self.add("The list of tables is malformed.", seq)
        for table, old in (before or {}).items():
            new = tables.get(table, {"leaves": False, "columns": {}, "triggers": {}})
            kept = all(old[part].keys() <= new[part].keys() for part in ("columns", "triggers"))
            if not kept or new["leaves"] < old["leaves"]:
                self.add(f"The list of tables looks after less of table {table} than the one before it.", seq)

    def read_head(self) -> None:
        head = [(i, size, _bytes(data)) for i, size, data in self.rows("SELECT id, size, frontier FROM customers_head")]
        if not self.stopped and head != [(1, self.tree.size, self.tree.to_bytes())]:
            self.add("The head of the log differs from its entries.")

    def read_tables(self) -> None:
        if (tables := self.schema[1]) is None:
            return  # reported when the leaves were read
        pg = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
        lite = "SELECT name FROM sqlite_master WHERE type = 'table'"
        present = {name for (name,) in self.rows(lite if self.vendor == "sqlite" else pg)}
        for name, first in self.rows("SELECT table_name, min(seq) FROM customers_leaf GROUP BY table_name"):
            if name not in tables:
                self.add("The entry belongs to a table that is not on the newest list.", first)
        installed = installed_triggers(self.connection.cursor(), self.vendor, tables)
        for table, spec in tables.items():
            if table not in present:
                self.add(f"Table {table} is missing.")
                continue
            have, want = {name: text_digest(text) for name, text in installed[table].items()}, spec["triggers"]
            for name in sorted(name for name in have.keys() | want.keys() if have.get(name) != want.get(name)):
                fault = "missing" if name not in have else "altered" if name in want else "not on the list"
                self.add(f"Trigger {json.dumps(name)} of table {table} is {fault}.")
            if spec["leaves"]:
                self.compare(table, spec["key"], spec["columns"])

    def compare(self, table: str, key: str, types: dict[str, str]) -> None:
        """Merge a table with its leaves, both sorted by key: each row must have one leaf, and each leaf its row."""
        pg, kind = self.vendor != "sqlite", types.get(key, "text")
        order = 'COLLATE "C"' if pg else "COLLATE BINARY"
        # On SQLite "+" keeps a converter that the caller registered from reading the column.
        wanted = [PG_FORMS.get(types[c], "{}").format(f'"{c}"') if pg else f'+"{c}"' for c in types]
        columns = ", ".join([f"coalesce(CAST(\"{key}\" AS text), '') {order}", *wanted])
        sorted_rows = self.rows(f'SELECT {columns} FROM "{table}" ORDER BY 1')
        rows = ((str(_form(row[0], kind)), *row[1:]) for row in sorted_rows)
        leaf_columns = f"coalesce(row_key, '') {order}, seq, payload"
        leaves = self.rows(f"SELECT {leaf_columns} FROM customers_leaf WHERE table_name = '{table}' ORDER BY 1, 2")
        row, leaf = next(rows, None), next(leaves, None)
        while row or leaf:
            if row is None or (leaf and leaf[0] < row[0]):
                self.add(f"The entry has no row of its own in table {table}.", leaf[1] if leaf else None)
                leaf = next(leaves, None)
            elif leaf is None or row[0] < leaf[0]:
                self.add(f"Row {json.dumps(row[0])} of table {table} has no entry of its own.")
                row = next(rows, None)
            else:
                self.compare_row(table, dict(zip(types, row[1:], strict=True)), types, leaf)
                row, leaf = next(rows, None), next(leaves, None)

    def compare_row(self, table: str, row: dict[str, Any], types: dict[str, str], leaf: tuple[Any, ...]) -> None:
        try:
            payload = parse_payload(_bytes(leaf[2]))
        except ValueError:
            return  # reported when the leaves were read
        for column, kind in types.items():
            if column in payload["columns"] and not _same(row[column], kind, payload["columns"][column]):
                self.add(f"Column {column} of table {table} differs from the entry.", leaf[1])
        for column, commit in payload["commits"].items() if self.commits else ():
            if self.commits and (trouble := self.commits(table, leaf[0], column, commit)):
                self.add(trouble, leaf[1])


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else b""


@contextmanager
def _snapshot(connection: Any, vendor: str) -> Iterator[None]:
    """Read one state of the database throughout: in the caller's transaction, or in one that ends here."""
    if vendor == "sqlite":
        factory, ours = connection.text_factory, not connection.in_transaction
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    else:
        ours = connection.info.transaction_status == 0
    if ours:
        begin = "BEGIN" if vendor == "sqlite" or connection.autocommit else "SET TRANSACTION"
        connection.execute(begin if vendor == "sqlite" else begin + " ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        yield
    finally:
        if vendor == "sqlite":
            connection.text_factory = factory
        if ours:
            connection.rollback()


def verify_database(
    connection: Any,
    vendor: str,
    *,
    key: VerifierKey | None,
    anchors: Sequence[bytes] = (),
    state: bytes | None = None,
    check_commits: CommitCheck | None = None,
) -> Report:
    """Check a database through a DB-API connection (``sqlite3`` or ``psycopg``), in one snapshot and reading only.

    ``check_commits`` is asked about each sealed content (table, row, column, commit) and answers None or what is
    wrong in a sentence. Raises the driver's errors where the database cannot be read.
    """
    check = _Database(connection, vendor, key, check_commits)
    with _snapshot(connection, vendor):
        check.read_notes()
        if key is None:
            check.unproven(f"which names {check.notes[-1][1].origin}" if check.notes else "if it has one")
        check.hold_against(anchors, state)
        check.read_leaves()
        check.close()
        check.read_head()
        check.read_tables()
    report = check.report()
    if check_commits is None:
        report.lines.append(f"{check.sealed} sealed contents were not checked.")
    return report


def verify_proof(path: Path, *, key: VerifierKey | None) -> Report:
    """Check the proof of one entry, whose payload lies beside it as ``.json``. Raises ``OSError``."""
    data, raw = _read(path), _read(path.with_suffix(".json"))
    try:
        index, hashes, note = parse_tlog_proof(data)
        log, payload = open_checkpoint(note, key), parse_payload(raw)
    except ValueError as error:
        return Report(1 if key else 2, [f"Tampered: {_sentence(error)}"])
    if payload["seq"] != index or not verify_inclusion(leaf_hash(raw), index, log.size, hashes, log.root):
        return Report(1 if key else 2, [f"Tampered: entry {index} is not in the signed log."], 1, index)
    if key is None:
        return Report(2, [f"Cannot verify: no key was given; the proof names {log.origin}, which is unproven."], 1)
    return Report(0, [f"Entry {index} is in the log of {log.size} entries signed by {log.origin}."], 1, None, log)


def _connect(url: str) -> tuple[Any, str]:
    if url.startswith("sqlite:///"):
        name = quote(url.removeprefix("sqlite:///"))
        return sqlite3.connect(f"file:{name}?mode=ro", uri=True), "sqlite"
    if not re.match("postgres(ql)?://", url):
        raise ValueError("The database URL begins neither with sqlite:/// nor with postgres://.")
    import psycopg

    return psycopg.connect(url), "postgresql"


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check a log of evidence: 0 whole, 1 tampered, 2 cannot verify.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("bundle", nargs="?", type=Path, metavar="BUNDLE", help="an exported directory")
    what.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgres://USER:PASSWORD@HOST/NAME")
    what.add_argument("--proof", type=Path, metavar="FILE", help="a .tlog-proof, with the entry beside it as .json")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the auditor's own copy of the public key")
    parser.add_argument("--anchor", type=Path, metavar="FILE", action="append", default=[], help="earlier checkpoints")
    parser.add_argument("--state", type=Path, metavar="FILE", help="the newest checkpoint seen, kept up to date here")
    options = parser.parse_args(argv)
    if options.proof and (options.anchor or options.state):
        parser.error("a proof is checked against its own checkpoint: leave out --anchor and --state")
    return options


def _run(options: argparse.Namespace) -> Report:
    key = VerifierKey.parse(_read(options.key).decode().removesuffix("\n")) if options.key else None
    if options.proof:
        return verify_proof(options.proof, key=key)
    anchors = [_read(path) for path in options.anchor]
    state = _read(options.state) if options.state and options.state.exists() else None
    if options.database:
        connection, vendor = _connect(options.database)
        with closing(connection):
            report = verify_database(connection, vendor, key=key, anchors=anchors, state=state)
    else:
        report = verify_bundle(options.bundle, key=key, anchors=anchors, state=state)
    if options.state and report.exit == 0 and report.last_good:
        fresh = options.state.with_name(options.state.name + ".new")
        fresh.write_bytes(report.last_good.note)
        fresh.replace(options.state)  # in one step, so that an interruption leaves the old note
    return report


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; whatever the input, it prints sentences and no traceback."""
    try:
        report = _run(_options(argv))
    except SystemExit as stop:
        return int(stop.code or 0)
    except Exception as error:
        report = Report(2, [f"Cannot verify: {_sentence(error)}"])
    for line in report.lines:
        print(line.encode("ascii", "backslashreplace").decode())
    return report.exit


if __name__ == "__main__":
    raise SystemExit(main())
