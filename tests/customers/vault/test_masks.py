"""A mask helps whoever knows the value already and tells a stranger next to nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from customers.vault.kinds import Kind
from customers.vault.masking import HIDDEN, mask

pytestmark = pytest.mark.one_engine("a mask is made of a text")

NAMES = {
    "Nguyễn Thị Hoa": "N. T. Hoa",
    "Trần Văn Đức": "T. V. Đức",
    "Đặng Ánh": "Đ. Ánh",
    "Nguyễn Phúc Bảo Long": "N. P. B. Long",
    "  Lê   Thu  Hà ": "L. T. Hà",
    "Nguye\u0302\u0303n Thi\u0323 Hoa": "N. T. Hoa",
    "John Smith": "J. Smith",
    "Hoa": HIDDEN,
    "Nguyễn": HIDDEN,
    "Lê Y": HIDDEN,
    "Y Moan": HIDDEN,
    "H. Hoa": HIDDEN,
    "A B Cường": HIDDEN,
    "": HIDDEN,
    "   ": HIDDEN,
    ". Hoa": HIDDEN,
    "- Hoa": HIDDEN,
    "Trần Văn Đức".replace("Đức", "Đu\u031b\u0301c"): "T. V. Đu\u031b\u0301c",
    "Sean O'Brien-Lee": "S. O'Brien-Lee",
    "Nguyễn Thị Hoa 0912345612": HIDDEN,
    "Nguyễn Thị Hoa (0912345612)": HIDDEN,
    "Hoa hoa.nguyen@mail.example.com": HIDDEN,
    "Hoa, 24/5 Lê Lợi, Q1": HIDDEN,
    "Hoa mật-khẩu:hunter": HIDDEN,
}
COMPANIES = {
    "Mai Công ty TNHH": "M•••",
    "Đại Phát JSC": "Đ•••",
    "  Sao Mai": "S•••",
    "ABC": HIDDEN,
    "A•••": HIDDEN,
    "": HIDDEN,
}
EMAILS = {
    "hoa.nguyen@mail.example.com": "h•••@m•••.com",
    "HOA@EXAMPLE.COM": "H•••@E•••.COM",
    "hoa@example.com.vn": "h•••@e•••.vn",
    '"a@b c"@example.com': '"•••@e•••.com',
    "ho@example.com": HIDDEN,
    "h@example.com": HIDDEN,
    "hoa@ab.com": HIDDEN,
    "hoa@localhost": HIDDEN,
    "@example.com": HIDDEN,
    "hoa.nguyen": HIDDEN,
    "hoa@example.": HIDDEN,
    "hoa@example.Nguyen Thi Hoa, Hanoi": HIDDEN,
    "": HIDDEN,
}
PHONES = {
    "+84912345612": "+84 •• ••• •12",
    "+84 91-234-5612": "+84 •• ••• •12",
    "+84 24 3825 0000": "+84 •• ••• •00",
    "+12025550143": "+1 •• ••• •43",
    "+3584012345": "+358 •• ••• •45",
    "+84912345612 ext. 77": "+84 •• ••• •12",
    "0912345612": HIDDEN,
    "18006601": HIDDEN,
    "113": HIDDEN,
    "+84": HIDDEN,
    "+84123": HIDDEN,
    "not a number": HIDDEN,
    "": HIDDEN,
}
EXAMPLES = {Kind.NAME: NAMES, Kind.COMPANY: COMPANIES, Kind.EMAIL: EMAILS, Kind.PHONE: PHONES}
every_kind = pytest.mark.parametrize("kind", Kind)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [(kind, value, shown) for kind, found in EXAMPLES.items() for value, shown in found.items()],
)
def test_a_mask_looks_like_this(kind: Kind, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


@pytest.mark.parametrize("kind", [Kind.PASSWORD, Kind.SERVICE_ACCESS, Kind.REASON])
@pytest.mark.parametrize("value", ["hoa", "correct horse battery", "+84912345612", ""])
def test_secrets_show_nothing_at_all(kind: Kind, value: str) -> None:
    assert mask(kind, value) == HIDDEN


def bare(text: str) -> str:
    """The letters and digits of a text."""
    return "".join(character for character in text if character.isalnum())


def near_values() -> st.SearchStrategy[str]:
    """Texts that look like what is kept, and texts that look like nothing."""
    words = st.text("abNgđễ.-• \u0301", max_size=6)
    return st.one_of(
        st.text(min_size=2),
        st.lists(words, min_size=1, max_size=4).map(" ".join),
        st.builds("{}@{}.{}".format, words, words, words),
        st.builds("+{}{}".format, st.integers(1, 999), st.integers(0, 10**11)),
        st.emails(),
    ).filter(lambda value: len(value) >= 2)


@every_kind
@given(near_values())
@example("N. Hoa")
@example(". Hoa")
@example("Y Moan")
@example("M••")
@example("aaa@aaa.aaa")
def test_a_mask_never_is_nor_holds_the_whole_value(kind: Kind, value: str) -> None:
    shown = mask(kind, value)
    assert shown == HIDDEN or value not in shown
    assert not bare(value) or bare(value) not in bare(shown)


@given(near_values())
def test_the_mask_of_an_email_shows_one_letter_of_the_local_part_and_of_the_host(value: str) -> None:
    shown = mask(Kind.EMAIL, value)
    if shown != HIDDEN:
        local, _, domain = value.rpartition("@")
        assert re.fullmatch(r"(.)•••@(.)•••\.([A-Za-z0-9-]+)", shown, re.DOTALL)
        assert (shown[0], shown[5]) == (local[0], domain[0])


def test_the_mask_of_some_email_shows_something() -> None:
    assert {mask(Kind.EMAIL, value) for value in EMAILS} - {HIDDEN}


@given(st.integers(1, 999), st.integers(0, 10**12))
def test_the_mask_of_a_phone_number_shows_the_country_and_two_digits(country: int, number: int) -> None:
    shown = mask(Kind.PHONE, f"+{country}{number}")
    assert shown == HIDDEN or re.fullmatch(r"\+\d{1,3} •• ••• •\d\d", shown)


@given(st.lists(st.text("abcdefghđễ", min_size=2, max_size=8), min_size=2, max_size=5))
def test_the_mask_of_a_name_shows_initials_and_the_given_name(words: list[str]) -> None:
    shown = mask(Kind.NAME, " ".join(words)).split()
    assert shown[-1] == words[-1]
    assert shown[:-1] == [f"{word[0]}." for word in words[:-1]]


@given(st.text("abcdefgh -.", min_size=4))
def test_the_mask_of_a_company_shows_one_letter(value: str) -> None:
    assert mask(Kind.COMPANY, value) in (HIDDEN, f"{value.strip()[:1]}•••")


@every_kind
@given(st.text())
def test_no_text_breaks_a_mask(kind: Kind, value: str) -> None:
    assert isinstance(mask(kind, value), str)
