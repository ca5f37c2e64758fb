"""Coming in, in a browser: an authenticator app on the first day, a security key from then on."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from customers.models import StaffMember
from tests import factories
from tests.browser.conftest import Visitor
from tests.browser.steps import Steps
from tests.signing import code, forget_used_codes, give_app

BUDGETS = {"first day": (3, 3), "every day": (3, 2), "with a key": (3, 2)}
"""Screens and clicks from the page that asks for the password to the desk."""

pytestmark = pytest.mark.one_engine("which factor opens the desk is tested on both engines; the pages are the same")


def at_localhost(page: Page) -> None:
    """A security key answers to a name, not to a number."""
    page.goto("/login/")
    parts = urlsplit(page.url)
    page.goto(f"http://localhost:{parts.port}/login/")


def typed_password(page: Page, steps: Steps, username: str) -> None:
    """Username and password."""
    page.locator("[name=login]").fill(username)
    page.locator("[name=password]").fill(factories.PASSWORD)
    steps.click(page.locator("main form button, form .button.primary").first)


def plug_in(page: Page) -> Any:
    """A security key in this browser, which answers at once."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    return tools


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("vi-VN", "dark")])
def test_the_first_day(visitor: Visitor, locale: str, scheme: str) -> None:
    factories.person("linh", "Support agent")
    page = visitor(locale=locale)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/")
    steps = Steps(page)
    typed_password(page, steps, "linh")
    secret = re.sub(r"\s", "", page.locator("code.hash").inner_text())
    page.locator("[name=code]").fill(code(secret))
    steps.click(page.locator("form .button.primary"))
    assert page.locator(".codes li").count() == 10
    steps.click(page.locator("a.button.primary"))
    assert urlsplit(page.url).path == "/"
    assert steps.cost == BUDGETS["first day"]


def test_every_day_a_code(visitor: Visitor) -> None:
    give_app(factories.person("linh", "Support agent"))
    forget_used_codes()
    page = visitor()
    page.goto("/")
    steps = Steps(page)
    typed_password(page, steps, "linh")
    page.locator("[name=code]").fill(code())
    steps.click(page.locator("form .button.primary"))
    assert urlsplit(page.url).path == "/"
    assert steps.cost == BUDGETS["every day"]


def test_a_security_key_is_set_up_and_opens_the_desk_from_then_on(visitor: Visitor) -> None:
    factories.person("linh", "Support agent")
    page = visitor()
    plug_in(page)
    at_localhost(page)
    typed_password(page, Steps(page), "linh")
    page.get_by_role("button", name="Use a security key").click()
    page.locator(".codes li").first.wait_for()
    page.locator("a.button.primary").click()
    assert urlsplit(page.url).path == "/"
    page.get_by_role("button", name="Log out").click()
    at_localhost(page)
    steps = Steps(page)
    typed_password(page, steps, "linh")
    steps.click(page.get_by_role("button", name="Use your security key"))
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    assert steps.cost == BUDGETS["with a key"]
    assert list(StaffMember.objects.get(username="linh").sign_ins.values_list("what", "factor").order_by("pk")) == [
        ("factor_added", "webauthn"),
        ("codes_made", "recovery_codes"),
        ("signed_in", "webauthn"),
        ("signed_out", ""),
        ("signed_in", "webauthn"),
    ]


def test_a_browser_without_a_key_is_told(visitor: Visitor) -> None:
    factories.person("linh", "Support agent")
    page = visitor()
    page.add_init_script("delete window.PublicKeyCredential")
    at_localhost(page)
    typed_password(page, Steps(page), "linh")
    page.get_by_role("button", name="Use a security key").click()
    page.get_by_text("This browser does not know security keys.").wait_for()
