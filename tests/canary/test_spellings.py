"""What is planted, and that it is recognised in every spelling, and nothing else for it."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from email.header import Header
from html.entities import codepoint2name
from http.cookies import SimpleCookie
from itertools import pairwise
from unicodedata import combining, normalize
from urllib.parse import quote, quote_plus

import phonenumbers
import pytest
from django.apps import apps
from django.core import signing

from customers.models import ContactPoint, Customer, ServiceAccess
from customers.vault.fields import sealed_fields
from customers.vault.kinds import Kind
from customers.vault.masking import mask
from tests import factories
from tests.canary.planting import CANARIES, Canary, Planted, barren, plant
from tests.canary.spellings import NEEDLES, found_in

EACH = list(CANARIES.values())
PHONES = [canary for canary in EACH if canary.kind == Kind.PHONE]
IN_WORDS = (Kind.NAME, Kind.COMPANY, Kind.REASON, Kind.REQUEST, Kind.LETTER)


def missed(disguise: Callable[[str], str]) -> list[str]:
    """The canaries that are not seen, or not alone, once they are disguised in the middle of a sentence."""
    return [str(canary) for canary in EACH if set(found_in(f"It says {disguise(canary.value)} here.")) != {canary}]


# --- what is planted ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_sealed_field_of_every_model_holds_a_canary_of_both_customers() -> None:
    assert barren(plant()) == []


@pytest.mark.django_db
def test_a_sealed_field_without_a_canary_is_told() -> None:
    plain = Planted(factories.customer("BZ1", password_hash="x"), factories.customer("BZ2"))
    fields = [(model, field) for model in apps.get_models() for field in sealed_fields(model)]
    sealed = [f"{model.__name__}.{field.name}" for model, field in fields if field.kind != Kind.CODE]
    assert {"Customer.password_hash", "HistoricalContactPoint.email", "Reveal.reason_text"} <= set(sealed)
    assert sorted(barren(plain)) == sorted(
        f"{field} of {reference}" for field in sealed for reference in ("BZ1", "BZ2")
    )


@pytest.mark.django_db
def test_what_was_changed_or_deleted_stands_in_history_alone_and_a_login_nowhere() -> None:
    plant()
    gone = [canary for canary in EACH if "former" in canary.label or "deleted" in canary.label]
    places = {
        Kind.NAME: (Customer, "full_name"),
        Kind.COMPANY: (Customer, "company"),
        Kind.EMAIL: (ContactPoint, "email"),
    }
    assert {canary.kind for canary in gone} == {*places, Kind.SERVICE_ACCESS}
    for canary in gone:
        model, field = places.get(canary.kind, (ServiceAccess, "login"))
        tables = (model.objects.all(), model.history.all())
        held = [any(getattr(row, field, None) == canary.value for row in rows) for rows in tables]
        assert held == [False, canary.kind != Kind.SERVICE_ACCESS], canary


@pytest.mark.one_engine("spellings are undone in memory")
def test_no_canary_belongs_to_anybody() -> None:
    addresses = [canary.value for canary in EACH if canary.kind == Kind.EMAIL]
    assert {address.rpartition("@")[2] for address in addresses} == {"example.com", "example.net", "example.org"}
    numbers = [phonenumbers.parse(canary.value) for canary in PHONES]
    assert {phonenumbers.number_type(number) for number in numbers} == {phonenumbers.PhoneNumberType.MOBILE}
    assert len({canary.value for canary in EACH}) == len(EACH)


@pytest.mark.one_engine("spellings are undone in memory")
def test_no_needle_is_so_short_that_chance_writes_it() -> None:
    assert {canary for _, canary in NEEDLES} == set(EACH) - set(PHONES)
    assert min(len(needle) for needle, _ in NEEDLES) >= 9


# --- spellings ---------------------------------------------------------------------------------------------------


def unaccented(text: str) -> str:
    bare = "".join(letter for letter in normalize("NFD", text) if not combining(letter))
    return bare.replace("đ", "d").replace("Đ", "D")


def in_base64(
    before: bytes, form: Callable[[bytes], bytes] = base64.b64encode, after: bytes = b"..."
) -> Callable[[str], str]:
    return lambda text: form(before + text.encode() + after).decode()


def named(text: str) -> str:
    return "".join(f"&{codepoint2name[ord(c)]};" if ord(c) in codepoint2name else f"&#{ord(c)};" for c in text)


DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in lower case": str.lower,
    "in upper case": str.upper,
    "in title case": str.title,
    "casefolded": str.casefold,
    "composed": lambda text: normalize("NFC", text),
    "decomposed": lambda text: normalize("NFD", text),
    "decomposed, in JSON": lambda text: json.dumps(normalize("NFD", text)),
    "without accents": unaccented,
    "without accents, in lower case": lambda text: unaccented(text).lower(),
    "with hard spaces": lambda text: text.replace(" ", "\N{NO-BREAK SPACE}"),
    "as part of a file name": lambda text: text.replace(" ", "_") + ".pdf",
    "escaped for JSON": json.dumps,
    "escaped for JSON in capitals": lambda text: re.sub(
        r"\\u....", lambda m: r"\u" + m[0][2:].upper(), json.dumps(text)
    ),
    "escaped as old scripts do": lambda text: json.dumps(text).replace(r"\u", "%u"),
    "escaped for JSON within JSON": lambda text: json.dumps(json.dumps({"it": text})),
    "as its repr": repr,
    "as its ASCII": ascii,
    "as the repr of bytes": lambda text: repr(text.encode()),
    "as the repr of decomposed bytes": lambda text: repr(normalize("NFD", text).encode()),
    "quoted for a URL": quote,
    "quoted for a URL in small letters": lambda text: re.sub("%..", lambda m: m[0].lower(), quote(text, safe="")),
    "quoted for a query": quote_plus,
    "quoted byte by byte": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "quoted twice": lambda text: quote(quote(text)),
    "escaped for HTML": html.escape,
    "in named entities": named,
    "in decimal entities": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "in hex entities": lambda text: "".join(f"&#x{ord(letter):x};" for letter in text),
    "in hex entities in capitals": lambda text: "".join(f"&#X{ord(letter):X};" for letter in text),
    "escaped for HTML within JSON": lambda text: json.dumps(html.escape(text)),
    "quoted for a query within HTML": lambda text: html.escape(f"?a=1&copy={quote_plus(text)}&b=2"),
    "in hex": lambda text: text.encode().hex(),
    "in hex in capitals": lambda text: text.encode().hex().upper(),
    "in hex after half a byte": lambda text: f"a{text.encode().hex()}",
    "in hex as a database prints bytes": lambda text: rf"\x00{text.encode().hex()}",
    "in base64 by itself": in_base64(b"", after=b""),
    "in base64": in_base64(b""),
    "in base64 after one byte": in_base64(b"x"),
    "in base64 after two bytes": in_base64(b"xy"),
    "in base64 for URLs": in_base64(b"\xff\xfe\xfd", base64.urlsafe_b64encode),
    "in base64 for URLs after one byte": in_base64(b"\xff", base64.urlsafe_b64encode),
    "in base64 for URLs after two bytes": in_base64(b"\xff\xfe", base64.urlsafe_b64encode),
    "in base64 without its end": lambda text: in_base64(b"", after=b"")(text).rstrip("="),
    "in base64 within a path": lambda text: f"/media/{in_base64(b'', base64.urlsafe_b64encode)(text)}/x",
    "in base64 over many lines": in_base64(b"x" * 50, base64.encodebytes),
    "in base64 of JSON": lambda text: in_base64(b"?")(json.dumps(text)),
    "in base64 of base64": lambda text: in_base64(b"?")(in_base64(b"!")(text)),
    "in base64, quoted": lambda text: quote(in_base64(b"")(text), safe=""),
    "signed and compressed": lambda text: signing.dumps([text] * 9, compress=True),
    "in a cookie": lambda text: SimpleCookie({"it": text}).output(),
    "in the words of a header": lambda text: Header(text, "utf-8", maxlinelen=60).encode(),
}


@pytest.mark.one_engine("spellings are undone in memory")
@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
def test_every_canary_is_found_in_every_disguise_and_no_other_one(disguise: Callable[[str], str]) -> None:
    assert missed(disguise) == []


def grouped(text: str, *sizes: int, by: str) -> str:
    """Digits in groups of these sizes, the last one whatever is left."""
    starts = [sum(sizes[:number]) for number in range(len(sizes) + 1)]
    return by.join(text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True))


NUMBER_SPELLINGS: dict[str, Callable[[str], str]] = {
    "in E.164": lambda n: f"+84{n}",
    "without the plus": lambda n: f"84{n}",
    "dialled from abroad": lambda n: f"0084{n}",
    "national": lambda n: f"0{n}",
    "without any prefix": str,
    "with spaces": lambda n: grouped(f"0{n}", 4, 3, by=" "),
    "with spaces in the old way": lambda n: grouped(f"0{n}", 3, 3, by=" "),
    "in pairs": lambda n: grouped(f"0{n}", 2, 2, 2, 2, by=" "),
    "with dots": lambda n: grouped(f"0{n}", 4, 3, by="."),
    "with dots in the old way": lambda n: grouped(f"0{n}", 3, 3, by="."),
    "with dashes": lambda n: grouped(f"0{n}", 4, 3, by="-"),
    "with hyphens": lambda n: grouped(f"0{n}", 4, 3, by="\N{HYPHEN}"),
    "with long dashes": lambda n: grouped(f"0{n}", 4, 3, by="–"),
    "with slashes": lambda n: grouped(f"0{n}", 4, 3, by="/"),
    "with hard spaces": lambda n: grouped(f"0{n}", 4, 3, by="\N{NO-BREAK SPACE}"),
    "with brackets": lambda n: f"(0{n[:3]}) {grouped(n[3:], 3, by=' ')}",
    "with short brackets": lambda n: f"(0{n[:2]}) {grouped(n[2:], 3, by='-')}",
    "international with spaces": lambda n: f"+84 {grouped(n, 3, 3, by=' ')}",
    "international with dashes": lambda n: f"+84-{grouped(n, 3, 3, by='-')}",
    "international with dots": lambda n: f"84.{grouped(n, 2, 3, by='.')}",
    "international with a zero in brackets": lambda n: f"+84 (0){grouped(n, 3, 3, by=' ')}",
    "international in brackets": lambda n: f"(+84) {grouped(n, 3, 3, by=' ')}",
    "as a link": lambda n: f'<a href="tel:+84-{grouped(n, 3, 3, by="-")}">',
    "quoted for a query": lambda n: f"?q={quote_plus('+84 ' + grouped(n, 3, 3, by=' '))}",
    "national in base64": lambda n: in_base64(b":")(f"0{n}"),
    "after another number": lambda n: f"200 0{n} 17",
    "wide": lambda n: "".join(chr(0xFF10 + int(digit)) for digit in f"0{n}"),
    "as a number in Python": lambda n: repr({"phone": int(f"84{n}")}),
    "as phonenumbers prints it": lambda n: str(phonenumbers.parse(f"+84{n}")),
}


@pytest.mark.one_engine("spellings are undone in memory")
@pytest.mark.parametrize("spelling", NUMBER_SPELLINGS.values(), ids=NUMBER_SPELLINGS)
def test_a_phone_number_in_any_spelling_is_found(spelling: Callable[[str], str]) -> None:
    assert [set(found_in(spelling(phone.value.removeprefix("+84")))) for phone in PHONES] == [{p} for p in PHONES]


@pytest.mark.one_engine("spellings are undone in memory")
@pytest.mark.parametrize("text", ["9{n}", "{n}0", "1760{n}.5", "{a}, {b}, {c}", "{a}\n{b}\n{c}", "{a} and {b} and {c}"])
def test_digits_that_only_happen_to_follow_each_other_are_no_phone_number(text: str) -> None:
    national = PHONES[0].value.removeprefix("+84")
    spelled = {"n": national, "a": national[:3], "b": national[3:6], "c": national[6:]}
    assert found_in("{n}".format(**spelled)) == {PHONES[0]: "as it is"}
    assert found_in(text.format(**spelled)) == {}


@pytest.mark.one_engine("spellings are undone in memory")
@pytest.mark.parametrize("canary", [c for c in EACH if c.kind in IN_WORDS], ids=str)
def test_two_neighbouring_words_tell_who_it_is(canary: Canary) -> None:
    words = [word for word in canary.value.split() if any(map(str.isalnum, word))]
    pairs = [f"{one} {two}" for one, two in pairwise(words)]
    assert pairs
    assert [set(found_in(f"Dear {pair}!")) for pair in pairs] == [{canary}] * len(pairs)
    assert [set(found_in(f"DEAR {pair.upper()}!")) for pair in pairs] == [{canary}] * len(pairs)


@pytest.mark.one_engine("spellings are undone in memory")
@pytest.mark.parametrize("canary", [c for c in EACH if c.kind == Kind.EMAIL], ids=str)
def test_the_part_before_the_at_tells_who_it_is(canary: Canary) -> None:
    assert set(found_in(f"{canary.value.partition('@')[0]}@elsewhere.test")) == {canary}


@pytest.mark.one_engine("spellings are undone in memory")
@pytest.mark.parametrize("canary", EACH, ids=str)
def test_a_mask_is_no_canary(canary: Canary) -> None:
    shown = mask(canary.kind, canary.value)
    assert canary.value not in shown
    assert found_in(f"{shown} {shown.lower()} {json.dumps(shown)}") == {}
