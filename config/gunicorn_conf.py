"""gunicorn's settings: ``gunicorn --config python:config.gunicorn_conf``. The names below are gunicorn's own.

gunicorn's log lines quote requests (a path, an invalid header). The lines written here hold nothing that came from a
client; requests are logged by ``config.middleware.access_log``.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

FROM_REQUESTS = ("workers", "http", "http2")
"""gunicorn's packages that handle requests: their messages quote them, so only the place in the code is logged."""


class ServerLine(logging.Formatter):
    """One JSON object a line, as in the desk's log; of an exception only class and place, not its message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for a record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {"at": at, "level": record.levelname, "logger": record.name}
        if Path(record.pathname).parent.name in FROM_REQUESTS:
            line["where"] = f"{record.module}:{record.lineno} {record.funcName}"
        else:
            line["message"] = record.getMessage()
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            line["exception"] = record.exc_info[0].__name__
            line["in"] = ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-3:])
        return json.dumps(line, ensure_ascii=False)


def _say(how: str) -> Callable[..., None]:
    """A log method of that level that passes on its caller's place; gunicorn's own would log itself as the place."""

    def say(self: ServerLog, message: str, *args: object, **more: Any) -> None:
        getattr(self.error_log, how)(message, *args, stacklevel=2, **more)

    return say


class ServerLog(Logger):  # type: ignore[misc]
    """gunicorn's log in the format of ``ServerLine``."""

    critical, error, exception = _say("critical"), _say("error"), _say("exception")
    warning, info, debug = _say("warning"), _say("info"), _say("debug")

    def _set_handler(self, log: logging.Logger, output: Any, fmt: logging.Formatter, stream: Any = None) -> None:
        super()._set_handler(log, output, ServerLine(), stream)


wsgi_app = "config.wsgi"
bind = os.environ.get("SERVE_ON", "127.0.0.1:8000")
workers = int(os.environ.get("SERVE_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("SERVE_THREADS", "4"))
preload_app = True  # the checks run once, before workers start; a failed check stops the server
timeout = 60
graceful_timeout = 30
keepalive = 5
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (a slow disk must not kill workers)
control_socket_disable = True  # signals are enough, and there is no folder to write to
secure_scheme_headers: dict[str, str] = {}  # only BEHIND_TLS_PROXY decides whether a request came over TLS
accesslog = None
errorlog = "-"
logger_class = ServerLog


def pre_fork(server: object, worker: object) -> None:
    """Close the database connection that the checks opened: workers must not share it."""
    from django.db import connections

    connections.close_all()
