"""How log lines are written: JSON in production, text elsewhere; without messages of Django and of packages.

Their messages may hold a path with a key in it, a made-up host name, or a row that a database quotes. So of their
records a line has logger, level and place in the code; of the desk's own (``desk…``) also the message; of exceptions
class and place. While a request is answered, each line has its number, method and route.
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
    """True for records of the desk's own loggers: their messages are written here and hold no personal data."""
    return record.name == OURS or record.name.startswith(f"{OURS}.")


def head(record: logging.LogRecord) -> dict[str, Any]:
    """The fields of a line, without the exception."""
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields: dict[str, Any] = {"at": at, "level": record.levelname, "logger": record.name}
    if current := getattr(record, request_info.KEPT_AS, None) or request_info.now.get():
        fields |= {"request": current.id, "method": current.method, "route": current.route}
    if is_ours(record):
        return {**fields, "message": record.getMessage(), **getattr(record, "said", {})}
    if isinstance(status := getattr(record, "status_code", None), int):
        fields["status"] = status
    return {**fields, "where": f"{place(record.pathname)}:{record.lineno} {record.funcName}"}


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; an exception is in it as a list of class and frames."""
        fields = head(record)
        if record.exc_info and record.exc_info[1]:
            chain = failures(record.exc_info[1])
            fields["exception"] = [{"class": failure.kind, "where": failure.where} for failure in chain]
        return json.dumps(fields, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Formats a record as text, for people who watch a demo."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, followed by indented lines for an exception."""
        fields = head(record)
        words = [f"{name}={value}" for name, value in fields.items() if name not in ("at", "level", "logger")]
        lines = [" ".join([fields["at"], fields["level"], fields["logger"], *words])]
        if record.exc_info and record.exc_info[1]:
            lines += [f"    {line}" for line in in_lines(record.exc_info[1])]
        return "\n".join(lines)


class Stderr(logging.StreamHandler):
    """Writes lines to stderr. For one that cannot be written, Python's own note would quote the record."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Print one fixed sentence with the logger's name."""
        print(f"A log line of {record.name} could not be written.", file=sys.stderr)


class RoutesForPaths(logging.Filter):
    """Removes path and request from what Django logs about requests, before any handler sees the record.

    Links in letters carry their key in the path. The filter is attached to the loggers, so that it holds for handlers
    added later too.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; always True, so every record is logged."""
        request = record.__dict__.pop("request", None)
        if isinstance(request, HttpRequest):
            status = getattr(record, "status_code", "-")
            record.msg, record.args = "%s %s: %s", (method_of(request), route_of(request), status)
            vars(record)[request_info.KEPT_AS] = vars(request).get(request_info.KEPT_AS)
        elif record.args:
            record.msg, record.args = "no request to name", ()
        return True


class ErrorMail(AdminEmailHandler):
    """Mails errors to ``ADMINS``, in the format of the log, without what Django would add.

    A client's error (status below 500, for example a wrong host name) is not mailed, though Django logs it as an error.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Send the mail; a mail server that cannot be reached causes no further error."""
        if getattr(record, "status_code", 500) < 500:
            return
        exception = record.exc_info[1] if record.exc_info else None
        subject = failures(exception)[0].kind if exception else record.name
        self.send_mail(
            f"{record.levelname}: {subject} {request_info.request_id()}".strip(), TextLines().format(record), True
        )
