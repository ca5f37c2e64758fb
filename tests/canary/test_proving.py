"""What is looked at in a request proves that another way of asking is answered by the same steps, or proves nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.views.decorators.http import require_http_methods, require_safe

from tests.canary.proving import TURNED_AWAY, Watched, proven_by_get

View = Callable[[HttpRequest], HttpResponse]


def blind(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.GET.get("text", request.path))


def two_faced(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done" if request.method == "POST" else "form")


def by_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse("form" if request.method in ("GET", "HEAD") else "done")


def for_head(request: HttpRequest) -> HttpResponse:
    return HttpResponse("" if request.method == "HEAD" else "page")


def unless_get(request: HttpRequest) -> HttpResponse:
    return HttpResponse("page" if request.method != "GET" else "")


def in_small(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.method).lower())


def by_table(request: HttpRequest) -> HttpResponse:
    return HttpResponse({"GET": "page"}.get(request.method or "", ""))


def in_words(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"asked with {request.method}")


def past_it(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META["REQUEST_METHOD"])


def reads_form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("text", ""))


def reads_files(request: HttpRequest) -> HttpResponse:
    return HttpResponse(len(request.FILES))


def reads_all(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body + request.read())


def by_its_type(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META.get("CONTENT_TYPE", ""))


PROVEN: dict[View, set[str]] = {
    blind: {"HEAD", "OPTIONS", "POST"},
    two_faced: {"HEAD", "OPTIONS"},
    by_list: set(),
    for_head: {"OPTIONS", "POST"},
    unless_get: set(),
    in_small: set(),
    by_table: set(),
    in_words: set(),
    past_it: set(),
    reads_form: {"HEAD", "OPTIONS"},
    reads_files: {"HEAD", "OPTIONS"},
    reads_all: {"HEAD", "OPTIONS"},
    by_its_type: {"HEAD", "OPTIONS"},
}
"""By view, the methods that its answer to a GET proves to be answered so as well."""


def asked(view: View, method: str = "GET") -> tuple[HttpResponse, Watched]:
    """The answer of a view, and the request as it was looked at."""
    request = Watched(dict(RequestFactory().generic(method, "/page/").environ))
    return view(request), request


@pytest.mark.one_engine("it watches requests that no database sees")
@pytest.mark.parametrize("view", PROVEN, ids=lambda view: view.__name__)
def test_only_what_is_answered_by_the_same_steps_is_proven(view: View) -> None:
    answer, request = asked(view)
    methods = ("HEAD", "OPTIONS", "POST")
    proven = {method for method in methods if proven_by_get(method, answer.status_code, request.looks) is not None}
    assert proven == PROVEN[view]
    assert {asked(view, method)[0].content for method in proven} <= {answer.content}


@pytest.mark.one_engine("it watches requests that no database sees")
def test_what_djangos_decorator_turns_away_is_proven_before_the_view_looks() -> None:
    looks = asked(require_http_methods(["GET", "HEAD", "POST"])(two_faced))[1].looks
    assert [proven_by_get(way, 200, looks) for way in ("HEAD", "OPTIONS", "POST")] == [200, TURNED_AWAY, None]
    assert asked(require_safe(blind), "OPTIONS")[0].status_code == TURNED_AWAY
    looks = asked(require_safe(blind))[1].looks
    assert [proven_by_get(way, 404, looks) for way in ("HEAD", "OPTIONS", "POST")] == [404, TURNED_AWAY, None]


@pytest.mark.one_engine("it watches requests that no database sees")
def test_what_looks_before_the_decorator_proves_nothing_about_what_that_turns_away() -> None:
    turned = require_safe(blind)

    def first(request: HttpRequest) -> HttpResponse:
        return HttpResponse("") if request.method == "OPTIONS" else turned(request)

    looks = asked(first)[1].looks
    assert [proven_by_get(way, 200, looks) for way in ("HEAD", "OPTIONS")] == [200, None]


@pytest.mark.one_engine("it watches requests that no database sees")
def test_a_watched_request_answers_like_any_other() -> None:
    given = RequestFactory().post("/page/", {"text": "typed"}).environ
    request = Watched(dict(given))
    assert (request.method, request.POST["text"], request.META["REQUEST_METHOD"]) == ("POST", "typed", "POST")
    assert (request.method.lower(), {"POST": 1}[request.method], f"{request.method}") == ("post", 1, "POST")
