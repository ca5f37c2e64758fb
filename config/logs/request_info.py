"""What logs, reports and answers may say of a request: its number, method and route, and who is signed in."""

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
"""The attribute of a request that holds its ``Asked``."""


@dataclass(frozen=True)
class Asked:
    """A request and its number. The number is made here; one sent by the client is ignored."""

    request: HttpRequest = field(repr=False)
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def method(self) -> str:
        """The HTTP method; "other" for an unknown one."""
        return method_of(self.request)

    @property
    def route(self) -> str:
        """The URL pattern that matched, or what ``route_of`` gives in its place."""
        return route_of(self.request)

    @property
    def by(self) -> str | None:
        """The username of who is signed in; None where nobody is, or nothing has loaded the user yet.

        Never queries the database.
        """
        for user in (vars(self.request).get("user"), getattr(self.request, "_cached_user", None)):
            known = user is not None and not (isinstance(user, LazyObject) and user._wrapped is empty)  # type: ignore[attr-defined]
            if known and (username := user.get_username()):  # type: ignore[union-attr]
                return str(username)
        return None


now: ContextVar[Asked | None] = ContextVar("asked", default=None)
"""The request that is being answered in this context (thread); None outside of one."""


def request_id() -> str:
    """The number of the request that is being answered; "" outside of one."""
    current = now.get()
    return current.id if current else ""


def method_of(request: HttpRequest) -> str:
    """The request's HTTP method; "other" for an unknown one."""
    return request.method if request.method in METHODS else "other"


def route_of(request: HttpRequest) -> str:
    """The matched URL pattern, with names in place of keys and tokens; never the path, which may hold a token."""
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return f"/{match.route}"
    if request.path_info == HEALTH:
        return HEALTH
    return "/static" if request.path_info.startswith(f"/{settings.STATIC_URL.lstrip('/')}") else NO_ROUTE
