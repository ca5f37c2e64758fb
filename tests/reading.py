"""Reading pages as a person or a browser does."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from customers.models import Customer, StaffMember
from tests.signing import sign_in

CANARIES = ["hoa.nguyen@mail", "912345612", "Nguyễn Thị Hoa", "Mai Công ty", "s3cret-value", "a-password-hash"]
"""Plaintext of ``factories.customer()``; none of it is inside a mask."""


class TextNodes(HTMLParser):
    """The texts of a page, one by one, with the words a screen reader takes from attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside.append(tag)
        self.found |= {value for name, value in attrs if name in ("aria-label", "title", "placeholder") and value}

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.found.add(text)


def texts(response: HttpResponse) -> set[str]:
    """The texts of a page."""
    parser = TextNodes()
    parser.feed(response.content.decode(errors="replace"))
    return parser.found


def markup(response: HttpResponse) -> str:
    """A page's HTML without the white space that stands between tags, and at the ends of texts."""
    whole = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r"(?<=>) | (?=<)", "", whole)


def leaks(response: HttpResponse) -> list[str]:
    """Which canaries a response carries, in body or headers."""
    whole = response.content.decode() + str(dict(response.headers))
    return [canary for canary in CANARIES if canary in whole]


def signed_in(person: StaffMember, language: str = "en") -> Client:
    """A browser of that person's, in that language."""
    client = Client(raise_request_exception=False)
    sign_in(client, person)
    client.cookies["django_language"] = language
    return client


def customer_url(customer: Customer) -> str:
    """The customer's page."""
    return reverse("admin:customers_customer_change", args=[customer.pk])


def reveal_url(customer: Customer, row: object, field: str) -> str:
    """The page that reveals one value."""
    table = type(row).__name__.lower()
    return reverse("admin:customers_customer_reveal", args=[customer.pk, table, row.pk, field])  # type: ignore[attr-defined]


def steady(response: HttpResponse) -> str:
    """A page without what differs from one request to the next: its token and its own address."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode(errors="replace"))
    return re.sub(r'name="next" value="[^"]+"', "", body)
