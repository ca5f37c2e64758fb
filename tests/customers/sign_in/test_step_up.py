"""The second factor again, before service secrets, approvals, releases and exports; and how long a session lasts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLResolver

from customers.casework.holds import needs_second
from customers.models import Correction, Reveal, SignIn, StaffMember
from customers.sign_in import second_factors
from customers.staff import accounts
from tests import factories
from tests.conftest import Clock
from tests.reading import reveal_url, signed_in
from tests.scenario import asked, desk, suspended, wanted
from tests.signing import code, forget_used_codes, give_app, password_step, sign_in, sign_in_for_real

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine("the age of a second factor lies in the session")]
AGAIN = "/sign-in/again/"


def stale(person: StaffMember) -> Client:
    """A browser whose second factor was given an hour ago."""
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    sign_in(client, person, stale=True)
    return client


# --- stale, replayed, skipped -------------------------------------------------------------------------------------


def test_an_approval_asks_again_and_then_goes_on_where_it_was(db: None) -> None:
    case = desk()
    _request, correction = wanted(case)
    give_app(case.lead)
    forget_used_codes()
    client, page = stale(case.lead), f"/customers/correction/{correction.pk}/approve/"
    asked = client.get(page)
    assert (asked.status_code, asked["Location"]) == (302, f"{AGAIN}?next={page.replace('/', '%2F')}")
    back = client.post(asked["Location"], {"code": code(), "next": page})
    assert (back.status_code, back["Location"]) == (302, page)
    assert client.post(page).status_code == 302
    assert Correction.objects.get().state == "approved"
    assert SignIn.objects.latest("pk").what == "confirmed"


def test_an_address_is_released_with_it_where_what_is_parked_opens_the_account(db: None) -> None:
    case = desk()
    plain, grave = suspended(case.email, case.agent), suspended(case.phone, case.agent)
    asked(case, "password", over="phone")
    give_app(case.lead)
    assert needs_second(grave)
    client = stale(case.lead)
    assert client.get(f"/customers/hold/{plain.pk}/contact/").status_code == 200
    assert client.get(f"/customers/hold/{grave.pk}/contact/")["Location"].startswith(AGAIN)
    assert "Nothing was done yet" in client.post(f"/customers/hold/{grave.pk}/contact/").content.decode()
    assert signed_in(case.lead).get(f"/customers/hold/{grave.pk}/contact/").status_code == 200


def test_skipping_the_question_does_nothing_and_keeps_what_was_typed(db: None) -> None:
    case = desk()
    service = case.customer.services.get()
    page = f"/customers/customer/{case.customer.pk}/service/{service.pk}/rotate/"
    answer = stale(case.lead).post(page, {"secret": "a-new-secret-typed"})
    assert answer.status_code == 400
    assert "Nothing was done yet" in answer.content.decode()
    assert signed_in(case.lead).post(page, {"secret": "a-new-secret-typed"}).status_code == 302  # the control


def test_a_wrong_or_used_code_does_not_count_as_one(db: None) -> None:
    case = desk()
    give_app(case.lead)
    forget_used_codes()
    first, now = Client(HTTP_ACCEPT_LANGUAGE="en"), code()
    password_step(first, case.lead.username)
    first.post("/login/second-factor/", {"code": now})  # used here
    client = stale(case.lead)
    for given in (now, "000000", ""):
        assert client.post(AGAIN, {"code": given}).status_code == 400
    secret = reveal_url(case.customer, case.customer.services.get(), "secret")
    assert client.get(secret).status_code == 302
    forget_used_codes()
    assert client.post(AGAIN, {"code": code()}).status_code == 302
    assert client.get(secret).status_code == 200


def test_it_is_asked_again_after_five_minutes(db: None, clock: Clock) -> None:
    case = desk()
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    sign_in(client, case.lead)
    secret = reveal_url(case.customer, case.customer.services.get(), "secret")
    clock.now += timedelta(minutes=4, seconds=59)
    assert client.get(secret).status_code == 200
    clock.now += timedelta(seconds=1)
    assert client.get(secret).status_code == 302
    assert client.get(reveal_url(case.customer, case.email, "email")).status_code == 200  # no secret: not asked
    assert not Reveal.objects.exists()


def test_a_factor_from_the_future_vouches_for_nothing(db: None, clock: Clock) -> None:
    given = clock.now = datetime(2031, 3, 3, 17, 0, 30, tzinfo=UTC)  # it is past midnight in Vietnam, and was not yet
    case = desk()
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    secret = reveal_url(case.customer, case.customer.services.get(), "secret")
    sign_in(client, case.lead)
    for ahead, status in ((60, 200), (61, 302), (3600, 302)):  # the clocks of two machines are a minute apart at most
        clock.now = given - timedelta(seconds=ahead)
        assert client.get(secret).status_code == status


def test_the_question_leads_to_our_own_pages_only(db: None) -> None:
    person = factories.person("linh", "Support agent")
    give_app(person)
    forget_used_codes()
    client = stale(person)
    for elsewhere in ("https://evil.example.net/", "//evil.example.net/", "javascript:alert(1)"):
        forget_used_codes()
        assert client.post(f"{AGAIN}?next={elsewhere}", {"code": code()})["Location"] == "/"


def names_of(pattern: str) -> set[str]:
    """The desk's pages whose names match."""
    names: set[str] = set()
    for each in admin.site.get_urls():
        inner = each.url_patterns if isinstance(each, URLResolver) else [each]
        names |= {part.name for part in inner if part.name and re.search(pattern, part.name)}  # type: ignore[union-attr]
    return names


def test_no_page_that_approves_releases_or_exports_is_left_out(db: None) -> None:
    """The names whose stale sign-ins are tested, here and for disclosures; a new one fails here first."""
    acts = "approve|lift|release|again|fetch|export|review_emergency|set_access|rotate|hold_contact|quarter|month$"
    assert names_of(acts) == {
        "customers_hold_contact",
        "disclosures_accessreview_quarter",
        "disclosures_monthreview_month",
        "customers_correction_approve",
        "customers_customer_rotate",
        "customers_customer_set_access",
        "disclosures_disclosure_export",
        "disclosures_disclosurerequest_again",
        "disclosures_disclosurerequest_approve",
        "disclosures_disclosurerequest_fetch",
        "disclosures_disclosurerequest_release",
        "disclosures_disclosurerequest_review_emergency",
        "disclosures_tampercheck_lift",
    }


# --- how long one stays signed in ---------------------------------------------------------------------------------


def test_a_session_that_idles_for_a_quarter_of_an_hour_is_over(db: None, clock: Clock) -> None:
    linh = factories.person("linh", "Support agent")
    client = signed_in(linh)
    for _click in range(3):
        clock.now += timedelta(minutes=14)
        assert client.get("/").status_code == 200
    clock.now += timedelta(minutes=15)
    gone = client.get("/customers/customer/", follow=True)
    assert gone.redirect_chain == [("/login/?next=/customers/customer/", 302)]
    assert "You were signed out" in gone.content.decode()
    assert SignIn.objects.latest("pk").what == "signed_out"


def test_a_session_ends_after_ten_hours_whatever_happens_in_it(db: None, clock: Clock) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    for _click in range(59):
        clock.now += timedelta(minutes=10)
        assert client.get("/").status_code == 200
    clock.now += timedelta(minutes=10)
    assert client.get("/").status_code == 302


def test_a_session_without_a_beginning_is_over(db: None) -> None:
    client = signed_in(factories.person("linh", "Support agent"))
    assert client.get("/").status_code == 200
    session = client.session
    del session["began_at"]
    session.save()
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("what", ["ended", "demoted"])
def test_who_is_ended_or_demoted_is_out_at_the_next_request(db: None, what: str) -> None:
    linh, quang = factories.person("linh", "Support agent"), factories.person("quang", "Administrator")
    client, others = signed_in(linh), signed_in(factories.person("ha", "Support agent"))
    assert client.get("/").status_code == 200
    if what == "ended":
        accounts.end_person(linh, by=quang)
    else:
        accounts.end_role(linh.memberships.get(), by=quang)
    assert (client.get("/").status_code, others.get("/").status_code) == (302, 200)


def test_signing_out_is_on_record_and_by_post_only(db: None) -> None:
    linh = factories.person("linh", "Support agent")
    client = signed_in(linh)
    assert client.get("/logout/").status_code == 405
    assert client.get("/").status_code == 200
    assert client.post("/logout/").status_code == 200
    assert client.get("/").status_code == 302
    assert (SignIn.objects.get().what, SignIn.objects.get().by) == ("signed_out", linh)


# --- one's own sign-in ----------------------------------------------------------------------------------------------


def test_one_s_factors_change_only_with_a_fresh_factor_and_never_to_none(db: None) -> None:
    linh = factories.person("linh", "Support agent")
    old = give_app(linh)
    only = second_factors.factors_of(linh)[0]
    for page in ("/sign-in/add/", "/sign-in/codes/", f"/sign-in/{only.pk}/remove/"):
        assert stale(linh).get(page)["Location"].startswith(AGAIN)
        assert stale(linh).post(page)["Location"].startswith(AGAIN)
        assert signed_in(linh).get(page).status_code == 200
    told = signed_in(linh).post(f"/sign-in/{only.pk}/remove/")
    assert "your only second factor" in told.content.decode()
    new = re.findall(r"<code>(\d{8})</code>", signed_in(linh).post("/sign-in/codes/").content.decode())
    assert (len(new), set(new) & set(old)) == (10, set())


def test_another_s_factor_is_not_there(db: None) -> None:
    linh, ha = factories.person("linh", "Support agent"), factories.person("ha", "Support agent")
    give_app(linh)
    give_app(ha)
    theirs = second_factors.factors_of(ha)[0]
    assert "gone already" in signed_in(linh).post(f"/sign-in/{theirs.pk}/remove/").content.decode()
    assert second_factors.has_factor(ha)


def test_signing_out_elsewhere_leaves_this_session(db: None) -> None:
    linh = factories.person("linh", "Support agent")
    here, there = signed_in(linh), signed_in(linh)
    assert here.post("/sign-in/elsewhere/").status_code == 302
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)


def test_the_page_of_one_s_sign_in_tells_what_happened_of_late(db: None) -> None:
    linh = factories.person("linh", "Support agent")
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    sign_in_for_real(client, linh)
    page = client.get("/sign-in/").content.decode()
    assert "Signed in" in page
    assert "10 codes left" in page
