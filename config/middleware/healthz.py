"""``/healthz``: whether the desk works, for checks from outside: a container's own check, or a load balancer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from config.logs.request_info import HEALTH
from customers.audit_log.health import PARTS, look

SECONDS = 5
"""How long, in seconds, an answer is reused: a process queries the database no more often than that."""
LATE = 60
"""From this age on, in seconds, an answer counts as unhealthy: the thread that looks again has not returned."""


@dataclass(frozen=True)
class Seen:
    """The result of one look, and when it was taken (monotonic clock, seconds)."""

    parts: dict[str, bool]
    at: float

    def is_younger_than(self, seconds: float) -> bool:
        """True where the look is newer than that, by the monotonic clock, which nobody can set."""
        return time.monotonic() - self.at < seconds


NOTHING = Seen(dict.fromkeys(PARTS, False), 0)


class HealthMiddleware:
    """Answers before host, TLS, session or user are checked: a check inside a container has none of them.

    The answer depends on nothing in the request and says only which parts work, so anybody may have it. In a demo it is
    given on the loopback only.
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
        answer = {name: "ok" if well else "not ok" for name, well in {"status": all(parts.values()), **parts}.items()}
        return JsonResponse(answer, status=200 if all(parts.values()) else 503)

    def parts(self) -> dict[str, bool]:
        """The parts, as seen in the last seconds. One request at a time looks again; others use the last result."""
        latest = self.seen
        if latest is None or not latest.is_younger_than(SECONDS):
            latest = self.look_again(wait=latest is None) or latest or NOTHING
        return latest.parts if latest.is_younger_than(LATE) else NOTHING.parts

    def look_again(self, *, wait: bool) -> Seen | None:
        """Look again. Where another thread is looking: its result if ``wait``, else None."""
        if not self.looking.acquire(blocking=wait):
            return None
        try:
            if self.seen is None or not self.seen.is_younger_than(SECONDS):
                self.seen = Seen(look(), time.monotonic())
            return self.seen
        finally:
            self.looking.release()
