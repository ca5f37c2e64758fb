"""What every answer tells the browser: the same set, whoever gives the answer and whatever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import resolve, reverse

from config.middleware.headers import HSTS
from customers.acts.refusals import Refused
from customers.models import Customer
from tests import factories
from tests.reading import customer_url, signed_in
from tests.routes import routes
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_engine("headers are set before and after whatever asks the database"),
]

SET = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
        " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Besides the permissions policy, which is read on its own."""
OURS = {*SET, "Permissions-Policy", HSTS, "Access-Control-Allow-Origin"}


def told(response: HttpResponseBase) -> dict[str, str]:
    """The headers that are a matter of policy, but for the permissions."""
    return {name: value for name, value in response.headers.items() if name in OURS - {"Permissions-Policy"}}


def permissions(response: HttpResponseBase) -> dict[str, str]:
    """What the answer permits pages to use, and whom."""
    return dict(part.split("=") for part in response["Permissions-Policy"].split(", "))


def check(response: HttpResponseBase, *, kept: bool = False) -> None:
    """The whole set, a number of our own, and no trace of it in any cache."""
    assert told(response) == SET
    assert {permissions(response)[name] for name in ("camera", "microphone", "geolocation", "usb", "payment")} == {"()"}
    assert permissions(response)["publickey-credentials-get"] == "(self)"
    assert len(response["X-Request-ID"]) == 16
    assert (response["Cache-Control"] == "no-store") is not kept


# --- every pattern -------------------------------------------------------------------------------------------------


def test_every_pattern_has_an_address_here_that_it_answers() -> None:
    assert {resolve(address).route: address for address in routes().values()} == routes()
    assert len(routes()) > 100


@pytest.mark.parametrize("who", ["", "Support agent", "Compliance officer"])
def test_every_pattern_answers_with_the_whole_set(who: str) -> None:
    factories.customer("BZ0000001")
    client = signed_in(factories.person("reader", who)) if who else Client(raise_request_exception=False)
    for method in (client.get, client.post):
        for route, address in routes().items():
            if "logout" not in route:
                check(method(address))
    check(client.post(reverse("admin:logout")))


# --- every other kind of answer --------------------------------------------------------------------------------------

RAISED: dict[str, tuple[Exception, int]] = {
    "an error": (ValueError("x"), 500),
    "a suspicion": (SuspiciousOperation("x"), 400),
    "a refusal": (Refused("x", "no_right"), 403),
}
ANSWERS: dict[str, Callable[[], HttpResponseBase]] = {
    "a view that says otherwise": lambda: HttpResponse(
        headers={"Content-Security-Policy": "default-src *", "X-Frame-Options": "SAMEORIGIN", "Cache-Control": "public"}
    ),
    "a file": lambda: FileResponse([b"x"], as_attachment=True, filename="x.json"),
}


@shared
def linh() -> Client:
    """An agent of the one customer's team."""
    factories.customer("BZ0000001")
    return signed_in(factories.person("linh", "Support agent"))


@pytest.mark.parametrize("what", RAISED)
def test_what_a_view_raises_is_answered_with_the_whole_set(
    what: str, linh: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised, status = RAISED[what]

    def broken(*args: object, **kwargs: object) -> None:
        raise raised

    monkeypatch.setattr("customers.admin.customer.timeline", broken)
    response = linh.get(customer_url(Customer.objects.get()))
    assert response.status_code == status
    check(response)


@pytest.mark.parametrize("what", ANSWERS)
def test_no_view_has_headers_of_its_own(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.policy.page.page", lambda *args, **kwargs: ANSWERS[what]())
    response = signed_in(factories.person("an", "Compliance officer")).get(reverse("admin:policy_rules"))
    assert type(response) is type(ANSWERS[what]())
    check(response)


def broken_middleware(get_response: Any) -> Any:
    """One that fails on its way in."""

    def middleware(request: Any) -> HttpResponse:
        raise ValueError("x")

    return middleware


@pytest.mark.parametrize("place", [1, 2, 5, -1])
def test_a_middleware_that_fails_is_answered_with_the_set(place: int, settings: Any) -> None:
    within = [*settings.MIDDLEWARE]
    within.insert(place, "tests.config.middleware.test_headers.broken_middleware")
    settings.MIDDLEWARE = within
    response = Client(raise_request_exception=False).get("/")
    assert (response.status_code, told(response), response["Cache-Control"]) == (500, SET, "no-store")


def test_a_failing_error_page_is_answered_in_plain_words(linh: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ValueError("x")

    monkeypatch.setattr("customers.admin.customer.timeline", broken)
    monkeypatch.setattr("config.error_page.render_to_string", broken)
    response = linh.get(customer_url(Customer.objects.get()))
    assert (response.status_code, response["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert response["X-Request-ID"] in response.content.decode()
    check(response)


def test_hosts_and_forms_that_are_not_ours_are_refused_with_the_whole_set(linh: Client) -> None:
    foreign = linh.get("/", HTTP_HOST="elsewhere.example.net")
    strict = Client(enforce_csrf_checks=True)
    forged = strict.post(reverse("admin:login"), {"username": "linh"})
    assert (foreign.status_code, forged.status_code) == (400, 403)
    check(foreign)
    check(forged)


def test_redirects_missing_pages_and_other_methods_carry_the_whole_set(linh: Client) -> None:
    answers = [
        Client().get("/"),
        linh.get("/no/such/page"),
        linh.delete(reverse("set_language")),
        linh.post(reverse("set_language"), {"language": "vi", "next": "/"}),
        linh.get("/healthz"),
        linh.post("/healthz"),
    ]
    assert [answer.status_code for answer in answers] == [302, 404, 302, 302, 200, 405]
    for answer in answers:
        check(answer)


def test_static_files_carry_the_set_and_may_be_kept() -> None:
    response = Client().get("/static/config/desk.css")
    assert (response.status_code, response["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    check(response, kept=True)
    unchanged = Client().get("/static/config/desk.css", HTTP_IF_MODIFIED_SINCE=response["Last-Modified"])
    assert unchanged.status_code == 304
    check(unchanged, kept=True)
    check(Client().post("/static/config/desk.css"))
    check(Client().get("/static/config/none.css"))


def test_a_demo_tells_other_machines_no_with_the_whole_set(settings: Any) -> None:
    settings.MODE = "demo"
    response = Client(REMOTE_ADDR="192.0.2.7").get("/")
    assert response.status_code == 403
    check(response)
    assert Client(REMOTE_ADDR="127.0.0.1").get("/").status_code == 302


def test_the_headers_come_first_whatever_else_is_added(settings: Any) -> None:
    assert settings.MIDDLEWARE[:2] == [
        "config.middleware.headers.HeadersMiddleware",
        "config.middleware.access_log.AccessLogMiddleware",
    ]


def test_a_number_from_outside_is_not_taken_over() -> None:
    numbers = [Client(HTTP_X_REQUEST_ID="theirs").get("/")["X-Request-ID"] for _ in range(2)]
    assert "theirs" not in numbers
    assert len({*numbers}) == 2
