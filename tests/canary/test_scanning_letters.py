"""What a letter carries is found in every part of it, but for the address that it goes to."""

from __future__ import annotations

from collections.abc import Callable
from email.mime.text import MIMEText
from typing import Any

import pytest
from django.core import mail

from tests.canary.planting import CANARIES
from tests.canary.scanning import Scan
from tests.canary.spellings import found_in

NAME = CANARIES["Hanoi Customer.full_name"]
EMAIL = CANARIES["Da Nang former ContactPoint.email"]
PHONE = CANARIES["Hanoi ContactPoint.phone"]
LOCAL = EMAIL.value.partition("@")[0]


@pytest.fixture
def scan() -> Scan:
    return Scan()


def letter(**given: Any) -> mail.EmailMultiAlternatives:
    return mail.EmailMultiAlternatives(**{"subject": "Hello", "body": "Nothing", "to": ["an@example.com"], **given})


def with_parts(*parts: tuple[Any, ...]) -> mail.EmailMultiAlternatives:
    made = letter()
    for part in parts:
        made.attach(*part)
    return made


LETTERS: dict[str, tuple[Callable[[], mail.EmailMessage], str]] = {
    "subject": (lambda: letter(subject=f"About {NAME.value}"), f"part 0 header Subject: {NAME}, escaped"),
    "header": (lambda: letter(headers={"X-Ref": LOCAL}), f"part 0 header X-Ref: {EMAIL}, as it is"),
    "recipient's name": (lambda: letter(to=[f'"{LOCAL}" <an@example.com>']), f"part 0 header To: {EMAIL}, as it is"),
    "one of two recipients": (lambda: letter(to=["an@example.com", EMAIL.value]), f"envelope: {EMAIL}, as it is"),
    "open copy": (lambda: letter(cc=[EMAIL.value]), f"part 0 header Cc: {EMAIL}, as it is"),
    "address to answer to": (lambda: letter(reply_to=[EMAIL.value]), f"part 0 header Reply-To: {EMAIL}, as it is"),
    "sender": (lambda: letter(from_email=EMAIL.value), f"part 0 header From: {EMAIL}, as it is"),
    "hidden copy": (lambda: letter(bcc=[EMAIL.value]), f"envelope: {EMAIL}, as it is"),
    "body": (lambda: letter(body=f"Dear {NAME.value},"), f"part 0: {NAME}, as it is"),
    "alternative": (lambda: letter(alternatives=[(f"<b>{NAME.value}", "text/html")]), f"part 2: {NAME}, as it is"),
    "attached text": (lambda: with_parts(("a.csv", NAME.value, "text/csv")), f"part 2: {NAME}, as it is"),
    "attached bytes": (lambda: with_parts(("a.bin", NAME.value.encode(), "a/b")), f"part 2: {NAME}, as it is"),
    "attached part": (lambda: with_parts((MIMEText(NAME.value, "plain", "utf-16"),)), f"part 2: {NAME}, as it is"),
    "name of a file": (lambda: with_parts((f"{LOCAL}.csv", "1", "text/csv")), f"part 2 file name: {EMAIL}, as it is"),
}


@pytest.mark.one_engine("a letter is looked through in memory")
@pytest.mark.parametrize(("made", "finding"), LETTERS.values(), ids=LETTERS)
def test_what_a_letter_says_is_found(made: Callable[[], mail.EmailMessage], finding: str, scan: Scan) -> None:
    letter().send()
    assert scan.mail() == []
    made().send()
    assert f"letter 1 {finding}" in scan.mail()


@pytest.mark.one_engine("a letter is looked through in memory")
@pytest.mark.parametrize("address", [EMAIL.value, f"{PHONE.value.removeprefix('+')}@sms.example.com"])
def test_the_address_a_letter_goes_to_is_let_pass_there_and_nowhere_else_in_it(address: str, scan: Scan) -> None:
    letter(to=[address]).send()
    assert scan.mail() == []
    letter(to=[address], subject=address, body=f"To {address}", bcc=[address], headers={"X-To": address}).send()
    [canary] = found_in(address)
    assert scan.mail() == [
        f"letter 1 {place}: {canary}, as it is"
        for place in ("envelope", "part 0 header Subject", "part 0 header X-To", "part 0")
    ]
