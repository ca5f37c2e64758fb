"""Texts that are kept sealed: what a customer wrote, and what staff add to an act."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from customers.validation.errors import InvalidInput

LONGEST = 20_000
"""How long the text of a request may be, in characters."""

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of writing: in a text by staff they could only mislead."""


def clean_text(text: str) -> str:
    """What a customer wrote, trimmed, in NFC, with line ends as ``\\n``.

    Raises ``InvalidInput`` where it is empty, longer than ``LONGEST``, or has control characters.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise InvalidInput(_("Type or paste what the customer asks for."))
    if len(text) > LONGEST:
        raise InvalidInput(
            _("This is longer than 20,000 characters: keep what is asked for, and leave the rest in the ticket.")
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" for character in text):
        raise InvalidInput(_("There are control characters in it; paste it as plain text."))
    return text


def clean_words(words: str) -> str:
    """A text that staff add to an act, brought on one line.

    Raises ``InvalidInput`` where it is longer than 1,000 characters, or has control or direction characters.
    """
    words = " ".join(words.split())
    if len(words) > 1000:
        raise InvalidInput(_("Say it in up to 1,000 characters."))
    if any(unicodedata.category(character) in ("Cc", "Cs") or character in TURNING for character in words):
        raise InvalidInput(_("There are control characters in it; type it as plain text."))
    return words
