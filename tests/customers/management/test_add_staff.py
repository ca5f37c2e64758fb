"""Adding somebody at the command line."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from customers.models import AccessChange, StaffMember
from customers.permissions.customers import can_see
from tests import factories
from tests.signing import sign_in

pytestmark = pytest.mark.django_db
ASKED = "customers.management.passwords.getpass"


@pytest.fixture(autouse=True)
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody types an address, then a good password, twice."""
    factories.roles()
    monkeypatch.setattr("builtins.input", lambda prompt: "an@example.com")
    monkeypatch.setattr(ASKED, lambda prompt: factories.PASSWORD)


def test_the_first_officer_is_added_on_record_and_sees_customers() -> None:
    customer = factories.customer()
    call_command("add_staff", "an", "--role", "Compliance officer")
    person = StaffMember.objects.get(username="an")
    assert person.check_password(factories.PASSWORD)
    assert person.email == "an@example.com"
    assert can_see(person, customer)
    assert set(AccessChange.objects.filter(person=person).values_list("what", flat=True)) == {
        "person_added",
        "role_given",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["an", "--role", "King"],
        ["an", "--role", "Support agent"],
        ["an", "--role", "Support agent", "--team", "Nowhere"],
        ["an", "--role", "Auditor", "--team", "Hanoi"],
        ["system", "--role", "Auditor"],
    ],
)
def test_what_does_not_fit_is_told_and_nobody_is_added(arguments: list[str]) -> None:
    factories.team("Hanoi")
    with pytest.raises(CommandError):
        call_command("add_staff", *arguments)
    assert list(StaffMember.objects.values_list("username", flat=True)) == ["system"]


def test_what_is_no_address_is_told_and_nobody_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(prompt: str) -> str:
        raise EOFError

    for answer in (lambda prompt: "an at example", lambda prompt: "", nobody):
        monkeypatch.setattr("builtins.input", answer)
        with pytest.raises(CommandError, match="no e-mail address"):
            call_command("add_staff", "an", "--role", "Auditor")
    assert not StaffMember.objects.filter(username="an").exists()


def test_a_weak_password_is_told_and_nobody_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ASKED, lambda prompt: "password")
    with pytest.raises(CommandError, match="too short"):
        call_command("add_staff", "an", "--role", "Auditor")
    assert not StaffMember.objects.filter(username="an").exists()


def test_a_new_password_is_on_record_and_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    person = factories.person("linh")
    monkeypatch.setattr(ASKED, lambda prompt: "another battery horse")
    call_command("changepassword", "linh")
    person.refresh_from_db()
    assert person.check_password("another battery horse")
    assert AccessChange.objects.filter(person=person, what="password_set").count() == 1


def test_the_reserved_account_gets_no_password() -> None:
    with pytest.raises(CommandError):
        call_command("changepassword", "system")
    assert not StaffMember.objects.get(username="system").has_usable_password()


def test_nobody_is_added_off_the_record() -> None:
    with pytest.raises(CommandError, match="add_staff"):
        call_command("createsuperuser", "--noinput", "--username", "root", "--email", "root@example.com")
    assert list(StaffMember.objects.values_list("username", flat=True)) == ["system"]


def test_changing_ones_own_password_on_its_page_is_on_record(client: Client) -> None:
    person = factories.person("linh", "Support agent")
    sign_in(client, person)
    typed_in = {
        "old_password": factories.PASSWORD,
        "new_password1": "another battery",
        "new_password2": "another battery",
    }
    assert client.post("/password_change/", typed_in).status_code == 302
    person.refresh_from_db()
    assert person.check_password("another battery")
    assert AccessChange.objects.get(what="password_set").by == person
