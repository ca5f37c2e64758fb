"""Blind indexes: keyed digests that find a sealed value by exact match, without decrypting anything.

An index is HMAC-SHA256 of the normalised value under a key of its own for each kind, cut to 128 bits, in hex.
A thief of the database learns from them which rows share a value, so no column with few different values gets one.
"""

import hashlib
import hmac
import unicodedata
from itertools import combinations

import phonenumbers

from customers.vault.keyring import keyring
from customers.vault.kinds import Kind

HEX_DIGITS = 32
DEFAULT_REGION = "VN"
MOST_WORDS = 16
"""The most words of a name that are indexed: they make 120 pairs, and no name of a person or firm needs more."""


class NotNormal(ValueError):
    """A text is not an e-mail address or phone number that could be on file."""


def digest(kind: str, normal: str) -> str:
    """The index of an already normalised text: 32 hex digits."""
    return hmac.new(keyring().blind_key(kind), normal.encode(), hashlib.sha256).hexdigest()[:HEX_DIGITS]


def normal_email(text: str) -> str:
    """NFKC, trimmed, lower-cased, the domain in IDNA. Raises ``NotNormal``."""
    local, at, domain = unicodedata.normalize("NFKC", text).strip().lower().rpartition("@")
    try:
        host = domain.encode("idna").decode()
    except UnicodeError:
        host = ""
    if not (local and at and host):
        raise NotNormal("not an e-mail address")
    return f"{local}@{host}"


def normal_phone(text: str) -> str:
    """E.164. Read as a Vietnamese number where no country is given; ``84…`` may lack its plus. Raises ``NotNormal``."""
    spelled = unicodedata.normalize("NFKC", text).strip()
    candidates = [spelled] + ([f"+{spelled}"] if spelled.startswith("84") else [])
    for candidate in candidates:
        try:
            number = phonenumbers.parse(candidate, DEFAULT_REGION)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise NotNormal("not a phone number")


def name_words(text: str) -> list[str]:
    """The words of a name for comparing: đ as d, accents folded, lower-cased, sorted, each once."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("đ", "d"))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return sorted(set(plain.split()))


def email_index(text: str) -> str:
    """The index of an e-mail address in any spelling. Raises ``NotNormal``."""
    return digest(Kind.EMAIL, normal_email(text))


def phone_index(text: str) -> str:
    """The index of a phone number in any spelling. Raises ``NotNormal``."""
    return digest(Kind.PHONE, normal_phone(text))


def name_indexes(text: str) -> list[str]:
    """The indexes of a name: one for each unordered pair of its words; one of another kind for a one-word name.

    Of a name with more than ``MOST_WORDS`` different words, only the first ``MOST_WORDS`` in sorted order count.
    """
    words = name_words(text)[:MOST_WORDS]
    if len(words) == 1:
        return [digest("name: one word", words[0])]
    return [digest("name: pair", f"{first} {second}") for first, second in combinations(words, 2)]


def whole_name_index(text: str) -> str:
    """The index of a whole name, its words in any order: compares the name that a caller says with the one on file."""
    return digest("name: whole", " ".join(name_words(text)))
