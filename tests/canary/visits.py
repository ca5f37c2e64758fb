"""The visits of a walk: every page, about everything its URL can name, in every way; and which of them a run makes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.urls import reverse

from customers.models import ContactPoint
from tests.canary.answers import DOOR, Answers, Page
from tests.canary.expectations import PAGES, url_name
from tests.canary.hostile import HOSTILE
from tests.canary.planting import CANARIES, Canary
from tests.canary.world import ANONYMOUS, MISSING, OTHERS, OWN, ROLES, World
from tests.sampling import slice_of_six

METHODS = {"get": "get", "head": "get", "options": "get", "valid": "valid", "empty": "empty", "hostile": "hostile"}
"""Every way of asking, and whose status among the answers is right for it."""
POSTS = ("valid", "empty", "hostile")
SIGNS_IN = ("account_login", "admin:login", "admin:logout")


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

    @property
    def about(self) -> About:
        """Its page and its target."""
        return self.name, self.target

    def url(self, world: World) -> str:
        """Its address."""
        return reverse(url_name(self.name), args=self.page.args(world, self.target)) + self.page.query

    def right(self, world: World) -> Hashable:
        """All that is held against its answer. Of visits in one way to one address one will do where it is equal."""
        return frozenset(self.statuses(world)), self._shown(world)

    def all_right(self, world: World) -> Hashable:
        """All that is held against the answers in every way."""
        return self.expected(world), self._shown(world), bool(self.page.opens(world, self.target))

    def _shown(self, world: World) -> Hashable:
        shows, may_show = self.page.shows(world, self.target), self.page.may_show(world, self.target)
        return frozenset(shows), frozenset(may_show)

    def expected(self, world: World) -> Answers:
        """What its page answers to this actor."""
        if world.actor == ANONYMOUS and not self.page.open_to_all:
            return DOOR
        return self.page.answers(world, self.target)

    def statuses(self, world: World) -> set[int]:
        """The status, or statuses, that are right."""
        right: int = getattr(self.expected(world), METHODS[self.way])
        if self.way not in ("head", "options"):
            return {right}
        return {right, 200 if self.name in SIGNS_IN else right, 405 if self.way == "options" else right}

    def data(self, world: World) -> dict[str, Any]:
        """What is posted."""
        if self.way == "hostile":
            token = ContactPoint.objects.filter(email_index__isnull=False).values_list("email", flat=True)[0]
            return {**HOSTILE, "pasted": str(token._token)}
        return self.page.data(world, self.target) if self.way == "valid" else {}

    def typed(self, data: dict[str, Any]) -> set[Canary]:
        """Canaries among what is posted that a form filled in wrong may show again to who typed them."""
        values = {str(value) for name, value in data.items() if name in self.page.types}
        return {canary for canary in CANARIES.values() if canary.value in values}

    def is_closed(self, world: World) -> bool:
        """Whether a GET is turned away, so that what is there must not be told from what is not."""
        return self.expected(world).get in (403, 404)


def visits(world: World, page: str = "") -> Iterator[Visit]:
    """Every page (or one), about everything that its URL can name, in every way."""
    for name, each in PAGES.items():
        if page in ("", name):
            for target in each.targets if each.args(world, OWN) != each.args(world, MISSING) else [OWN]:
                for way in METHODS:
                    yield Visit(name, each, target, way)


About = tuple[str, str]
"""A page's name and a target."""


def due(world: World, page: str = "") -> set[About]:
    """About what it is this actor's turn to ask each page in every way: all in the deep run, else a sixth.

    Of each page there is at least one for every answer that is expected of it, whoever gets that.
    """
    abouts = list({visit.about: visit for visit in visits(world, page)}.values())
    worlds = {actor: replace(world, actor=actor) for actor in (*ROLES, *OTHERS)}
    turns = slice_of_six(
        [(actor, visit) for actor in worlds for visit in abouts],
        key=lambda turn: f"{turn[0]}: {turn[1].about}",
        group=lambda turn: (turn[1].name, turn[1].all_right(worlds[turn[0]])),
    )
    return {visit.about for actor, visit in turns if actor == world.actor}


def always(page: str = "") -> tuple[str, ...]:
    """The ways in which everything is asked by everybody in every run: GET, and a POST that makes sense.

    PostgreSQL's quick run takes turns in these too, unless it is about one page.
    """
    return ("get", "valid") if page or connection.vendor == "sqlite" else ()
