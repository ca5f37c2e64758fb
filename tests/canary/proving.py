"""Answers that need not be asked for, because one that was given shows that they would be the same.

What the desk's own code looked at while it answered is written down. Where it looked at nothing that tells two ways of
asking apart, both are answered by the same steps: a HEAD or a POST like the GET whose method was compared with neither,
and of which nothing was read that is posted; an OPTIONS that Django's decorator turns away before the view runs; an
empty and a hostile POST like the one whose body nobody read.

What handles every request alike, whatever its page (``PLUMBING``), may look. Therefore of each kind of answer one is
asked for all the same, and of the POSTs that make sense a sixth; the deep run asks for all. A wrong proof is told.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from unittest.mock import patch

from django.core.handlers.wsgi import WSGIRequest
from django.http.response import HttpResponseBase
from django.test import client
from django.views.decorators import http

from tests.canary.visits import POSTS, Visit
from tests.canary.world import World

PLUMBING = (
    "django.core.handlers.", "django.http.", "django.middleware.", "django.test.client", "django.utils.log",
    "whitenoise.middleware", "config.middleware.access_log", "config.logs.request_info", "config.middleware.healthz",
)  # fmt: skip
ANYTHING, BODY = object(), object()
"""Looks that may have seen whatever there is to see; that would have seen what was posted."""
TURNED_AWAY = 405
POSTED = ("CONTENT_LENGTH", "CONTENT_TYPE", "wsgi.input")


class Method(str):
    """The name of a method, which notes in ``looks`` what it is compared with, and that it is used in another way."""

    looks: list[Any]

    def __eq__(self, other: object) -> bool:
        self.looks.append(other)
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self.looks.append(other)
        return str.__ne__(self, other)


def _noting(name: str) -> Callable[..., Any]:
    def use(self: Method, *args: Any) -> Any:
        self.looks.append(ANYTHING)
        return getattr(str, name)(self, *args)

    return use


for _name in vars(str).keys() - vars(Method).keys() - {"__new__", "__getattribute__"} | {"__hash__"}:
    setattr(Method, _name, _noting(_name))


class Environ(dict[str, Any]):
    """What the server says of a request; it notes who asks it for the method or for what is posted."""

    looks: list[Any]

    def __getitem__(self, key: str) -> Any:
        self.note(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.note(key)
        return super().get(key, default)

    def note(self, key: str) -> None:
        """Write it down, unless it is the plumbing that asks, or something else is asked for."""
        if (key == "REQUEST_METHOD" or key in POSTED) and not _is_plumbing(sys._getframe(2)):
            self.looks.append(BODY if key in POSTED else ANYTHING)


def _is_plumbing(frame: FrameType) -> bool:
    return str(frame.f_globals["__name__"]).startswith(PLUMBING)


class Watched(WSGIRequest):
    """A request that notes how its method is looked at, and whether what is posted is, except by the plumbing.

    Where one of Django's decorators takes certain methods only, the list of these is noted.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        self.looks: list[Any] = []
        super().__init__(environ)
        self.environ = self.META = Environ(environ)
        self.META.looks = self.looks

    @property
    def method(self) -> str:  # type: ignore[override]
        caller = sys._getframe(1)
        if caller.f_globals["__name__"] == http.__name__:
            self.looks.append(list(caller.f_locals["request_method_list"]))
            return self._method
        if _is_plumbing(caller):
            return self._method
        method = Method(self._method)
        method.looks = self.looks
        return method

    @method.setter
    def method(self, value: str) -> None:
        self._method = value

    @property
    def POST(self) -> Any:  # type: ignore[override]
        self.looks.append(BODY)
        return super()._get_post()

    @POST.setter
    def POST(self, value: Any) -> None:
        self._set_post(value)

    @property
    def FILES(self) -> Any:  # type: ignore[override]
        self.looks.append(BODY)
        return super().FILES

    @property
    def body(self) -> bytes:
        self.looks.append(BODY)
        return super().body

    def read(self, *args: Any, **kwargs: Any) -> bytes:
        self.looks.append(BODY)
        return super().read(*args, **kwargs)


@contextmanager
def looks_noted() -> Iterator[None]:
    """The test client's requests are watched."""
    with patch.object(client, "WSGIRequest", Watched):
        yield


def proven_by_get(method: str, status: int, looks: list[Any]) -> int | None:
    """The status of the answer to another method than the GET that was looked at so; None where it may be another."""
    for look in looks:
        if isinstance(look, list):
            if method == "OPTIONS" not in look:
                return TURNED_AWAY
            if (method in look) != ("GET" in look):
                return None
        elif look is BODY:
            if method == "POST":
                return None
        elif look is ANYTHING or (look == method) != (look == "GET"):
            return None
    return status


class Proofs:
    """What one actor's visits have shown so far."""

    def __init__(self) -> None:
        self.looks: dict[str, tuple[int, list[Any]]] = {}
        """By address: the status of a GET, and how the method was looked at."""
        self.unread: dict[tuple[str, str], int] = {}
        """By page and target: the status of the POST that makes sense, where nobody read what was posted."""
        self.asked: set[tuple[str, int | None]] = set()
        """The ways and statuses of which one was asked for though it was proven."""

    def note(self, visit: Visit, url: str, response: HttpResponseBase) -> None:
        """This visit was made, and answered so."""
        request = response.wsgi_request  # type: ignore[attr-defined]
        if (status := self.of(visit, url)) is not None:
            self.asked.add((visit.way, status))
        if visit.way == "get":
            self.looks[url] = response.status_code, request.looks
        elif visit.way == "valid" and not dict.get(request.environ, "wsgi.input").read_started:
            self.unread[visit.name, visit.target] = response.status_code

    def of(self, visit: Visit, url: str) -> int | None:
        """The status of the answer, where it is proven."""
        if visit.way in ("empty", "hostile") and (visit.name, visit.target) in self.unread:
            return self.unread[visit.name, visit.target]
        if visit.way == "get" or url not in self.looks:
            return None
        return proven_by_get("POST" if visit.way in POSTS else visit.way.upper(), *self.looks[url])

    def spares(self, visit: Visit, url: str, world: World) -> bool:
        """Whether the visit need not be made: what is proven is right."""
        if visit.way == "valid" and visit.page.opens(world, visit.target):
            return False
        status = self.of(visit, url)
        return status in visit.statuses(world) and (visit.way, status) in self.asked
