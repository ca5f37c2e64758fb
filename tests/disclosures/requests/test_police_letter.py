"""A letter of the police, from the desk that takes it in to the package that only the police can open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from customers.acts.refusals import Refused
from customers.models import Refusal
from customers.validation.errors import InvalidInput
from disclosures.accounting.letters import answer
from disclosures.models import Disclosure, DisclosureMove, DisclosureRequest, Package, PackageGone
from disclosures.requests.decisions import approve, propose, send_back
from disclosures.requests.download import fetch
from disclosures.requests.release import close, make_again, release
from tests.disclosures.outside import (
    CALLED,
    Desk,
    an_hour_ago,
    approved,
    as_json,
    asked,
    desk,
    fresh,
    proposed,
    unpacked,
)

__all__ = ["desk"]
ON_FILE = "hoa.nguyen@mail.example.com"


def test_approved_fields_and_no_others_reach_the_police(desk: Desk) -> None:
    request = approved(desk)
    package = release(request, by=desk.officer)
    fetched = fetch(request, by=desk.officer)
    told = as_json(fetched.content)
    (entry,) = Disclosure.objects.all()
    assert told["customers"] == [
        {
            "reference": desk.reference,
            "fields": {
                "name": [{"value": "Nguyễn Thị Hoa"}],
                "email": [{"value": "hoa.nguyen@mail.example.com"}],
            },
        }
    ]
    assert entry.fields == ["name", "email"]
    assert entry.package_sha256 == package.sha256
    assert (entry.proposed_by, entry.approved_by, entry.by) == (desk.officer, desk.approver, desk.officer)
    close(request, by=desk.officer)
    assert fresh(request).outcome == DisclosureRequest.Outcome.PARTIAL
    assert fetched.name == f"{request.number}.zip.age"


@pytest.mark.parametrize(
    ("meant", "outcome"), [(ON_FILE, "full"), (f"{ON_FILE}\nnobody@mail.example.net", "partial")], ids=["all", "missed"]
)
def test_a_request_is_answered_in_full_only_where_everybody_whom_it_names_is_on_file(
    meant: str, outcome: str, desk: Desk
) -> None:
    request = approved(desk, ["name", "email", "phone"], identifiers=meant)
    release(request, by=desk.officer)
    fetch(request, by=desk.officer)
    close(request, by=desk.officer)
    assert fresh(request).outcome == outcome
    assert DisclosureMove.objects.latest("pk").outcome == outcome
    assert ("is not on file here" in answer(fresh(request), "en").body) is (outcome == "partial")


def test_the_document_reads_in_both_languages(desk: Desk) -> None:
    request = approved(desk)
    release(request, by=desk.officer)
    files = unpacked(fetch(request, by=desk.officer).content)
    vietnamese, english = (files[f"{request.number}.{code}.html"].decode() for code in ("vi", "en"))
    assert "Nguyễn Thị Hoa" in vietnamese
    assert "Nguyễn Thị Hoa" in english
    assert "+84912345612" not in vietnamese + english
    assert 'lang="vi"' in vietnamese
    assert 'href="paper.css"' in vietnamese
    assert b"@media print" in files["paper.css"]


def test_nobody_approves_their_own_proposal(desk: Desk) -> None:
    request = proposed(desk)
    with pytest.raises(Refused) as refused:
        approve(request, by=desk.officer, proposal=request.proposals.get())
    assert refused.value.why == "no_right"
    assert Refusal.objects.latest("pk").act == "approve_disclosure"
    assert fresh(request).state == "proposed"
    approve(request, by=desk.approver, proposal=request.proposals.get())
    assert fresh(request).state == "approved"


def test_a_package_is_fetched_once(desk: Desk) -> None:
    request = approved(desk)
    release(request, by=desk.officer)
    with pytest.raises(Refused):
        fetch(request, by=desk.colleague)
    fetch(request, by=desk.officer)
    with pytest.raises(InvalidInput):
        fetch(request, by=desk.officer)
    assert not Package.objects.exists()
    assert PackageGone.objects.get().how == "fetched"
    make_again(request, by=desk.officer)
    assert as_json(fetch(request, by=desk.officer).content)["number"] == request.number
    assert Disclosure.objects.count() == 1


def test_a_call_to_the_number_in_their_letter_counts_for_nothing(desk: Desk) -> None:
    request = asked(desk, received_at=an_hour_ago())
    theirs = replace(CALLED, call_number="0243.999.9999")
    no_call = replace(CALLED, call_number="", call_found="", call_to="")
    with pytest.raises(InvalidInput):
        propose(request, {(desk.reference, "name")}, by=desk.officer, checks=theirs)
    with pytest.raises(Refused) as refused:
        propose(request, {(desk.reference, "name")}, by=desk.officer, checks=no_call)
    assert refused.value.why == "not_checked"
    propose(request, {(desk.reference, "name")}, by=desk.officer, checks=CALLED)


def test_what_is_sent_back_is_proposed_anew(desk: Desk) -> None:
    request = proposed(desk)
    send_back(request, by=desk.approver, words="Too much")
    old = request.proposals.get()
    with pytest.raises(InvalidInput):
        approve(request, by=desk.approver, proposal=old)
    propose(request, {(desk.reference, "name")}, by=desk.officer)
    with pytest.raises(InvalidInput):
        approve(request, by=desk.approver, proposal=old)
    approve(request, by=desk.approver, proposal=request.proposals.latest("pk"))
    assert fresh(request).state == "approved"
