"""What opens a service: set, rotated, due for rotation once it was seen; and a password that nobody chooses here."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail

from customers.access.reveal import reveal
from customers.acts.refusals import Refused
from customers.casework.address_verification import answer_with_code, ask_owner
from customers.casework.addresses import bounce, retire
from customers.casework.approvals import approve, withdraw_correction
from customers.casework.corrections import Why, correct
from customers.casework.holds import suspend
from customers.casework.service_access import due_for_rotation, rotate_secret, set_service_access, start_reset
from customers.evidence.recording import recording
from customers.models import ContactPoint, Correction, Customer, Notice, ServiceAccess, ServiceAccessChange, StaffMember
from customers.staff import accounts
from customers.validation.errors import InvalidInput
from tests import factories
from tests.assertions import contents, nothing_done
from tests.concurrency import at_once
from tests.conftest import Clock
from tests.customers.evidence.desk_work import sent_code
from tests.customers.evidence.logs import newest, payloads
from tests.factories_casework import EMAIL, point_of
from tests.worlds import shared

LOGIN, SECRET = "hoa-quan-tri", "Mật-khẩu-42!"
WHY = Why("update", "outdated", "proactive", "call")


@shared
def thao() -> StaffMember:
    """The lead of the customer's team; its one service has a login and a secret on file."""
    factories.deadlines()
    factories.customer("BZ0000001")
    return factories.person("thao", "Support lead")


def customer() -> Customer:
    return Customer.objects.get(reference="BZ0000001")


def access() -> ServiceAccess:
    """The service with something on file."""
    return ServiceAccess.objects.get(customer__reference="BZ0000001", service="Cloud Server")


def empty(**on_file: str) -> ServiceAccess:
    """Another service, with nothing on file but what is given."""
    with recording(by=factories.system()):
        made = ServiceAccess(customer=customer(), service="Mail Server", **on_file)
        made.save()
        factories.note()
    return made


def seen(row: ServiceAccess, by: StaffMember, field: str = "secret") -> str:
    """The value, as somebody at the desk reveals it."""
    return reveal(ServiceAccess.objects.get(pk=row.pk), field, by=by, reason="call_back").value


# --- set and rotated ------------------------------------------------------------------------------------------------


def test_a_first_login_and_secret_are_sealed_and_on_record_without_them(thao: StaffMember) -> None:
    row = empty()
    change = set_service_access(row, login=f" {LOGIN} ", secret=SECRET, by=thao)
    row.refresh_from_db()
    assert (row.login, row.secret, row.set_at is not None) == (LOGIN, SECRET, True)
    assert (change.fields, newest()["kind"], newest()["by"]) == (["login", "secret"], "service_access_change", "thao")
    stored = str(contents()) + str(payloads())
    assert (LOGIN in stored, SECRET in stored, LOGIN in repr(row.login)) == (False, False, False)
    assert (seen(row, thao), seen(row, thao, "login")) == (SECRET, LOGIN)


def test_what_is_on_file_is_not_set_over(thao: StaffMember) -> None:
    row = empty()
    stale = ServiceAccess.objects.get(pk=row.pk)
    set_service_access(row, login=LOGIN, secret=SECRET, by=thao)
    for again in (row, stale, access()):
        with nothing_done(), pytest.raises(InvalidInput, match="on file already"):
            set_service_access(again, login="other", secret="other", by=thao)


@pytest.mark.parametrize(
    ("login", "secret"),
    [
        ("", SECRET),
        (LOGIN, ""),
        (" ", "\n"),
        ("x" * 201, SECRET),
        (LOGIN, "x" * 201),
        (LOGIN, "x" * 1_000_000),
        ("two\nlines", SECRET),
        (LOGIN, "nul\x00"),
        (LOGIN, "\u202eterces"),
        ("\u200b", SECRET),
        (LOGIN, "half \ud83d"),
    ],
    ids=lambda value: ascii(value[:12]),
)
def test_a_login_and_a_secret_stand_on_one_line_each(login: str, secret: str, thao: StaffMember) -> None:
    row = empty()
    with nothing_done(), pytest.raises(InvalidInput):
        set_service_access(row, login=login, secret=secret, by=thao)
    if login == LOGIN and secret:
        with nothing_done(), pytest.raises(InvalidInput):
            rotate_secret(access(), secret=secret, by=thao)


def test_a_secret_as_long_as_may_be_in_any_script_is_taken(thao: StaffMember) -> None:
    row = empty()
    set_service_access(row, login="ệ" * 200, secret="密" * 200, by=thao)
    assert seen(row, thao) == "密" * 200


def test_a_new_secret_takes_the_place_of_the_old_one(thao: StaffMember) -> None:
    change = rotate_secret(access(), secret=f" {SECRET}\n", by=thao)
    assert (change.fields, access().secret, access().login) == (["secret"], SECRET, "hoa")
    assert SECRET not in str(payloads())
    with nothing_done(), pytest.raises(InvalidInput, match="on file already"):
        rotate_secret(access(), secret=SECRET, by=thao)


def test_a_random_secret_is_long_and_never_the_same(thao: StaffMember) -> None:
    drawn = set()
    for _ in range(5):
        rotate_secret(access(), by=thao)
        drawn.add(seen(access(), thao))
    assert (len(drawn), {len(secret) for secret in drawn}) == (5, {24})
    assert all(secret.isascii() and secret.isalnum() for secret in drawn)


def test_where_there_is_no_secret_there_is_none_to_rotate(thao: StaffMember) -> None:
    row = empty()
    with nothing_done(), pytest.raises(InvalidInput, match="no secret on file"):
        rotate_secret(row, by=thao)


def test_a_login_without_a_secret_gets_one_by_one_of_the_two_ways(thao: StaffMember) -> None:
    row = empty(login=LOGIN)
    for act in (partial(rotate_secret, secret=SECRET), partial(set_service_access, login=LOGIN, secret=SECRET)):
        try:
            act(row, by=thao)
        except InvalidInput:
            continue
        break
    assert seen(row, thao) == SECRET


@pytest.mark.parametrize("role", ["Support agent", "Compliance officer", "Disclosure approver", "Administrator", ""])
def test_who_has_not_the_right_of_it_sets_and_rotates_nothing(role: str, thao: StaffMember) -> None:
    other, row = factories.person("other", role), empty()
    with nothing_done(refused=2):
        with pytest.raises(Refused, match="You do not set what opens"):
            set_service_access(row, login=LOGIN, secret=SECRET, by=other)
        with pytest.raises(Refused, match="You do not set what opens"):
            rotate_secret(access(), by=other)


def test_a_lead_sets_for_the_own_team_and_only_while_the_customer_is_its(thao: StaffMember) -> None:
    far, stale = factories.person("ha", "Support lead", "Da Nang"), access()
    with nothing_done(refused=1), pytest.raises(Refused):
        rotate_secret(stale, by=far)
    factories.move_to_team(customer(), "Da Nang")
    with nothing_done(refused=1), pytest.raises(Refused):
        rotate_secret(stale, by=thao)
    assert rotate_secret(stale, by=far).fields == ["secret"]
    accounts.end_person(far, by=factories.system())
    with nothing_done(refused=1), pytest.raises(Refused, match="has ended"):
        rotate_secret(stale, by=far)


def test_a_grant_to_see_a_secret_is_none_to_set_it(thao: StaffMember) -> None:
    minh = factories.person("minh", "Support agent", "Da Nang")
    factories.grant(customer(), minh, ["see_customers", "reveal_service_access"])
    assert seen(access(), minh) == "s3cret-value"
    with nothing_done(refused=1), pytest.raises(Refused):
        rotate_secret(access(), by=minh)


# --- due for rotation -----------------------------------------------------------------------------------------------


def test_a_secret_that_somebody_has_seen_is_due_until_it_is_rotated(thao: StaffMember, clock: Clock) -> None:
    other, row = factories.customer("BZ0000002", email="lan@mail.example.com", phone="+84912345613"), access()
    second = empty(login=LOGIN, secret=SECRET)
    assert due_for_rotation(customer()) == set()
    seen(row, thao)
    assert (due_for_rotation(customer()), due_for_rotation(other)) == ({row.pk}, set())
    seen(second, thao)
    assert due_for_rotation(customer()) == {row.pk, second.pk}
    clock.now += timedelta(minutes=1)
    rotate_secret(row, by=thao)
    assert due_for_rotation(customer()) == {second.pk}
    clock.now += timedelta(minutes=1)
    seen(row, thao)
    assert due_for_rotation(customer()) == {row.pk, second.pk}


def test_neither_a_login_that_was_seen_nor_a_refused_look_makes_it_due(thao: StaffMember) -> None:
    seen(access(), thao, "login")
    with pytest.raises(Refused):
        seen(access(), factories.person("linh", "Support agent"))
    assert due_for_rotation(customer()) == set()


def test_a_new_login_does_not_make_a_seen_secret_unseen(thao: StaffMember, clock: Clock) -> None:
    seen(access(), thao)
    clock.now += timedelta(minutes=1)
    proposed = correct(customer(), "login", "hoa.moi", by=thao, why=WHY, service=access())
    approve(proposed, by=factories.person("duc", "Support lead"))
    assert (access().login, access().secret) == ("hoa.moi", "s3cret-value")
    assert due_for_rotation(customer()) == {access().pk}


# --- a password reset is started ------------------------------------------------------------------------------------


def confirmed(by: StaffMember) -> ContactPoint:
    """The e-mail address on file, confirmed by its owner."""
    ask_owner(point_of(customer()), by=by)
    answer_with_code(point_of(customer()), sent_code(), by=by)
    mail.outbox.clear()
    return point_of(customer())


def test_a_reset_sends_the_provider_s_own_link_and_no_password(thao: StaffMember, settings: Any) -> None:
    settings.PASSWORD_RESET_URL = "https://id.example.com/reset"
    letter = start_reset(confirmed(thao), by=thao)
    assert (letter.left, [message.to for message in mail.outbox]) == (True, [[EMAIL]])
    body = str(mail.outbox[0].body)
    assert ("\nhttps://id.example.com/reset\n" in body, "BZ0000001" in body) == (True, True)
    notice = Notice.objects.latest("pk")
    assert (notice.what, payloads()[-2]["kind"], payloads()[-2]["by"]) == ("password_reset", "notice", "thao")


def changed(state: str, point: ContactPoint, by: StaffMember) -> None:
    """Bring a confirmed address there."""
    {"retired": retire, "bounced": bounce, "suspended": partial(suspend, reason="odd_request", ticket="T-1")}[state](
        point, by=by
    )


@pytest.mark.parametrize("state", ["retired", "bounced", "suspended"])
def test_a_reset_never_goes_to_an_address_that_left_use_even_from_an_old_page(state: str, thao: StaffMember) -> None:
    stale = confirmed(thao)
    changed(state, point_of(customer()), thao)
    for point in (stale, point_of(customer())):
        with nothing_done(), pytest.raises(InvalidInput, match="confirmed e-mail address in use only"):
            start_reset(point, by=thao)


def test_a_reset_goes_to_a_confirmed_address_only(thao: StaffMember) -> None:
    for point in (point_of(customer()), point_of(customer(), "phone")):
        assert point.state == "active"
        with nothing_done(), pytest.raises(InvalidInput, match="confirmed e-mail address in use only"):
            start_reset(point, by=thao)
    assert start_reset(confirmed(thao), by=thao).left


def test_a_confirmed_number_is_no_place_for_a_reset(thao: StaffMember) -> None:
    ask_owner(point_of(customer(), "phone"), by=thao)
    answer_with_code(point_of(customer(), "phone"), sent_code(), by=thao)
    assert point_of(customer(), "phone").verified_at is not None
    with nothing_done(), pytest.raises(InvalidInput, match="choose an e-mail address"):
        start_reset(point_of(customer(), "phone"), by=thao)


def test_a_reset_waits_while_the_address_is_being_replaced(thao: StaffMember) -> None:
    point = confirmed(thao)
    correct(customer(), "email", "moi@mail.example.org", by=thao, why=WHY, point=point)
    with nothing_done(), pytest.raises(InvalidInput, match="about to be replaced"):
        start_reset(point, by=thao)
    withdraw_correction(Correction.objects.get(), by=thao)
    assert start_reset(point, by=thao).left


def test_without_a_page_of_the_provider_s_no_reset_is_started(thao: StaffMember, settings: Any) -> None:
    point, settings.PASSWORD_RESET_URL = confirmed(thao), ""
    with nothing_done(), pytest.raises(InvalidInput, match="PASSWORD_RESET_URL"):
        start_reset(point, by=thao)


def test_an_ended_customer_has_no_account_to_reset(thao: StaffMember) -> None:
    point = confirmed(thao)
    assert point.customer.status == "connected"
    with recording(by=factories.system()):
        Customer.objects.filter(pk=customer().pk).update(status="ended")
        factories.note()
    with nothing_done(refused=1), pytest.raises(Refused) as refused:
        start_reset(point, by=thao)
    assert refused.value.why == "ended_customer"


def test_who_does_not_work_on_the_customer_starts_no_reset(thao: StaffMember) -> None:
    point = confirmed(thao)
    for role, team in (("Compliance officer", "Hanoi"), ("Support lead", "Da Nang"), ("Auditor", "Hanoi")):
        other = factories.person(f"other-{role[:3].lower()}", role, team)
        with nothing_done(refused=1), pytest.raises(Refused, match="do not work on"):
            start_reset(point, by=other)
    assert start_reset(point, by=factories.person("linh", "Support agent")).left


def test_a_reset_that_could_not_leave_says_so(thao: StaffMember, monkeypatch: pytest.MonkeyPatch) -> None:
    point = confirmed(thao)

    def out_of_order(message: Any) -> int:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(mail.EmailMessage, "send", out_of_order)
    letter = start_reset(point, by=thao)
    assert (letter.left, newest()["columns"]["why"], point_of(customer()).state) == (False, "mail_server", "active")


# --- two at once ----------------------------------------------------------------------------------------------------


def leads() -> tuple[ServiceAccess, StaffMember, StaffMember]:
    """A service and two leads of the team."""
    factories.customer("BZ0000001")
    return access(), factories.person("thao", "Support lead"), factories.person("duc", "Support lead")


def test_of_two_that_set_a_first_login_one_does(own_database: str) -> None:
    _, thao, duc = leads()
    row = empty()
    told = at_once(
        partial(set_service_access, row, login="first", secret="first", by=thao),
        partial(set_service_access, row, login="second", secret="second", by=duc),
    )
    assert told == ["InvalidInput: A login is on file already: correct it, or rotate the secret."]
    row.refresh_from_db()
    assert any(row.login == name and row.secret == name for name in ("first", "second"))


def test_of_two_that_rotate_a_secret_one_does_and_the_other_is_told(own_database: str) -> None:
    row, thao, duc = leads()
    told = at_once(partial(rotate_secret, row, by=thao), partial(rotate_secret, row, by=duc))
    assert (len(told), ServiceAccessChange.objects.count()) == (1, 1)
