"""Two acts that meet over what several customers, or all of them, share: one waits, and sees what the other did.

Teams, roles, rules, links, and addresses that more than one customer may have are guarded by the installation's row.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from customers.acts.initial_rows import write_missing
from customers.casework.corrections import correct
from customers.casework.deadlines import rule, set_deadline
from customers.casework.outside_links import add_link, end_link
from customers.crm_import.customers import write
from customers.crm_import.rows import Row, judge
from customers.evidence.recording import recording
from customers.models import (
    ContactPoint,
    ContactPointAdded,
    Correction,
    Hold,
    LegalDeadline,
    Membership,
    OutsideLink,
    Role,
    StaffMember,
    Team,
)
from customers.staff import accounts, teams
from tests import factories
from tests.concurrency import assert_told, assert_waited, meet
from tests.exports import record
from tests.meeting import case, each, house, officers
from tests.scenario import SUPPLEMENT, Desk, point_of, state, suspended, why

__all__ = ["case", "house"]


def admins() -> tuple[StaffMember, StaffMember]:
    """Two administrators, made once."""
    names = ("quan", "quang")
    if not StaffMember.objects.filter(username="quan").exists():
        for name in names:
            factories.person(name, "Administrator")
    first, second = (StaffMember.objects.get(username=name) for name in names)
    return first, second


# --- what several share -----------------------------------------------------------------------------------------------


def test_of_two_teams_of_one_name_one_is_made(house: Desk) -> None:
    one, other = admins()
    name = f"Huế {next(each)}"
    meeting = meet(
        partial(teams.create_team, name, by=one),
        partial(teams.create_team, name.upper(), by=other),
        behind="create_team",
        table=Team,
    )
    assert_waited(meeting, "acting_on_staff")
    assert_told(meeting, "InvalidInput: There is a team of this name already")


def test_a_team_that_an_import_makes_is_reached_by_who_gets_a_role_for_all(house: Desk) -> None:
    one, _other = admins()
    person, role = factories.person(f"chau{next(each)}"), Role.objects.get(name="Compliance officer")
    name = f"Vinh {next(each)}"

    def imported() -> None:
        with recording(by=factories.system()):
            teams.make_team(name)

    meeting = meet(
        imported, partial(accounts.give_role, person, role, None, by=one), behind="make_team", table=Membership
    )
    assert_waited(meeting, "acting_on_staff")
    assert_told(meeting, "")
    assert person.groups.filter(name=f"{role.name} / team {Team.objects.get(name=name).pk}").exists()


def test_of_two_who_set_one_deadline_one_does(house: Desk) -> None:
    said = {
        "amount": 9, "unit": "calendar_days", "third_party": 0, "extension": 0, "source": "Law, article 14",
        "confidence": "likely", "verified": False, "instead_of": rule("access").pk,
    }  # fmt: skip
    one, other = (partial(set_deadline, "access", by=by, **said) for by in officers())
    meeting = meet(one, other, behind="rule", table=LegalDeadline)
    assert_waited(meeting, "set_deadline")
    assert_told(meeting, "InvalidInput: Somebody else has just set it.")


def test_of_two_who_furnish_the_house_one_writes_its_first_rows(house: Desk) -> None:
    source = f"A promise {next(each)}"
    rows = LegalDeadline.objects.filter(source=source)

    def furnished() -> int:
        return write_missing(lambda: [] if rows.exists() else ["question"], row, by=factories.system())

    def row(right: str) -> LegalDeadline:
        return LegalDeadline(right=right, amount=5, unit="working_days", source=source, confidence="open")

    meeting = meet(furnished, furnished, behind="write_missing", table=LegalDeadline, nth=2)
    assert_waited(meeting, "write_missing")
    assert_told(meeting, "")
    assert rows.count() == 1


def link() -> Callable[..., OutsideLink]:
    """Adding a link that is not in the register yet."""
    return partial(add_link, f"https://www.example.org/{next(each)}", title_vi="Trợ giúp", title_en="Help")


def test_of_two_who_add_one_link_one_does(house: Desk) -> None:
    adding = link()
    one, other = (partial(adding, by=by) for by in officers())
    meeting = meet(one, other, behind="add_link", table=OutsideLink)
    assert_waited(meeting, "add_link")
    assert_told(meeting, "InvalidInput: This link is in the register already.")


def test_of_two_who_take_one_link_out_one_does(house: Desk) -> None:
    found = link()(by=house.officer)
    one, other = (partial(end_link, found, by=by) for by in officers())
    meeting = meet(one, other, behind="end_link", table=OutsideLink)
    assert_waited(meeting, "end_link")
    assert_told(meeting, "InvalidInput: This link is out of use already.")


def shared(case: Desk, number: str) -> Correction:
    """The customer of the case gets one more number."""
    return correct(case.customer, "phone", number, by=case.agent, why=why(**SUPPLEMENT))


def number_on_file() -> ContactPoint:
    """A number of a customer who is nobody else's concern."""
    number = next(each)
    made = factories.customer(f"LN{number:07d}", email=f"lan{number}@mail.example.com", phone=f"+8491298{number:04d}")
    return point_of(made, "phone")


@pytest.fixture
def texts(settings: Any) -> None:
    """An installation that sends text messages."""
    settings.SMS_GATEWAY = "{number}@sms.example.net"


def test_a_number_that_is_suspended_just_now_is_put_on_file_nowhere(case: Desk, texts: None) -> None:
    point = number_on_file()
    number = f"+8491298{point.customer.reference[-4:]}"
    meeting = meet(partial(suspended, point, case.colleague), partial(shared, case, number), behind="_open", table=Hold)
    assert_waited(meeting, "add_point")
    assert_told(meeting, "InvalidInput: This address is suspended")


def test_a_number_that_is_put_on_file_just_now_is_suspended_with_the_others(case: Desk, texts: None) -> None:
    point = number_on_file()
    number = f"+8491298{point.customer.reference[-4:]}"
    meeting = meet(
        partial(shared, case, number),
        partial(suspended, point, case.colleague),
        behind="add_point",
        table=ContactPointAdded,
    )
    assert_waited(meeting, "_suspend")
    assert_told(meeting, "")
    assert {state(row) for row in ContactPoint.objects.filter(**point.index)} == {"suspended"}


def test_a_number_that_is_imported_just_now_is_suspended_with_the_others(house: Desk) -> None:
    point, number = number_on_file(), next(each)
    cells = record(number, phone=f"+8491298{point.customer.reference[-4:]}", customer_no=f"LM{number:07d}")
    row = judge(2, list(cells), list(cells.values()), at=timezone.now())
    assert isinstance(row, Row)
    meeting = meet(
        partial(write, [row], "0" * 64, by=factories.system()),
        partial(suspended, point, house.colleague),
        behind="require_owners_word",
        table=ContactPoint,
        nth=2,
    )
    assert_waited(meeting, "_suspend")
    assert_told(meeting, "")
    assert [state(found) for found in ContactPoint.objects.filter(**point.index)] == ["suspended", "suspended"]
