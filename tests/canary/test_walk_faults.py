"""Faults of every sort, planted one by one: the quick walk tells of each. (Without any, the walks find nothing.)"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import connection
from django.http import HttpRequest, HttpResponse

from config.middleware.refusals import RefusingMiddleware
from customers.models import Customer, Membership
from tests.canary.expectations import url_name
from tests.canary.planting import CANARIES
from tests.canary.world import AGENT, APPROVER, LEAD, NOBODY, OFFICER
from tests.sampling import PARTS

NAME, PHONE = CANARIES["Hanoi Customer.full_name"], CANARIES["Hanoi ContactPoint.phone"]
EMAIL = CANARIES["Da Nang ContactPoint.email"]
CUSTOMERS, REQUESTS = "admin:customers_customer_", "admin:customers_customerrequest_"
Walk = Callable[..., list[str]]


def role_of(request: HttpRequest) -> str:
    """The role of who asks; "" for none."""
    held = Membership.objects.filter(person_id=request.user.pk).select_related("role").first()
    return held.role.name if held else ""


def write(text: str) -> None:
    """Put a text into a table's cell, past everything."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET row_digest = %s", [text])


# --- what a page might do wrong ----------------------------------------------------------------------------------


def shows_to_one_role(request: HttpRequest, response: HttpResponse) -> None:
    if request.method == "GET" and role_of(request) == APPROVER:
        response.content += NAME.value.encode()


def shows_when_it_refuses(request: HttpRequest, response: HttpResponse) -> None:
    if response.status_code == 403 and role_of(request) == APPROVER:
        response.content += PHONE.value.encode()


def writes_at_head(request: HttpRequest, response: HttpResponse) -> None:
    if request.method == "HEAD":
        write(NAME.value)


def tells_at_options(request: HttpRequest, response: HttpResponse) -> None:
    if request.method == "OPTIONS":
        response["Allow"] = quote(NAME.value)


def breaks_at_what_is_hostile(request: HttpRequest, response: HttpResponse) -> None:
    if request.method == "POST" and "\0" in request.POST.get("text", ""):
        raise ValueError("A NUL")


def takes_an_empty_form(request: HttpRequest, response: HttpResponse) -> None:
    if request.method == "POST" and not request.POST:
        response.status_code = 302


def keeps_in_the_session(request: HttpRequest, response: HttpResponse) -> None:
    request.session["found"] = EMAIL.value


def keeps_in_the_cache(request: HttpRequest, response: HttpResponse) -> None:
    cache.set("found", [EMAIL.value])


def tells_in_a_letters_header(request: HttpRequest, response: HttpResponse) -> None:
    if request.method == "POST":
        EmailMessage("Hello", "Nothing", to=["an@example.com"], headers={"X-About": NAME.value}).send()


def whispers(request: HttpRequest, response: HttpResponse) -> None:
    logging.getLogger("customers.access.find").debug("Looked at %s", EMAIL.value)


def packs_it(request: HttpRequest, response: HttpResponse) -> None:
    response.content += b"<p data-it=" + base64.b64encode(b"it: " + NAME.value.encode()) + b">"


def escapes_it(request: HttpRequest, response: HttpResponse) -> None:
    response["X-Back"] = f"/?to={quote(NAME.value)}"


def tells_what_there_is(request: HttpRequest, response: HttpResponse) -> None:
    match = request.resolver_match
    known = match is not None and Customer.objects.filter(pk=next(iter(match.kwargs.values()), 0)).exists()
    if not role_of(request) and known:
        response["Vary"] = f"{response.get('Vary', '')}, Accept"


def keeps_it_plain(request: HttpRequest, response: HttpResponse) -> None:
    if request.method == "POST" and response.status_code == 302:
        write(EMAIL.value)


@dataclass(frozen=True)
class Fault:
    """What goes wrong on which page, who meets it, and what the walk says of it."""

    does: Callable[[HttpRequest, HttpResponse], None]
    page: str
    actor: str
    told: str

    def strike(self, request: HttpRequest, response: HttpResponse) -> None:
        """Do it, on its page."""
        match = request.resolver_match
        if match is not None and match.view_name == url_name(self.page):
            self.does(request, response)


FAULTS = [
    Fault(shows_to_one_role, CUSTOMERS + "change", APPROVER, f"get {CUSTOMERS}change (own) body: {NAME}, as it is"),
    Fault(
        shows_when_it_refuses, CUSTOMERS + "register", APPROVER,
        f"valid {CUSTOMERS}register (own) body: {PHONE}, as it is",
    ),
    Fault(writes_at_head, CUSTOMERS + "versions", LEAD, f"customers_customer.row_digest[0]: {NAME}, as it is"),
    Fault(tells_at_options, CUSTOMERS + "changelist", LEAD, f"header Allow: {NAME}, escaped"),
    Fault(breaks_at_what_is_hostile, REQUESTS + "refuse", AGENT, f"hostile {REQUESTS}refuse (own): answered 500"),
    Fault(takes_an_empty_form, CUSTOMERS + "find", OFFICER, f"empty {CUSTOMERS}find (own): answered 302, not {{400}}"),
    Fault(keeps_in_the_session, CUSTOMERS + "found", AGENT, "session "),
    Fault(keeps_in_the_cache, REQUESTS + "changelist", OFFICER, "cache default value "),
    Fault(tells_in_a_letters_header, CUSTOMERS + "suspend", AGENT, f"header X-About: {NAME}, escaped"),
    Fault(whispers, CUSTOMERS + "verify", AGENT, "log customers.access.find DEBUG test_walk_faults.py:"),
    Fault(packs_it, REQUESTS + "change", LEAD, f"get {REQUESTS}change (own) body: {NAME}, packed"),
    Fault(escapes_it, CUSTOMERS + "reveal", NOBODY, f"get {CUSTOMERS}reveal (own) header X-Back: {NAME}, escaped"),
    Fault(
        tells_what_there_is, CUSTOMERS + "grant", NOBODY,
        f"get {CUSTOMERS}grant (other): is not answered like a missing key",
    ),
    Fault(keeps_it_plain, CUSTOMERS + "retire", AGENT, f"customers_customer.row_digest[0]: {EMAIL}, as it is"),
]  # fmt: skip
"""What an empty or a hostile POST, or an OPTIONS, is answered is met by turns, all the rest in each run."""


def told_in_six_runs(walk: Walk, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """What is said by six runs, one after the other."""
    for number in range(PARTS):
        monkeypatch.setenv("TEST_SIXTH", str(number))
        yield from walk(fault.actor, fault.page)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.does.__name__)
def test_the_quick_walk_tells_of_a_page_that(fault: Fault, walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DEEP", "")
    answer = RefusingMiddleware.__call__

    def faulty(self: RefusingMiddleware, request: HttpRequest) -> HttpResponse:
        response = answer(self, request)
        fault.strike(request, response)
        return response

    monkeypatch.setattr(RefusingMiddleware, "__call__", faulty)
    assert any(fault.told in line for line in told_in_six_runs(walk, fault, monkeypatch))
