"""Two at once on one request: exactly one is done, the other is told, and nothing is half done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from customers.casework.holds import suspend
from customers.casework.requests import (
    acknowledge,
    complete,
    extend,
    hand_over,
    refuse_request,
    register,
    take_on,
    withdraw,
)
from customers.models import Customer, CustomerRequest, RequestClock, RequestMove, StaffMember
from tests import factories
from tests.concurrency import at_once
from tests.factories_casework import point_of, request_of
from tests.sampling import rounds

Act = Callable[..., Any]
ROUNDS = rounds(2, 30)


def desk() -> tuple[Customer, StaffMember, StaffMember]:
    """A customer and two colleagues of its team."""
    factories.deadlines()
    customer = factories.customer()
    return customer, factories.person("linh", "Support agent"), factories.person("thao", "Support agent")


def completing(request: CustomerRequest, by: StaffMember) -> None:
    complete(request, by=by, words="đã làm")


def refusing(request: CustomerRequest, by: StaffMember) -> None:
    refuse_request(request, by=by, why="unfounded")


def withdrawing(request: CustomerRequest, by: StaffMember) -> None:
    withdraw(request, by=by, words="khách rút lại")


@pytest.mark.parametrize(
    ("one", "other"),
    [(completing, completing), (completing, refusing), (refusing, withdrawing)],
    ids=lambda act: act.__name__,
)
def test_of_two_that_end_a_request_one_does(one: Act, other: Act, own_database: str) -> None:
    customer, linh, thao = desk()
    for _ in range(ROUNDS):
        request = request_of(customer, by=linh)
        told = at_once(partial(one, request, linh), partial(other, request, thao))
        assert [sentence.partition(":")[0] for sentence in told] == ["InvalidInput"]
        assert "meanwhile" in told[0]
        assert RequestMove.objects.filter(subject=request).count() == 1


def test_of_two_that_hand_a_request_over_one_does(own_database: str) -> None:
    customer, linh, thao = desk()
    for _ in range(ROUNDS):
        request = request_of(customer, by=linh)
        told = at_once(*[partial(hand_over, request, by=by, words="cần quyết định") for by in (linh, thao)])
        assert (len(told), RequestMove.objects.filter(subject=request).count()) == (1, 1)
        assert "with an officer" in told[0]


def test_of_two_that_take_a_request_on_one_does(own_database: str) -> None:
    customer, linh, thao = desk()
    mai = factories.person("mai", "Support agent")
    for _ in range(ROUNDS):
        request = request_of(customer, by=linh)
        told = at_once(partial(take_on, request, by=thao), partial(take_on, request, by=mai))
        assert told == ["InvalidInput: Somebody else has just taken it."]
        taken = RequestClock.objects.get(request=request)
        assert (taken.what, taken.worker) == ("taken", CustomerRequest.objects.get(pk=request.pk).worker)


def test_of_two_that_acknowledge_or_extend_one_does(own_database: str) -> None:
    customer, linh, thao = desk()
    for _ in range(ROUNDS):
        request = request_of(customer, by=linh)
        told = at_once(*[partial(acknowledge, request, by=by) for by in (linh, thao)])
        told += at_once(*[partial(extend, request, by=by, why="complex") for by in (linh, thao)])
        assert [sentence.partition(":")[0] for sentence in told] == ["InvalidInput", "InvalidInput"]
        assert sorted(clock.what for clock in request.clocks.all()) == ["acknowledged", "extended"]
        assert request.notices.count() == 2


def test_a_request_that_comes_in_while_its_address_is_suspended_is_parked_either_way(own_database: str) -> None:
    customer, linh, thao = desk()
    point = point_of(customer)
    told = at_once(
        partial(register, customer, "question", by=linh, came_by="email", text="Nhờ xem", from_point=point),
        partial(suspend, point, by=thao, reason="odd_request", ticket="T-1"),
    )
    assert (told, CustomerRequest.objects.get().state) == ([], "parked")


def test_of_a_completion_and_a_suspension_at_once_no_parked_request_is_answered(own_database: str) -> None:
    customer, linh, thao = desk()
    request = request_of(customer, by=linh, came_by="email")
    told = at_once(
        partial(completing, request, linh),
        partial(suspend, point_of(customer), by=thao, reason="odd_request", ticket="T-1"),
    )
    state = CustomerRequest.objects.get().state
    assert (state, len(told)) in {("done", 0), ("parked", 1)}
    assert request.notices.count() == (1 if state == "done" else 0)
