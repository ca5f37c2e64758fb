"""A month is looked back at: begun when it is over, judged by whoever had no part in it, late from the eleventh."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries, Settings

from customers.acts.refusals import Refused
from customers.audit_log.signer import log_signer
from customers.evidence.checkpoints import make_checkpoint
from customers.evidence.models import Checkpoint
from customers.evidence.recording import recording
from customers.models import Leaf
from customers.validation.errors import InvalidInput
from disclosures.models import Disclosure, ReviewBegun, ReviewVerdict
from disclosures.reviews.comments import read_review
from disclosures.reviews.due_dates import all_months, unsigned_months
from disclosures.reviews.entries import newest_verdicts, review_of
from disclosures.reviews.monthly import Judgement, begin, judge, sign_off
from disclosures.reviews.periods import Month
from disclosures.reviews.sampling import draw, seed_of
from tests import factories
from tests.concurrency import at_once
from tests.conftest import Clock
from tests.disclosures.looking_back import (
    AFTER,
    MARCH,
    MONDAY,
    QUESTIONED,
    RIGHT,
    House,
    a_house,
    all_right,
    allowance,
    declined,
    entry,
    glass,
    keys,
    over,
    own_anchors,
    refusals,
)
from tests.worlds import shared

__all__ = ["own_anchors"]


@shared
def house(clock: Clock) -> House:
    """March is over."""
    return over(a_house(clock), clock)


# --- begin ------------------------------------------------------------------------------------------------------------


def test_a_month_is_begun_when_it_is_over_and_says_what_is_looked_at(house: House) -> None:
    emergency = Disclosure.objects.get(urgency="emergency")
    begun = begin(MARCH, by=house.reviewer)
    assert begun.must_see == [["disclosure", emergency.pk, ["emergency"]]]
    assert (begun.entries, len(begun.sampled), begun.sample_size, begun.many_fields) == (6, 5, 10, 5)
    assert {each.named for each in review_of(begun).entries} == {("disclosure", row.pk) for row in in_march()}


def in_march() -> list[Disclosure]:
    return list(Disclosure.objects.filter(at__gte=MARCH.began))


@pytest.mark.parametrize(("before_end", "is_over"), [(0, False), (-3599, False), (-3600, True)])
def test_a_month_is_not_begun_before_what_began_in_it_has_ended(
    before_end: int, is_over: bool, house: House, clock: Clock
) -> None:
    clock.now = MARCH.ended - timedelta(seconds=before_end)
    if is_over:
        begin(MARCH, by=house.reviewer)
    else:
        with pytest.raises(InvalidInput, match="not over yet"):
            begin(MARCH, by=house.reviewer)
    assert ReviewBegun.objects.exists() is is_over


def test_the_seed_comes_from_the_first_checkpoint_after_the_month(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checkpoint._meta.get_field("at"), "_get_default", lambda: clock.now)
    clock.now = MARCH.ended - timedelta(seconds=1)
    early = make_checkpoint(log_signer())
    clock.now = AFTER
    entry(house, at=AFTER)
    first = make_checkpoint(log_signer())
    entry(house, at=AFTER)
    later = make_checkpoint(log_signer())
    begun = begin(MARCH, by=house.reviewer)
    assert early.size < begun.checkpoint_size == first.size < later.size
    assert begun.seed == seed_of(bytes(first.root), MARCH)
    ordinary = [row.pk for row in in_march() if row.at < MARCH.ended and row.urgency == "ordinary"]
    assert begun.sampled == draw(ordinary, begun.seed, 10)


def test_a_month_without_a_checkpoint_after_it_gets_one(house: House) -> None:
    assert not Checkpoint.objects.exists()
    begun = begin(MARCH, by=house.reviewer)
    taken = Checkpoint.objects.get()
    assert (taken.size, bytes(taken.root).hex()) == (begun.checkpoint_size, begun.checkpoint_root)
    assert taken.size <= Leaf.objects.get(table_name=ReviewBegun._meta.db_table).seq


def test_the_numbers_of_the_day_it_was_begun_hold(house: House, settings: Settings) -> None:
    settings.REVIEW_SAMPLE, settings.MANY_FIELDS = 2, 2
    begun = begin(MARCH, by=house.reviewer)
    settings.REVIEW_SAMPLE, settings.MANY_FIELDS = 5, 8
    assert (len(begun.must_see), begun.sampled) == (6, [])
    assert len(review_of(begun).entries) == 6


def test_a_month_is_begun_once_and_only_where_something_happened(house: House) -> None:
    begin(MARCH, by=house.reviewer)
    with pytest.raises(InvalidInput, match="begun already"):
        begin(MARCH, by=house.approver)
    with pytest.raises(InvalidInput, match="Nothing happened"):
        begin(Month(2030, 12), by=house.reviewer)
    assert ReviewBegun.objects.count() == 1


# --- judge ------------------------------------------------------------------------------------------------------------


def test_nobody_judges_what_they_proposed_approved_or_sent(house: House) -> None:
    sender = factories.person("dung", "Compliance officer")
    sent = entry(house, at=MONDAY, by=sender)
    begin(MARCH, by=house.reviewer)
    for person in (house.officer, house.approver, sender):
        with declined("judge", "own_entry", person):
            judge(MARCH, {("disclosure", sent.pk): RIGHT}, by=person)
    assert judge(MARCH, {("disclosure", sent.pk): RIGHT}, by=house.reviewer) == 1
    other = next(named for named in keys() if named[1] != sent.pk)
    assert judge(MARCH, {other: RIGHT}, by=sender) == 1


def test_nor_what_the_database_is_told_past_the_act(house: House) -> None:
    begun = begin(MARCH, by=house.reviewer)
    columns = {"month": begun.month, "what": "disclosure", "row_key": 1, "verdict": "right"}
    people = {"proposed_by": house.officer, "approved_by": house.approver, "done_by": house.agent}
    for person in people.values():
        with pytest.raises(Exception, match=r".") as error, recording(by=person):
            ReviewVerdict(**columns, **people).save()
        assert isinstance(error.value.__cause__ or error.value, IntegrityError)
    with recording(by=house.reviewer):
        ReviewVerdict(**columns, **people).save()


def test_who_broke_glass_or_got_more_or_allowed_it_does_not_judge_that(db: None, clock: Clock) -> None:
    house = over(a_house(clock), clock)
    broken, more = glass(house), allowance(house)
    (refused, *_rest) = refusals(house, [MONDAY, MONDAY + timedelta(minutes=1)])
    begin(MARCH, by=house.reviewer)
    own = {("break_glass", broken.pk), ("over_budget", refused.pk), ("allowance", more.pk)}
    assert own <= set(keys())
    with declined("judge", "own_entry", house.officer):
        judge(MARCH, {("allowance", more.pk): RIGHT}, by=house.officer)
    assert judge(MARCH, dict.fromkeys(own, RIGHT), by=house.approver) == 3


def test_only_reviewers_begin_judge_and_sign(house: House) -> None:
    auditor, administrator = factories.person("yen", "Auditor"), factories.person("quang", "Administrator")
    for person in (house.agent, auditor, administrator):
        with declined("begin_review", "no_right", person):
            begin(MARCH, by=person)
    begin(MARCH, by=house.reviewer)
    for person in (house.agent, auditor, administrator):
        with declined("judge", "no_right", person):
            judge(MARCH, {keys()[0]: RIGHT}, by=person)
    judge(MARCH, dict.fromkeys(keys(), RIGHT), by=house.reviewer)
    for person in (house.agent, auditor, administrator):
        with declined("sign_off", "no_right", person):
            sign_off(MARCH, by=person)
    assert sign_off(MARCH, by=house.reviewer).review.by == house.reviewer


def test_the_newest_verdict_of_an_entry_holds_and_the_same_again_is_none(house: House) -> None:
    begin(MARCH, by=house.reviewer)
    named = keys()[0]
    assert judge(MARCH, {named: RIGHT}, by=house.reviewer) == 1
    assert judge(MARCH, {named: RIGHT}, by=house.reviewer) == 0
    assert judge(MARCH, {named: QUESTIONED}, by=house.reviewer) == 1
    assert newest_verdicts(str(MARCH))[named].verdict == "questioned"
    assert ReviewVerdict.objects.count() == 2


def test_a_verdict_that_somebody_else_gave_meanwhile_is_not_written_over_unseen(house: House) -> None:
    other = factories.person("dung", "Compliance officer")
    begin(MARCH, by=house.reviewer)
    one, two, *_rest = keys()
    judge(MARCH, {one: QUESTIONED}, by=other)
    with pytest.raises(InvalidInput, match="just judged"):
        judge(MARCH, {one: RIGHT, two: RIGHT}, by=house.reviewer, seen=0)
    assert ReviewVerdict.objects.count() == 1
    seen = ReviewVerdict.objects.get().pk
    assert judge(MARCH, {one: RIGHT, two: RIGHT}, by=house.reviewer, seen=seen) == 2


def test_a_question_needs_words_and_a_verdict_an_entry(house: House) -> None:
    begin(MARCH, by=house.reviewer)
    for said in (
        {keys()[0]: Judgement("questioned", " ")},
        {keys()[0]: Judgement("fine")},
        {("disclosure", 987654): RIGHT},
        {},
    ):
        with pytest.raises(InvalidInput):
            judge(MARCH, said, by=house.reviewer)
    with pytest.raises(InvalidInput, match="not begun"):
        judge(MARCH.next, {keys()[0]: RIGHT}, by=house.reviewer)
    assert not ReviewVerdict.objects.exists()


def test_the_words_of_a_question_are_sealed_and_read_on_record(house: House) -> None:
    begin(MARCH, by=house.reviewer)
    with pytest.raises(InvalidInput):
        read_review(MARCH, by=house.approver)
    judge(MARCH, {keys()[0]: QUESTIONED}, by=house.reviewer)
    row = ReviewVerdict.objects.get()
    assert "night" not in f"{row.words} {row} {Leaf.objects.latest('seq').payload!r}"
    assert [words for _row, words in read_review(MARCH, by=house.approver)] == ["Why at night?"]
    assert Leaf.objects.latest("seq").kind == "reading"
    with pytest.raises(Refused):
        read_review(MARCH, by=house.agent)


# --- dates ------------------------------------------------------------------------------------------------------------


def test_a_month_waits_from_its_end_and_is_late_from_the_eleventh(house: House) -> None:
    def waiting(on: date) -> list[tuple[str, bool]]:
        return [(str(each.month), each.overdue) for each in unsigned_months(on) if each.month >= MARCH]

    assert waiting(date(2031, 3, 31)) == []
    assert waiting(date(2031, 4, 1)) == [("2031-03", False)]
    assert waiting(date(2031, 4, 10)) == [("2031-03", False)]
    assert waiting(date(2031, 4, 11)) == [("2031-03", True)]
    all_right(house.reviewer)
    sign_off(MARCH, by=house.reviewer)
    assert waiting(date(2031, 4, 11)) == []


@pytest.mark.bare
def test_months_before_the_log_began_and_months_without_anything_are_none(house: House, clock: Clock) -> None:
    entry(house, at=MONDAY.replace(year=2019))
    assert [str(each.month) for each in unsigned_months()] == ["2031-03"]
    clock.now = AFTER + timedelta(days=65)
    assert [str(each.month) for each in unsigned_months()] == ["2031-03"]
    glass(house, AFTER + timedelta(days=35))
    assert [str(each.month) for each in unsigned_months()] == ["2031-03", "2031-05"]
    refusals(house, [clock.now])
    shown = [(str(each.month), each.running, each.overdue) for each in all_months()]
    assert shown == [("2031-06", True, False), ("2031-05", False, False), ("2031-03", False, True)]


@pytest.mark.bare
def test_the_question_which_months_wait_is_as_many_queries_after_years(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):
        unsigned_months(date(2031, 4, 5))
    with django_assert_num_queries(5):
        unsigned_months(date(2034, 4, 5))


# --- races ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_house(own_database: str, clock: Clock) -> House:
    """The same in a database of its own."""
    return over(a_house(clock), clock)


def test_of_two_who_begin_at_once_one_begins(own_house: House) -> None:
    told = at_once(
        *(lambda person=person: begin(MARCH, by=person) for person in (own_house.reviewer, own_house.approver))
    )
    assert told == ["InvalidInput: This review is begun already. Open it."]
    assert ReviewBegun.objects.count() == 1


def test_of_two_who_judge_the_same_at_once_one_is_told(own_house: House) -> None:
    other = factories.person("dung", "Compliance officer")
    begin(MARCH, by=own_house.reviewer)
    named = keys()[0]
    told = at_once(
        lambda: judge(MARCH, {named: RIGHT}, by=own_house.reviewer, seen=0),
        lambda: judge(MARCH, {named: QUESTIONED}, by=other, seen=0),
    )
    assert told == ["InvalidInput: Somebody has just judged some of these. Look at them again."]
    assert ReviewVerdict.objects.count() == 1


@pytest.mark.one_engine("it asks no database")
def test_said_shows_no_words() -> None:
    assert "night" not in repr(QUESTIONED)
    assert replace(QUESTIONED, verdict="right").words == QUESTIONED.words
