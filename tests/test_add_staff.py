"""Adding somebody at the command line."""

import pytest
from django.core.management import CommandError, call_command

from customers import permissions
from customers.models import AccessChange, StaffMember
from tests import making

pytestmark = pytest.mark.django_db
MODULE = "customers.management.commands.add_staff.getpass"


@pytest.fixture(autouse=True)
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody types a good password, twice."""
    making.roles()
    monkeypatch.setattr(MODULE, lambda prompt: making.PASSWORD)


def test_the_first_officer_is_added_on_record_and_sees_customers() -> None:
    customer = making.customer()
    call_command("add_staff", "an", "--role", "Compliance officer")
    person = StaffMember.objects.get(username="an")
    assert person.check_password(making.PASSWORD)
    assert permissions.can_see(person, customer)
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
    making.team("Hanoi")
    with pytest.raises(CommandError):
        call_command("add_staff", *arguments)
    assert list(StaffMember.objects.values_list("username", flat=True)) == ["system"]


def test_a_weak_password_is_told_and_nobody_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, lambda prompt: "password")
    with pytest.raises(CommandError, match="too short"):
        call_command("add_staff", "an", "--role", "Auditor")
    assert not StaffMember.objects.filter(username="an").exists()
