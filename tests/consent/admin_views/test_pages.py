"""The pages of consent: what they do, what they say when it goes wrong, and what each role is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from consent.choices.consents import Evidence, grant, opt_out
from consent.gate.purposes import purpose_of
from consent.models import ConsentEvent, ContactLimit, ContactRefusal, Message, PolicyAcceptance, PolicyVersion, Purpose
from consent.outreach.templates import keep_template, templates
from consent.policies.versions import accept, confirm_publication, in_force, write_version
from customers.models import Customer, StaffMember
from tests import factories
from tests.consent.lives import house
from tests.engines import PAGES_ONLY
from tests.reading import customer_url, leaks, signed_in, texts
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    PAGES_ONLY,
]
TEXT = "Chính sách"
WORDS = {"subject_vi": "Gia hạn", "text_vi": "Cho {reference}", "subject_en": "Renewal", "text_en": "For {reference}"}
EVENTS = "consentevent_"


@shared
def linh() -> StaffMember:
    house()
    return factories.person("linh", "Support agent")


@pytest.fixture
def an(linh: StaffMember) -> StaffMember:
    return factories.person("an", "Compliance officer")


@pytest.fixture
def hoa(linh: StaffMember) -> Customer:
    return factories.customer("BZ0000001")


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:consent_{name}", args=args)


def followed(client: Client, address: str, **data: Any) -> tuple[int, set[str]]:
    """The status that a post ends with, and what then stands there."""
    response = client.post(address, data, follow=True)
    return response.status_code, texts(response)  # type: ignore[arg-type]


def effective(officer: StaffMember) -> PolicyVersion:
    version = write_version("2026-01", by=officer, text_vi=TEXT, is_material=True, changes="First version")
    for site in ("bizflycloud.vn", "docs.bizflycloud.vn"):
        confirm_publication(version, by=officer, site=site, language="vi", url=f"https://{site}/", text=TEXT)
    return version


# --- one customer --------------------------------------------------------------------------------------------------


def test_the_matrix_says_yes_no_and_why_in_words(hoa: Customer, linh: StaffMember) -> None:
    opt_out(hoa, [purpose_of("promotions")], by=linh, evidence=Evidence("phone", "T-1"))
    response = signed_in(linh).get(customer_url(hoa))
    found = texts(response)
    assert {"May we contact this customer?", "yes", "opted out", "no consent on record"} <= found
    assert "contract: an opt-out does not stop it" in found
    assert leaks(response) == []


def test_the_opt_out_form_offers_news_and_answers_with_what_came_of_it(hoa: Customer, linh: StaffMember) -> None:
    client, address = signed_in(linh), url(EVENTS + "opt_out", hoa.pk)
    offered = texts(client.get(address))  # type: ignore[arg-type]
    assert {"New products and services", "Promotions and other news", "Service surveys"} <= offered
    assert "Renewal notice" not in offered
    status, said = followed(client, address)
    assert (status, "Choose what the customer opts out of." in said) == (400, True)
    said_so = {"purposes": ["promotions", "surveys"], "through": "phone", "ticket": "t-5", "words": "Thôi"}
    status, said = followed(client, address, **said_so)
    assert (status, {"The customer has opted out. It holds from now on.", "The letter has left."} - said) == (
        200,
        set(),
    )
    assert set(ConsentEvent.objects.values_list("purpose", "evidence", "by__username")) == {
        ("promotions", "T-5", "linh"), ("surveys", "T-5", "linh"),
    }  # fmt: skip
    _status, said = followed(client, address, **said_so)
    assert "The customer had opted out before; nothing was added." in said
    status, said = followed(client, address, **{**said_so, "purposes": ["support"]})
    assert (status, "Choose one." in said) == (400, True)


def test_consent_withdrawal_and_acceptance_go_on_record_from_the_customer_s_own_page(
    hoa: Customer, linh: StaffMember, an: StaffMember
) -> None:
    effective(an)
    client, home = signed_in(linh), url(EVENTS + "of", hoa.pk)
    status, said = followed(client, url(EVENTS + "grant", hoa.pk, "promotions"), channel="email", through="phone")
    assert (status, len([told for told in said if "number of the ticket" in told])) == (400, 1)
    granted = {"channel": "email", "through": "ticket", "ticket": "T-7"}
    _status, said = followed(client, url(EVENTS + "grant", hoa.pk, "promotions"), **granted)
    assert {"The consent is on record.", "granted", "T-7"} <= said
    _status, said = followed(client, url(EVENTS + "withdraw", hoa.pk, "promotions"), through="phone", ticket="T-8")
    assert {"The consent is withdrawn. It holds from now on.", "withdrawn"} <= said
    status, said = followed(client, url(EVENTS + "accept", hoa.pk), how="express")
    assert (status, len([told for told in said if "accepted expressly" in told])) == (400, 1)
    _status, said = followed(client, url(EVENTS + "accept", hoa.pk), how="registration")
    assert {"The acceptance is on record.", "Version 2026-01 is in effect."} <= said
    assert PolicyAcceptance.objects.get().how == "registration"
    only_surveys = texts(client.get(home + "?for=surveys"))  # type: ignore[arg-type]
    assert "Nothing yet: no consent, and no opt-out." in only_surveys
    assert client.get(url(EVENTS + "grant", hoa.pk, "gossip")).status_code == 404


def test_writing_shows_the_mask_asks_the_gate_and_says_whether_it_left(
    hoa: Customer, linh: StaffMember, an: StaffMember
) -> None:
    template = keep_template("renewal", by=an, purpose=purpose_of("renewal_notice"), **WORDS)
    client, address = signed_in(linh), url(EVENTS + "write", hoa.pk)
    response = client.get(address)
    assert (leaks(response), "h•••@m•••.com" in texts(response)) == ([], True)  # type: ignore[arg-type]
    status, said = followed(client, address, purpose="support", channel="email")
    assert (status, "Write something, in up to 4000 characters." in said) == (400, True)
    status, said = followed(
        client, address, purpose="promotions", channel="email", subject="Ưu đãi", text="Thêm dung lượng"
    )
    assert (status, "Not sent: no consent on record. That it was stopped is on record." in said) == (403, True)
    assert (ContactRefusal.objects.get().why, Message.objects.count(), mail.outbox) == ("no_consent", 0, [])
    _status, said = followed(client, address, purpose="renewal_notice", channel="email", template=template.pk)
    assert "The message has left." in said
    assert [(str(letter.subject), "Cho BZ0000001" in str(letter.body)) for letter in mail.outbox] == [("Gia hạn", True)]
    other = {"purpose": "support", "channel": "email", "template": template.pk}
    status, said = followed(client, address, **other)
    assert (status, "Use the template of this purpose, or words of your own, not both." in said) == (400, True)


def test_an_approver_sees_the_answers_and_may_do_nothing_about_them(hoa: Customer, linh: StaffMember) -> None:
    client = signed_in(factories.person("binh", "Disclosure approver"))
    found = texts(client.get(customer_url(hoa)))  # type: ignore[arg-type]
    assert "May we contact this customer?" in found
    assert {"Opt out…", "Write to the customer"} & found == set()
    for name in ("opt_out", "accept", "write"):
        assert client.get(url(EVENTS + name, hoa.pk)).status_code == 403


# --- what officers keep --------------------------------------------------------------------------------------------

TABS = {"Stopped", "What customers said", "Policy", "Acceptances", "Purposes", "Limits", "Templates"}


@pytest.mark.parametrize(("role", "tabs"), [("Compliance officer", TABS), ("Support agent", {"Policy", "Purposes"})])
def test_the_tabs_are_those_that_one_may_open(linh: StaffMember, role: str, tabs: set[str]) -> None:
    client = signed_in(factories.person("reader", role))
    assert texts(client.get(url("purpose_changelist"))) & TABS == tabs  # type: ignore[arg-type]
    for name in ("contactrefusal", "consentevent", "policyacceptance", "contactlimit", "messagetemplate"):
        expected = 200 if role == "Compliance officer" else 403
        assert client.get(url(f"{name}_changelist")).status_code == expected


def test_officers_see_what_was_stopped_counted_by_reason(hoa: Customer, linh: StaffMember, an: StaffMember) -> None:
    agent, officer = signed_in(linh), signed_in(an)
    assert "Nothing was stopped." in texts(officer.get(url("contactrefusal_changelist")))  # type: ignore[arg-type]
    opt_out(hoa, [purpose_of("promotions")], by=linh, evidence=Evidence("phone"))
    for purpose in ("promotions", "promotions", "surveys"):
        asked = {"purpose": purpose, "channel": "email", "subject": "?", "text": "?"}
        assert agent.post(url(EVENTS + "write", hoa.pk), asked).status_code == 403
    page = officer.get(url("contactrefusal_changelist"))
    assert page.context["counts"] == [("opted out", "objected", 2), ("no consent on record", "no_consent", 1)]
    chosen = officer.get(url("contactrefusal_changelist") + "?why=no_consent")
    assert [row.purpose_id for row in chosen.context["cl"].result_list] == ["surveys"]


def test_who_accepted_by_use_alone_is_counted_and_listed_whole(linh: StaffMember, an: StaffMember) -> None:
    effective(an)
    by_use, both, none = (
        factories.customer(f"BZ000001{n}", email=f"c{n}@mail.example.com", phone=f"+8491234560{n}") for n in range(3)
    )
    for customer in (by_use, both):
        accept(customer, by=linh, how="use")
    accept(both, by=linh, how="express", evidence="T-1")
    page = signed_in(an).get(url("policyacceptance_changelist"))
    assert (page.context["by_use"], page.context["to_accept"]) == (1, 1)
    assert len(page.context["cl"].result_list) == 3
    alone = signed_in(an).get(url("policyacceptance_changelist") + "?alone=use")
    assert [row.customer for row in alone.context["cl"].result_list] == [by_use]
    assert none.reference not in alone.content.decode()


def test_a_version_is_written_seen_and_in_effect_by_pages_alone(an: StaffMember) -> None:
    client = signed_in(an)
    status, said = followed(client, url("policyversion_add"), label="2026-01", changes="?", text_vi=" ")
    assert status == 400
    _status, said = followed(
        client, url("policyversion_add"), label="2026-01", changes="First", text_vi=TEXT, is_material="on"
    )
    assert "not on both sites yet" in said
    version = PolicyVersion.objects.get()
    seen = url("policyversion_confirm", version.pk)
    for site, text, expected in (
        ("bizflycloud.vn", TEXT, 200), ("docs.bizflycloud.vn", "Khác", 400), ("docs.bizflycloud.vn", TEXT, 200),
    ):  # fmt: skip
        assert in_force() is None
        posted = {"site": site, "language": "vi", "url": f"https://{site}/policy", "text": text}
        status, said = followed(client, seen, **posted)
        assert status == expected
    assert in_force() == version
    assert "Confirmed. With this the version is in effect." in said


def test_purposes_limits_and_templates_are_kept_on_pages(an: StaffMember) -> None:
    client = signed_in(an)
    _status, said = followed(
        client, url("purpose_add"), code="tips", name_vi="Mẹo", name_en="Tips", words_vi="Mẹo dùng",
        words_en="How to", basis="opt_in", channels=["email"], source="The policy",
    )  # fmt: skip
    assert (Purpose.objects.get(code="tips").stopped_by_opt_out, "Tips" in said) == (True, True)
    held = ContactLimit.objects.get(channel="sms")
    limit = {"from_hour": 9, "to_hour": 20, "a_day": 1, "source": "Own promise", "confidence": "open"}
    address = url("contactlimit_set", "sms")
    status, _said = followed(client, address, **{**limit, "to_hour": 9}, instead_of=held.pk)
    assert status == 400
    assert followed(client, address, **limit, instead_of=held.pk)[0] == 200
    status, said = followed(client, address, **limit, instead_of=held.pk)
    assert (status, "Somebody else has just set it. Look at it again." in said) == (400, True)
    template = {"code": "renewal", "purpose": "renewal_notice", **WORDS}
    assert "renewal" in followed(client, url("messagetemplate_add"), **template)[1]
    followed(client, url("messagetemplate_set", "renewal"), **{**template, "subject_en": "Soon"})
    assert [held.subject_en for held in templates()] == ["Soon"]
    _status, said = followed(client, url("messagetemplate_end", "renewal"))
    assert (templates(), "No template is in use." in said) == ([], True)


def test_a_customer_s_word_reads_on_timelines_in_both_languages(hoa: Customer, linh: StaffMember) -> None:
    grant(hoa, purpose_of("promotions"), "email", by=linh, evidence=Evidence("ticket", "T-1"))
    opt_out(hoa, [purpose_of("promotions")], by=linh, evidence=Evidence("phone", "T-2"))
    english, vietnamese = (texts(signed_in(linh, language).get(customer_url(hoa))) for language in ("en", "vi"))  # type: ignore[arg-type]
    assert "Opted out: Promotions and other news · every channel · phone · T-2" in english
    assert [told for told in vietnamese if told.startswith("Đã đồng ý: Khuyến mại và tin khác · email")] != []
