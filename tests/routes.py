"""Every pattern of the desk's URLs, with an address that it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, get_resolver


def routes() -> dict[str, str]:
    """By pattern, an address that matches it; every key in it is 1, every token one letter."""
    return {route: _address(route) for route in _routes(get_resolver().url_patterns)}


def _routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    for each in patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from _routes(each.url_patterns, route)


def _address(route: str) -> str:
    path = simplify_regex(route) if re.search(r"[\^$\\(]", route) else f"/{route}"
    return re.sub(r"<[^>]+>", "1", re.sub(r"<(\w+:)?app_label>", "customers", path))
