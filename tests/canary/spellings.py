"""Recognising a canary however it is spelled.

Spellings multiply, so it is the text that is brought back to plain: unescaped, unpacked, without case, accents and
punctuation. What is left is searched for a few plain needles.
"""

from __future__ import annotations

import binascii
import codecs
import html
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from itertools import pairwise
from unicodedata import normalize

from customers.vault.kinds import Kind
from tests.canary.planting import CANARIES, Canary

AS_IT_IS, ESCAPED, PACKED = "as it is", "escaped", "packed"
DEPTH = 3
"""How many escapings inside one another are undone, and how many packings."""

# --- what is looked for ------------------------------------------------------------------------------------------

KEPT = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256))
INVISIBLE = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]+")
"""Accents once they stand apart from their letters, and what has no width."""
BETWEEN = rb"[ .()/+\-]{0,3}"
"""What may stand between two digits of one phone number."""
DIGITS = re.compile(rb"[0-9](?:" + BETWEEN + rb"[0-9]){8,}")


def plain(text: str) -> bytes:
    """The text in ASCII: accents off, đ as d, hyphens as -, whatever else there is a question mark."""
    if not text.isascii():
        text = INVISIBLE.sub("", normalize("NFKD", text))
        for letter, instead in ("đd", "ĐD", "øo", "ØO", "‐-", "–-"):
            text = text.replace(letter, instead)
    return text.encode("ascii", "replace")


def words(letters: bytes) -> bytes:
    """Letters and digits of a plain text, lower-cased, with one space for all that stands between them."""
    return b" ".join(letters.translate(KEPT).split())


def needles(canary: Canary) -> set[bytes]:
    """The parts that tell who it is, or the whole: found inside a text of ``words``. Phones are sought by digits."""
    if canary.kind == Kind.PHONE:
        return set()
    if canary.kind == Kind.EMAIL:  # the part before the @
        return {words(plain(canary.value.rpartition("@")[0]))}
    if canary.kind == Kind.PASSWORD:  # salt and digest; what comes before is the same in every hash
        return {words(plain(part)) for part in canary.value.split("$")[-2:]}
    parts = words(plain(canary.value)).split()
    if canary.kind in (Kind.SERVICE_ACCESS, Kind.DOCUMENT):
        return {b" ".join(parts)}
    return {b" ".join(pair) for pair in pairwise(parts)}


def dialled(number: str) -> re.Pattern[bytes]:
    """A Vietnamese number given in E.164 in any grouping: with +84, 84, 0084, 0 or nothing before it."""
    national = number.removeprefix("+84").encode()
    digits = BETWEEN.join(national[place : place + 1] for place in range(len(national)))
    return re.compile(rb"(?<![0-9])(?:(?:00)?84)?" + BETWEEN + b"0?" + BETWEEN + digits + rb"(?![0-9])")


NEEDLES = [(needle, canary) for canary in CANARIES.values() for needle in sorted(needles(canary))]
NUMBERS = [(dialled(canary.value), canary) for canary in CANARIES.values() if canary.kind == Kind.PHONE]


def seen_in(text: str) -> list[Canary]:
    """The canaries that stand in a text in any case, Unicode form, punctuation or grouping, but not escaped."""
    letters = plain(text)
    folded = words(letters)
    found = [canary for needle, canary in NEEDLES if needle in folded]
    runs = DIGITS.findall(letters)
    return found + [canary for number, canary in NUMBERS if any(map(number.search, runs))]


# --- where it is looked for --------------------------------------------------------------------------------------

codecs.register_error("as latin-1", lambda error: (error.object[error.start : error.end].decode("latin-1"), error.end))  # type: ignore[attr-defined]

BACKSLASHED = re.compile(r"((?:\\x[0-9a-fA-F]{2})+)|((?:\\[0-3][0-7]{2})+)|[\\%]u([0-9a-fA-F]{4})|\\([^ux0-9])", re.S)
PERCENT = re.compile("(?:%[0-9a-fA-F]{2})+")
HEADER_WORDS = re.compile(r"(?:=\?[\w*-]+\?[bq]\?[^?\s]*\?=\s*)+", re.I)
RUNS = re.compile(r"[A-Za-z0-9+/_-]{12,}(?:\r?\n[A-Za-z0-9+/_-]+)*")
"""What may be base64 of either alphabet, in one line or folded into many."""
HEX = re.compile(r"[0-9a-fA-F]{16,}")
STANDARD = str.maketrans("-_", "+/", "\r\n")
COMPRESSED = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b")
MOST = 1 << 22


CLEAN: set[int] = set()
"""Texts and runs that held nothing, as hashes: whoever meets one again need not look. Canaries never change."""


def is_clean(text: str) -> bool:
    """Whether this text was looked through before, and held nothing."""
    return hash((text, DEPTH)) in CLEAN


def remember_clean(texts: Iterable[str]) -> None:
    """Nothing was found in any of these."""
    CLEAN.update(hash((text, DEPTH)) for text in texts)


def found_in(text: str, depth: int = DEPTH) -> dict[Canary, str]:
    """The canaries that can be made out in a text in any spelling, each with how it stands there.

    Looked through are the text; the same with its escapings undone, one after the other; and, ``depth`` times inside
    one another, what is packed in any of these.
    """
    if (mark := hash((text, depth))) in CLEAN:
        return {}
    layers = layers_of(text)
    found: dict[Canary, str] = {}
    for number, layer in enumerate(layers):
        for canary in seen_in(layer):
            found.setdefault(canary, ESCAPED if number else AS_IT_IS)
    if depth:
        for canary in packed_in(layers, depth):
            found.setdefault(canary, PACKED)
    if not found:
        CLEAN.add(mark)
    return found


def layers_of(text: str) -> list[str]:
    """A text, and the same with its escapings undone, one after the other."""
    layers = [text]
    while len(layers) <= DEPTH and (opened := unescaped(layers[-1])) != layers[-1]:
        layers.append(opened)
    return layers


def packed_in(layers: Iterable[str], depth: int) -> dict[Canary, str]:
    """What is found in all that these texts may have packed. Runs that held nothing before are passed over."""
    runs = dict.fromkeys(run for layer in layers for run in RUNS.findall(layer))
    marks = {mark: run for run in runs if (mark := hash((depth, run))) not in CLEAN}
    if not marks:
        return {}
    found = found_in(unpacked(marks.values()), depth - 1)
    if not found:
        CLEAN.update(marks)
    return found


def unescaped(text: str) -> str:
    """Without one layer of HTML entities, of percent signs, of backslashes (JSON, Python, cookies), of header words."""
    text = html.unescape(text)
    if "%" in text:
        text = PERCENT.sub(_quoted, BACKSLASHED.sub(_character, text) if "%u" in text else text)
    if "\\" in text:
        text = BACKSLASHED.sub(_character, text)
    return HEADER_WORDS.sub(_header, text) if "=?" in text else text


def _character(match: re.Match[str]) -> str:
    hexes, octals, code, letter = match.groups()
    if code:
        return chr(int(code, 16))
    if letter:
        return " " if letter in "nrtbf" else letter
    codes = bytes.fromhex(hexes.replace("\\x", "")) if hexes else bytes(int(o, 8) for o in octals[1:].split("\\"))
    return codes.decode("utf-8", "as latin-1")


def _quoted(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace")


def _header(match: re.Match[str]) -> str:
    try:
        return str(make_header(decode_header(match[0])))
    except (HeaderParseError, LookupError, ValueError):
        return match[0]


def unpacked(runs: Iterable[str]) -> str:
    """All that runs of base64 and hex may stand for, wherever the packed text begins inside the run."""
    chosen = list(runs)
    pieces = [piece for run in chosen for piece in _from_base64(run.translate(STANDARD))]
    hexes = [found for run in chosen for found in HEX.findall(run)]
    pieces += [bytes.fromhex(run[skip:][: (len(run) - skip) // 2 * 2]) for run in hexes for skip in (0, 1)]
    return " ; ".join(map(text_of, pieces))


def _from_base64(run: str) -> Iterator[bytes]:
    for skip in range(4):
        size = len(run) - skip
        whole = run[skip : skip + size - (size % 4 == 1)]
        yield binascii.a2b_base64(whole + "=" * (-len(whole) % 4))


def text_of(cell: object) -> str:
    """Whatever lies somewhere, as text; bytes as UTF-8, with what they hold where they are compressed."""
    if not isinstance(cell, bytes | bytearray | memoryview):
        return str(cell)
    data = bytes(cell)
    if data.startswith(COMPRESSED):
        with suppress(zlib.error):  # it may only look like it
            data += b" ; " + zlib.decompressobj(47).decompress(data, MOST)
    return data.decode("utf-8", "replace")
