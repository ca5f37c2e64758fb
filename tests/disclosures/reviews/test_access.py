"""Once a quarter it is looked through who holds what: by somebody else, to the last role, and what is to end ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from customers.acts.refusals import Refused
from customers.evidence.recording import recording
from customers.models import AccessGrant, Leaf, Membership, Refusal, StaffMember
from customers.staff import accounts
from customers.validation.errors import InvalidInput
from disclosures.models import AccessReview, AccessVerdict
from disclosures.reviews.access import (
    Key,
    end_grants,
    held,
    judge_access,
    open_quarter,
    quarters,
    roles_to_end,
    sign_off_access,
    to_end,
)
from disclosures.reviews.periods import Quarter
from tests import factories
from tests.concurrency import at_once
from tests.conftest import Clock
from tests.reading import leaks, signed_in, texts
from tests.worlds import shared

SECOND = Quarter(2031, 2)
MAY = datetime(2031, 5, 6, 10, tzinfo=timezone.get_default_timezone())
URL = "/disclosures/accessreview/2031-Q2/"


class House:
    """Two who review, an agent with a grant on another team's customer, an administrator, and who gave the grant."""

    def __init__(self, clock: Clock) -> None:
        clock.now = MAY
        self.chi, self.binh = (
            factories.person("chi", "Compliance officer"),
            factories.person("binh", "Disclosure approver"),
        )
        self.linh = factories.person("linh", "Support agent")
        self.quang = factories.person("quang", "Administrator")
        self.grant = factories.grant(
            factories.customer("BZ0000002", team_name="Da Nang"), self.linh, ends_at=MAY + timedelta(days=9)
        )

    def role(self, person: StaffMember) -> Key:
        return "role", person.memberships.get().pk

    def keeps(self, by: StaffMember, **different: str) -> dict[Key, str]:
        """Everything but ``by``'s own is kept, but for the roles of those named."""
        rows = [each for each in held(SECOND) if each.person != by]
        return {
            each.named: different.get(each.person.username, "keep") if each.what == "role" else "keep" for each in rows
        }


@shared
def house(clock: Clock) -> House:
    """It is May."""
    return House(clock)


def test_every_role_and_open_personal_grant_is_listed_once(house: House) -> None:
    listed = [(each.person.username, each.what) for each in held(SECOND)]
    assert listed == [
        ("binh", "role"), ("chi", "role"), ("giver", "role"), ("linh", "role"), ("linh", "grant"), ("quang", "role"),
    ]  # fmt: skip


def test_what_is_over_or_was_taken_by_breaking_glass_is_not(house: House, clock: Clock) -> None:
    with recording(by=house.linh):
        AccessGrant(
            customer=house.grant.customer, person=house.linh, how="break_glass", rights=["see_customers"],
            starts_at=MAY, ends_at=MAY + timedelta(hours=1), reason="call_back",
        ).save()  # fmt: skip
    assert [each.row.pk for each in held(SECOND) if each.what == "grant"] == [house.grant.pk]
    clock.now = MAY + timedelta(days=9)
    assert [each for each in held(SECOND) if each.what == "grant"] == []


def test_nobody_judges_their_own(house: House) -> None:
    with pytest.raises(Refused):
        judge_access(SECOND, {house.role(house.chi): "keep"}, by=house.chi)
    newest = Refusal.objects.latest("pk")
    assert (newest.act, newest.why, AccessVerdict.objects.count()) == ("judge_access", "own_access", 0)
    assert judge_access(SECOND, {house.role(house.chi): "keep"}, by=house.binh) == 1
    with pytest.raises(Exception, match=r".") as error, recording(by=house.chi):
        AccessVerdict(quarter="2031-Q2", what="role", row_key=1, person=house.chi, verdict="keep").save()
    assert isinstance(error.value.__cause__ or error.value, IntegrityError)


@pytest.mark.parametrize("role", ["Support lead", "Administrator", "Auditor", ""])
def test_only_reviewers_judge_and_sign(role: str, house: House) -> None:
    other = factories.person("other", role)
    with pytest.raises(Refused):
        judge_access(SECOND, {house.role(house.linh): "keep"}, by=other)
    with pytest.raises(Refused):
        sign_off_access(SECOND, by=other)
    assert Refusal.objects.filter(by=other, why="no_right").count() == 2
    assert judge_access(SECOND, {house.role(house.linh): "keep"}, by=house.chi) == 1


def test_a_quarter_is_signed_when_there_is_a_word_on_everything(house: House) -> None:
    judge_access(SECOND, house.keeps(house.chi, quang="end"), by=house.chi)
    with pytest.raises(InvalidInput, match="Not everything"):
        sign_off_access(SECOND, by=house.chi)
    judge_access(SECOND, {house.role(house.chi): "keep"}, by=house.binh)
    review = sign_off_access(SECOND, by=house.chi)
    assert (review.kept, review.ended, len(review.looked_at)) == (5, 1, 6)
    assert [Membership._meta.db_table, house.role(house.quang)[1], "end"] in review.looked_at
    for late in (
        lambda: judge_access(SECOND, {house.role(house.linh): "end"}, by=house.chi),
        lambda: sign_off_access(SECOND, by=house.binh),
    ):
        with pytest.raises(InvalidInput, match="signed off already"):
            late()


def test_who_came_since_is_looked_at_too(house: House) -> None:
    judge_access(SECOND, house.keeps(house.chi), by=house.chi)
    judge_access(SECOND, {house.role(house.chi): "keep"}, by=house.binh)
    late = factories.person("late", "Support agent")
    with pytest.raises(InvalidInput, match="Not everything"):
        sign_off_access(SECOND, by=house.chi)
    judge_access(SECOND, {house.role(late): "keep"}, by=house.chi)
    assert sign_off_access(SECOND, by=house.chi).kept == 7


def test_a_role_that_is_to_end_stands_on_the_desk_until_it_is_taken_away(house: House) -> None:
    judge_access(SECOND, {house.role(house.linh): "end", house.role(house.quang): "keep"}, by=house.chi)
    assert [each.person for each in roles_to_end()] == [house.linh]
    accounts.end_role(house.linh.memberships.get(), by=factories.system())
    assert roles_to_end() == []


def test_a_later_word_takes_it_back(house: House) -> None:
    judge_access(SECOND, {house.role(house.linh): "end"}, by=house.chi)
    judge_access(SECOND, {house.role(house.linh): "keep"}, by=house.binh)
    assert to_end() == []


def test_a_grant_ends_at_once_by_who_decides_about_the_customer(house: House) -> None:
    named: Key = ("grant", house.grant.pk)
    judge_access(SECOND, {named: "end"}, by=house.binh)
    assert end_grants({named: "end"}, by=house.binh) == 0
    assert [each.row for each in to_end()] == [house.grant]
    judge_access(SECOND, {named: "end"}, by=house.chi)
    assert end_grants({named: "end"}, by=house.chi) == 1
    assert to_end() == []
    assert not AccessGrant.objects.open().exists()
    assert Leaf.objects.filter(kind="access_grant_end").exists()


def test_an_old_page_writes_over_nothing(house: House) -> None:
    named = house.role(house.linh)
    judge_access(SECOND, {named: "end"}, by=house.binh)
    with pytest.raises(InvalidInput, match="just judged"):
        judge_access(SECOND, {named: "keep"}, by=house.chi, seen=0)
    assert judge_access(SECOND, {named: "keep"}, by=house.chi, seen=AccessVerdict.objects.get().pk) == 1
    assert judge_access(SECOND, {named: "keep"}, by=house.chi, seen=0) == 0


@pytest.mark.parametrize("said", [{}, {("role", 987654): "keep"}, {("role", 1): "perhaps"}, {("team", 1): "keep"}])
def test_what_makes_no_sense_is_not_stored(said: dict[Key, str], house: House) -> None:
    with pytest.raises(InvalidInput):
        judge_access(SECOND, said, by=house.chi)
    with pytest.raises(InvalidInput, match="while it runs"):
        judge_access(SECOND.next, house.keeps(house.chi), by=house.chi)
    assert not AccessVerdict.objects.exists()


@pytest.mark.bare
def test_a_quarter_that_nobody_signed_is_missed(house: House, clock: Clock) -> None:
    assert [(str(q.quarter), q.running, q.late) for q in quarters()] == [("2031-Q2", True, False)]
    assert [(q.quarter, q.late) for q in [open_quarter(date(2031, 6, 21))] if q] == [(SECOND, True)]
    clock.now = MAY + timedelta(days=90)
    assert [(str(q.quarter), q.running, q.signed) for q in quarters()] == [
        ("2031-Q3", True, None), ("2031-Q2", False, None),
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="while it runs"):
        sign_off_access(SECOND, by=house.chi)


def test_a_quarter_is_late_in_its_last_ten_days_and_not_a_day_earlier(house: House, clock: Clock) -> None:
    seen = []
    for at in ("2031-06-20T16:59:59", "2031-06-20T17:00:00"):  # the twenty-first begins in Vietnam
        clock.now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        listed, running = quarters()[0], open_quarter()
        assert running is not None
        seen.append((str(listed.quarter), listed.late, running.late))
    assert seen == [("2031-Q2", False, False), ("2031-Q2", True, True)]


def test_of_two_who_sign_at_once_one_is_told(own_database: str, clock: Clock) -> None:
    house = House(clock)
    judge_access(SECOND, house.keeps(house.chi), by=house.chi)
    judge_access(SECOND, {house.role(house.chi): "keep"}, by=house.binh)
    told = at_once(*(lambda by=by: sign_off_access(SECOND, by=by) for by in (house.chi, house.binh)))
    assert told == ["InvalidInput: This quarter was signed off already."]
    assert AccessReview.objects.count() == 1


# --- pages ------------------------------------------------------------------------------------------------------------


def chosen(house: House, by: StaffMember, **different: str) -> dict[str, Any]:
    return {f"v-{what}-{key}": verdict for (what, key), verdict in house.keeps(by, **different).items()}


def test_two_people_look_through_it_on_one_page(house: House) -> None:
    chi, binh = signed_in(house.chi), signed_in(house.binh)
    page = chi.get(URL)
    assert "Sign the quarter off" not in texts(page)  # one is chi's own
    assert "this is yours" in texts(page)
    assert f'name="v-role-{house.role(house.chi)[1]}"' not in page.content.decode()
    assert page.content.decode().count(" checked") == 0
    chi.post(URL, {"seen": 0, **chosen(house, house.chi, linh="end")})
    assert "Sign the quarter off" in texts(binh.get(URL))
    done = binh.post(URL, {"seen": 0, "sign": "yes", f"v-role-{house.role(house.chi)[1]}": "keep"}, follow=True)
    assert {"Signed off.", "signed off"} <= texts(done)
    assert AccessReview.objects.get().ended == 1
    assert leaks(done) == []
    desk = signed_in(house.quang).get("/")
    assert "To take away, by the access review" in texts(desk)
    assert f"/customers/staffmember/{house.linh.pk}/role/{house.role(house.linh)[1]}/end/" in desk.content.decode()
    assert "To take away, by the access review" not in texts(chi.get("/"))


def test_a_grant_that_is_judged_so_is_ended_by_the_same_button(house: House) -> None:
    name = f"v-grant-{house.grant.pk}"
    done = signed_in(house.chi).post(URL, {"seen": 0, name: "end"}, follow=True)
    assert "1 grant was ended." in texts(done)
    assert not AccessGrant.objects.open().exists()


@pytest.mark.parametrize(
    ("role", "status"), [("Auditor", 200), ("Administrator", 403), ("Support lead", 403), ("", 403)]
)
def test_who_else_opens_it(role: str, status: int, house: House) -> None:
    client = signed_in(factories.person("walker", role))
    assert [client.get(url).status_code for url in ("/disclosures/accessreview/", URL)] == [status, status]
    posted = client.post(URL, {"seen": 0, **chosen(house, house.chi)})
    assert posted.status_code == 403
    assert not AccessVerdict.objects.exists()


@pytest.mark.parametrize("quarter", ["2031-Q1", "2031-Q3", "2031-Q5", "x", "2031-05"])
def test_only_the_quarter_that_runs_has_a_page(quarter: str, house: House) -> None:
    client = signed_in(house.chi)
    assert client.get(f"/disclosures/accessreview/{quarter}/").status_code == 404
    assert client.post(f"/disclosures/accessreview/{quarter}/", {"seen": 0}).status_code == 404


def test_a_superuser_without_a_role_is_named(house: House) -> None:
    StaffMember.objects.create(username="root", is_superuser=True, is_staff=True)
    assert "These have an administrator’s rights without holding the role: root" in " ".join(
        texts(signed_in(house.chi).get(URL))
    )


def test_the_desk_says_until_when(house: House) -> None:
    assert {"To look back at", "Who holds what", "quarter 2 of 2031"} <= texts(signed_in(house.chi).get("/"))
    assert "To look back at" not in texts(signed_in(house.linh).get("/"))
