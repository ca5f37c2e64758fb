"""A served desk and people in front of it, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page, sync_playwright

from customers.models import StaffMember
from tests import signing

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

Visitor = Callable[..., Page]


@pytest.fixture
def server(own_database: str) -> Iterator[str]:
    """The desk, served from the test's own database."""
    thread = LiveServerThread("127.0.0.1", static_handler=lambda handler: handler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None
    try:
        yield f"http://127.0.0.1:{thread.port}"
    finally:
        thread.terminate()


@pytest.fixture
def visitor(server: str) -> Iterator[Visitor]:
    """Call it with a username: a browser page of that person's, signed in; with none, of nobody's yet.

    The test fails when a console complains, of the content policy above all.
    """
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        complaints: list[str] = []

        def visit(username: str = "", locale: str = "en-GB") -> Page:
            page = browser.new_context(base_url=server, locale=locale).new_page()
            page.on("console", lambda m: complaints.append(m.text) if complains(m.type, m.text) else None)
            page.on("pageerror", lambda e: complaints.append(str(e)))
            if username:
                sign_in(page, username)
            return page

        yield visit
        browser.close()
        connections.close_all()  # what the test opened beside the driver's event loop is not seen after it
        assert complaints == []


def complains(kind: str, text: str) -> bool:
    """Whether a line of the console is a complaint; that an answer was a refusal is none."""
    return kind in ("error", "warning") and "the server responded with a status of 40" not in text


def sign_in(page: Page, username: str) -> None:
    """To the desk, by a session as a whole sign-in leaves it; a story of its own signs in by the pages."""
    client = Client()
    signing.sign_in(client, StaffMember.objects.get(username=username))
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": session.key, "value": session.value, "url": page_url(page)}])
    page.goto("/")


def page_url(page: Page) -> str:
    """Where the desk is served."""
    page.goto("/login/")
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"
