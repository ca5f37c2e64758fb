"""How gunicorn serves the desk: ``gunicorn --config python:config.gunicorn_conf``. Names below are its settings.

gunicorn writes what a request said (its path, a header that makes no sense) into its own lines. Ours take nothing
from whoever asked; who asked what is the desk's own log.
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
"""gunicorn's own rooms in which it answers requests: what they log quotes them."""


class ServerLine(logging.Formatter):
    """One JSON object a line, like the desk's; of an exception class and place, never what it says."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = {"at": at, "level": record.levelname, "logger": record.name}
        if Path(record.pathname).parent.name in FROM_REQUESTS:
            said["where"] = f"{record.module}:{record.lineno} {record.funcName}"
        else:
            said["message"] = record.getMessage()
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            said["exception"] = record.exc_info[0].__name__
            said["in"] = ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-3:])
        return json.dumps(said, ensure_ascii=False)


def _say(how: str) -> Callable[..., None]:
    """A method that logs as ``how`` and knows from where it was called; gunicorn's own name its log as the place."""

    def say(self: ServerLog, message: str, *args: object, **more: Any) -> None:
        getattr(self.error_log, how)(message, *args, stacklevel=2, **more)

    return say


class ServerLog(Logger):  # type: ignore[misc]
    """gunicorn's log in our lines."""

    critical, error, exception = _say("critical"), _say("error"), _say("exception")
    warning, info, debug = _say("warning"), _say("info"), _say("debug")

    def _set_handler(self, log: logging.Logger, output: Any, fmt: logging.Formatter, stream: Any = None) -> None:
        super()._set_handler(log, output, ServerLine(), stream)


wsgi_app = "config.wsgi"
bind = os.environ.get("SERVE_ON", "127.0.0.1:8000")
workers = int(os.environ.get("SERVE_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("SERVE_THREADS", "4"))
preload_app = True  # what must hold is checked once, before there are workers; a fault ends the server
timeout = 60
graceful_timeout = 30
keepalive = 5
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (a disk that stalls kills no worker)
control_socket_disable = True  # signals do, and there is no folder to write to
secure_scheme_headers: dict[str, str] = {}  # whether it came over TLS is for BEHIND_TLS_PROXY alone to say
accesslog = None
errorlog = "-"
logger_class = ServerLog


def pre_fork(server: object, worker: object) -> None:
    """The checks have asked the database: workers do not share that connection."""
    from django.db import connections

    connections.close_all()
