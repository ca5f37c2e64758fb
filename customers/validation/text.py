"""Texts that are kept sealed: what a customer wrote, and what a colleague says beside an act."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from customers.validation.errors import InvalidInput

LONGEST = 20_000
"""How long the text of a request may be, in characters."""

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of writing: in a colleague's words they only mislead."""


def clean_text(text: str) -> str:
    """What a customer wrote, line ends made one kind.

    Raises ``InvalidInput`` where it is empty, too long, or binary.
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
    """Words of a colleague, sealed beside a move: on one line, no longer than they need to be."""
    words = " ".join(words.split())
    if len(words) > 1000:
        raise InvalidInput(_("Say it in up to 1,000 characters."))
    if any(unicodedata.category(character) in ("Cc", "Cs") or character in TURNING for character in words):
        raise InvalidInput(_("There are control characters in it; type it as plain text."))
    return words
