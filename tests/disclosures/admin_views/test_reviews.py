"""The pages of a month's review: one form for all of it, nothing chosen beforehand, nobody's own among it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from customers.models import Refusal
from disclosures.admin_views import reviews
from disclosures.models import MonthReview, ReviewBegun, ReviewVerdict
from disclosures.reviews.entries import review_of
from disclosures.reviews.monthly import Judgement, begin, judge
from tests import factories
from tests.conftest import Clock
from tests.disclosures.looking_back import (
    AFTER,
    MARCH,
    House,
    a_house,
    allowance,
    entries,
    entry,
    glass,
    own_anchors,
    refusals,
)
from tests.disclosures.looking_back import MONDAY as MORNING
from tests.engines import PAGES_ONLY
from tests.reading import leaks, signed_in, texts
from tests.worlds import shared

pytestmark = PAGES_ONLY

__all__ = ["own_anchors"]
LIST, MONTH = "/disclosures/monthreview/", "/disclosures/monthreview/2031-03/"


@shared
def house(clock: Clock) -> House:
    """March is over, with something of everything in it."""
    house = a_house(clock)
    entries(house, 2)
    entry(house, urgency="emergency", in_emergency=True, approved_by=None)
    glass(house)
    refusals(house, [MORNING, MORNING])
    allowance(house)
    clock.now = AFTER
    return house


def names() -> list[str]:
    return [each.name for each in review_of(ReviewBegun.objects.get()).entries]


def post(client: Client, *, button: str = "sign", seen: int = 0, url: str = MONTH, **said: str) -> HttpResponse:
    chosen = {f"v-{name.replace('_0_', '-')}": verdict for name, verdict in said.items()}
    return client.post(url, {"seen": seen, button: "yes", **chosen})


def all_right() -> dict[str, Any]:
    return {f"v-{name}": "right" for name in names()}


def test_one_form_holds_everything_and_one_button_stores_and_signs(house: House) -> None:
    client = signed_in(house.reviewer)
    assert client.post(MONTH).headers["Location"] == MONTH
    page = client.get(MONTH)
    assert page.status_code == 200
    assert page.content.decode().count(" checked") == 0
    assert {"emergency", "glass broken", "over budget", "Must be seen", "Drawn by lot"} <= texts(page)
    assert "linh was refused 2 reveals over the day’s budget" in texts(page)
    done = client.post(MONTH, {"seen": 0, "sign": "yes", **all_right()}, follow=True)
    assert "Signed off, and anchored outside the database." in texts(done)
    review = MonthReview.objects.get()
    assert (len(review.looked_at), review.questioned, review.by) == (len(names()), 0, house.reviewer)
    assert leaks(page) == leaks(done) == []


def test_a_part_is_saved_and_the_rest_later(house: House) -> None:
    begin(MARCH, by=house.reviewer)
    client = signed_in(house.reviewer)
    first, *rest = names()
    saved = client.post(MONTH, {"seen": 0, f"v-{first}": "right"}, follow=True)
    assert "Your verdicts are on record." in texts(saved)
    assert f'name="v-{first}"' not in saved.content.decode()
    assert all(f'name="v-{name}"' in saved.content.decode() for name in rest)
    assert client.post(MONTH, {"seen": 0}).status_code == 400


def test_signing_wants_a_word_on_each(house: House) -> None:
    begin(MARCH, by=house.reviewer)
    first, *_rest = names()
    answer = signed_in(house.reviewer).post(MONTH, {"seen": 0, "sign": "yes", f"v-{first}": "right"})
    assert answer.status_code == 400
    assert "Choose one." in texts(answer)
    assert not ReviewVerdict.objects.exists()
    assert answer.content.decode().count("checked") == 1  # what was chosen is still chosen


def test_a_question_without_words_is_asked_for_them(house: House) -> None:
    begin(MARCH, by=house.reviewer)
    client, (first, *_rest) = signed_in(house.reviewer), names()
    answer = client.post(MONTH, {"seen": 0, f"v-{first}": "questioned"})
    assert (answer.status_code, ReviewVerdict.objects.count()) == (400, 0)
    assert "Say in a few words what is questioned." in texts(answer)
    client.post(MONTH, {"seen": 0, f"v-{first}": "questioned", f"w-{first}": "Why at night?"})
    assert ReviewVerdict.objects.get().verdict == "questioned"
    assert "at night" not in client.get(MONTH).content.decode()


def test_what_was_questioned_is_read_on_record(house: House) -> None:
    begin(MARCH, by=house.reviewer)
    named = review_of(ReviewBegun.objects.get()).entries[0].named
    judge(MARCH, {named: Judgement("questioned", "Why at night?")}, by=house.reviewer)
    read = signed_in(house.approver).post(MONTH + "words/")
    assert (read.status_code, "Why at night?" in texts(read)) == (200, True)
    assert read.headers["Refresh"] == f"60; url={MONTH}"
    assert read.headers["Cache-Control"] == "no-store"
    auditor = signed_in(factories.person("yen", "Auditor"))
    assert auditor.post(MONTH + "words/").status_code == 403
    assert "Why at night?" not in auditor.get(MONTH).content.decode()


def test_ones_own_is_there_without_a_choice_and_the_month_waits_for_somebody_else(house: House) -> None:
    begin(MARCH, by=house.reviewer)
    client = signed_in(house.officer)
    page = client.get(MONTH)
    own = [e.name for e in review_of(ReviewBegun.objects.get()).entries if e.part.has(house.officer)]
    assert 0 < len(own) < len(names())
    assert not any(f'name="v-{name}"' in page.content.decode() for name in own)
    assert "you had a part in it" in texts(page)
    assert "Sign the month off" not in texts(page)
    forced = client.post(MONTH, {"seen": 0, "sign": "yes", **all_right()})
    assert forced.status_code == 400
    assert not ReviewVerdict.objects.filter(by=house.officer, row_key=own[0].split("-")[1], what="disclosure").exists()
    assert not MonthReview.objects.exists()


def test_an_old_page_writes_over_nothing(house: House) -> None:
    other = factories.person("dung", "Compliance officer")
    begin(MARCH, by=house.reviewer)
    client, entry_ = signed_in(house.reviewer), review_of(ReviewBegun.objects.get()).entries[0]
    judge(MARCH, {entry_.named: Judgement("questioned", "Why?")}, by=other)
    old = client.post(MONTH, {"seen": 0, f"v-{entry_.name}": "right"})
    assert old.status_code == 400
    assert "Somebody has just judged some of these. Look at them again." in texts(old)
    assert ReviewVerdict.objects.get().by == other
    again = client.get(f"{MONTH}?again={entry_.name}")
    assert f'name="v-{entry_.name}"' in again.content.decode()
    seen = ReviewVerdict.objects.get().pk
    client.post(f"{MONTH}?again={entry_.name}", {"seen": seen, f"v-{entry_.name}": "right"})
    assert ReviewVerdict.objects.latest("pk").by == house.reviewer


def test_a_stale_list_s_button_opens_what_somebody_else_has_begun(house: House) -> None:
    begin(MARCH, by=house.approver)
    answer = signed_in(house.reviewer).post(MONTH)
    assert (answer.status_code, answer.headers["Location"]) == (302, MONTH)


def test_more_than_a_page_follows_when_these_are_judged(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "MOST", 3)
    begin(MARCH, by=house.reviewer)
    client = signed_in(house.reviewer)
    page = client.get(MONTH)
    assert page.content.decode().count('class="field words"') == 3
    assert "Sign the month off" not in texts(page)
    assert f"{len(names()) - 3} more follow when these are judged." in texts(page)
    client.post(MONTH, {"seen": 0, **dict(list(all_right().items())[:3])})
    assert "Sign the month off" in texts(client.get(MONTH))


@pytest.mark.parametrize(
    ("role", "get", "posted"),
    [
        ("Compliance officer", 200, 302),
        ("Disclosure approver", 200, 302),
        ("Auditor", 200, 403),
        ("Administrator", 403, 403),
        ("Support lead", 403, 403),
        ("Support agent", 403, 403),
        ("", 403, 403),
    ],
)
def test_who_opens_and_who_begins(role: str, get: int, posted: int, house: House) -> None:
    person = factories.person("walker", role)
    client = signed_in(person)
    assert [client.get(url).status_code for url in (LIST, MONTH)] == [get, get]
    assert client.post(MONTH).status_code == posted
    assert ReviewBegun.objects.exists() is (posted == 302)
    assert Refusal.objects.filter(by=person).exists() is (posted == 403)
    assert [client.get(url).status_code for url in (LIST, MONTH)] == [get, get]


def test_an_auditor_reads_all_of_it_and_has_no_button(house: House) -> None:
    client = signed_in(house.reviewer)
    client.post(MONTH)
    client.post(MONTH, {"seen": 0, "sign": "yes", **all_right()})
    auditor = signed_in(factories.person("yen", "Auditor"))
    page = auditor.get(MONTH)
    assert {"signed off", "This was the first review.", "Judged"} <= texts(page)
    assert "<button" not in page.content.decode().split("<main")[1].split("</main>")[0]
    months = auditor.get(LIST)
    assert "signed off" in texts(months)
    assert MonthReview.objects.get().checkpoint_root[:12] in months.content.decode()


@pytest.mark.parametrize("month", ["2031-13", "2031-04-01", "2099-01", "1999-01", "x", "%00"])
def test_what_is_no_month_of_the_log_is_not_found(month: str, house: House) -> None:
    client = signed_in(house.reviewer)
    for method in (client.get, client.post):
        assert method(f"{LIST}{month}/").status_code == 404
        assert method(f"{LIST}{month}/words/").status_code == 404


def test_a_month_that_runs_is_not_begun(house: House, clock: Clock) -> None:
    clock.now = MORNING
    answer = signed_in(house.reviewer).post(MONTH)
    assert answer.status_code == 400
    assert "The month is not over yet. Its review can be begun an hour after its end." in texts(answer)


def test_hostile_input_is_no_error(house: House) -> None:
    client = signed_in(house.reviewer)
    client.post(MONTH)
    for data in ({"seen": "x"}, {"seen": -1}, {"seen": 0, f"v-{names()[0]}": "\0"}, {"seen": 0, "v-\0": "right"}):
        assert client.post(MONTH, data).status_code == 400
    assert client.get(MONTH + "?again=%00&again=x").status_code == 200
    assert not ReviewVerdict.objects.exists()


def test_the_page_asks_as_often_for_many_entries_as_for_few(
    house: House, django_assert_max_num_queries: Any, clock: Clock
) -> None:
    clock.now = MORNING
    entries(house, 60, urgency="emergency")
    clock.now = AFTER
    begin(MARCH, by=house.reviewer)
    client = signed_in(house.reviewer)
    with django_assert_max_num_queries(40):
        page = client.get(MONTH)
    assert page.content.decode().count('class="field words"') > 60


def test_words_in_vietnamese_are_no_error(house: House) -> None:
    client = signed_in(house.reviewer, "vi")
    assert "tháng 3/2031" in client.get(LIST).content.decode()
