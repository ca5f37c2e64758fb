"""How log lines are written: JSON in production, words elsewhere; of other people's lines only that they were written.

What Django and packages put into a message may hold a path with a key in it, a host somebody made up, or a row that a
database quotes. So of their records a line says logger, level and place in the code; of ours (``desk…``) the message
too; of exceptions class and place. The request's number, method and route stand on all that is logged while one is
answered.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.log import AdminEmailHandler

from config.logs import request_info
from config.logs.exceptions import failures, in_lines, place
from config.logs.request_info import method_of, route_of

OURS = "desk"


def is_ours(record: logging.LogRecord) -> bool:
    """Whether we wrote the message, and know what stands in it."""
    return record.name == OURS or record.name.startswith(f"{OURS}.")


def head(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says, but for the exception."""
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    found: dict[str, Any] = {"at": at, "level": record.levelname, "logger": record.name}
    if this := getattr(record, request_info.KEPT_AS, None) or request_info.now.get():
        found |= {"request": this.id, "method": this.method, "route": this.route}
    if is_ours(record):
        return {**found, "message": record.getMessage(), **getattr(record, "said", {})}
    if isinstance(status := getattr(record, "status_code", None), int):
        found["status"] = status
    return {**found, "where": f"{place(record.pathname)}:{record.lineno} {record.funcName}"}


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        found = head(record)
        if record.exc_info and record.exc_info[1]:
            said = failures(record.exc_info[1])
            found["exception"] = [{"class": failure.kind, "where": failure.where} for failure in said]
        return json.dumps(found, ensure_ascii=False)


class TextLines(logging.Formatter):
    """The same for people who look at a demo."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and indented ones below it for an exception."""
        found = head(record)
        words = [f"{name}={value}" for name, value in found.items() if name not in ("at", "level", "logger")]
        lines = [" ".join([found["at"], found["level"], found["logger"], *words])]
        if record.exc_info and record.exc_info[1]:
            lines += [f"    {line}" for line in in_lines(record.exc_info[1])]
        return "\n".join(lines)


class Stderr(logging.StreamHandler):
    """Where lines go. One that cannot be written is told by its logger: Python's own note would quote it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """One fixed sentence."""
        print(f"A log line of {record.name} could not be written.", file=sys.stderr)


class RoutesForPaths(logging.Filter):
    """Takes path and request out of what Django logs of requests, before any handler sees the record.

    Links in letters carry their key in the path. For the loggers themselves, so that it holds for handlers that
    somebody adds later, too.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; every one passes."""
        request = record.__dict__.pop("request", None)
        if isinstance(request, HttpRequest):
            status = getattr(record, "status_code", "-")
            record.msg, record.args = "%s %s: %s", (method_of(request), route_of(request), status)
            vars(record)[request_info.KEPT_AS] = vars(request).get(request_info.KEPT_AS)
        elif record.args:
            record.msg, record.args = "no request to name", ()
        return True


class ErrorMail(AdminEmailHandler):
    """Mails errors to ``ADMINS``: what the log says of them, and nothing of what Django would add.

    What an outsider asks amiss (a host name that is not ours) is an error to Django's loggers too, and no letter.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Send it; a mail server that is away is no second error."""
        if getattr(record, "status_code", 500) < 500:
            return
        exception = record.exc_info[1] if record.exc_info else None
        what = failures(exception)[0].kind if exception else record.name
        self.send_mail(
            f"{record.levelname}: {what} {request_info.request_id()}".strip(), TextLines().format(record), True
        )
