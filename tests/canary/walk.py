"""The walk: every page, asked by everybody in every way, shows what it should and no planted value besides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from django.db import connection
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import escape

from config.access_log import REQUEST_ID
from customers.models import ContactPoint
from tests.canary.answers import DOOR, Answers, Page
from tests.canary.expectations import PAGES, url_name
from tests.canary.planting import CANARIES, Canary
from tests.canary.scanning import Scan, watching
from tests.canary.world import ANONYMOUS, MISSING, OTHER, OWN, World, world_of
from tests.pages.reading import steady
from tests.undoing import undone

HOSTILE = {
    "text": "\0<script>alert(1)</script>\u202e@",
    "reason": "other' OR 1=1 --",
    "ticket": "hoa@mail.example.com\r\nX-Injected: 1",
    "email": "\0'\"><img src=x>",
    "phone": "+84\0; DROP TABLE",
    "name": "\0\u202e" + "x" * 5000,
    "username": "\0<b>admin</b>\r\n",
    "first_name": "\0",
    "person": "-1 UNION SELECT",
    "rights": ["see_customers", "manage_staff", "\0"],
    "first": "0000-00-00",
    "last": "9999-99-99",
    "role": "\0",
    "team": "99999999999999999999",
    "budget": "everything",
    "next": "https://elsewhere.example.net/",
    "language": "\0xx",
    "password": "\0",
    "old_password": "\0",
    "new_password1": "\0",
    "kind": "question' --",
    "about": ["name", "\0"],
    "came_by": "carrier pigeon",
    "from_point": "99999999999999999999",
    "from_text": "\0\u202e@",
    "received_at": "0000-00-00T99:99",
    "third_party": "-99999999999999999999",
    "words": "\0\r\nX-Injected: 1",
    "why": "other' OR 1=1 --",
    "fields_asked": ["identity", "password", "\0"],
    "point": "-1 UNION SELECT",
    "code": "\0١٢٣٤٥٦",
    "credential": "{\0",
    "over": "99999999999999999999",
    "result": "\0",
    "who": "\0<script>alert(1)</script>",
    "spoken_at": "9999-99-99T00:00",
    "value": "\0\u202e" + "x" * 5000,
    "request": "99999999999999999999",
    "ground": "\0",
    "proof": "file",
    "knowingly": "\0",
    "identity_outcome": "\0",
    "new_name_outcome": "everything",
    "new_name_value": "\0\r\n",
    "login": "\0<b>root</b>",
    "secret": "\0",
    "right": "\0",
    "amount": "1e999",
    "unit": "fortnights",
    "extension": "-1",
    "source": "\0",
    "confidence": "\0",
    "verified": "\0",
    "url": "javascript:alert(1)//\0",
    "title_vi": "\0\u202e",
    "title_en": "x" * 5000,
    "links": "99999999999999999999",
    "wanted": ["promotions", "\0"],
    "through": "\0",
    "channel": "telegraph",
    "channels": ["email", "\0"],
    "asked_at": "0000-00-00T99:99",
    "accepted_at": "9999-99-99T00:00",
    "how": "\0",
    "purpose": "promotions' --",
    "template": "99999999999999999999",
    "subject": "\0\r\nBcc: hoa@mail.example.com",
    "label": "\0",
    "changes": "\0\u202e",
    "site": "elsewhere.example.net",
    "basis": "\0",
    "from_hour": "25",
    "to_hour": "-1",
    "a_day": "1e9",
    "text_vi": "\0",
    "give": ["name", "\0"],
    "withheld": ["\0"],
    "proposal": "99999999999999999999",
    "verdict": "\0",
    "form": "\0",
    "until": "9999-99-99",
    "instrument": "\0",
    "identifiers": "\0\u202e;;;",
    "asked": ["name", "password", "\0"],
    "recipient": "99999999999999999999",
    "urgency": "\0",
    "document": "../../x",
    "fields_permitted": ["password"],
    "fields_covered": ["password"],
    "contact": "\0",
    "found": "\0",
    "country": "\0\0",
    "age_key": "AGE-SECRET-KEY-1\0",
    "read": "\0",
    "text_en": "\0",
}
WRITING = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?(?P<table>\w+)')
READING = ("SELECT", "(SELECT", "SET LOCAL", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
METHODS = {"get": "get", "head": "get", "options": "get", "valid": "valid", "empty": "empty", "hostile": "hostile"}


@dataclass(frozen=True)
class Visit:
    """One request: to which page, about what, and in which way.

    ``name`` is the URL's; where one URL does several things, a word after a space says which.
    """

    name: str
    page: Page
    target: str
    way: str

    def __str__(self) -> str:
        return f"{self.way} {self.name} ({self.target})"


def visits(world: World) -> Iterator[Visit]:
    """Every page, about everything that its URL can name, in every way."""
    for name, page in PAGES.items():
        for target in page.targets if page.args(world, OWN) != page.args(world, MISSING) else [OWN]:
            for way in METHODS:
                yield Visit(name, page, target, way)


def data_of(visit: Visit, world: World) -> dict[str, Any]:
    """What is posted."""
    if visit.way == "hostile":
        token = ContactPoint.objects.filter(email_index__isnull=False).values_list("email", flat=True)[0]
        return {**HOSTILE, "pasted": str(token._token)}
    return visit.page.data(world, visit.target) if visit.way == "valid" else {}


@contextmanager
def same_cookies(world: World) -> Iterator[None]:
    """The browser keeps the cookies it had: who logs out during a visit is signed in at the next."""
    kept = SimpleCookie({name: morsel.value for name, morsel in world.client.cookies.items()})
    yield
    world.client.cookies = kept


@contextmanager
def writes_seen() -> Iterator[set[str]]:
    """The tables that statements inside write to; all of them where one cannot be read. No trigger writes to any."""
    written: set[str] = set()

    def look(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not sql.lstrip().startswith(READING):
            found = WRITING.match(sql)
            written.update([found["table"]] if found else connection.introspection.table_names())
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        yield written


def ask(visit: Visit, world: World) -> HttpResponseBase:
    """Make the request."""
    url = reverse(url_name(visit.name), args=visit.page.args(world, visit.target)) + visit.page.query
    if visit.way in ("get", "head", "options"):
        return getattr(world.client, visit.way)(url)  # type: ignore[no-any-return]
    return world.client.post(url, data_of(visit, world))


def expected(visit: Visit, world: World) -> Answers:
    """What the visit's page answers to this actor."""
    if world.actor == ANONYMOUS and not visit.page.open_to_all:
        return DOOR
    return visit.page.answers(world, visit.target)


def statuses(visit: Visit, world: World) -> set[int]:
    """The status, or statuses, that are right."""
    right = getattr(expected(visit, world), METHODS[visit.way])
    if visit.way == "get" or visit.way in ("valid", "empty", "hostile"):
        return {right}
    return {
        right,
        200 if visit.name in ("account_login", "admin:login", "admin:logout") else right,
        405 if visit.way == "options" else right,
    }


def references_in(response: HttpResponseBase, world: World) -> set[str]:
    """The targets whose customers are named in an answer."""
    whole = response.getvalue().decode(errors="replace") + str(dict(response.headers))  # type: ignore[attr-defined]
    return {target for target in (OWN, OTHER) if world.customers[target].reference in whole}


def codes_in(response: HttpResponseBase, world: World) -> set[str]:
    """The targets whose customers' codes stand in an answer: no canary, as each is six random digits."""
    whole = response.getvalue().decode(errors="replace") + str(dict(response.headers))  # type: ignore[attr-defined]
    return {
        target for target, code in world.codes.items() if re.search(rf"(?<![0-9A-Za-z]){code}(?![0-9A-Za-z])", whole)
    }


def typed(visit: Visit, world: World) -> set[Canary]:
    """Canaries that were typed, and that a form filled in wrong may show again to who typed them."""
    values = {str(value) for name, value in data_of(visit, world).items() if name in visit.page.types}
    return {canary for canary in CANARIES.values() if canary.value in values}


Given = dict[tuple[str, str, str], tuple[Visit, tuple[int, str, str]]]
"""By URL, way and target: a visit to what is closed, and what it was answered."""


def look_at(visit: Visit, world: World, scan: Scan, given: Given) -> list[str]:
    """Make one visit and say everything that is wrong with its answer and with what it left behind."""
    with undone(), same_cookies(world):
        with writes_seen() as written:
            response = ask(visit, world)
        shown = visit.page.opens(world, visit.target) if visit.way == "valid" else set()
        found = scan.response(response, str(visit), but=shown | typed(visit, world))
        if codes_in(response, world):
            found.append(f"{visit}: tells the code of {codes_in(response, world)}")
        if response.status_code not in statuses(visit, world):
            found.append(f"{visit}: answered {response.status_code}, not {statuses(visit, world)}")
        if shown and not all(escape(canary.value) in response.getvalue().decode() for canary in shown):  # type: ignore[attr-defined]
            found.append(f"{visit}: did not show what it is there to show")
        if response.status_code == 200 and visit.way != "options":
            right = visit.page.shows(world, visit.target)
            if references_in(response, world) - right - visit.page.may_show(world, visit.target):
                found.append(f"{visit}: names customers of {references_in(response, world) - right}")
            if visit.way == "get" and right - references_in(response, world):
                found.append(f"{visit}: does not name customers of {right}")
        if written:
            found += scan.tables(written) + scan.sessions()
        found += scan.mail() + scan.cache()
    if visit.way not in ("head", "options") and expected(visit, world).get in (403, 404):
        given[visit.name, visit.way, visit.target] = visit, without_keys(response)
    return found


def walk(actor: str, page: str = "") -> list[str]:
    """Everything wrong that the actor meets on every page (or on one), and all that was written besides."""
    world, scan, given = world_of(actor), Scan(), Given()
    assert scan.tables() + scan.mail() == []
    with watching() as watch:
        chosen = (visit for visit in visits(world) if page in ("", visit.name))
        found = [wrong for visit in chosen for wrong in look_at(visit, world, scan, given)]
    return found + told_apart(given, world) + watch.findings()


def told_apart(given: Given, world: World) -> list[str]:
    """A key one may not know of is answered like one that nothing has: each visit whose answer tells them apart."""
    found, compared = [], 0
    for (name, way, target), (visit, answer) in given.items():
        missing, nothing = given.get((name, way, MISSING), (None, None))
        if missing and target != MISSING and closed(visit, missing, world):
            compared += 1
            found += [f"{visit}: is not answered like a missing key"] if answer != nothing else []
    return found if compared or world.actor == ANONYMOUS else ["no forbidden key was tried"]


def closed(visit: Visit, missing: Visit, world: World) -> bool:
    """Whether the page about this target is closed to the actor, and so must not tell it from a missing one."""
    here, nowhere = expected(visit, world), expected(missing, world)
    return here.get == nowhere.get in (403, 404) and here.valid == nowhere.valid


def without_keys(response: HttpResponseBase) -> tuple[int, str, str]:
    """An answer without what differs from one request to the next: its token, its own address, its number."""
    its_own = ("Content-Length", REQUEST_ID)
    headers = {name: value for name, value in response.headers.items() if name not in its_own}
    return response.status_code, steady(response), re.sub(r"\d+", "#", str(headers))  # type: ignore[arg-type]
