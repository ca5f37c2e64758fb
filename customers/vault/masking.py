"""What is shown instead of a value.

A mask helps a person recognise what they already know and tells a stranger next to nothing. Whatever is short,
secret or unreadable is ``HIDDEN``.
"""

import re
from unicodedata import normalize

import phonenumbers

from customers.vault.kinds import Kind

DOTS = "•••"
HIDDEN = DOTS
GIVEN_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))+")
"""What may be the last word of a name: letters, with a hyphen or an apostrophe between them."""
TOP_LEVEL = re.compile("[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{1,20}")
"""The one part of an e-mail address that is shown whole."""


def mask(kind: Kind, value: str) -> str:
    """The mask of ``value``: never the value itself, whatever its shape."""
    maker = {Kind.NAME: mask_name, Kind.COMPANY: mask_company, Kind.EMAIL: mask_email, Kind.PHONE: mask_phone}.get(kind)
    masked = maker(value) if maker else HIDDEN
    return HIDDEN if value in masked or letters(value) == letters(masked) else masked


def letters(text: str) -> str:
    """The letters and digits of a text: where mask and value have the same ones, the mask hides nothing."""
    return "".join(character for character in text if character.isalnum())


def mask_name(value: str) -> str:
    """``Nguyễn Thị Hoa`` becomes ``N. T. Hoa``: in Vietnamese the last word is the given name, and stays readable.

    ``HIDDEN`` where the last word is not made of letters, as exports have phone numbers and addresses in the name.
    """
    words = value.split()
    if len(words) < 2 or not GIVEN_NAME.fullmatch(normalize("NFC", words[-1])):
        return HIDDEN
    return " ".join([f"{word[0]}." for word in words[:-1]] + [words[-1]])


def mask_company(value: str) -> str:
    """``Mai Công ty TNHH`` becomes ``M•••``: a household firm is often named after its owner."""
    stripped = value.strip()
    return f"{stripped[0]}{DOTS}" if len(stripped) > 3 else HIDDEN


def mask_email(value: str) -> str:
    """``hoa.nguyen@mail.example.com`` becomes ``h•••@m•••.com``."""
    local, _, domain = value.rpartition("@")
    host, _, top = domain.rpartition(".")
    if len(local) < 3 or len(host) < 3 or not TOP_LEVEL.fullmatch(top):
        return HIDDEN
    return f"{local[0]}{DOTS}@{host[0]}{DOTS}.{top}"


def mask_phone(value: str) -> str:
    """``+84912345612`` becomes ``+84 •• ••• •12``."""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return HIDDEN
    national = str(number.national_number)
    return f"+{number.country_code} •• ••• •{national[-2:]}" if len(national) >= 7 else HIDDEN
