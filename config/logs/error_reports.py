"""What an error report holds: class and place of the exception, the request's number, method and route.

No local variables, fields, cookies, headers, body, path, settings or messages: any of them may hold a customer's data
or a key.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from config.logs import request_info
from config.logs.exceptions import in_lines


class EmptyReporterFilter(SafeExceptionReporterFilter):
    """Removes everything about the request, for packages that make reports without ``BareReport``."""

    def is_active(self, request: HttpRequest | None) -> bool:
        """True at all times, also with ``DEBUG`` on."""
        return True

    def get_safe_settings(self) -> dict[str, Any]:
        """Empty: settings hold keys."""
        return {}

    def get_safe_request_meta(self, request: HttpRequest | None) -> dict[str, Any]:
        """Empty: headers, cookies, query string and path are part of it."""
        return {}

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, Any]:
        """Empty: cookies hold the session."""
        return {}

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Empty: forms hold customers' data and passwords."""
        return {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> list[Any]:  # type: ignore[override]
        """Empty: local variables hold customers' data."""
        return []


class BareReport(ExceptionReporter):
    """Replaces Django's reports everywhere: on error pages, in mail, and where packages make one."""

    def get_traceback_data(self) -> dict[str, Any]:
        """The lines only, so that no template can print more."""
        return {"lines": self.lines()}

    def get_traceback_text(self) -> str:  # type: ignore[override]
        """The report as text, for mail and logs."""
        return "\n".join(self.lines())

    def get_traceback_html(self) -> SafeString:
        """The same text as an HTML page."""
        return format_html("<!DOCTYPE html><title>Error</title><pre>{}</pre>", self.get_traceback_text())

    def lines(self) -> list[str]:
        """The request's number, method and route, and the chain of the exception."""
        current = request_info.now.get()
        head = [f"request {current.id}: {current.method} {current.route}"] if current else []
        return [*head, *(in_lines(self.exc_value) if self.exc_value else [])]
