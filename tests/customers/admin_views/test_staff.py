"""Staff, roles and teams on pages, for administrators."""

import pytest
from django.core import mail

from customers.evidence.errors import RecordFailed
from customers.models import AccessChange, Membership, Role, StaffMember, Team
from tests import factories
from tests.engines import PAGES_ONLY
from tests.reading import signed_in, texts
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    PAGES_ONLY,
]
STAFF, TEAMS = "/customers/staffmember/", "/customers/team/"


@shared
def quang() -> StaffMember:
    """An administrator; a team and an agent of it."""
    factories.team("Da Nang")
    factories.person("linh", "Support agent")
    return factories.person("quang", "Administrator")


def person(username: str) -> StaffMember:
    return StaffMember.objects.get(username=username)


def test_somebody_is_added_gets_a_letter_and_a_role(quang: StaffMember) -> None:
    client = signed_in(quang)
    added = client.post(STAFF + "add/", {"username": "hue", "first_name": "Huệ", "email": "hue@example.com"})
    hue = person("hue")
    assert added["Location"] == f"{STAFF}{hue.pk}/"
    assert mail.outbox[-1].to == ["hue@example.com"]
    assert "http://testserver/choose-password/" in mail.outbox[-1].body
    page = texts(client.get(added["Location"]))
    assert {"A link to choose a password is on its way to hue.", "No role: nothing is shown to this person."} <= page
    role, team = Role.objects.get(name="Support agent"), Team.objects.get(name="Da Nang")
    wrong = client.post(f"{STAFF}{hue.pk}/role/", {"role": role.pk})
    assert "Say for which team." in texts(wrong)
    given = client.post(f"{STAFF}{hue.pk}/role/", {"role": role.pk, "team": team.pk})
    assert {"Support agent", "Da Nang"} <= texts(client.get(given["Location"]))


def test_a_role_is_taken_away_and_access_ended_and_given_back(quang: StaffMember) -> None:
    client, linh = signed_in(quang), person("linh")
    other = signed_in(linh)
    assert other.get("/customers/customer/").status_code == 200
    client.post(f"{STAFF}{linh.pk}/role/{linh.memberships.get().pk}/end/")
    assert other.get("/").status_code == 302  # out at the next request
    other = signed_in(linh)
    assert other.get("/customers/customer/").status_code == 403
    assert "End the access of linh?" in texts(client.get(f"{STAFF}{linh.pk}/end/"))
    client.post(f"{STAFF}{linh.pk}/end/")
    assert other.get("/").status_code == 302
    page = texts(client.get(f"{STAFF}{linh.pk}/"))
    assert {
        "access ended",
        "Give access again…",
        "Access ended · linh",
        "Role ended · linh · Support agent · Hanoi",
    } <= page
    assert "This person’s access has ended already." in texts(client.post(f"{STAFF}{linh.pk}/end/"))
    back = client.post(f"{STAFF}{linh.pk}/take-back/", follow=True)
    assert {"invited", "There is no e-mail address on file for this person."} <= texts(back)


def test_ones_own_page_offers_nothing_and_its_acts_are_refused(quang: StaffMember) -> None:
    client = signed_in(quang)
    page = client.get(f"{STAFF}{quang.pk}/")
    assert "This is you: nobody changes their own access. Ask another administrator." in texts(page)
    assert [act for act in ("/role/", "/end/", "/link/") if f"{quang.pk}{act}" in page.content.decode()] == []
    role = Role.objects.get(name="Auditor")
    for url, data in (("end/", {}), ("role/", {"role": role.pk}), ("link/", {})):
        refused = client.post(f"{STAFF}{quang.pk}/{url}", data)
        assert refused.status_code == 403
        assert "Nobody changes their own access; ask another administrator." in texts(refused)
    assert Membership.objects.filter(person=quang).count() == 1


def test_the_list_shows_roles_and_filters_those_who_left(quang: StaffMember) -> None:
    client = signed_in(quang)
    factories.accounts.end_person(factories.person("gone", "Auditor"), by=quang)
    assert {"linh", "gone", "quang", "access ended", "Hanoi"} <= texts(client.get(STAFF))
    assert "gone" not in texts(client.get(STAFF + "?is_active__exact=1"))
    assert "system" not in texts(client.get(STAFF))
    assert client.get(STAFF + "?password__startswith=a").status_code == 400


def test_a_role_is_taken_from_its_holder_and_the_reserved_account_is_nobody(quang: StaffMember) -> None:
    client, other = signed_in(quang), factories.person("other", "Support agent")
    membership = person("linh").memberships.get()
    assert client.get(f"{STAFF}{other.pk}/role/{membership.pk}/end/").status_code == 404
    assert client.get(f"{STAFF}{person('linh').pk}/role/{membership.pk}/end/").status_code == 200
    system = person("system")
    for url in ("", "end/", "role/", "link/", "take-back/"):
        assert client.get(f"{STAFF}{system.pk}/{url}").status_code == 404


def test_a_person_who_was_added_stands_there_though_the_letter_could_not_be_recorded(
    quang: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise RecordFailed("Try again in a moment.")

    monkeypatch.setattr("customers.admin_views.staff.send_link", refused)
    added = signed_in(quang).post(
        STAFF + "add/", {"username": "hue", "first_name": "H", "email": "h@example.com"}, follow=True
    )
    assert {"hue", "Try again in a moment."} <= texts(added)


def test_a_team_is_made_and_listed(quang: StaffMember) -> None:
    client = signed_in(quang)
    assert client.post(TEAMS + "add/", {"name": "Hue"})["Location"] == TEAMS
    assert {"Hue", "Hanoi", "linh"} <= texts(client.get(TEAMS))
    assert "There is a team of this name already; choose another one." in texts(
        client.post(TEAMS + "add/", {"name": "hue"})
    )


def test_a_record_that_cannot_be_written_is_a_page_with_a_sentence(
    quang: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise OSError("disk full")

    client, linh = signed_in(quang), signed_in(person("linh"))
    before = AccessChange.objects.count()
    monkeypatch.setattr("customers.evidence.recording.leaves.append", broken)
    new = {"old_password": factories.PASSWORD, "new_password1": "another battery", "new_password2": "another battery"}
    for response in (
        client.post(TEAMS + "add/", {"name": "Hue"}),
        client.post("/password_change/", {**new, "usable_password": "true"}),
        linh.post(TEAMS + "add/", {"name": "Hue"}),
    ):
        assert response.status_code == 503
        assert "This could not be put on record, so it was not done. Try again in a moment." in texts(response)
    assert AccessChange.objects.count() == before


def test_a_session_key_that_is_none_is_forgotten(quang: StaffMember) -> None:
    client = signed_in(quang)
    assert client.get("/").status_code == 200
    client.cookies["sessionid"] = "\0aaaaaaaaaaaa"
    assert client.get("/").status_code == 302
