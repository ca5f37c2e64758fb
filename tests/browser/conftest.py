"""A served desk and people in front of it, each in a browser of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from customers.models import StaffMember
from tests import signing
from tests.browser.budgets import Tally
from tests.browser.telling import BY_DAY, BY_NIGHT, Look, tell_in_vietnamese
from tests.sampling import turn_of

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""Without windows, where that build is installed: the same engine, and each page costs half."""
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


def is_story(module: str) -> bool:
    """Whether a file's tests are stories, by its name."""
    return module.endswith(("_story", "_stories"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every story is told once, in English by day or in Vietnamese by night; which of them, the run's sixth decides."""
    if is_story(metafunc.module.__name__) and "look" in metafunc.fixturenames and "locale" not in metafunc.fixturenames:
        looks = turn_of(metafunc.function.__name__, (BY_DAY, BY_NIGHT))
        metafunc.parametrize("look", looks, indirect=True, ids=str)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL a run tells a third of the stories: no page looks different there, and each act has its tests."""
    if connection.vendor == "postgresql":
        here = Path(__file__).parent
        left_out = [
            item
            for item in items
            if item.path.parent == here
            and is_story(item.path.stem)
            and True not in turn_of(item.name.partition("[")[0], (True, False, False))
        ]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def look(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Look:
    """In which language and theme the browsers are, and what a story's words are looked up in."""
    look: Look = getattr(request, "param", BY_DAY)
    if look == BY_NIGHT:
        tell_in_vietnamese(monkeypatch)
    return look


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a browser no test begins that wants one."""
    if CHROMIUM is None and "browser" in getattr(item, "fixturenames", []):
        pytest.skip("wants chromium")


@pytest.fixture(scope="package")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """One browser for all tests in this directory; each person in them has a context of their own in it."""
    connections.close_all()  # what was opened before the driver's event loop is not seen beside it
    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        connections.close_all()


@pytest.fixture
def visitor(
    browser: Browser, server: str, look: Look, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Visitor]:
    """Call it with a username: a browser page of that person's, signed in, on the first page or ``at`` another.

    With none it is a page of nobody's yet, and nowhere.
    The test fails when a console complains, of the content policy above all; a story, when it costs more than it did.
    """
    complaints: list[str] = []
    tally = Tally(monkeypatch)

    def visit(username: str = "", locale: str = "", at: str = "/") -> Page:
        context = browser.new_context(base_url=server, locale=locale or look.locale, color_scheme=look.scheme)
        page = tally.watched(context.new_page())
        page.on("console", lambda m: complaints.append(m.text) if complains(m.type, m.text) else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        if username:
            sign_in(context, username, server)
            page.goto(at)
        return page

    yield visit
    for context in browser.contexts:
        context.close()
    assert complaints == []
    if is_story(request.module.__name__):
        tally.check(request.function.__name__)


def complains(kind: str, text: str) -> bool:
    """Whether a line of the console is a complaint; that an answer was a refusal is none."""
    return kind in ("error", "warning") and "the server responded with a status of 40" not in text


def sign_in(context: BrowserContext, username: str, server: str) -> None:
    """By a session as a whole sign-in leaves it; a story of its own signs in by the pages."""
    client = Client()
    signing.sign_in(client, StaffMember.objects.get(username=username))
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": session.key, "value": session.value, "url": server}])
