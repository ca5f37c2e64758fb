"""``/healthz``: for whoever watches the desk from outside, a container's own check or a balancer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from config.logs.request_info import HEALTH
from customers.audit_log.health import PARTS, look

SECONDS = 5
"""For how long an answer is given again: so often the database is asked by a process, however many ask it."""
LATE = 60
"""An answer this old, in seconds, says nothing any more: whoever was sent to look has not come back."""


@dataclass(frozen=True)
class Seen:
    """What one look found, and when."""

    parts: dict[str, bool]
    at: float

    def is_younger_than(self, seconds: float) -> bool:
        """By a clock that nobody sets."""
        return time.monotonic() - self.at < seconds


NOTHING = Seen(dict.fromkeys(PARTS, False), 0)


class HealthMiddleware:
    """Answers before host, TLS, session or person are asked: a check inside a container has none of them.

    The answer depends on nothing in the request and says nothing but well or not, so it does no harm to give it to
    anybody. It stands behind the demo's own door.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.looking = threading.Lock()
        self.seen: Seen | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != HEALTH:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        parts = self.parts()
        said = {name: "ok" if well else "not ok" for name, well in {"status": all(parts.values()), **parts}.items()}
        return JsonResponse(said, status=200 if all(parts.values()) else 503)

    def parts(self) -> dict[str, bool]:
        """What was seen in the last seconds. One request at a time goes and looks; the others need not wait for it."""
        seen = self.seen
        if seen is None or not seen.is_younger_than(SECONDS):
            seen = self.look_again(wait=seen is None) or seen or NOTHING
        return seen.parts if seen.is_younger_than(LATE) else NOTHING.parts

    def look_again(self, *, wait: bool) -> Seen | None:
        """A fresh look; where somebody else is at it, theirs if ``wait``, else none."""
        if not self.looking.acquire(blocking=wait):
            return None
        try:
            if self.seen is None or not self.seen.is_younger_than(SECONDS):
                self.seen = Seen(look(), time.monotonic())
            return self.seen
        finally:
            self.looking.release()
