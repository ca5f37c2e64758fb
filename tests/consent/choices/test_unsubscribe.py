"""One click out of news: the link of a mail that arrived, followed by mail programs, scanners, people and strangers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.core.signing import Signer
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.choices.consents import Evidence, grant
from consent.choices.unsubscribe import SALT, link_for, token_for, way_out
from consent.gate.gate import may_contact
from consent.models import ConsentEvent
from consent.outreach.send import write
from customers.evidence.errors import failed
from customers.models import Customer, Leaf, StaffMember
from tests import factories
from tests.consent.post import SITE, consented, free_port, mail_server, open_house, purpose
from tests.reading import signed_in

pytestmark = pytest.mark.one_engine("no engine changes what a link's page reads; its throttle is tried on both")

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"
SHOWN = {"vi": ("Không nhận tin này nữa?", "Chúng tôi đã ngừng gửi"), "en": ("No more of this?", "We have stopped")}


@pytest.fixture
def linh(db: None, settings: LazySettings) -> StaffMember:
    """An agent; the customer BZ0000001 wants promotions and surveys by e-mail."""
    settings.SITE_URL = SITE
    agent, customer = open_house(), factories.customer("BZ0000001")
    consented(customer, agent)
    consented(customer, agent, "surveys")
    return agent


def hoa() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def path(customer: Customer | None = None, code: str = "promotions") -> str:
    """The path of the link below news."""
    return link_for(customer or hoa(), purpose(code)).removeprefix(SITE)


def one_click(where: str, **headers: str) -> Any:
    """What a mail program posts: no cookie, no token, no login."""
    return Client(enforce_csrf_checks=True).post(where, ONE_CLICK, content_type=FORM, headers=headers)


def wanted() -> list[str]:
    """The news the customer still gets by e-mail."""
    return [code for code in ("promotions", "surveys") if may_contact(hoa(), code, "email")]


def said_no() -> list[tuple[str, str, str, str, str]]:
    """What the customer said no to, by which way, how, through what, and who recorded it."""
    rows = ConsentEvent.objects.exclude(what="granted").order_by("pk")
    return list(rows.values_list("purpose", "channel", "what", "through", "by__username"))


OUT = ("promotions", "", "objected", "web", "system")


# --- from the mail to the no ---------------------------------------------------------------------------------------


def test_the_link_of_a_mail_that_arrived_stops_the_news_with_one_click_while_the_mail_server_is_away(
    linh: StaffMember, settings: LazySettings
) -> None:
    with mail_server(settings) as inbox:
        assert write(hoa(), purpose(), "email", by=linh, subject="Tin", text="Tin mới").left
        letter = inbox.mails[0]
    settings.EMAIL_PORT = free_port()
    link = str(letter["List-Unsubscribe"]).strip(" <>")
    assert re.findall(r"https://\S+", letter.get_content()) == [link]
    assert link.startswith(SITE)
    answer = one_click(link.removeprefix(SITE))
    assert (answer.status_code, said_no(), wanted()) == (200, [OUT], ["surveys"])
    assert answer.cookies == {}


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_page_changes_nothing(method: str, linh: StaffMember) -> None:
    log = Leaf.objects.count()
    for _ in range(2):
        assert getattr(Client(), method)(path()).status_code == 200
    assert (Leaf.objects.count(), wanted(), mail.outbox) == (log, ["promotions", "surveys"], [])
    assert one_click(path()).status_code == 200
    assert wanted() == ["surveys"]


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_told_which_there_are_and_change_nothing(method: str, linh: StaffMember) -> None:
    log, answer = Leaf.objects.count(), getattr(Client(), method)(path())
    assert (answer.status_code, answer.headers["Allow"], Leaf.objects.count()) == (405, "GET, HEAD, POST", log)
    assert one_click(path()).status_code == 200


def test_the_pages_own_button_stops_this_and_the_other_one_all_news(linh: StaffMember) -> None:
    browser = Client(enforce_csrf_checks=True)
    shown = browser.get(path()).content.decode()
    buttons = re.findall(r'<button[^>]*type="submit"(?: name="(\w+)" value="(\w+)")?>', shown)
    assert buttons == [("", ""), ("everything", "1")]
    after = browser.post(path())
    assert (after.status_code, said_no(), wanted()) == (200, [OUT], ["surveys"])
    assert 'name="everything"' in after.content.decode()
    rest = browser.post(path(), {"everything": "1"})
    assert (rest.status_code, 'name="everything"' in rest.content.decode(), wanted()) == (200, False, [])
    others = [("new_products", *OUT[1:]), ("surveys", *OUT[1:])]
    assert sorted(said_no()) == sorted([OUT, *others])


def test_what_the_contract_needs_still_goes(linh: StaffMember) -> None:
    one_click(path())
    page = Client().post(path(), {"everything": "1"}).content.decode()
    assert [bool(may_contact(hoa(), code, "email")) for code in ("support", "renewal_notice")] == [True, True]
    assert ["Hỗ trợ" in page, "Thông báo gia hạn" in page, "Xác nhận thanh toán" in page] == [True] * 3
    assert way_out(token_for(hoa(), purpose("support"))) is None


def test_the_opt_out_holds_by_every_way_until_the_customer_says_yes_again(linh: StaffMember) -> None:
    consented(hoa(), linh, channel="sms")
    assert may_contact(hoa(), "promotions", "sms")
    one_click(path())
    assert [may_contact(hoa(), "promotions", way).why for way in ("email", "sms", "phone")] == ["objected"] * 3
    grant(hoa(), purpose(), "email", by=linh, evidence=Evidence("ticket", "T-9"))
    assert wanted() == ["promotions", "surveys"]
    assert one_click(path()).status_code == 200
    assert wanted() == ["surveys"]


def test_posting_again_is_answered_the_same_and_adds_nothing(linh: StaffMember) -> None:
    first = one_click(path())
    log = Leaf.objects.count()
    again = one_click(path())
    assert (again.status_code, again.content, Leaf.objects.count()) == (200, first.content, log)
    assert said_no() == [OUT]


def test_the_page_confirms_and_no_letter_does(linh: StaffMember) -> None:
    assert SHOWN["vi"][1] in one_click(path()).content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_page_is_in_the_customers_language_whatever_the_browsers(locale: str, linh: StaffMember) -> None:
    other = factories.customer("BZ0000002", locale=locale, email="other@example.org")
    consented(other, linh)
    accepts = {"accept-language": {"vi": "en", "en": "vi"}[locale]}
    answers = (Client().get(path(other), headers=accepts), one_click(path(other), **accepts))
    for answer, heading in zip(answers, SHOWN[locale], strict=True):
        assert answer.headers["Content-Language"] == locale
        assert f'<html lang="{locale}">' in answer.content.decode()
        assert re.findall(r"<h1>(.*?)</h1>", answer.content.decode()) == [heading]


def test_what_cannot_be_put_on_record_is_told_and_offered_again(
    linh: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise failed()

    log = Leaf.objects.count()
    with monkeypatch.context() as patched:
        patched.setattr(ConsentEvent, "prepare", fail)
        assert one_click(path()).status_code == 503
    assert (Leaf.objects.count(), wanted()) == (log, ["promotions", "surveys"])
    assert one_click(path()).status_code == 200


# --- strangers -----------------------------------------------------------------------------------------------------


def bad_tokens(token: str) -> dict[str, str]:
    """Texts that look like a token, or hardly."""
    keys, _colon, mark = token.partition(":")
    foreign = Signer(salt="another").sign(keys)
    other_key = Signer(key="another key", salt=SALT).sign(keys)
    nobody = Signer(salt=SALT).sign("0" * 32 + "1")
    no_purpose = Signer(salt=SALT).sign(f"{keys[:32]}ffff")
    contract = Signer(salt=SALT).sign(f"{keys[:32]}{purpose('support').pk:x}")
    huge = Signer(salt=SALT).sign(f"{keys[:32]}{'f' * 40}")
    return {
        "a letter changed": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "the key changed": ("0" if token[0] != "0" else "1") + token[1:],
        "the purpose changed": f"{keys}1:{mark}",
        "cut short": token[:-1],
        "without its mark": keys,
        "without its keys": f":{mark}",
        "twice": token + token,
        "another salt": foreign,
        "another secret": other_key,
        "signed, of nobody": nobody,
        "signed, of no purpose": no_purpose,
        "signed, of the contract": contract,
        "signed, of a number too large": huge,
        "signed, of no keys": Signer(salt=SALT).sign("hello"),
        "a NUL": f"{token}%00",
        "letters of Vietnam": "%E1%BA%A5",
        "very long": "a" * 5000,
        "with more behind it": f"{token}/more",
    }


@pytest.mark.parametrize("which", [
    "a letter changed", "the key changed", "the purpose changed", "cut short", "without its mark", "without its keys",
    "twice", "another salt", "another secret", "signed, of nobody", "signed, of no purpose", "signed, of the contract",
    "signed, of a number too large", "signed, of no keys", "a NUL", "letters of Vietnam", "very long",
    "with more behind it",
])  # fmt: skip
def test_what_is_no_link_of_ours_is_not_found_and_changes_nothing(which: str, linh: StaffMember) -> None:
    log = Leaf.objects.count()
    where = f"/unsubscribe/{bad_tokens(token_for(hoa(), purpose()))[which]}/"
    answers = [Client().get(where), one_click(where), Client().post(where, {"everything": "1"})]
    assert {answer.status_code for answer in answers} == {404}
    assert (Leaf.objects.count(), wanted()) == (log, ["promotions", "surveys"])
    assert one_click(path()).status_code == 200


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=120))
def test_no_text_but_a_token_leads_anywhere(db: None, text: str) -> None:
    assert way_out(text) is None


def test_a_token_leads_to_its_customer_and_purpose(linh: StaffMember) -> None:
    found = way_out(token_for(hoa(), purpose()))
    assert found is not None
    assert (found.customer, found.purpose) == (hoa(), purpose())
    assert token_for(hoa(), purpose("surveys")) != token_for(hoa(), purpose())


def test_neither_link_nor_page_says_who_the_customer_is(linh: StaffMember) -> None:
    personal = re.compile(r"hoa\b|nguy|mail\.example|912345612|BZ0000001|0000001|linh", re.IGNORECASE)
    assert personal.search(link_for(hoa(), purpose())) is None
    assert re.fullmatch(rf"{hoa().seal_id.hex}[0-9a-f]+:[\w-]+", token_for(hoa(), purpose()))
    for answer in (Client().get(path()), one_click(path()), one_click(path())):
        assert personal.findall(answer.content.decode()) == []
        assert personal.findall(str(dict(answer.headers))) == []
        assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "same-origin")


BODIES = {
    "none": ("", FORM),
    "a form": (ONE_CLICK, FORM),
    "a form in parts": (
        '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
    "parts without a boundary": ("x", "multipart/form-data"),
    "a form in another alphabet": ("a=1", f"{FORM}; charset=latin-1"),
    "too many fields": ("&".join(f"a{each}=1" for each in range(2000)), FORM),
    "something else": ("{}", "application/json"),
}


@pytest.mark.parametrize("body", BODIES)
def test_a_click_is_a_click_whatever_its_body(body: str, linh: StaffMember) -> None:
    text, kind = BODIES[body]
    answer = Client(raise_request_exception=False).post(path(), text, content_type=kind)
    assert (answer.status_code, said_no(), wanted()) == (200, [OUT], ["surveys"])


LINES_OF: dict[str, Any] = {
    "get": lambda where: Client().get(where),
    "post": one_click,
    "another method": lambda where: Client().put(where),
    "a wrong letter": lambda where: Client().get(where[:-2] + "/"),
    "a body that cannot be read": lambda where: Client().post(where, "x", content_type="multipart/form-data"),
    "too many fields": lambda where: Client().post(where, BODIES["too many fields"][0], content_type=FORM),
    "another alphabet": lambda where: Client().post(where, "a=1", content_type=f"{FORM}; charset=latin-1"),
    "without the slash": lambda where: Client().get(where.rstrip("/")),
    "with something behind it": lambda where: Client().get(f"{where}more/"),
    "by staff, with something behind it": lambda where: signed_in(factories.person("ba")).get(f"{where}more/"),
    "too often": lambda where: [Client().get(where) for _ in range(32)],
}  # fmt: skip


@pytest.mark.parametrize("way", LINES_OF)
def test_no_log_line_holds_a_token(way: str, linh: StaffMember, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    LINES_OF[way](path())
    signed_in(linh).get("/nowhere/to-be-seen/")
    keys = token_for(hoa(), purpose()).partition(":")[0]
    assert [record.getMessage() for record in caplog.records if keys in record.getMessage()] == []
    own = [record for record in caplog.records if record.name == "desk.access"]
    assert (len(own) >= 2, "to-be-seen" in caplog.text) == (True, False)


# --- too often -----------------------------------------------------------------------------------------------------


def test_one_link_looked_at_too_often_waits_and_its_click_does_not(linh: StaffMember) -> None:
    answers = [Client().get(path()).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    assert Client().get(path())["Retry-After"] == "60"
    assert (one_click(path()).status_code, wanted()) == (200, ["surveys"])


def test_one_link_clicked_too_often_waits_and_another_works(linh: StaffMember) -> None:
    answers = [one_click(path()).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    assert one_click(path(code="surveys")).status_code == 200
    assert len(said_no()) == 2


@pytest.mark.parametrize("end", ["", "/"])
def test_a_link_works_with_and_without_its_last_slash(end: str, linh: StaffMember) -> None:
    where = path().rstrip("/") + end
    assert Client().get(where).status_code == 200
    assert (one_click(where).status_code, wanted()) == (200, ["surveys"])


def test_many_wrong_tokens_from_one_address_wait_and_a_good_link_from_there_works(linh: StaffMember) -> None:
    here, there = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    answers = [here.get(f"/unsubscribe/wrong{n}/").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]
    assert there.get("/unsubscribe/wrong/").status_code == 404
    assert here.post(path(), ONE_CLICK, content_type=FORM).status_code == 200
    assert wanted() == ["surveys"]


def test_who_waited_a_minute_is_served_again(linh: StaffMember) -> None:
    for _ in range(31):
        Client().get(path())
    assert Client().get(path()).status_code == 429
    cache.clear()
    assert Client().get(path()).status_code == 200
    assert (one_click(path()).status_code, wanted()) == (200, ["surveys"])
