"""One story, told in either language: the words it names a thing by are looked up as the desk says them.

A story is written in English. Where its people read Vietnamese, what it asks a page for ("the button Propose") is
asked for by the catalogue's Vietnamese, so that a story passes only where the page speaks its reader's language.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import polib
import pytest
from django.utils import translation
from playwright.sync_api import Locator, Page

from config.mode import BASE_DIR
from consent.gate.purposes import FIRST


@dataclass(frozen=True)
class Look:
    """In which language and in which theme a story is told."""

    locale: str
    scheme: Literal["light", "dark"]

    def __str__(self) -> str:
        return f"{self.locale} {self.scheme}"

    def say(self, text: str) -> str:
        """A sentence of the desk's in the story's language."""
        if self.locale == "en-GB":
            return text
        ways = {re.sub(r"\\(.)", r"\1", way) for way in in_vietnamese(text)}
        assert len(ways) == 1, f"“{text}” is said in these ways: {ways}"
        return ways.pop()


BY_DAY, BY_NIGHT = Look("en-GB", "light"), Look("vi-VN", "dark")
MONTHS = list(calendar.month_name)
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]")
ROUND = r"^\s*(?:%s)\s*$"


@cache
def catalogue() -> list[tuple[str, str]]:
    """Everything the desk says: English, Vietnamese; the purposes' names too. A plural's Vietnamese is one for both."""
    said = polib.pofile(str(BASE_DIR / "config/locale/vi/LC_MESSAGES/django.po"))
    named = [(purpose["name_en"], purpose["name_vi"]) for purpose in FIRST.values()]
    return named + [
        (english, each.msgstr_plural.get(0) or each.msgstr)
        for each in said
        for english in filter(None, (each.msgid, each.msgid_plural))
        if each.translated()
    ]


def pattern(said: str, places: str) -> str:
    """A catalogue's sentence as a pattern, with ``places`` where something is filled in."""
    return places.join(re.escape(part.replace("%%", "%")) for part in PLACE.split(said))


def in_vietnamese(said: str) -> list[str]:
    """Every way, as patterns, in which the desk may say just this; none where it is no sentence of the desk's."""
    return plain(said) or numbered(said) + filled(said)


def plain(said: str) -> list[str]:
    """In which ways a sentence without places to fill in is said."""
    found = [re.escape(vietnamese) for english, vietnamese in catalogue() if english.lower() == said.lower()]
    with translation.override("vi"):
        of_django = translation.gettext(said)
    return found or ([re.escape(of_django)] if of_django != said else [])


def numbered(said: str) -> list[str]:
    """The same, of a sentence with a number before it."""
    number, _, rest = said.partition(" ")
    return [f"{number} (?:{way})" for way in plain(rest)] if number.isdigit() else []


def filled(said: str) -> list[str]:
    """In which ways a sentence is said whose places are filled in; what fills them is said in Vietnamese too."""
    ways = []
    for english, vietnamese in catalogue():
        found = PLACE.search(english) and re.fullmatch(pattern(english, "(.+?)"), said, re.IGNORECASE)
        if found and len(PLACE.sub("", english).strip()) > 2:
            named = dict(zip(PLACE.findall(english), found.groups(), strict=True))
            parts = [f"(?:{any_way(named[place])})" if place in named else ".+" for place in PLACE.findall(vietnamese)]
            words = [re.escape(part) for part in PLACE.split(vietnamese)]
            ways.append("".join(a + b for a, b in zip(words, [*parts, ""], strict=True)))
    return ways


def any_way(said: str) -> str:
    """A pattern for a whole text: a sentence, a datum, or a sentence with data round it."""
    if ways := in_vietnamese(said):
        return "|".join(ways)
    if re.fullmatch(r"[A-Z][a-z]+ \d{4}", said) and (month := said.split()[0]) in MONTHS:
        return f"tháng {MONTHS.index(month)}/{said.split()[1]}"
    words = said.split(" ")
    for many in range(len(words) - 1, 0, -1):
        if ways := in_vietnamese(" ".join(words[:many])):
            return f"(?:{'|'.join(ways)}) (?:{any_way(' '.join(words[many:]))})"
    first, _, rest = said.partition(" ")
    return f"{re.escape(first)} (?:{any_way(rest)})" if rest else re.escape(first)


def any_part(said: str) -> str:
    """A pattern for a part of a text: whole, or the sentences that it stands in."""
    if ways := plain(said):
        return "|".join(ways)
    around = [  # but for what only an example on a page of help says
        pattern(vietnamese, ".+")
        for english, vietnamese in catalogue()
        if said.lower() in english.lower() and not re.search("(?<!-)[•@0-9]{3}", said)
    ]
    return "|".join(around + numbered(said) + filled(said)) or any_way(said)


def asked(text: Any, exact: bool) -> Any:
    """What a page is asked for instead of an English text."""
    if not isinstance(text, str) or not text:
        return text
    ways = ROUND % any_way(text) if exact else any_part(text)
    ways = re.sub(r"\\? ", r"\\s+", ways)  # a browser does not squeeze white space before it tries a pattern
    return re.compile(ways.replace("/", r"\/"), re.IGNORECASE)


def tell_in_vietnamese(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on pages are asked by the Vietnamese for what a story names in English."""
    for kind in (Page, Locator):
        for finder in ("get_by_label", "get_by_text"):
            monkeypatch.setattr(kind, finder, _by_text(getattr(kind, finder)))
        monkeypatch.setattr(kind, "get_by_role", _by_role(kind.get_by_role))
    monkeypatch.setattr(Locator, "filter", _filter(Locator.filter))


def _by_text(finder: Any) -> Any:
    return lambda self, text, *, exact=False: finder(self, asked(text, exact))


def _by_role(finder: Any) -> Any:
    def by_role(self: Any, role: str, *, name: Any = None, exact: bool = False, **rest: Any) -> Any:
        return finder(self, role, **rest) if name is None else finder(self, role, name=asked(name, exact), **rest)

    return by_role


def _filter(finder: Any) -> Any:
    def by_text(self: Any, *, has_text: Any = None, **rest: Any) -> Any:
        return finder(self, **rest) if has_text is None else finder(self, has_text=asked(has_text, False), **rest)

    return by_text
