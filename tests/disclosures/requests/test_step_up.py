"""Nothing is approved, leaves or is exported on a second factor that was given long ago."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from customers.models import StaffMember
from customers.validation.calendar import today
from disclosures.models import AccessReview, AccessVerdict, Disclosure, FreezeLift, Package
from disclosures.requests.release import release
from disclosures.reviews.periods import Quarter
from tests.disclosures.outside import Desk, approved, asked, desk, fresh, proposed
from tests.disclosures.tamper_check.test_frozen import found_tampered
from tests.reading import signed_in
from tests.signing import sign_in

pytestmark = pytest.mark.one_engine("the age of a second factor lies in the session")

__all__ = ["desk"]
REQUEST = "/disclosures/disclosurerequest"
VERDICT_FIELDS = re.compile(r'name="(v-[^"]+)"')


def stale(person: StaffMember) -> Client:
    """A browser whose second factor was given an hour ago."""
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    sign_in(client, person, stale=True)
    return client


def stopped(person: StaffMember, page: str, data: dict[str, str] | None = None) -> bool:
    """Whether opening this page leads to the question, and a POST to it does nothing but ask."""
    opened = stale(person).get(page)
    posted = stale(person).post(page, data or {})
    return (
        opened.status_code == 302
        and opened["Location"].startswith("/sign-in/again/")
        and posted.status_code == 400
        and "Nothing was done yet" in posted.content.decode()
    )


def test_an_approval_waits_for_it(desk: Desk) -> None:
    request = proposed(desk)
    page, said = f"{REQUEST}/{request.pk}/approve/", {"proposal": str(request.proposals.get().pk)}
    said |= {f"give-{line}": "on" for line in range(2)}
    assert stopped(desk.approver, page, said)
    assert fresh(request).state == "proposed"
    assert signed_in(desk.approver).get(page).status_code == 200


@pytest.mark.parametrize("step", ["release", "again", "fetch"])
def test_a_release_waits_for_it(desk: Desk, step: str) -> None:
    request = approved(desk)
    if step != "release":
        release(request, by=desk.officer)
    packages = Package.objects.count()
    assert stopped(desk.officer, f"{REQUEST}/{request.pk}/{step}/")
    assert Package.objects.count() == packages
    assert signed_in(desk.officer).get(f"{REQUEST}/{request.pk}/{step}/").status_code == 200


def test_a_release_alone_in_an_emergency_waits_for_it_and_a_proposal_does_not(desk: Desk) -> None:
    urgent, ordinary = asked(desk, urgency="emergency"), asked(desk)
    assert stopped(desk.officer, f"{REQUEST}/{urgent.pk}/scope/", {"at_once": "yes"})
    assert not Disclosure.objects.exists()
    assert stale(desk.officer).get(f"{REQUEST}/{ordinary.pk}/scope/").status_code == 200


def test_an_emergency_is_reviewed_with_it(desk: Desk) -> None:
    urgent = asked(desk, urgency="emergency")
    assert stopped(desk.colleague, f"{REQUEST}/{urgent.pk}/review/")
    assert signed_in(desk.colleague).get(f"{REQUEST}/{urgent.pk}/review/").status_code == 200


def test_a_quarter_is_signed_off_with_it_and_a_verdict_given_without(desk: Desk) -> None:
    client = stale(desk.officer)
    page = f"/disclosures/accessreview/{Quarter.of(today())}/"
    given = {name: "keep" for name in VERDICT_FIELDS.findall(client.get(page).content.decode())}
    assert given
    asked_again = client.post(page, given | {"seen": "0", "sign": "yes"})
    assert (asked_again.status_code, "Nothing was done yet" in asked_again.content.decode()) == (400, True)
    assert (AccessVerdict.objects.count(), AccessReview.objects.count()) == (0, 0)
    assert client.post(page, given | {"seen": "0"}).status_code == 302
    assert AccessVerdict.objects.count() == len(given)


def test_a_freeze_is_lifted_with_it(desk: Desk) -> None:
    page, said = f"/disclosures/tampercheck/{found_tampered(desk).pk}/lift/", {"words": "Looked into"}
    assert stopped(desk.officer, page, said)
    assert not FreezeLift.objects.exists()
    assert signed_in(desk.officer).get(page).status_code == 200
    assert signed_in(desk.officer).post(page, said).status_code == 302
    assert FreezeLift.objects.get().by == desk.officer


def test_an_export_waits_for_it(desk: Desk) -> None:
    page = "/disclosures/disclosure/export.csv"
    asked_again = stale(desk.officer).post(page)
    assert (asked_again.status_code, asked_again["Location"]) == (
        302,
        "/sign-in/again/?next=%2Fdisclosures%2Fdisclosure%2F",
    )
    assert signed_in(desk.officer).post(page)["Content-Type"].startswith("text/csv")
