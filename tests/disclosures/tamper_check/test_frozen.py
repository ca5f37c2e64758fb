"""Where the log was found tampered with, nothing is approved, packed or fetched until two officers have lifted that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from customers.acts.refusals import Refused
from customers.evidence.recording import recording
from disclosures.models import Disclosure, DisclosureRequest, PackageMade, Packing, TamperCheck
from disclosures.requests.decisions import approve
from disclosures.requests.download import fetch
from disclosures.requests.emergencies import release_at_once
from disclosures.requests.release import make_again, release
from disclosures.tamper_check.tamper_check import lift_freeze
from tests.disclosures.outside import CALLED, Desk, approved, asked, desk, meanwhile, proposed

__all__ = ["desk"]


def found_tampered(desk: Desk) -> TamperCheck:
    """A check that failed, on record."""
    with recording(by=desk.approver):
        row = TamperCheck(size=1, anchors=0, whole=False, first_bad=0, what="An entry was edited.", more=0)
        row.save()
    return row


def to_fetch(desk: Desk) -> DisclosureRequest:
    request = approved(desk)
    release(request, by=desk.officer)
    return request


def ways(desk: Desk) -> dict[str, Callable[[], object]]:
    """Every way on which something gets nearer to leaving."""
    waiting, ready, packed, again = proposed(desk), approved(desk), to_fetch(desk), to_fetch(desk)
    urgent = asked(desk, urgency="emergency")
    return {
        "approve": lambda: approve(waiting, by=desk.approver, proposal=waiting.proposals.get()),
        "release": lambda: release(ready, by=desk.officer),
        "fetch": lambda: fetch(packed, by=desk.officer),
        "make again": lambda: make_again(again, by=desk.officer),
        "release at once": lambda: release_at_once(urgent, {(desk.reference, "name")}, by=desk.officer, checks=CALLED),
    }


def test_nothing_gets_nearer_to_leaving_until_two_officers_have_lifted_it(desk: Desk) -> None:
    tried = ways(desk)
    failed, opened = found_tampered(desk), Packing.objects.count()
    for way in tried.values():
        with pytest.raises(Refused) as refused:
            way()
        assert refused.value.why == "frozen"
    assert Packing.objects.count() == opened
    lift_freeze(failed, by=desk.officer, words="Looked into")
    with pytest.raises(Refused):
        tried["release"]()
    lift_freeze(failed, by=desk.colleague, words="Restored from the anchor")
    for way in tried.values():
        way()


def test_a_log_found_tampered_with_while_something_is_packed_keeps_it_from_leaving(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = {name: way for name, way in ways(desk).items() if name in ("release", "make again", "release at once")}
    for name, way in tried.items():
        before = (Disclosure.objects.count(), PackageMade.objects.count())
        failed: list[TamperCheck] = []
        meanwhile(monkeypatch, lambda failed=failed: failed.append(found_tampered(desk)))  # type: ignore[misc]
        with pytest.raises(Refused) as refused:
            way()
        assert (name, refused.value.why, len(failed)) == (name, "frozen", 1)
        assert (Disclosure.objects.count(), PackageMade.objects.count()) == before
        monkeypatch.undo()
        for officer in (desk.officer, desk.colleague):
            lift_freeze(failed[0], by=officer, words="Restored from the anchor")
        way()
        assert PackageMade.objects.count() == before[1] + 1
