"""A request is put on file with its clock and its document, means somebody without doubt, and asks for no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.acts.refusals import Refused
from customers.models import Leaf, Refusal
from customers.validation.errors import InvalidInput
from disclosures.accounting.letters import answer
from disclosures.models import DisclosureRequest, Document, Field, Reading
from disclosures.recipients.documents import add_document, clean_document, open_document, read_words
from disclosures.requests.decisions import propose, scope
from disclosures.requests.register import match, refuse_request, register, say_no_data, withdraw_request
from tests import factories
from tests.disclosures.outside import CALLED, PDF, Desk, asked, desk, document, fresh, letter, proposed

__all__ = ["desk"]


def test_the_clock_runs_from_when_it_came_in(desk: Desk) -> None:
    came = timezone.now() - timedelta(hours=5)
    assert asked(desk, received_at=came).reply_by == came + timedelta(hours=24)
    assert asked(desk, received_at=came, urgency="emergency").reply_by == came + timedelta(hours=3)
    sooner = came + timedelta(hours=7)
    assert asked(desk, received_at=came, reply_by=sooner).reply_by == sooner
    assert asked(desk, received_at=came, reply_by=came + timedelta(days=9)).reply_by == came + timedelta(hours=24)


@pytest.mark.parametrize(
    "wrong",
    [
        {"asked": []}, {"asked": ["password"]}, {"asked": ["secret"]}, {"came_by": "pigeon"}, {"urgency": "very"},
        {"signer": " "}, {"instrument": ""}, {"identifiers": "  \n "}, {"identifiers": "\n".join("BZ0000001" * 21)},
        {"received_at": timedelta(days=1)}, {"received_at": timedelta(days=-91)},
        {"reply_by": timedelta(days=-1)}, {"rank": "x" * 101}, {"signer": "An\u202eDieu"},
    ],
    ids=str,
)  # fmt: skip
def test_a_letter_that_makes_no_sense_is_told_and_nothing_is_on_file(desk: Desk, wrong: dict[str, Any]) -> None:
    """A span of time stands for then, seen from now."""
    before, now = Leaf.objects.count(), timezone.now()
    with pytest.raises(InvalidInput):
        asked(desk, **{name: now + said if isinstance(said, timedelta) else said for name, said in wrong.items()})
    assert (DisclosureRequest.objects.count(), Leaf.objects.count()) == (0, before)


def test_an_authority_asks_on_paper_but_in_an_emergency_by_phone(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        register(desk.police, letter(), by=desk.officer)
    by_phone = register(desk.police, letter(urgency="emergency", came_by="phone"), by=desk.officer)
    add_document(by_phone, document(), "letter", by=desk.officer)
    assert by_phone.documents.get().what == "letter"


def test_support_staff_and_approvers_put_no_request_on_file(desk: Desk) -> None:
    for person in (desk.agent, desk.approver):
        with pytest.raises(Refused):
            register(desk.police, letter(), by=person, document=document())
    assert DisclosureRequest.objects.count() == 0
    assert Refusal.objects.filter(act="register_disclosure").count() == 2


# --- who is meant ---------------------------------------------------------------------------------------------------


def twin() -> None:
    """Another customer with the same address and name."""
    factories.customer("BZ0000002", phone="+84912345699")


@pytest.mark.parametrize(
    "meant",
    [
        "hoa.nguyen@mail.example.com", "HOA.NGUYEN@mail.example.com", "0912 345 612", "+84912345612", "BZ0000001",
        "Nguyễn Thị Hoa", "nguyen thi hoa; 0912345612",
    ],
)  # fmt: skip
def test_a_line_means_a_customer_in_any_spelling(desk: Desk, meant: str) -> None:
    request = asked(desk, identifiers=meant)
    assert [subject.customer.reference for subject in request.subjects.all()] == ["BZ0000001"]
    assert (request.ambiguous, request.missed) == (0, 0)


def test_a_line_that_fits_two_customers_stops_the_request_until_it_fits_one(desk: Desk) -> None:
    twin()
    request = asked(desk)
    assert (request.ambiguous, request.subjects.count()) == (1, 0)
    with pytest.raises(Refused) as refused:
        propose(request, {(desk.reference, "name")}, by=desk.officer, checks=CALLED)
    assert refused.value.why == "ambiguous"
    match(request, "hoa.nguyen@mail.example.com; 0912345612", by=desk.officer)
    propose(fresh(request), {(desk.reference, "name")}, by=desk.officer, checks=CALLED)


def test_whoever_is_not_on_file_is_counted_and_nothing_held_is_an_answer(desk: Desk) -> None:
    request = asked(desk, identifiers="nobody@mail.example.com")
    assert (request.missed, request.subjects.count()) == (1, 0)
    say_no_data(request, by=desk.officer)
    assert fresh(request).outcome == "no_data"
    with_somebody = asked(desk)
    with pytest.raises(InvalidInput):
        say_no_data(with_somebody, by=desk.officer)


def test_what_was_typed_to_find_them_stands_nowhere_in_clear(desk: Desk) -> None:
    request = asked(desk)
    whole = b"".join(bytes(leaf.payload) for leaf in Leaf.objects.all())
    for told in (b"hoa.nguyen", b"Nguy\xe1\xbb\x85n V\xc4\x83n", b"2439999999", PDF):
        assert told not in whole
    assert read_words(request, by=desk.officer)[("disclosurerequest", request.pk, "identifiers")] == (
        "hoa.nguyen@mail.example.com"
    )
    assert str(request.signer) == "N. V. Điều"


# --- scope ----------------------------------------------------------------------------------------------------------


def test_nothing_is_given_by_default_and_never_more_than_was_asked(desk: Desk) -> None:
    request = asked(desk)
    assert [(line.field, line.held, line.give) for line in scope(request)] == [
        ("name", 1, False), ("email", 1, False), ("phone", 1, False),
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        propose(request, {(desk.reference, "name"), (desk.reference, "company")}, by=desk.officer, checks=CALLED)
    assert refused.value.why == "not_asked"
    with pytest.raises(Refused):
        propose(request, {("BZ0000009", "name")}, by=desk.officer, checks=CALLED)
    with pytest.raises(InvalidInput):
        propose(request, set(), by=desk.officer, checks=CALLED)


@given(
    asked_for=st.sets(st.sampled_from(sorted(Field.values)), min_size=1),
    given_out=st.sets(st.sampled_from(sorted(Field.values)), min_size=1),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_proposed_is_a_part_of_what_was_asked(desk: Desk, asked_for: set[str], given_out: set[str]) -> None:
    request = asked(desk, asked=sorted(asked_for))
    wanted = {(desk.reference, field) for field in given_out}
    if given_out <= asked_for:
        proposal = propose(request, wanted, by=desk.officer, checks=CALLED)
        assert {line["field"] for line in proposal.lines if line["give"]} == given_out
        assert {line["field"] for line in proposal.lines} == asked_for
    else:
        with pytest.raises(Refused):
            propose(request, wanted, by=desk.officer, checks=CALLED)


# --- documents ------------------------------------------------------------------------------------------------------


@pytest.mark.one_engine("it asks no database")
@pytest.mark.parametrize(
    "content",
    [
        b"", b"<html>%PDF-", b"PK\x03\x04 a zip", b"MZ\x90", b"GIF89a", b"=cmd|' /C calc'!A0", b" %PDF-1.4",
        b"\x89PNG\r\n", b"%PDF-" + b"x" * 5_000_001,
    ],
    ids=lambda content: repr(content[:16]),
)  # fmt: skip
def test_a_document_that_is_empty_huge_or_not_what_it_claims_is_told(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        clean_document(content)


@pytest.mark.parametrize("content", [PDF, b"\x89PNG\r\n\x1a\nx", b"\xff\xd8\xff\xe0", b"II*\0", b"MM\0*"])
def test_an_original_comes_back_byte_for_byte_after_its_opening_is_on_record(desk: Desk, content: bytes) -> None:
    request = register(desk.police, letter(), by=desk.officer, document=clean_document(content))
    kept = request.documents.get()
    opened = open_document(kept, by=desk.approver)
    assert (opened.content, opened.media_type) == (content, kept.media_type)
    assert opened.name.startswith(f"{request.number}-{kept.pk}.")
    assert Reading.objects.get().by == desk.approver


def test_support_staff_open_no_documents_and_read_no_words(desk: Desk) -> None:
    request = asked(desk)
    with pytest.raises(Refused):
        open_document(request.documents.get(), by=desk.agent)
    with pytest.raises(Refused):
        read_words(request, by=factories.person("yen", "Auditor"))
    assert Reading.objects.count() == 0


def test_a_document_is_no_part_of_another_request(desk: Desk) -> None:
    first, second = asked(desk), asked(desk)
    assert {row.request_id for row in Document.objects.all()} == {first.pk, second.pk}


# --- ends -----------------------------------------------------------------------------------------------------------


def test_a_refusal_has_a_coded_reason_and_a_letter_that_names_no_customer(desk: Desk) -> None:
    request = proposed(desk)
    with pytest.raises(InvalidInput):
        refuse_request(request, by=desk.approver, why="because")
    refuse_request(request, by=desk.approver, why="no_basis", words="Weak")
    for language, told in (("vi", request.number), ("en", "No legal basis")):
        body = answer(fresh(request), language).body
        assert told in body
        assert desk.reference not in body
        assert "Hoa" not in body


def test_what_is_over_stays_over(desk: Desk) -> None:
    request = proposed(desk)
    withdraw_request(request, by=desk.officer)
    for again in (
        lambda: withdraw_request(request, by=desk.officer),
        lambda: refuse_request(request, by=desk.officer, why="no_basis"),
        lambda: propose(request, {(desk.reference, "name")}, by=desk.officer, checks=replace(CALLED)),
        lambda: match(request, "BZ0000001", by=desk.officer),
    ):
        with pytest.raises(InvalidInput):
            again()
    assert fresh(request).outcome == "withdrawn"
