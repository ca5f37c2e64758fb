"""The people at the desk: added, given and taken roles, ended at once; each on record, never by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from config.roles import ROLES, RoleData
from customers.access.reveal import reveal
from customers.acts.refusals import Refused
from customers.models import AccessChange, AccessGrantEnd, Membership, Refusal, Role, StaffMember, Team
from customers.permissions.access import can_decide_for, people_grantable_by
from customers.permissions.customers import can_find, can_see, customers_visible_to
from customers.sign_in import second_factors
from customers.staff import accounts, teams
from customers.staff.sign_in_links import NotSent, send_link
from customers.validation.errors import InvalidInput
from tests import factories
from tests.concurrency import at_once
from tests.customers.evidence.logs import payloads
from tests.scenario import now
from tests.signing import give_app, password_step, sign_in, sign_in_for_real
from tests.worlds import shared


@shared
def quang() -> StaffMember:
    """An administrator."""
    factories.team("Hanoi")
    return factories.person("quang", "Administrator")


def role(name: str) -> Role:
    return Role.objects.get(name=name)


def address(uid: str, token: str) -> str:
    return f"https://desk.example.com/choose-password/{uid}/{token}/"


def test_an_administrator_adds_somebody_gives_a_role_and_takes_it_again(quang: StaffMember) -> None:
    customer = factories.customer()
    hue = accounts.add_person("hue", by=quang, first_name="Huệ", email="hue@example.com")
    assert (hue.has_usable_password(), can_see(hue, customer)) == (False, False)
    membership = accounts.give_role(hue, role("Support agent"), Team.objects.get(name="Hanoi"), by=quang)
    assert can_see(hue, customer)
    accounts.end_role(membership, by=quang)
    assert (can_see(hue, customer), hue.groups.count()) == (False, 0)
    kinds = [(entry["columns"]["what"], entry["by"]) for entry in payloads()[-4:] if entry["kind"] == "access_change"]
    assert kinds == [("person_added", "quang"), ("role_given", "quang"), ("role_ended", "quang")]
    with pytest.raises(InvalidInput, match="taken away already"):
        accounts.end_role(membership, by=quang)


def test_one_role_of_two_leaves_the_other(quang: StaffMember) -> None:
    customer, linh = factories.customer(), factories.person("linh", "Support agent")
    lead = accounts.give_role(linh, role("Support lead"), customer.team, by=quang)
    accounts.end_role(lead, by=quang)
    assert can_see(linh, customer)


def test_with_the_last_role_that_takes_grants_go_the_grants(quang: StaffMember) -> None:
    customer, minh = factories.customer(), factories.person("minh", "Support agent", "Da Nang")
    factories.grant(customer, minh)
    second = accounts.give_role(minh, role("Support agent"), factories.team("Hue"), by=quang)
    accounts.end_role(second, by=quang)
    assert can_see(minh, customer)
    accounts.give_role(minh, role("Auditor"), None, by=quang)
    accounts.end_role(minh.memberships.get(role__name="Support agent"), by=quang)
    assert not can_see(minh, customer)
    assert AccessGrantEnd.objects.get().person == minh


NO_RIGHTS: RoleData = {"all_teams": True, "rights": []}


def test_when_a_role_no_longer_takes_grants_its_people_s_grants_end(quang: StaffMember) -> None:
    customer, minh = factories.customer(), factories.person("minh", "Support agent", "Da Nang")
    factories.grant(customer, minh)
    lesser: RoleData = {"all_teams": False, "rights": ["see_customers"]}
    teams.sync_roles({**ROLES, "Support agent": lesser}, by=factories.system())
    assert not can_see(minh, customer)
    assert AccessGrantEnd.objects.get().person == minh


def test_who_has_left_decides_nothing_and_is_decided_about_by_nobody(quang: StaffMember) -> None:
    customer = factories.customer()
    linh, lead = factories.person("linh", "Support agent"), factories.person("thao", "Support lead")
    ha = factories.person("ha", "Support agent")
    assert can_decide_for(lead, linh)
    assert set(people_grantable_by(lead)) == {linh, ha}
    assert set(people_grantable_by(ha)) == set()
    StaffMember.objects.filter(pk=linh.pk).update(is_active=False)
    assert not can_decide_for(lead, linh)
    assert set(people_grantable_by(lead)) == {ha}
    for person in (lead, ha):
        person.is_active = False
    assert (can_decide_for(lead, ha), can_find(ha), can_see(ha, customer)) == (False, False, False)


ACTS: dict[str, Callable[[StaffMember, StaffMember], object]] = {
    "add_person": lambda by, about: accounts.add_person("new", by=by),
    "give_role": lambda by, about: accounts.give_role(about, role("Auditor"), None, by=by),
    "end_role": lambda by, about: accounts.end_role(about.memberships.get(), by=by),
    "end_person": lambda by, about: accounts.end_person(about, by=by),
    "send_link": lambda by, about: send_link(about, by=by, address=address),
    "create_team": lambda by, about: teams.create_team("Hue", by=by),
    "sync_roles": lambda by, about: teams.sync_roles({**ROLES, "Auditor": NO_RIGHTS}, by=by),
    "start_sign_in_reset": lambda by, about: accounts.start_sign_in_reset(about, by=by),
    "end_sessions": lambda by, about: accounts.end_sessions_of(about, by=by),
}
NOT_ONESELF = {"give_role", "end_role", "end_person", "send_link", "start_sign_in_reset", "end_sessions"}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["Support lead", "Compliance officer", "Disclosure approver", "Auditor", ""])
def test_nobody_but_an_administrator_does(act: str, who: str, quang: StaffMember) -> None:
    about, by = factories.person("linh", "Support agent"), factories.person("somebody", who)
    StaffMember.objects.filter(pk=about.pk).update(email="linh@example.com")
    before = AccessChange.objects.count()
    with pytest.raises(Refused, match="do not look after staff"):
        ACTS[act](by, about)
    assert (Refusal.objects.get().act, AccessChange.objects.count()) == (act, before)
    ACTS[act](quang, about)
    assert AccessChange.objects.count() > before


def test_nobody_chooses_another_s_password_but_whoever_has_the_server(quang: StaffMember) -> None:
    linh = factories.person("linh", "Support agent")
    with pytest.raises(Refused, match="Everybody chooses their own password"):
        accounts.set_password(linh, "another battery horse", by=quang)
    assert (Refusal.objects.get().act, now(linh).check_password(factories.PASSWORD)) == ("set_password", True)
    accounts.set_password(linh, "a battery of her own", by=linh)
    assert now(linh).check_password("a battery of her own")
    accounts.set_password(linh, "another battery horse", by=factories.system())
    assert now(linh).check_password("another battery horse")


def test_a_reset_of_somebody_whom_no_link_reaches_does_nothing(quang: StaffMember) -> None:
    linh = factories.person("linh", "Support agent")
    give_app(linh)
    with pytest.raises(InvalidInput, match="Nothing was done: no e-mail address is on file"):
        accounts.start_sign_in_reset(linh, by=quang)
    assert (now(linh).has_usable_password(), second_factors.has_factor(linh)) == (True, True)
    assert not AccessChange.objects.filter(what="reset_started").exists()


def test_a_reset_leaves_no_password_no_second_factor_and_no_session(quang: StaffMember) -> None:
    linh = factories.person("linh", "Support agent", email="linh@example.com")
    codes = give_app(linh)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    sign_in(client, linh)
    assert client.get("/customers/customer/").status_code == 200
    change = accounts.start_sign_in_reset(linh, by=quang)
    assert change.detail == {"person": "linh", "factors": 2, "sessions": 1}
    assert client.get("/customers/customer/").status_code == 302
    assert not now(linh).has_usable_password()
    accounts.set_password(linh, factories.PASSWORD, by=linh)
    asked = password_step(Client(HTTP_ACCEPT_LANGUAGE="en"), "linh")
    assert asked["Location"] == "/login/set-up/"  # the old codes are worth nothing
    assert len(codes) == 10
    assert now(linh).memberships.count() == 1


def test_ending_sessions_ends_them_all_and_nothing_else(quang: StaffMember) -> None:
    linh = factories.person("linh", "Support agent")
    give_app(linh)
    clients = [Client(HTTP_ACCEPT_LANGUAGE="en") for _ in range(2)]
    for client in clients:
        sign_in(client, linh)
    assert accounts.end_sessions_of(linh, by=quang).detail["sessions"] == 2
    assert [client.get("/").status_code for client in clients] == [302, 302]
    sign_in_for_real(clients[0], linh)
    assert clients[0].get("/").status_code == 200


@pytest.mark.parametrize("act", sorted(NOT_ONESELF))
def test_nobody_changes_his_own_access(act: str, quang: StaffMember) -> None:
    with pytest.raises(Refused, match="Nobody changes their own access"):
        ACTS[act](quang, quang)
    assert (Refusal.objects.get().why, Refusal.objects.get().person) == ("own_access", quang)
    assert quang.memberships.count() == 1


def test_a_superuser_looks_after_staff_and_sees_no_customer(quang: StaffMember) -> None:
    factories.customer()
    root = factories.person("root")
    StaffMember.objects.filter(pk=root.pk).update(is_superuser=True)
    root.refresh_from_db()
    assert accounts.add_person("new", by=root).pk
    assert not customers_visible_to(root).exists()


def test_somebody_with_work_under_way_is_ended_at_once_and_everything_with_it(quang: StaffMember) -> None:
    customer, linh = factories.customer(), factories.person("linh", "Support agent")
    factories.grant(factories.customer(team_name="Da Nang"), linh)
    reveal(customer, "full_name", by=linh, reason="call_back")
    other = factories.person("other", "Support agent")
    mine, also, others = (Client(HTTP_ACCEPT_LANGUAGE="en") for _ in range(3))
    for client, person in ((mine, linh), (also, linh), (others, other)):
        sign_in(client, person)
    assert mine.get("/customers/customer/").status_code == 200
    change = accounts.end_person(linh, by=quang)
    assert change.detail == {
        "person": "linh",
        "roles": [{"role": "Support agent", "team": "Hanoi"}],
        "sessions": 2,
    }
    assert [client.get("/customers/customer/").status_code for client in (mine, also, others)] == [302, 302, 200]
    assert Session.objects.count() == 1
    linh.refresh_from_db()
    assert (linh.is_active, linh.has_usable_password(), linh.memberships.count(), linh.groups.count()) == (
        False, False, 0, 0,
    )  # fmt: skip
    assert not customers_visible_to(linh).exists()
    assert AccessGrantEnd.objects.get().person == linh
    with pytest.raises(Refused, match="Your access has ended"):
        reveal(customer, "full_name", by=linh, reason="call_back")
    with pytest.raises(InvalidInput, match="ended already"):
        accounts.end_person(linh, by=quang)


def test_somebody_who_comes_back_holds_no_role_no_password_and_no_superuser_s_rights(quang: StaffMember) -> None:
    linh = factories.person("linh", "Support agent")
    StaffMember.objects.filter(pk=linh.pk).update(is_superuser=True)
    accounts.end_person(linh, by=quang)
    for act in (
        lambda: accounts.give_role(linh, role("Auditor"), None, by=quang),
        lambda: accounts.set_password(linh, factories.PASSWORD, by=factories.system()),
        lambda: send_link(linh, by=quang, address=address),
    ):
        with pytest.raises(InvalidInput, match="give it back first"):
            act()
    accounts.take_back(linh, by=quang)
    linh.refresh_from_db()
    assert (linh.is_active, linh.is_superuser, linh.has_usable_password()) == (True, False, False)
    assert not Membership.objects.filter(person=linh).exists()
    with pytest.raises(InvalidInput, match="has access already"):
        accounts.take_back(linh, by=quang)


@pytest.mark.parametrize(
    ("different", "sentence"),
    [
        ({"username": "QUANG"}, "taken"),
        ({"username": "a b"}, "valid username"),
        ({"username": "hoa@example.com"}, "stands in clear"),
        ({"username": "0912345612"}, "stands in clear"),
        ({"username": "ｑｕａｎｇ"}, "letters a to z"),
        ({"username": "quаng"}, "letters a to z"),
        ({"username": "x" * 151}, "150"),
        ({"first_name": "Hoa\r\nBcc: x"}, "line breaks"),
        ({"first_name": "0912 345 612"}, "line breaks"),
        ({"email": "no address"}, "valid email"),
        ({"email": f"{'x' * 64}@{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 60}.example.com"}, "254"),
    ],
)
def test_a_malformed_person_is_told(different: dict[str, str], sentence: str, quang: StaffMember) -> None:
    before = StaffMember.objects.count()
    with pytest.raises(InvalidInput, match=sentence):
        accounts.add_person(**{"username": "hue", **different}, by=quang)  # type: ignore[arg-type]
    assert StaffMember.objects.count() == before


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 101, "Hanoi", "HANOI", "Ｈanoi", "hoa@example.com", "0912345612", "a\0b"]
)
def test_a_team_s_name_is_one_and_unlike_the_others(name: str, quang: StaffMember) -> None:
    with pytest.raises(InvalidInput):
        teams.create_team(name, by=quang)
    assert teams.create_team("  Hà   Nội 2 ", by=quang).name == "Hà Nội 2"


# --- the link by which a password is chosen --------------------------------------------------------------------------


def opened_link(client: Client) -> str:
    """Where the button of the page leads that the letter's link leads to; no redirect, which would lose the session."""
    page = client.get(link_in_the_letter())
    assert page.status_code == 200
    return re.search(r'class="button primary" href="([^"]+)"', page.content.decode())[1]  # type: ignore[index]


def link_in_the_letter() -> str:
    found = re.search(r"https://desk\.example\.com(\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def test_a_link_is_mailed_works_once_and_lets_the_person_in(quang: StaffMember) -> None:
    hue = accounts.add_person("hue", by=quang, first_name="Huệ", email="hue@example.com")
    send_link(hue, by=quang, address=address)
    assert (mail.outbox[-1].to, "hue" in mail.outbox[-1].body) == (["hue@example.com"], True)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    url = opened_link(client)
    page = client.get(url)
    assert "Choose your password" in page.content.decode()
    assert link_in_the_letter() not in url
    short = client.post(url, {"new_password1": "short", "new_password2": "short"})
    assert (short.status_code, "too short" in short.content.decode()) == (200, True)
    new = {"new_password1": factories.PASSWORD, "new_password2": factories.PASSWORD}
    assert client.post(url, new).status_code == 302
    assert payloads()[-1]["columns"]["what"] == "password_set"
    assert client.login(username="hue", password=factories.PASSWORD)
    assert "This link no longer works" in Client(HTTP_ACCEPT_LANGUAGE="en").get(link_in_the_letter()).content.decode()


def test_two_who_use_one_link_at_once_one_chooses_and_the_other_is_told(quang: StaffMember) -> None:
    hue = accounts.add_person("hue", by=quang, email="hue@example.com")
    send_link(hue, by=quang, address=address)
    clients = [Client(HTTP_ACCEPT_LANGUAGE="en") for _ in range(2)]
    urls = [opened_link(client) for client in clients]
    token = clients[1].session["_password_reset_token"]
    accounts.set_password(hue, factories.PASSWORD, by=hue, link=token)
    with pytest.raises(InvalidInput, match="no longer works"):
        accounts.set_password(hue, "another battery horse", by=hue, link=token)
    late = clients[0].post(urls[0], {"new_password1": "another battery", "new_password2": "another battery"})
    assert "no longer works" in late.content.decode()
    assert clients[0].login(username="hue", password=factories.PASSWORD)


def test_a_link_made_out_before_access_ended_never_works_again(quang: StaffMember) -> None:
    linh = factories.person("linh", "Support agent")
    StaffMember.objects.filter(pk=linh.pk).update(email="linh@example.com")
    send_link(linh, by=quang, address=address)
    accounts.end_person(linh, by=quang)
    for then in (lambda: None, lambda: accounts.take_back(linh, by=quang)):
        then()
        page = Client(HTTP_ACCEPT_LANGUAGE="en").get(link_in_the_letter(), follow=True)
        assert "This link no longer works" in page.content.decode()


def test_a_letter_that_does_not_leave_is_told(quang: StaffMember, settings) -> None:
    nowhere = accounts.add_person("nowhere", by=quang)
    with pytest.raises(InvalidInput, match="no e-mail address"):
        send_link(nowhere, by=quang, address=address)
    hue = accounts.add_person("hue", by=quang, email="hue@example.com")
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    with pytest.raises(NotSent, match="could not be sent"):
        send_link(hue, by=quang, address=address)


# --- two at once -----------------------------------------------------------------------------------------------------


def test_of_two_administrators_who_end_each_other_one_stays(own_database: str) -> None:
    first, second = factories.person("quang", "Administrator"), factories.person("phuc", "Administrator")
    told = at_once(
        lambda: accounts.end_person(second, by=first),
        lambda: accounts.end_person(first, by=second),
    )
    assert [sentence.partition(":")[0] for sentence in told] == ["Refused"]
    assert StaffMember.objects.filter(memberships__role__name="Administrator", is_active=True).count() == 1


def test_what_an_ended_person_still_does_comes_before_the_end_or_not_at_all(own_database: str) -> None:
    customer, quang = factories.customer(), factories.person("quang", "Administrator")
    linh = factories.person("linh", "Support agent")
    at_once(
        lambda: accounts.end_person(linh, by=quang),
        *[lambda: reveal(customer, "full_name", by=linh, reason="call_back")] * 4,
    )
    kinds = [(entry["kind"], entry["columns"].get("what")) for entry in payloads()]
    after = kinds[kinds.index(("access_change", "person_ended")) :]
    assert ("reveal", None) not in after
