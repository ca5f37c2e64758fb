"""What may be said of a request in logs, reports and answers: its number, method, route, and who asked."""

from __future__ import annotations

import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import LazyObject, empty

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
NO_ROUTE = "-"
HEALTH = "/healthz"
KEPT_AS = "_asked"
"""Under which name a request keeps what is said of it."""


@dataclass(frozen=True)
class Asked:
    """A request, and a number of ours for it; one that came along from outside is not believed."""

    request: HttpRequest = field(repr=False)
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def method(self) -> str:
        """The method; "other" for a word somebody made up."""
        return method_of(self.request)

    @property
    def route(self) -> str:
        """The pattern that matched."""
        return route_of(self.request)

    @property
    def by(self) -> str | None:
        """Who is signed in, by username; None for nobody, and where nothing has asked. Never asks the database."""
        for user in (vars(self.request).get("user"), getattr(self.request, "_cached_user", None)):
            known = user is not None and not (isinstance(user, LazyObject) and user._wrapped is empty)  # type: ignore[attr-defined]
            if known and (username := user.get_username()):  # type: ignore[union-attr]
                return str(username)
        return None


now: ContextVar[Asked | None] = ContextVar("asked", default=None)
"""The request that this thread is answering."""


def request_id() -> str:
    """The number of the request that is being answered; "" outside of one."""
    asked = now.get()
    return asked.id if asked else ""


def method_of(request: HttpRequest) -> str:
    """A method there is, or "other"."""
    return request.method if request.method in METHODS else "other"


def route_of(request: HttpRequest) -> str:
    """The matched pattern with its names in place of keys and tokens; never a path, which somebody may have typed."""
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return f"/{match.route}"
    if request.path_info == HEALTH:
        return HEALTH
    return "/static" if request.path_info.startswith(f"/{settings.STATIC_URL.lstrip('/')}") else NO_ROUTE
