"""The walk: every page, asked by everybody in every way, shows what it should and no planted value besides."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from http.cookies import SimpleCookie
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.http.response import HttpResponseBase
from django.template import Template
from django.utils.html import escape

from config.middleware.access_log import REQUEST_ID
from tests.canary.proving import Proofs, looks_noted
from tests.canary.scanning import Scan, watching
from tests.canary.visits import POSTS, Visit, always, due, visits
from tests.canary.world import ANONYMOUS, MISSING, OTHER, OWN, There, World, everything, world_of
from tests.reading import steady
from tests.rollback import undone
from tests.room import roomy
from tests.sampling import deep

WRITING = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?(?P<table>\w+)')
READING = ("SELECT", "(SELECT", "SET LOCAL", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
LASTS = 300
"""For how many seconds a planted world is as it was: codes and searches in it run out."""


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


@contextmanager
def plain_templates() -> Iterator[None]:
    """Templates are rendered as in life: tests copy every context besides, for who wants to look at it afterwards."""
    with patch.object(Template, "_render", lambda template, context: template.nodelist.render(context)):
        yield


def ask(visit: Visit, world: World, url: str, data: dict[str, Any]) -> HttpResponseBase:
    """Make the request."""
    if visit.way in POSTS:
        return world.client.post(url, data)
    return getattr(world.client, visit.way)(url)  # type: ignore[no-any-return]


def references_in(whole: str, world: World) -> set[str]:
    """The targets whose customers are named in an answer."""
    return {target for target in (OWN, OTHER) if world.customers[target].reference in whole}


def codes_in(whole: str, world: World) -> set[str]:
    """The targets whose customers' codes stand in an answer: no canary, as each is six random digits."""
    return {
        target
        for target, code in world.codes.items()
        if code in whole and re.search(rf"(?<![0-9A-Za-z]){code}(?![0-9A-Za-z])", whole)
    }


Given = dict[tuple[str, str, str], tuple[Visit, tuple[int, str, str]]]
"""By URL, way and target: a visit to what is closed, and what it was answered."""


class Walk:
    """One actor's walk."""

    def __init__(self, world: World, scan: Scan) -> None:
        self.world, self.scan, self.proofs = world, scan, Proofs()
        self.given: Given = {}
        self.closed: set[tuple[str, str]] = set()
        """The pages and ways that were asked about somebody and closed: what is missing is asked for so as well."""
        self.made: dict[tuple[str, str], Hashable] = {}
        """By way and address, what was held against the answer; not where what is posted differs."""

    def take(self, page: str = "") -> list[str]:
        """Make the visits of this run and say everything that is wrong."""
        mine, ways, found = due(self.world, page), always(page), []
        for visit in visits(self.world, page):
            url, turn = visit.url(self.world), visit.about in mine
            if deep() or self.is_wanted(visit, url, turn=turn, always=visit.way in ways):
                found += self.make(visit, url)
        apart, compared = told_apart(self.given, self.world)
        if not (compared or page or self.world.actor == ANONYMOUS):
            found.append("no forbidden key was tried")
        return found + apart

    def is_wanted(self, visit: Visit, url: str, *, turn: bool, always: bool) -> bool:
        """Whether a visit is to be made; ``turn``: it is this one's turn; ``always``: it is, unless it is proven."""
        if visit.way != "valid" and self.made.get((visit.way, url)) == visit.right(self.world):
            return False
        if visit.target == MISSING and (visit.name, visit.way) in self.closed:
            return True
        if self.proofs.spares(visit, url, self.world):
            return turn and visit.way == "valid"
        return turn or always

    def make(self, visit: Visit, url: str) -> list[str]:
        """Make one visit and say everything that is wrong with its answer and with what it left behind."""
        with undone(), same_cookies(self.world):
            with writes_seen() as written:
                data = visit.data(self.world)
                response = ask(visit, self.world, url, data)
            found = self.answered(visit, response, data) + self.scan.written(written) + self.scan.mail()
        if (proven := self.proofs.of(visit, url)) not in (None, response.status_code):
            found.append(f"{visit}: answered {response.status_code}, where {proven} was proven")
        if visit.way not in ("head", "options") and visit.is_closed(self.world):
            self.given[visit.name, visit.way, visit.target] = visit, without_keys(response)
            if proven is None:
                self.closed.add((visit.name, visit.way))
        self.proofs.note(visit, url, response)
        self.made[visit.way, url] = visit.right(self.world)
        return found

    def answered(self, visit: Visit, response: HttpResponseBase, data: dict[str, Any]) -> list[str]:
        """What is wrong with an answer."""
        world = self.world
        shown = visit.page.opens(world, visit.target) if visit.way == "valid" else set()
        found = self.scan.response(response, str(visit), but=shown | visit.typed(data))
        body = response.getvalue().decode(errors="replace")  # type: ignore[attr-defined]
        whole = body + str(dict(response.headers))
        if told := codes_in(whole, world):
            found.append(f"{visit}: tells the code of {told}")
        if response.status_code not in visit.statuses(world):
            found.append(f"{visit}: answered {response.status_code}, not {visit.statuses(world)}")
        if not all(escape(canary.value) in body for canary in shown):
            found.append(f"{visit}: did not show what it is there to show")
        if response.status_code == 200 and visit.way != "options":
            right, named = visit.page.shows(world, visit.target), references_in(whole, world)
            if named - right - visit.page.may_show(world, visit.target):
                found.append(f"{visit}: names customers of {named - right}")
            if visit.way == "get" and right - named:
                found.append(f"{visit}: does not name customers of {right}")
        return found


class Ground:
    """The planted world of many walks, each of which finds it as the first one did. Outside of any transaction."""

    def __init__(self) -> None:
        self._undoing = ExitStack()
        self._there: tuple[float, There, Scan] | None = None

    def planted(self) -> tuple[There, Scan]:
        """What is there, and what has looked through it and found nothing; made anew where codes may have run out."""
        if self._there is None or time.monotonic() - self._there[0] > LASTS:
            self.close()
            self._undoing.enter_context(undone())
            made, scan = everything(), Scan()
            assert scan.tables() + scan.sessions() + scan.cache() + scan.mail() == []
            gc.collect()
            gc.freeze()  # none of what there is by now goes away during the walks
            self._undoing.callback(gc.unfreeze)
            self._there = time.monotonic(), made, scan
        return self._there[1:]

    @roomy
    def walk(self, actor: str, page: str = "") -> list[str]:
        """Everything wrong that the actor meets on every page (or on one), and all that was written besides."""
        made, scan = self.planted()
        with undone(), watching() as watch:
            with writes_seen() as written:
                world = world_of(actor, made)
            scan = scan.another()
            assert scan.written(written) + scan.mail() == []
            with looks_noted(), plain_templates():
                found = Walk(world, scan).take(page)
        return found + watch.findings()

    def close(self) -> None:
        """Undo it."""
        self._there = None
        self._undoing.close()


def told_apart(given: Given, world: World) -> tuple[list[str], int]:
    """A key one may not know of is answered like one that nothing has: each visit whose answer tells them apart.

    And how many were compared.
    """
    found, compared = [], 0
    for (name, way, target), (visit, answer) in given.items():
        missing, nothing = given.get((name, way, MISSING), (None, None))
        if missing and target != MISSING and both_closed(visit, missing, world):
            compared += 1
            found += [f"{visit}: is not answered like a missing key"] if answer != nothing else []
    return found, compared


def both_closed(visit: Visit, missing: Visit, world: World) -> bool:
    """Whether the page about this target is closed to the actor, and so must not tell it from a missing one."""
    here, nowhere = visit.expected(world), missing.expected(world)
    return here.get == nowhere.get in (403, 404) and here.valid == nowhere.valid


def without_keys(response: HttpResponseBase) -> tuple[int, str, str]:
    """An answer without what differs from one request to the next: its token, its own address, its number."""
    its_own = ("Content-Length", REQUEST_ID)
    headers = {name: value for name, value in response.headers.items() if name not in its_own}
    return response.status_code, steady(response), re.sub(r"\d+", "#", str(headers))  # type: ignore[arg-type]
