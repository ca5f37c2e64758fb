"""The page behind the link, and what a confirmation sets going: approved corrections take over, nothing else does."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from customers.access.verify import verify
from customers.casework.address_verification import answer_with_code, answer_with_link, ask_owner
from customers.casework.addresses import may_send_confidential, may_write_to, written_to
from customers.casework.approvals import approve, refuse_correction, withdraw_correction
from customers.casework.corrections import Why, correct
from customers.casework.holds import close_after_contact, suspend, ways_for
from customers.casework.requests import register
from customers.casework.service_access import start_reset
from customers.evidence.errors import RecordFailed, failed
from customers.models import (
    AddressCheck,
    AddressCheckAnswer,
    ContactPoint,
    Correction,
    Customer,
    CustomerRequest,
    Leaf,
    NoticeOutcome,
    StaffMember,
)
from customers.validation.errors import InvalidInput
from customers.vault.kinds import Kind
from tests import factories
from tests.concurrency import at_once
from tests.customers.evidence.desk_work import sent_code
from tests.customers.evidence.logs import payloads
from tests.worlds import shared

OLD, NEW = "hoa.nguyen@mail.example.com", "new.address@example.org"
PROACTIVE = Why("update", "outdated", "proactive", "call")


@shared
def linh() -> StaffMember:
    """An agent of the customer's team; a lead, and a customer with an e-mail address and a number."""
    return make_desk()


def make_desk() -> StaffMember:
    factories.deadlines()
    factories.customer("BZ0000001")
    factories.person("thao", "Support lead")
    return factories.person("linh", "Support agent")


def lead() -> StaffMember:
    return StaffMember.objects.get(username="thao")


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def point(channel: str = "email") -> ContactPoint:
    return customer().contact_points.get(channel=channel, source="import")


def proposed(by: StaffMember, channel: str = "email", text: str = NEW) -> Correction:
    """A correction of an address that waits for a second person."""
    return correct(customer(), channel, text, by=by, why=PROACTIVE, point=point(channel))


def approved(by: StaffMember) -> Correction:
    """One that the lead has agreed to; its letter is out."""
    correction = proposed(by)
    approve(correction, by=lead())
    return correction


def from_a_request(by: StaffMember, datum: str, text: str, came_from: ContactPoint) -> Correction:
    """A correction on a customer's request, agreed to by the lead; its letter is out."""
    request = register(
        customer(), "correction", by=by, came_by="email", from_point=came_from, text="Đổi giúp tôi", about=[datum]
    )
    verify(customer(), {Kind.PHONE: "+84912345612"}, by=by, request=request)
    old = point(datum) if datum == "email" else None
    why = Why("update" if old else "supplement", "outdated", "customer_request", "call", request=request)
    correction = correct(customer(), datum, text, by=by, why=why, point=old)
    approve(correction, by=lead())
    return correction


def state(correction: Correction) -> str:
    return Correction.objects.get(pk=correction.pk).state


def link() -> str:
    """The path of the link in the newest letter."""
    found = re.search(r"/confirm/\S+", str(mail.outbox[-1].body))
    assert found
    return found[0]


def newest_check() -> AddressCheck:
    return AddressCheck.objects.select_related("contact_point", "customer__team").latest("pk")


# --- the page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete", "patch"])
def test_only_a_post_changes_anything(method: str, linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    path, log = link(), Leaf.objects.count()
    for _ in range(2):
        assert getattr(Client(), method)(path).status_code == (200 if method in ("get", "head") else 405)
    assert (Leaf.objects.count(), AddressCheckAnswer.objects.count(), point().verified_at) == (log, 0, None)
    assert Client().post(path).status_code == 200
    assert may_send_confidential(point())


def test_the_page_asks_for_its_own_form_only(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(link()).status_code == 403
    shown = browser.get(link()).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown)
    assert token
    assert browser.post(link(), {"csrfmiddlewaretoken": token[1]}).status_code == 200
    assert may_send_confidential(point())


def test_a_second_click_is_told_and_changes_nothing(linh: StaffMember) -> None:
    approved(linh)
    path = link()
    assert Client().post(path).status_code == 200
    log, sent = Leaf.objects.count(), len(mail.outbox)
    again, seen = Client().post(path), Client().get(path)
    assert (again.status_code, seen.status_code, "form" in again.content.decode()) == (404, 404, False)
    assert (Leaf.objects.count(), len(mail.outbox), AddressCheckAnswer.objects.count()) == (log, sent, 1)


def test_a_lengthened_link_is_a_dead_one_and_stands_in_no_address(linh: StaffMember) -> None:
    approved(linh)
    path = link()
    for longer in ("more", "/more/"):
        answer = Client().get(f"{path}{longer}")
        assert (answer.status_code, answer.headers.get("Location")) == (404, None)
    for end in ("", "/"):
        assert Client().get(path.rstrip("/") + end).status_code == 200


def test_the_page_says_nothing_of_the_customer_and_is_kept_nowhere(linh: StaffMember) -> None:
    ask_owner(point(), by=linh)
    path = link()
    for response in (Client().get(path), Client().post(path), Client().post(path)):
        said = response.content.decode()
        found = [text for text in (OLD, "hoa.nguyen", "Hoa", "BZ0000001", "linh", "345612") if text in said]
        assert (found, response.headers["Cache-Control"], response.headers["X-Frame-Options"]) == (
            [], "no-store", "DENY",
        )  # fmt: skip
        assert set(response.cookies) <= {"csrftoken"}


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_page_is_in_the_customers_language_whatever_the_browsers(locale: str, linh: StaffMember) -> None:
    other = factories.customer("BZ0000002", locale=locale, email="other@example.org")
    ask_owner(other.contact_points.get(channel="email"), by=linh)
    path = link()
    browsers = {"vi": "en", "en": "vi"}[locale]
    for response in (
        Client().get(path, headers={"accept-language": browsers}),
        Client().post(path, headers={"accept-language": browsers}),
    ):
        assert response.headers["Content-Language"] == locale
        assert f'<html lang="{locale}">' in response.content.decode()


def test_what_cannot_be_put_on_record_is_offered_again(linh: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise failed()

    ask_owner(point(), by=linh)
    log = Leaf.objects.count()
    with monkeypatch.context() as patched:
        patched.setattr(AddressCheckAnswer, "prepare", fail)
        response = Client().post(link())
    assert (response.status_code, Leaf.objects.count(), point().verified_at) == (503, log, None)
    assert "csrfmiddlewaretoken" in response.content.decode()
    assert Client().post(link()).status_code == 200


def test_a_link_that_still_works_stands_in_no_log_line(
    linh: StaffMember, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise failed()

    caplog.set_level("DEBUG")
    ask_owner(point(), by=linh)
    with monkeypatch.context() as patched:
        patched.setattr(AddressCheckAnswer, "prepare", fail)
        Client().post(link())
    suspend(point(), by=linh, reason="reported", ticket="T-1")
    Client().post(link())
    assert link() not in caplog.text


# --- taking over ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["link", "code"])
def test_a_confirmed_address_takes_over_and_the_old_one_is_told(way: str, linh: StaffMember) -> None:
    correction = approved(linh)
    new = correction.new_point
    assert new is not None
    assert (state(correction), mail.outbox[-1].to, point().state, new.state) == (
        "approved",
        [NEW],
        "active",
        "unverified",
    )
    if way == "link":
        assert Client().post(link()).status_code == 200
    else:
        answer_with_code(new, sent_code(), by=linh)
    now = ContactPoint.objects.get(pk=new.pk)
    assert (state(correction), point().state, now.state, bool(may_send_confidential(now))) == (
        "done", "retired", "active", True,
    )  # fmt: skip
    assert (mail.outbox[-1].to, NEW in str(mail.outbox[-1].body), written_to(customer())) == ([OLD], False, now)
    kinds = [entry["kind"] for entry in payloads()[-6:]]
    assert kinds == [
        "address_check_answer", "contact_point_move", "notice", "contact_point_move", "correction_move",
        "notice_outcome",
    ]  # fmt: skip


def test_a_suspended_address_is_not_replaced_on_our_initiative(linh: StaffMember) -> None:
    correction = approved(linh)
    suspend(point(), by=linh, reason="reported", ticket="T-1")
    sent = len(mail.outbox)
    assert Client().post(link()).status_code == 409
    assert (state(correction), point().state, len(mail.outbox)) == ("approved", "suspended", sent)


def test_the_new_address_of_a_correction_that_was_refused_is_not_used(linh: StaffMember) -> None:
    correction = proposed(linh)
    refuse_correction(correction, by=lead(), why="not_proven")
    new = ContactPoint.objects.get(pk=correction.new_point_id)
    with pytest.raises(InvalidInput, match="no longer used"):
        ask_owner(new, by=linh)
    assert (new.state, point().state, mail.outbox) == ("retired", "active", [])


def test_the_link_of_a_withdrawn_correction_confirms_nothing(linh: StaffMember) -> None:
    correction = approved(linh)
    path = link()
    withdraw_correction(correction, by=linh)
    log = Leaf.objects.count()
    assert Client().post(path).status_code in (404, 409)
    assert (state(correction), point().state, Leaf.objects.count()) == ("withdrawn", "active", log)


def test_a_new_address_is_not_used_before_a_second_person_agreed(linh: StaffMember) -> None:
    correction = proposed(linh)
    new = correction.new_point
    assert new is not None
    told = ""
    try:
        ask_owner(new, by=linh)
        answer_with_code(new, sent_code(), by=linh)
        start_reset(new, by=linh)
    except InvalidInput as no:
        told = str(no)
    assert (written_to(customer()), mail.outbox, state(correction)) == (point(), [], "proposed")
    assert told


def test_a_new_address_is_not_used_while_its_request_is_parked_and_asked_anew_after(linh: StaffMember) -> None:
    correction = from_a_request(linh, "email", NEW, point())
    path = link()
    hold = suspend(point(), by=linh, reason="odd_request", ticket="T-1")
    log = Leaf.objects.count()
    assert (Client().post(path).status_code, Leaf.objects.count()) == (409, log)
    new = ContactPoint.objects.get(pk=correction.new_point_id)
    assert (bool(may_write_to(new)), written_to(customer())) == (False, point("phone"))
    close_after_contact(hold, by=lead(), way="phone", over=point("phone"), result="confirmed", who="bà Hoa")
    assert (CustomerRequest.objects.get().state, mail.outbox[-1].to, state(correction)) == ("open", [NEW], "approved")
    assert [Client().post(each).status_code for each in (path, link())] == [404, 200]
    assert (state(correction), point().state, written_to(customer())) == ("done", "retired", new)


def test_a_number_that_came_from_a_suspended_address_does_not_vouch_for_it(linh: StaffMember) -> None:
    correction = from_a_request(linh, "phone", "+84912345699", point())
    code = sent_code()
    hold = suspend(point(), by=linh, reason="odd_request", ticket="T-1")
    new = ContactPoint.objects.get(pk=correction.new_point_id)
    with pytest.raises(InvalidInput, match="cannot be confirmed just now"):
        answer_with_code(new, code, by=linh)
    assert ways_for(hold) == [point("phone")]


def test_a_confirmation_that_was_done_is_not_told_as_undone(linh: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise failed()

    correction = approved(linh)
    with monkeypatch.context() as patched:
        patched.setattr(NoticeOutcome, "prepare", fail)
        response = Client().post(link())
    assert (state(correction), response.status_code) == ("done", 200)


# --- at once -------------------------------------------------------------------------------------------------------


def test_a_link_clicked_twice_at_once_takes_over_once(own_database: str) -> None:
    linh = make_desk()
    correction = approved(linh)
    path, check = link(), newest_check()

    def click() -> None:
        assert Client().post(path).status_code == 200

    told = at_once(click, click, lambda: answer_with_link(check))
    assert (len(told), state(correction), Correction.objects.get().moves.filter(how="carry_out").count()) == (
        2,
        "done",
        1,
    )
    assert (len(mail.outbox), AddressCheckAnswer.objects.count(), point().state) == (2, 1, "retired")


def test_a_confirmation_and_a_withdrawal_at_once_do_not_both_happen(own_database: str) -> None:
    linh = make_desk()
    correction = approved(linh)
    check = newest_check()
    told = at_once(lambda: answer_with_link(check), lambda: withdraw_correction(correction, by=linh))
    ends = (state(correction), point().state, ContactPoint.objects.get(pk=correction.new_point_id).state)
    assert (len(told), told[0].partition(":")[0]) == (1, "InvalidInput")
    assert ends in (("done", "retired", "active"), ("withdrawn", "active", "retired"))


def test_nothing_of_a_confirmation_stands_where_its_log_fails(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    linh = make_desk()
    correction = approved(linh)
    check, log = newest_check(), Leaf.objects.count()
    with monkeypatch.context() as patched:
        patched.setattr("customers.evidence.leaves.append", lambda *args: 1 / 0)
        with pytest.raises(RecordFailed):
            answer_with_link(check)
    assert (Leaf.objects.count(), AddressCheckAnswer.objects.count(), state(correction)) == (log, 0, "approved")
    assert (point().state, len(mail.outbox)) == ("active", 1)
    answer_with_link(check)
    assert state(correction) == "done"
