"""Check a log of evidence without the software that wrote it.

Needs the standard library and ``cryptography`` (and ``psycopg`` for a PostgreSQL database). Trees follow RFC 6962 and
RFC 9162; notes, checkpoints and proofs follow C2SP signed-note, tlog-checkpoint and tlog-proof. Nothing here writes to
a bundle or a database. Exit 0: whole, 1: tampered with, 2: cannot be verified.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import os
import re
import sqlite3
import stat
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

EMPTY_ROOT = hashlib.sha256(b"").digest()
LONGEST_ENTRY = LARGEST_FILE = 1 << 26
SHOWN = 20
TYPES = {"integer", "text", "boolean", "time", "date", "uuid", "json", "bytes"}
NAME = re.compile(r"[a-z_][a-z0-9_]*")
FORMS = {
    "prev": re.compile("[0-9a-f]{64}"),
    "salt": re.compile("[0-9a-f]{32}"),
    "at": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"),
}
FIELDS = {"v": int, "seq": int, "prev": str, "salt": str, "at": str, "kind": str, "by": str, "table": str, "row": str}
FIELDS |= {"customer": (str, type(None)), "columns": dict, "commits": dict}  # type: ignore[dict-item]
SQL_FORMS = {
    "time": (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?", re.ASCII), datetime.fromisoformat),
    "date": (re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), date.fromisoformat),
    "uuid": (re.compile("[0-9a-f]{32}"), UUID),
}
BUNDLE_README = """\
This directory is an export of a privacy desk's log of evidence.

entries.jsonl  every entry of the log, one to a line, byte for byte as it was signed for; the first line is entry 0
checkpoint     the signed statement of how many entries there are and of the root of the tree over them
key            the public key that the checkpoint is said to be signed with
README.txt     this text

To check it, ask the compliance officers for the public key by another way than this directory (in person, by
telephone, from a printed report), keep it in a file of your own, and run:

    python verify.py THIS_DIRECTORY --key YOUR_KEY_FILE

The key in this directory proves nothing by itself: whoever can replace the entries can replace it as well.
Add --anchor FILE for each checkpoint you were given earlier, and --state FILE to be told next time whether the log
has only grown since. The answer is 0 where all is whole, 1 where something was tampered with, 2 where no answer is
possible. What happened after the newest checkpoint you hold cannot be vouched for.
"""


# --- trees (RFC 6962) ---


def leaf_hash(payload: bytes) -> bytes:
    """The hash of an entry (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\0" + payload).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Frontier:
    """The roots of a growing tree's perfect subtrees, largest first. Raises ``ValueError`` where they don't fit."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count() or any(len(h) != 32 for h in hashes):
            raise ValueError("The frontier does not fit the size of the tree.")
        self.size, self.hashes = size, list(hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """Read what ``to_bytes`` wrote. Raises ``ValueError`` where ``data`` does not fit ``size``."""
        return cls(size, [data[at : at + 32] for at in range(0, len(data), 32)])

    def to_bytes(self) -> bytes:
        return b"".join(self.hashes)

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash at the end."""
        rest = self.size
        while rest & 1:
            leaf, rest = node_hash(self.hashes.pop(), leaf), rest >> 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root of the whole tree; SHA-256 of nothing for the empty one."""
        root = self.hashes[-1] if self.hashes else EMPTY_ROOT
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """True where ``leaf`` is at ``index`` of the tree of ``size`` with ``root`` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """True where the new tree starts with all of the old one (RFC 9162 §2.1.4.2); every tree starts with the empty one."""
    if not 0 < old_size < size:
        empty = old_size == 0 and old_root == EMPTY_ROOT and size > 0
        return not proof and (empty or (0 <= old_size == size and old_root == root))
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_root and new == root


# --- payloads ---


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError("Evidence holds only objects, arrays, strings, integers, booleans and null.")
    plain = {unicodedata.normalize("NFC", key): _plain(item) for key, item in value.items()}
    if len(plain) != len(value):
        raise ValueError("Two keys of one object are the same text.")
    return plain


def canonical(obj: Any) -> bytes:
    """The one JSON form of ``obj``: sorted keys, no spaces, UTF-8 in NFC. Raises ``ValueError`` for anything else."""
    try:
        text = json.dumps(_plain(obj), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise ValueError("The value is nested too deeply.") from None
    return text.encode()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A key is there twice.")
    return found


def _refuse(text: str) -> NoReturn:
    raise ValueError("A number is not an integer.")


def _strict_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_float=_refuse, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("The value is nested too deeply.") from None


def parse_payload(raw: bytes) -> dict[str, Any]:
    """A payload as an object. Raises ``ValueError`` unless it is canonical and has exactly the agreed keys and types."""
    payload = _strict_json(raw.decode())
    if not isinstance(payload, dict) or payload.keys() != FIELDS.keys():
        raise ValueError("It has other keys than an entry.")
    for name, kind in FIELDS.items():
        if not isinstance(payload[name], kind) or isinstance(payload[name], bool):
            raise ValueError(f"Its {name} has the wrong type.")
        if name in FORMS and not FORMS[name].fullmatch(payload[name]):
            raise ValueError(f"Its {name} has the wrong form.")
    datetime.fromisoformat(payload["at"])
    if payload["v"] != 1 or payload["seq"] < 0:
        raise ValueError("Its version or sequence is not one that exists.")
    if not all(isinstance(commit, str) and FORMS["prev"].fullmatch(commit) for commit in payload["commits"].values()):
        raise ValueError("Its commits have the wrong form.")
    if canonical(payload) != raw:
        raise ValueError("It is not in canonical form.")
    return payload


def text_digest(text: str) -> str:
    """SHA-256 of a trigger's text, in hex, as ``schema`` entries keep it."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


# --- keys, notes, checkpoints, proofs (C2SP) ---


class BadNote(ValueError):
    """A note that must not be believed; says why in one sentence."""


def _base64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("Base64 is not in canonical form.")
    return data


@dataclass(frozen=True)
class VerifierKey:
    """A named Ed25519 public key; the id is made from name and key (C2SP signed-note)."""

    name: str
    key_id: bytes
    public: bytes

    @classmethod
    def of(cls, name: str, public: bytes) -> VerifierKey:
        return cls(name, hashlib.sha256(name.encode() + b"\n\1" + public).digest()[:4], public)

    @classmethod
    def parse(cls, vkey: str) -> VerifierKey:
        """Read ``name+id+key``. Raises ``ValueError`` unless writing it again gives the same text."""
        parts = vkey.split("+", 2)
        key = cls.of(parts[0], _base64(parts[2])[1:]) if len(parts) == 3 else cls("", b"", b"")
        if len(key.public) != 32 or not re.fullmatch(r"\S+", key.name) or not key.name.isprintable() or key.vkey() != vkey:
            raise ValueError("The key is not a verifier key.")
        return key

    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([1]) + self.public).decode()}"


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says, and the note it was said in."""

    origin: str
    size: int
    root: bytes
    note: bytes


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The three lines that are signed (C2SP tlog-checkpoint)."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def sign_note(text: str, name: str, private_key: Ed25519PrivateKey) -> bytes:
    """``text`` (ending in a newline) with one signature under it (C2SP signed-note)."""
    key = VerifierKey.of(name, private_key.public_key().public_bytes_raw())
    signature = base64.b64encode(key.key_id + private_key.sign(text.encode())).decode()
    return f"{text}\n— {name} {signature}\n".encode()


def _read_note(note: bytes) -> tuple[Checkpoint, bytes, list[tuple[str, bytes]]]:
    """A checkpoint as yet unproven, the text that is signed, and its signatures. Raises ``BadNote``."""
    try:
        head, gap, tail = note.decode().rpartition("\n\n")
        if not gap or not tail.endswith("\n") or re.search(r"[\0-\x09\x0b-\x1f]", head + tail):
            raise ValueError("It is not a signed note.")
        matches = [re.fullmatch(r"— ([^\s+]+) (\S+)", line) for line in tail[:-1].split("\n")]
        signatures = [(match[1], _base64(match[2])) for match in matches if match]
        lines = head.split("\n")
        if len(signatures) < len(matches) or len(lines) < 3 or not all(lines):
            raise ValueError("Its lines are not those of a checkpoint.")
        root = _base64(lines[2])
        if not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]) or len(root) != 32:
            raise ValueError("Its size or root is malformed.")
    except ValueError as error:
        raise BadNote(f"The checkpoint cannot be read ({error}).") from None
    return Checkpoint(lines[0], int(lines[1]), root, note), (head + "\n").encode(), signatures


def open_checkpoint(note: bytes, key: VerifierKey) -> Checkpoint:
    """The checkpoint in a note signed by ``key``; other keys' signatures are ignored. Raises ``BadNote``."""
    found, text, signatures = _read_note(note)
    mine = [blob[4:] for name, blob in signatures if (name, blob[:4]) == (key.name, key.key_id)]
    if found.origin != key.name or not mine:
        raise BadNote("The checkpoint is of another log or not signed by this key.")
    try:
        for signature in mine:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text)
    except InvalidSignature:
        raise BadNote("The checkpoint's signature is not valid.") from None
    return found


def split_notes(data: bytes) -> list[bytes]:
    """The notes of an anchor file, one after another, blank lines between them dropped; what is no note stays whole."""
    notes: list[bytes] = []
    signed = True
    for line in io.BytesIO(data):
        signature = line.startswith("— ".encode())
        if signed and not signature and line != b"\n":
            notes.append(b"")
        elif signed and not signature:
            continue
        signed = signature and b"\n\n" in (notes or [b""])[-1]
        notes[-1:] = [(notes or [b""])[-1] + line]
    return notes


def tlog_proof(index: int, hashes: Sequence[bytes], checkpoint_note: bytes) -> bytes:
    """The proof that an entry is in the checkpointed log (C2SP tlog-proof)."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(base64.b64encode(h).decode() for h in hashes)]
    return "\n".join(lines).encode() + b"\n\n" + checkpoint_note


def parse_tlog_proof(data: bytes) -> tuple[int, list[bytes], bytes]:
    """Index, hashes and checkpoint note of a proof. Raises ``ValueError`` where it has another form."""
    head, _, note = data.partition(b"\n\n")
    lines = head.decode().split("\n")
    if len(lines) > 2 and lines[1].startswith("extra "):
        _base64(lines.pop(1)[6:])
    index = re.fullmatch("index (0|[1-9][0-9]{0,18})", lines[1]) if len(lines) > 1 else None
    hashes = [_base64(line) for line in lines[2:]]
    if lines[0] != "c2sp.org/tlog-proof@v1" or index is None or any(len(h) != 32 for h in hashes):
        raise ValueError("The file is not a proof.")
    return int(index[1]), hashes, note
