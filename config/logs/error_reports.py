"""What a report of an error holds: class and place of the exception, the request's number, method and route.

No local variables, fields, cookies, headers, body, path, settings or messages: any of them may hold a customer's data
or somebody's key.
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
    """What is left of a request for whoever makes reports another way than ``BareReport``: nothing."""

    def is_active(self, request: HttpRequest | None) -> bool:
        """Always, whatever DEBUG says."""
        return True

    def get_safe_settings(self) -> dict[str, Any]:
        """None."""
        return {}

    def get_safe_request_meta(self, request: HttpRequest | None) -> dict[str, Any]:
        """None: headers, cookies, query string and path are among them."""
        return {}

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, Any]:
        """None."""
        return {}

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """None."""
        return {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> list[Any]:  # type: ignore[override]
        """None."""
        return []


class BareReport(ExceptionReporter):
    """Stands for Django's reports wherever one is made: on error pages, in mail, by packages."""

    def get_traceback_data(self) -> dict[str, Any]:
        """The lines, and nothing that a template of somebody else's could print besides."""
        return {"lines": self.lines()}

    def get_traceback_text(self) -> str:  # type: ignore[override]
        """For mail and logs."""
        return "\n".join(self.lines())

    def get_traceback_html(self) -> SafeString:
        """The same text."""
        return format_html("<!DOCTYPE html><title>Error</title><pre>{}</pre>", self.get_traceback_text())

    def lines(self) -> list[str]:
        """Which request it was, and what failed where."""
        this = request_info.now.get()
        head = [f"request {this.id}: {this.method} {this.route}"] if this else []
        return [*head, *(in_lines(self.exc_value) if self.exc_value else [])]
