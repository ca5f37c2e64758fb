"""Signing in: two factors always, wrong tries counted where they come from, each step on record."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client

from customers.evidence.errors import RecordFailed
from customers.models import SignIn, StaffMember
from customers.sign_in import second_factors
from customers.sign_in.known_browsers import cookie_name
from customers.sign_in.rate_limits import FACTORS_A_DAY, visitor
from customers.staff import accounts
from customers.vault.errors import Unreadable
from tests import factories
from tests.conftest import Clock
from tests.signing import SECRET, browser, code, forget_used_codes, give_app, password_step, sign_in_for_real

pytestmark = pytest.mark.django_db
What = SignIn.What


@pytest.fixture
def linh(db: None) -> StaffMember:
    """An agent with an authenticator app."""
    forget_used_codes()
    person = factories.person("linh", "Support agent")
    give_app(person)
    return person


def came(what: str | None = None) -> list[tuple[str, str]]:
    """What is on record of signing in, and by whom."""
    rows = SignIn.objects.order_by("pk")
    return list((rows.filter(what=what) if what else rows).values_list("what", "by__username"))


def is_in(client: Client) -> bool:
    """Whether the desk opens."""
    return client.get("/").status_code == 200


# --- both factors, and nothing less -------------------------------------------------------------------------------


def test_password_and_code_open_the_desk_and_both_steps_are_needed(linh: StaffMember) -> None:
    client = browser()
    assert not is_in(client)
    asked = password_step(client, "linh")
    assert (asked.status_code, asked["Location"]) == (302, "/login/second-factor/")
    assert not is_in(client)
    assert client.post(asked["Location"], {"code": code()}).status_code == 302
    assert is_in(client)
    assert came(What.SIGNED_IN) == [("signed_in", "linh")]


def test_a_session_made_without_a_second_factor_opens_nothing(linh: StaffMember) -> None:
    client = browser()
    client.force_login(linh)
    assert not is_in(client)
    sign_in_for_real(client, linh)
    assert is_in(client)


def test_a_wrong_password_says_so_and_names_nobody(linh: StaffMember) -> None:
    for name in ("linh", "nobody"):
        answer = password_step(browser(), name, "wrong horse battery")
        assert answer.status_code == 200
        assert "Username or password is wrong" in answer.content.decode()
    assert came(What.PASSWORD_WRONG) == [("password_wrong", "system")] * 2
    assert [row.person for row in SignIn.objects.filter(what=What.PASSWORD_WRONG).order_by("pk")] == [linh, None]


@pytest.mark.parametrize("name", ["system", "ended", "nobody", "linh\0"])
def test_who_may_not_come_in_does_not(linh: StaffMember, name: str) -> None:
    accounts.end_person(factories.person("ended"), by=factories.person("quang", "Administrator"))
    client = browser()
    assert password_step(client, name).status_code == 200
    assert not is_in(client)


def test_a_code_is_good_once(linh: StaffMember) -> None:
    now = code()
    clients = [browser(), browser()]
    for client in clients:
        password_step(client, "linh")
    answers = [client.post("/login/second-factor/", {"code": now}) for client in clients]
    assert [answer.status_code for answer in answers] == [302, 200]
    assert [is_in(client) for client in clients] == [True, False]
    assert came(What.FACTOR_WRONG) == [("factor_wrong", "system")]


def test_a_wrong_code_stands_nowhere_on_the_page_that_asks_again(linh: StaffMember) -> None:
    client = browser()
    password_step(client, "linh")
    page = client.post("/login/second-factor/", {"code": "135790"}).content.decode()
    assert "Type it again; if you have used it, wait for the next one." in page
    assert "135790" not in page


def test_a_recovery_code_lets_in_once(linh: StaffMember) -> None:
    (first, second, *_others) = second_factors.make_codes(linh)
    for given, good in ((first, True), (first, False), (second, True)):
        client = browser()
        password_step(client, "linh")
        client.post("/login/second-factor/", {"code": given})
        assert is_in(client) is good
    assert second_factors.codes_left(linh) == 8


def test_another_s_code_or_the_code_of_a_moved_secret_lets_nobody_in(linh: StaffMember) -> None:
    thief = factories.person("thief", "Support agent")
    give_app(thief, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
    stolen = Authenticator.objects.get(user=thief, type="totp").data
    Authenticator.objects.filter(user=linh, type="totp").update(data=stolen)
    client = browser()
    password_step(client, "linh")
    assert client.post("/login/second-factor/", {"code": code("KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")}).status_code == 200
    assert not is_in(client)
    sign_in_for_real(browser(), factories.person("ha", "Support agent"))  # whose secret is where it belongs


def test_there_is_no_sign_up_and_no_other_page_of_the_library_s(linh: StaffMember) -> None:
    for path in (
        "/signup/",
        "/accounts/signup/",
        "/password/reset/",
        "/email/",
        "/reauthenticate/",
        "/2fa/",
        "/confirm-email/",
    ):
        assert browser().get(path).status_code in (302, 404)
        client = browser()
        sign_in_for_real(client, linh)
        assert client.get(path).status_code == 404


# --- the first time -----------------------------------------------------------------------------------------------


def test_who_has_no_second_factor_sets_one_up_before_anything_else(db: None) -> None:
    mai = factories.person("mai", "Support agent")
    client = browser()
    asked = password_step(client, "mai")
    assert asked["Location"] == "/login/set-up/"
    page = client.get("/login/set-up/").content.decode()
    secret = "".join(re.search(r'class="hash">([A-Z2-7 ]+)<', page)[1].split())  # type: ignore[index]
    assert not is_in(client)
    wrong = client.post("/login/set-up/", {"code": "000000"})
    assert (wrong.status_code, is_in(client)) == (400, False)
    done = client.post("/login/set-up/", {"code": code(secret)})
    codes = re.findall(r"<code>(\d{8})</code>", done.content.decode())
    assert (done.status_code, len(codes), is_in(client)) == (200, 10, True)
    assert [what for what, _by in came()] == ["factor_added", "codes_made", "signed_in"]
    assert second_factors.has_factor(mai)


def test_the_secret_lies_nowhere_in_clear(db: None) -> None:
    factories.person("mai", "Support agent")
    client = browser()
    password_step(client, "mai")
    page = client.get("/login/set-up/").content.decode()
    secret = "".join(re.search(r'class="hash">([A-Z2-7 ]+)<', page)[1].split())  # type: ignore[index]
    assert secret not in str([row.get_decoded() for row in Session.objects.all()])
    client.post("/login/set-up/", {"code": code(secret)})
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in str([row.get_decoded() for row in Session.objects.all()])


def test_a_secret_opens_for_its_person_only(linh: StaffMember) -> None:
    other = factories.person("other")
    token = Authenticator.objects.get(user=linh, type="totp").data["secret"]
    with second_factors.of(linh):
        assert second_factors.opened(token) == SECRET
    with second_factors.of(other), pytest.raises(Unreadable):
        second_factors.opened(token)
    with pytest.raises(LookupError):
        second_factors.opened(token)


# --- too many tries ----------------------------------------------------------------------------------------------


def guess(client: Client, name: str, times: int) -> str:
    """Wrong passwords; returns the last answer."""
    text = ""
    for _each in range(times):
        text = password_step(client, name, "wrong horse battery").content.decode()
    return text


def test_strangers_who_guess_do_not_lock_the_person_out(linh: StaffMember, settings) -> None:
    settings.SIGN_IN_TRIES = 3
    hers = browser("198.51.100.7")
    sign_in_for_real(hers, linh)
    hers.post("/logout/")
    assert "Too many wrong tries" in guess(browser("203.0.113.5"), "linh", 4)
    assert (
        "Too many wrong tries" in password_step(browser("203.0.113.9"), "linh").content.decode()
    )  # right, from elsewhere
    sign_in_for_real(hers, linh)
    assert is_in(hers)


def test_one_known_browser_does_not_guess_for_ever_either(linh: StaffMember, settings) -> None:
    settings.SIGN_IN_TRIES = 3
    hers = browser()
    sign_in_for_real(hers, linh)
    hers.post("/logout/")
    assert "Too many" not in guess(hers, "linh", 3)
    assert "Too many" in password_step(hers, "linh").content.decode()


def test_a_browser_that_is_known_for_one_is_a_stranger_for_another(linh: StaffMember, settings) -> None:
    settings.SIGN_IN_TRIES = 3
    ha = factories.person("ha", "Support agent")
    client = browser()
    sign_in_for_real(client, linh)
    client.post("/logout/")
    guess(client, "ha", 3)
    assert "Too many" in password_step(browser("203.0.113.5"), "ha").content.decode()
    assert "Too many" not in password_step(client, "linh").content.decode()
    assert ha.sign_ins.filter(browser="").count() == 4  # three wrong ones, and being turned away


def test_an_account_that_does_not_exist_is_closed_like_one_that_does(linh: StaffMember, settings) -> None:
    settings.SIGN_IN_TRIES = 3
    for name in ("linh", "ghost"):
        answers = [guess(browser(f"203.0.113.{n}"), name, 1) for n in range(4)]
        assert ["Too many" in answer for answer in answers] == [False, False, False, True]


def test_one_address_does_not_try_all_accounts(linh: StaffMember, settings) -> None:
    settings.SIGN_IN_TRIES_FROM_ADDRESS = 5
    answers = [guess(browser(), f"person{n}", 1) for n in range(6)]
    assert ["Too many" in answer for answer in answers] == [False] * 5 + [True]
    assert "Too many" not in guess(browser("203.0.113.5"), "linh", 1)


def test_tries_come_back_after_a_quarter_of_an_hour(linh: StaffMember, settings, clock: Clock) -> None:
    settings.SIGN_IN_TRIES = 3
    guess(browser(), "linh", 3)
    assert "Too many" in password_step(browser(), "linh").content.decode()
    clock.now += timedelta(minutes=15, seconds=1)
    assert password_step(browser(), "linh").status_code == 302


def test_wrong_codes_count_too_and_are_few_a_day(linh: StaffMember, settings, clock: Clock) -> None:
    settings.SIGN_IN_TRIES = FACTORS_A_DAY
    client = browser()
    password_step(client, "linh")
    for _each in range(FACTORS_A_DAY):
        client.post("/login/second-factor/", {"code": "000000"})
        clock.now += timedelta(minutes=1)
    assert "Too many" in client.post("/login/second-factor/", {"code": code()}).content.decode()
    clock.now += timedelta(minutes=16)
    assert "Too many" in password_step(browser(), "linh").content.decode()
    clock.now += timedelta(days=1)
    assert password_step(browser(), "linh").status_code == 302


def wrong_codes(client: Client, times: int, clock: Clock) -> str:
    """So many after the right password, one a minute; returns the last answer."""
    password_step(client, "linh")
    for _each in range(times):
        answer = client.post("/login/second-factor/", {"code": "000000"})
        clock.now += timedelta(minutes=1)
    return answer.content.decode()


def test_whoever_has_the_password_only_does_not_lock_the_person_out(linh: StaffMember, settings, clock: Clock) -> None:
    settings.SIGN_IN_TRIES = FACTORS_A_DAY
    hers = browser()
    sign_in_for_real(hers, linh)
    assert "Too many wrong tries today." in wrong_codes(browser("203.0.113.5"), FACTORS_A_DAY + 1, clock)
    sign_in_for_real(hers, linh)
    assert is_in(hers)
    new = browser()
    assert "ask an administrator for a reset" in password_step(new, "linh").content.decode()
    StaffMember.objects.filter(pk=linh.pk).update(email="linh@example.com")
    clock.now += timedelta(minutes=16)
    accounts.start_sign_in_reset(linh, by=factories.person("quang", "Administrator"))
    accounts.set_password(linh, "a battery of her own", by=linh)
    assert password_step(new, "linh", "a battery of her own")["Location"] == "/login/set-up/"


def test_a_known_browser_tries_few_codes_a_day_too(linh: StaffMember, settings, clock: Clock) -> None:
    settings.SIGN_IN_TRIES = FACTORS_A_DAY
    hers = browser()
    sign_in_for_real(hers, linh)
    hers.post("/logout/")
    assert "Too many" not in wrong_codes(hers, FACTORS_A_DAY, clock)
    assert "Too many wrong tries today." in hers.post("/login/second-factor/", {"code": code()}).content.decode()


def test_a_browser_stays_known_where_one_s_own_password_was_changed_in_it(linh: StaffMember, settings) -> None:
    settings.SIGN_IN_TRIES = 3
    hers, other = browser(), browser("198.51.100.9")
    for each in (other, hers):
        sign_in_for_real(each, linh)
    new = "another battery horse"
    wrong = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    known = hers.cookies[cookie_name(linh)].value
    assert hers.post("/password_change/", wrong).status_code == 200
    assert hers.cookies[cookie_name(linh)].value == known
    assert hers.post("/password_change/", wrong | {"old_password": factories.PASSWORD}).status_code == 302
    guess(browser("203.0.113.5"), "linh", 4)
    hers.post("/logout/")
    assert password_step(hers, "linh", new)["Location"] == "/login/second-factor/"
    assert "Too many" in password_step(other, "linh", new).content.decode()  # it knew the old password


def test_an_address_is_the_same_however_it_is_written(db: None) -> None:
    def origin(address: str) -> str:
        return visitor(address).origin

    assert origin("::ffff:203.0.113.7") == origin("203.0.113.7") == origin("::ffff:cb00:7107")
    assert origin("::ffff:203.0.113.7") != origin("::ffff:198.51.100.9")
    assert origin("2001:db8:0:1::7") == origin("2001:db8:0:1:ffff::9")
    assert origin("2001:db8:0:1::7") != origin("2001:db8:0:2::7")


def test_being_turned_away_is_on_record_once_and_grows_no_log(linh: StaffMember, settings) -> None:
    settings.SIGN_IN_TRIES = 3
    guess(browser(), "linh", 9)
    assert [what for what, _by in came() if what in ("password_wrong", "turned_away")] == ["password_wrong"] * 3 + [
        "turned_away"
    ]


def test_one_machine_is_known_for_each_who_signs_in_there(linh: StaffMember, settings) -> None:
    settings.SIGN_IN_TRIES = 3
    ha = factories.person("ha", "Support agent")
    shared = browser()
    for person in (linh, ha):
        sign_in_for_real(shared, person)
        shared.post("/logout/")
    guess(browser("203.0.113.5"), "linh", 4)
    sign_in_for_real(shared, linh)
    assert is_in(shared)


def test_a_browser_is_a_stranger_again_after_a_reset(linh: StaffMember) -> None:
    hers = browser()
    sign_in_for_real(hers, linh)
    hers.post("/logout/")
    guess(hers, "linh", 1)
    StaffMember.objects.filter(pk=linh.pk).update(email="linh@example.com")
    accounts.start_sign_in_reset(linh, by=factories.person("quang", "Administrator"))
    guess(hers, "linh", 1)
    known = SignIn.objects.filter(what=What.PASSWORD_WRONG).order_by("pk").values_list("browser", flat=True)
    assert [bool(each) for each in known] == [True, False]


def test_upper_case_opens_no_count_of_its_own_for_nobody_else(linh: StaffMember, settings) -> None:
    settings.SIGN_IN_TRIES = 3
    for name in ("linh", "ghost"):
        guess(browser("203.0.113.5"), name.upper(), 3)
        assert "Too many" not in guess(browser("203.0.113.6"), name, 1)


def test_a_try_that_cannot_be_recorded_is_counted_all_the_same(
    linh: StaffMember, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SIGN_IN_TRIES = 3

    def fails(*args: object) -> None:
        raise RecordFailed("The log cannot be written.")

    monkeypatch.setattr("customers.sign_in.allauth_adapters.note_wrong_password", fails)
    answers = [password_step(browser(), "linh", "wrong horse battery").status_code for _each in range(3)]
    assert answers == [503] * 3
    assert "Too many" in password_step(browser(), "linh").content.decode()


# --- nothing that was typed -------------------------------------------------------------------------------------


def test_what_was_typed_is_kept_nowhere(linh: StaffMember) -> None:
    password_step(browser(), "my-own-password-in-the-wrong-box", "another-secret-typed")
    client = browser()
    password_step(client, "linh")
    client.post("/login/second-factor/", {"code": "918273"})
    from customers.evidence.models import Leaf

    kept = b"".join(bytes(leaf.payload) for leaf in Leaf.objects.all()).decode()
    kept += str([row.get_decoded() for row in Session.objects.all()])
    for typed in ("wrong-box", "another-secret-typed", "918273", factories.PASSWORD, "192.0.2.1"):
        assert typed not in kept
    assert '"what":"password_wrong"' in kept
