"""The list of a first hour: by what one may do, ticked off by what is on record, gone when it is done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from config.desks.first_hour import HOURS, first_hour
from config.roles import ROLES
from customers.access.find import find
from customers.evidence.recording import recording
from customers.models import SignIn, StaffMember
from customers.permissions.standing import rights_at_desk
from tests import factories
from tests.conftest import Clock
from tests.engines import PAGES_ONLY
from tests.furnished import House, house
from tests.reading import signed_in, texts
from tests.worlds import shared

pytestmark = [
    pytest.mark.django_db,
    PAGES_ONLY,
]


def comes_in(person: StaffMember) -> StaffMember:
    """The person signs in, on record."""
    with recording(by=person):
        SignIn(what=SignIn.What.SIGNED_IN, person=person, factor="totp").save()
    return person


@shared
def busy(clock: Clock) -> House:
    return house(clock)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_its_steps_and_each_leads_to_a_page_that_opens(role: str, busy: House) -> None:
    person = comes_in(busy.everybody[role])
    listed = first_hour(person, rights_at_desk(person))
    assert listed is not None
    assert 2 <= len(listed.steps) <= 6
    client = signed_in(person)
    assert {step.url: client.get(step.url).status_code for step in listed.steps} == {s.url: 200 for s in listed.steps}
    assert f"Your first hour: 0 of {len(listed.steps)} done" in texts(client.get("/"))


def test_a_step_is_ticked_off_by_what_is_on_record_since_one_came_in(busy: House, clock: Clock) -> None:
    linh = busy.case.agent  # who has looked for customers before
    clock.now += timedelta(minutes=1)
    comes_in(linh)
    assert first_hour(linh, rights_at_desk(linh)).done == 0  # type: ignore[union-attr]
    find("BZ0000001", by=busy.case.colleague)
    assert first_hour(linh, rights_at_desk(linh)).done == 0  # type: ignore[union-attr]
    find("BZ0000001", by=linh)
    assert first_hour(linh, rights_at_desk(linh)).done == 1  # type: ignore[union-attr]


def test_it_is_gone_when_all_is_done_or_a_week_has_passed_and_in_a_demo_only_when_all_is_done(
    busy: House, clock: Clock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = comes_in(busy.auditor)
    rights = rights_at_desk(person)
    assert first_hour(person, rights) is not None
    clock.now += timedelta(days=8)
    assert first_hour(person, rights) is None
    settings.MODE = "demo"
    assert first_hour(person, rights) is not None
    monkeypatch.setattr("config.desks.first_hour.Task.done_by", lambda kind, person, since: True)
    assert first_hour(person, rights) is None


REACHING = "Reach the customer of a suspended address over another channel"


def words_of(person: StaffMember) -> list[str]:
    """What the person's list says."""
    listed = first_hour(person, rights_at_desk(person))
    return [] if listed is None else [step.words for step in listed.steps]


def test_a_demo_leaves_out_what_its_story_has_nothing_for_unless_it_is_done(
    busy: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    linh = comes_in(busy.case.agent)
    assert REACHING in words_of(linh)
    settings.MODE = "demo"
    assert REACHING not in words_of(linh)
    assert "Reveal one value, with a reason" in words_of(linh)  # which any customer will do for
    monkeypatch.setattr("config.desks.first_hour.Task.done_by", lambda kind, person, since: kind.words == REACHING)
    assert REACHING in words_of(linh)


def test_who_has_not_come_in_yet_has_no_list_and_who_has_no_role_has_none(busy: House) -> None:
    assert first_hour(busy.auditor, rights_at_desk(busy.auditor)) is None
    nobody = comes_in(factories.person("nobody"))
    assert "Your first hour" not in " ".join(texts(signed_in(nobody).get("/")))


def test_every_step_is_an_act_that_leaves_a_record_of_whoever_does_it() -> None:
    for _applies, kinds in HOURS:
        for kind in kinds:
            assert kind.record._meta.get_field("by").db_index
