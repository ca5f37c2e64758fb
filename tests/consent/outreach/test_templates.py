"""What may be written and by whom: free words, templates filled in, and who is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.utils.translation import override

from consent.models import Message, MessageTemplate
from consent.outreach.send import write
from consent.outreach.templates import filled_in, keep_template, templates
from customers.acts.refusals import Refused
from customers.models import Customer, Leaf, Refusal, StaffMember
from customers.validation.errors import InvalidInput
from tests import factories
from tests.consent.post import consented, open_house, purpose
from tests.worlds import shared

pytestmark = pytest.mark.one_engine("no engine changes which words may be written")

WORDS = {
    "subject_vi": "Bảo trì {reference}", "text_vi": "Mã của quý khách: {reference}.",
    "subject_en": "Maintenance {reference}", "text_en": "Your reference: {reference}.",
}  # fmt: skip
SAID = {
    "vi": ("Bảo trì BZ0000001", "Mã của quý khách: BZ0000001."),
    "en": ("Maintenance BZ0000001", "Your reference: BZ0000001."),
}


@shared
def linh() -> StaffMember:
    """An agent of the customer's team; purposes, limits and an officer are there."""
    factories.customer("BZ0000001")
    return open_house()


def hoa() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def an() -> StaffMember:
    return StaffMember.objects.get(username="an")


def say(by: StaffMember, channel: str = "email", **words: Any) -> Message:
    """Write to the customer for support."""
    return write(
        hoa(), purpose("support"), channel, by=by, **{"subject": "Hỗ trợ", "text": "Xin chào", **words}
    ).message


def template(by: StaffMember, code: str = "maintenance", of: str = "support", **words: Any) -> MessageTemplate:
    return keep_template(code, by=by, purpose=purpose(of), **{**WORDS, **words})


# --- words ---------------------------------------------------------------------------------------------------------


UNUSABLE: dict[str, dict[str, Any]] = {
    "no text": {"text": " \r\n"},
    "an e-mail without a subject": {"subject": " "},
    "a subject too long": {"subject": "a" * 121},
    "an e-mail too long": {"text": "a" * 4001},
    "a text message too long": {"channel": "sms", "text": "a" * 401},
    "a NUL": {"text": "a\0b"},
    "a bell": {"text": "a\x07b"},
    "a control character in the subject": {"subject": "a\x07b"},
    "a call": {"channel": "phone"},
}


@pytest.mark.parametrize("different", UNUSABLE.values(), ids=UNUSABLE)
def test_what_makes_no_sense_is_not_written(different: dict[str, Any], linh: StaffMember) -> None:
    log = Leaf.objects.count()
    with pytest.raises(InvalidInput):
        say(linh, **different)
    assert (Message.objects.count(), Leaf.objects.count(), mail.outbox) == (0, log, [])
    say(linh, subject="a" * 120, text="a" * 4000)
    say(linh, "sms", subject="", text="a" * 400)
    assert len(mail.outbox) == 2


def test_a_subject_cannot_add_a_header(linh: StaffMember) -> None:
    say(linh, subject="Hỗ trợ\r\nBcc: thief@example.org")
    sent = mail.outbox[0]
    assert (sent.recipients(), sent.subject) == (["hoa.nguyen@mail.example.com"], "Hỗ trợ Bcc: thief@example.org")
    assert sent.message()["Bcc"] is None


def test_news_need_an_address_of_this_installation_for_their_link(linh: StaffMember, settings: LazySettings) -> None:
    consented(hoa(), linh)
    settings.SITE_URL = ""
    with pytest.raises(InvalidInput, match="SITE_URL"):
        write(hoa(), purpose(), "email", by=linh, subject="Tin", text="Tin mới")
    assert (Message.objects.count(), mail.outbox) == (0, [])
    assert say(linh)
    settings.SITE_URL = "https://desk.example.com/"
    assert write(hoa(), purpose(), "email", by=linh, subject="Tin", text="Tin mới").left
    assert "https://desk.example.com/unsubscribe/" in str(mail.outbox[1].body)


def test_without_a_gateway_no_text_message_is_written(linh: StaffMember, settings: LazySettings) -> None:
    settings.SMS_GATEWAY = ""
    with pytest.raises(InvalidInput, match="sends no text messages"):
        say(linh, "sms")
    assert (Message.objects.count(), mail.outbox) == (0, [])
    settings.SMS_GATEWAY = "{number}@sms.example.com"
    assert say(linh, "sms").channel == "sms"


# --- templates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_template_is_filled_in_in_the_customers_language_whatever_the_writers(locale: str, linh: StaffMember) -> None:
    kept = template(an())
    other = factories.customer("BZ0000002", locale=locale, email="other@example.org")
    with override({"vi": "en", "en": "vi"}[locale]):
        written = write(other, purpose("support"), "email", by=linh, template=kept)
    said = tuple(part.replace("BZ0000001", "BZ0000002") for part in SAID[locale])
    assert (mail.outbox[0].subject, mail.outbox[0].body) == said == filled_in(kept, other)
    assert (written.message.template, written.message.language) == (kept, locale)


def test_words_of_ones_own_and_a_template_are_not_mixed(linh: StaffMember) -> None:
    kept, foreign = template(an()), template(an(), "offer", "promotions")
    for different in ({"template": kept}, {"template": foreign, "text": ""}):
        with pytest.raises(InvalidInput, match="not both"):
            say(linh, **different)
    assert (Message.objects.count(), mail.outbox) == (0, [])
    assert say(linh, template=kept, subject="", text="").template == kept


def test_a_template_that_was_changed_or_taken_out_of_use_is_written_no_more(linh: StaffMember) -> None:
    old = template(an())
    new = template(an(), text_vi="Mới", text_en="New")
    with pytest.raises(InvalidInput, match="Look at it again"):
        say(linh, template=old, text="")
    assert say(linh, template=new, text="").template == new
    template(an(), in_use=False)
    with pytest.raises(InvalidInput, match="Look at it again"):
        say(linh, template=new, text="")
    assert Message.objects.count() == 1


def test_the_newest_text_of_a_code_is_in_use_until_it_is_ended(linh: StaffMember) -> None:
    template(an(), "other", "promotions")
    first = template(an())
    second = template(an(), text_vi="Mới")
    assert templates(purpose("support")) == [second]
    assert [each.code for each in templates()] == ["other", "maintenance"]
    template(an(), in_use=False)
    assert templates(purpose("support")) == []
    assert MessageTemplate.objects.get(pk=first.pk).text_vi == WORDS["text_vi"]
    again = template(an())
    assert templates(purpose("support")) == [again]


BAD: dict[str, dict[str, Any]] = {
    "a code with a space": {"code": "a b"},
    "a code of two letters": {"code": "ab"},
    "no English text": {"text_en": " "},
    "a subject of two lines": {"subject_vi": "a\nb"},
    "a text too long": {"text_vi": "a" * 4001},
    "a control character": {"text_vi": "a\x07"},
    "an address": {"text_vi": "viết tới hoa@mail.example.com"},
    "a number": {"text_en": "call +84912345612"},
    "another purpose's code": {"code": "offer"},
}


@pytest.mark.parametrize("different", BAD.values(), ids=BAD)
def test_a_template_that_makes_no_sense_is_not_kept(different: dict[str, Any], linh: StaffMember) -> None:
    template(an(), "offer", "promotions")
    log = Leaf.objects.count()
    with pytest.raises(InvalidInput):
        template(an(), **different)
    assert (MessageTemplate.objects.count(), Leaf.objects.count()) == (1, log)
    template(an(), text_vi="a" * 4000)
    assert MessageTemplate.objects.count() == 2


# --- who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "team", "may"),
    [
        ("Support agent", "Hanoi", True), ("Support lead", "Hanoi", True), ("Compliance officer", "Hanoi", True),
        ("Support agent", "Da Nang", False), ("Support lead", "Da Nang", False),
        ("Disclosure approver", "Hanoi", False), ("Administrator", "Hanoi", False), ("Auditor", "Hanoi", False),
        ("", "Hanoi", False),
    ],
)  # fmt: skip
def test_only_whoever_works_for_the_customer_writes_to_it(role: str, team: str, may: bool, linh: StaffMember) -> None:
    person = factories.person("ba", role, team)
    log = Leaf.objects.count()
    if may:
        assert say(person).by == person
        assert len(mail.outbox) == 1
        return
    with pytest.raises(Refused, match="You do not write to this customer"):
        say(person)
    last = Refusal.objects.latest("pk")
    assert (last.act, last.why, last.by, last.customer) == ("write", "no_right", person, hoa())
    assert (Message.objects.count(), Leaf.objects.count(), mail.outbox) == (0, log + 1, [])


def test_somebody_whose_access_has_ended_meanwhile_writes_nothing(linh: StaffMember) -> None:
    stale = StaffMember.objects.get(pk=linh.pk)
    StaffMember.objects.filter(pk=linh.pk).update(is_active=False)
    with pytest.raises(Refused, match="Your access has ended"):
        say(stale)
    assert (Message.objects.count(), mail.outbox) == (0, [])


@pytest.mark.parametrize(
    "role", ["Support agent", "Support lead", "Disclosure approver", "Administrator", "Auditor", ""]
)
def test_only_officers_keep_templates(role: str, linh: StaffMember) -> None:
    with pytest.raises(Refused, match="Officers keep the templates"):
        template(factories.person("ba", role))
    assert (MessageTemplate.objects.count(), Refusal.objects.latest("pk").act) == (0, "keep_template")
    assert template(an()).by == an()
