"""What a customer says holds at once, is the customer's own, and is turned round by newer evidence alone."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from consent.choices.consents import Evidence, OptOut, grant, news, opt_out, withdraw
from consent.gate.gate import may_contact
from consent.gate.purposes import purpose_of
from consent.models import ConsentEvent, Purpose
from consent.policies.versions import confirm_publication, write_version
from customers.acts.refusals import Refused
from customers.casework.address_verification import answer_with_code
from customers.casework.addresses import retire
from customers.casework.approvals import approve
from customers.casework.corrections import correct
from customers.casework.requests import register
from customers.models import Customer, Leaf, Notice, StaffMember
from customers.validation.errors import InvalidInput
from tests import factories
from tests.concurrency import at_once
from tests.consent.lives import house
from tests.scenario import Desk, asked, codes, desk, nothing_happens, now, point_of, refused, suspended, verified, why
from tests.worlds import shared

BY_PHONE = Evidence("phone", "T-88150")
NEWS = {"new_products", "promotions", "surveys"}


@shared
def case() -> Desk:
    """A customer, who works there, and what a house begins with."""
    made = desk()
    house()
    return made


def stopped(customer: Customer, channel: str = "email") -> set[str]:
    """The purposes that the customer's own word stops."""
    rows = Purpose.objects.values_list("code", flat=True)
    return {code for code in rows if may_contact(customer, code, channel).why in ConsentEvent.NO}


def opted_out(case: Desk, *codes: str, channel: str = "", evidence: Evidence = BY_PHONE) -> OptOut:
    return opt_out(case.customer, map(purpose_of, codes), by=case.agent, evidence=evidence, channel=channel)


def later() -> Any:
    """A time that has just come."""
    return timezone.now()


# --- no ------------------------------------------------------------------------------------------------------------


def test_an_opt_out_holds_from_the_next_question_on_and_leaves_what_the_contract_needs(case: Desk) -> None:
    assert stopped(case.customer) == set()
    done = opt_out(case.customer, news(), by=case.agent, evidence=BY_PHONE)
    assert (done.is_new, len(done.events)) == (True, 3)
    assert [stopped(case.customer, channel) for channel in ("email", "sms", "phone")] == [NEWS] * 3
    assert may_contact(case.customer, "renewal_notice", "email")


def test_one_purpose_or_one_channel_leaves_the_others(case: Desk) -> None:
    opted_out(case, "promotions")
    opted_out(case, "surveys", channel="sms")
    assert stopped(case.customer, "email") == {"promotions"}
    assert stopped(case.customer, "sms") == {"promotions", "surveys"}


@pytest.mark.django_db
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_customer_gets_a_confirmation_that_says_since_when_what_stops_and_what_is_still_sent(locale: str) -> None:
    case = desk(locale=locale)
    house()
    done = opted_out(case, "promotions")
    (letter,) = mail.outbox
    words = {"vi": ["Khuyến mại và tin khác", "Thông báo gia hạn", "email, tin nhắn, cuộc gọi"],
             "en": ["Promotions and other news", "Renewal notice", "e-mail, text message, call"]}[locale]  # fmt: skip
    body, at = str(letter.body), timezone.localtime(done.events[0].at)
    assert [word for word in [*words, at.strftime("%H:%M"), "BZ0000001"] if word not in body] == []
    assert [word for word in ("Hoa", "hoa.nguyen", "912345612") if word in f"{letter.subject} {body}"] == []
    assert body.index(words[0]) < body.index(words[1])
    assert Notice.objects.get().what == "opted_out"
    assert done.letter is not None
    assert done.letter.left


def test_where_nobody_can_be_written_to_the_opt_out_holds_all_the_same(case: Desk) -> None:
    for point in case.customer.contact_points.all():
        suspended(point, case.agent)
    assert opted_out(case, "promotions").letter is None
    assert "promotions" in stopped(case.customer)


def test_saying_it_again_adds_nothing(case: Desk) -> None:
    first = opted_out(case, "promotions")
    with nothing_happens():
        again = opted_out(case, "promotions")
    assert (again.is_new, [event.pk for event in again.events]) == (False, [event.pk for event in first.events])


def test_fifty_at_once_leave_one_event_one_leaf_and_one_letter_and_everybody_is_content(own_database: str) -> None:
    case = desk()
    house()
    mail.outbox, before = [], Leaf.objects.filter(kind="consent_event").count()
    told = at_once(*[partial(opted_out, case, "promotions")] * 50)
    assert told == []
    assert ConsentEvent.objects.count() == 1
    assert Leaf.objects.filter(kind="consent_event").count() - before == 1
    assert [str(letter.subject) for letter in mail.outbox] == ["Xác nhận từ chối nhận tin"]


def test_what_the_contract_needs_cannot_be_opted_out_of(case: Desk) -> None:
    for wanted in (("renewal_notice",), ("promotions", "support"), ()):
        with nothing_happens(), pytest.raises(InvalidInput):
            opted_out(case, *wanted)
    assert opted_out(case, "promotions").is_new


def test_an_opt_out_survives_a_corrected_a_retired_and_a_new_address(case: Desk) -> None:
    opt_out(case.customer, news(), by=case.agent, evidence=BY_PHONE)
    request = asked(case, "email", over="phone")
    verified(case, request)
    new = "hoa.moi@mail.example.com"
    correction = correct(case.customer, "email", new, by=case.agent, why=why(request), point=case.email)
    approve(correction, by=case.lead)
    answer_with_code(now(correction).new_point, codes()[-1], by=case.agent)
    assert point_of(case.customer, "email").state == "retired"
    assert stopped(case.customer) == NEWS
    assert may_contact(case.customer, "support", "email").point == now(correction).new_point_id
    retire(case.phone, by=case.agent)
    assert may_contact(case.customer, "promotions", "sms").why == "objected"


@pytest.mark.parametrize("through", ["carrier pigeon", ""])
def test_what_makes_no_sense_is_refused_in_a_sentence_and_nothing_is_done(case: Desk, through: str) -> None:
    for evidence in (
        Evidence(through),
        Evidence("phone", "bà Hoa gọi"),
        Evidence("phone", asked_at=later() + timedelta(hours=1)),
    ):
        with nothing_happens(), pytest.raises(InvalidInput):
            opted_out(case, "promotions", evidence=evidence)


# --- yes -----------------------------------------------------------------------------------------------------------


def consent(case: Desk, evidence: Evidence, code: str = "promotions", channel: str = "email") -> ConsentEvent:
    return grant(case.customer, purpose_of(code), channel, by=case.agent, evidence=evidence)


def test_a_consent_opens_one_purpose_by_one_channel(case: Desk) -> None:
    consent(case, Evidence("ticket", "T-1"))
    noon = timezone.localtime().replace(hour=12) + timedelta(days=1)
    opened = {
        (code, channel)
        for code in NEWS
        for channel in ("email", "sms", "phone")
        if may_contact(case.customer, code, channel, at=noon)
    }
    assert opened == {("promotions", "email")}


def test_after_a_no_only_newer_and_unused_evidence_opens_again(case: Desk) -> None:
    consent(case, Evidence("ticket", "T-1"))
    opted_out(case, "promotions", evidence=Evidence("phone", "T-2"))
    no = ConsentEvent.objects.latest("pk")
    assert no.asked_at is not None
    old = no.asked_at - timedelta(seconds=1)
    for evidence in (Evidence("ticket", "T-3", old), Evidence("ticket", "T-3", no.asked_at), Evidence("ticket", "#t-1"),
                 Evidence("ticket", "T-2"), Evidence("ticket")):  # fmt: skip
        with nothing_happens(), pytest.raises(InvalidInput):
            consent(case, evidence)
    assert "promotions" in stopped(case.customer)
    consent(case, Evidence("ticket", "T-3"))
    assert stopped(case.customer, "email") == set()
    assert stopped(case.customer, "sms") == {"promotions"}


def test_evidence_is_newer_than_every_no_and_not_only_than_the_one_told_last(case: Desk) -> None:
    noon = later() - timedelta(hours=6)
    opted_out(case, "promotions", evidence=Evidence("phone", "T-1", noon))
    consent(case, Evidence("ticket", "T-2", noon + timedelta(hours=1)))
    opted_out(
        case, "promotions", evidence=Evidence("paper", "T-3", noon - timedelta(hours=2))
    )  # a letter that came late
    with nothing_happens(), pytest.raises(InvalidInput):
        consent(case, Evidence("ticket", "T-4", noon - timedelta(hours=1)))
    consent(case, Evidence("ticket", "T-4", noon + timedelta(seconds=1)))
    assert stopped(case.customer, "email") == set()


def test_no_consent_comes_by_a_link_an_import_or_without_a_ticket(case: Desk) -> None:
    for evidence in (Evidence("web", "T-1"), Evidence("import", "T-1"), Evidence("phone"), Evidence("email", "")):
        with nothing_happens(), pytest.raises(InvalidInput):
            consent(case, evidence)
    assert consent(case, Evidence("paper", "T-1")).what == "granted"


def test_a_consent_from_under_suspicion_is_not_taken_and_an_opt_out_is(case: Desk) -> None:
    parked = register(case.customer, "question", by=case.agent, came_by="email", from_point=case.email, text="Đồng ý")
    suspended(case.email, case.agent)
    for evidence in (Evidence("email", "T-1"), Evidence("ticket", "T-1", request=now(parked))):
        with nothing_happens(), pytest.raises(InvalidInput):
            consent(case, evidence, channel="sms")
    assert opted_out(case, "surveys", evidence=Evidence("email", "T-1")).is_new
    assert consent(case, Evidence("phone", "T-1"), channel="sms").what == "granted"


def test_no_consent_is_taken_for_the_contract_s_purposes_or_from_who_has_ended(case: Desk) -> None:
    with nothing_happens(), pytest.raises(InvalidInput):
        consent(case, Evidence("ticket", "T-1"), code="support")
    ended = factories.customer("BZ0000009", status="ended", email="old@mail.example.com", phone="+84912345699")
    with nothing_happens(), pytest.raises(InvalidInput):
        grant(ended, purpose_of("promotions"), "email", by=case.agent, evidence=Evidence("ticket", "T-1"))
    assert opt_out(ended, news(), by=case.agent, evidence=BY_PHONE).is_new


def test_a_consent_is_taken_back_whichever_way_it_holds(case: Desk) -> None:
    promotions = purpose_of("promotions")
    with nothing_happens(), pytest.raises(InvalidInput):
        withdraw(case.customer, promotions, by=case.agent, evidence=BY_PHONE)
    consent(case, Evidence("ticket", "T-1"))
    opted_out(case, "promotions", channel="sms")
    with nothing_happens(), pytest.raises(InvalidInput):
        withdraw(case.customer, promotions, by=case.agent, evidence=BY_PHONE, channel="sms")
    withdraw(case.customer, promotions, by=case.agent, evidence=BY_PHONE)
    assert may_contact(case.customer, "promotions", "email").why == "withdrawn"


# --- who, and what stays -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "team", "may"),
    [
        ("Support agent", "Hanoi", True), ("Support lead", "Hanoi", True), ("Compliance officer", "", True),
        ("Support agent", "Da Nang", False), ("Disclosure approver", "", False), ("Administrator", "", False),
        ("Auditor", "", False), ("", "", False),
    ],
)  # fmt: skip
def test_agents_and_leads_of_the_team_and_officers_put_on_record_what_customers_say(
    case: Desk, role: str, team: str, may: bool
) -> None:
    person: StaffMember = factories.person("someone", role, team or "Hanoi")
    promotions, surveys = purpose_of("promotions"), purpose_of("surveys")
    acts = {
        "object_to": lambda: opt_out(case.customer, [promotions], by=person, evidence=BY_PHONE),
        "grant_consent": lambda: grant(case.customer, surveys, "email", by=person, evidence=Evidence("ticket", "T-1")),
        "withdraw_consent": lambda: withdraw(case.customer, surveys, by=person, evidence=BY_PHONE),
    }
    for act, call in acts.items():
        if may:
            call()
        else:
            with refused("no_right", act, by=person):
                call()
    assert ConsentEvent.objects.count() == (3 if may else 0)


def test_an_event_says_through_what_when_by_whom_and_under_which_policy(case: Desk) -> None:
    before = opted_out(case, "surveys").events[0]
    text = "Chính sách"
    version = write_version("2026-01", by=case.officer, text_vi=text, is_material=True, changes="Đầu tiên")
    for site in ("bizflycloud.vn", "docs.bizflycloud.vn"):
        confirm_publication(version, by=case.officer, site=site, language="vi", url=f"https://{site}/", text=text)
    event = opted_out(case, "promotions", evidence=Evidence("phone", "#t-9", words="Đừng gửi nữa")).events[0]
    kept = ConsentEvent.objects.get(pk=event.pk)
    assert (kept.through, kept.evidence, kept.by, kept.asked_at is not None) == ("phone", "T-9", case.agent, True)
    assert (kept.policy_version, kept.policy_sha256) == (version, version.sha256_vi)
    assert (before.policy_version, before.policy_sha256) == (None, "")
    leaf = Leaf.objects.get(table_name="consent_consentevent", row_key=str(event.pk))
    payload = json.loads(bytes(leaf.payload))
    assert (payload["customer"], payload["columns"]["purpose"]) == ("BZ0000001", "promotions")
    assert payload["columns"]["policy_version"] == "2026-01"
    assert "Đừng" not in bytes(leaf.payload).decode()
    assert str(kept.words) == "•••"
    assert list(payload["commits"]) == ["words"]


def test_somebody_who_is_refused_is_told_in_a_sentence(case: Desk) -> None:
    stranger = factories.person("stranger", "Support agent", "Da Nang")
    with pytest.raises(Refused, match="You do not put on record what this customer says"):
        opt_out(case.customer, news(), by=stranger, evidence=BY_PHONE)
