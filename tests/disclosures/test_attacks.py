"""Ways around the second person, around what was asked, and around a leave that has ended; each leads nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from customers.refusals import Refused, Unusable
from disclosures import emergencies
from disclosures.emergencies import release_at_once
from disclosures.fetching import fetch
from disclosures.models import Disclosure, Package, Packing
from disclosures.releasing import make_again, release
from disclosures.requests import match
from tests import making
from tests.disclosures.outside import (
    CALLED,
    Desk,
    approved,
    as_json,
    asked,
    desk,
    fresh,
)

__all__ = ["desk"]


# --- emergencies ------------------------------------------------------------------------------------------------------


def test_what_left_in_an_emergency_does_not_grow_when_it_is_made_again(desk: Desk) -> None:
    request = asked(desk, urgency="emergency")
    release_at_once(request, {(desk.reference, "name")}, by=desk.officer, checks=CALLED)
    with pytest.raises(Unusable):
        release_at_once(request, {(desk.reference, field) for field in ("name", "email", "phone")}, by=desk.officer)
    assert (Packing.objects.count(), fresh(request).proposals.count()) == (1, 1)
    make_again(request, by=desk.officer)
    (given,) = as_json(fetch(request, by=desk.officer).content)["customers"]
    assert sorted(given["fields"]) == Disclosure.objects.get().fields == ["name"]


def test_an_emergency_takes_no_approval_of_another_scope_away(desk: Desk) -> None:
    request = approved(desk, ["name"], urgency="emergency")
    with pytest.raises(Unusable):
        release_at_once(request, {(desk.reference, "email")}, by=desk.colleague)
    assert Packing.objects.count() == 0
    release(request, by=desk.officer)
    assert Disclosure.objects.get().approved_by == desk.approver


def test_who_is_meant_anew_while_it_is_packed_stops_an_emergency(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    other = making.customer("BZ0000002", email="other@mail.example.com", phone="+84912345699")
    request = asked(desk, urgency="emergency")
    pack = emergencies.sealed_for

    def meanwhile(opened: Any) -> Any:
        match(request, other.reference, by=desk.colleague)
        return pack(opened)

    monkeypatch.setattr(emergencies, "sealed_for", meanwhile)
    with pytest.raises(Refused) as refused:
        release_at_once(request, {(desk.reference, "name")}, by=desk.officer, checks=CALLED)
    assert refused.value.why == "not_asked"
    assert (Disclosure.objects.count(), Package.objects.count(), fresh(request).state) == (0, 0, "review")
    monkeypatch.undo()
    release_at_once(request, {(other.reference, "name")}, by=desk.officer)
    assert Disclosure.objects.get().customer == other
