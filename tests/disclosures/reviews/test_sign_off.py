"""A month is signed off on a checkpoint of a log that goes on from what the last review saw."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from customers.audit_log.signer import log_signer
from customers.evidence.checkpoints import make_checkpoint
from customers.evidence.models import Checkpoint
from customers.models import Leaf
from customers.validation.errors import InvalidInput
from disclosures.models import Disclosure, MonthReview, ReviewVerdict
from disclosures.reviews import monthly
from disclosures.reviews.monthly import begin, goes_on, judge, sign_off
from tests import factories
from tests.concurrency import at_once
from tests.conftest import Clock
from tests.customers.evidence.logs import as_owner, execute
from tests.customers.evidence.logs import verify as verified
from tests.disclosures.looking_back import (
    AFTER,
    MARCH,
    QUESTIONED,
    RIGHT,
    House,
    a_house,
    all_right,
    declined,
    entry,
    keys,
    over,
    own_anchors,
)
from tests.worlds import shared

__all__ = ["own_anchors"]


@shared
def house(clock: Clock) -> House:
    """March is over."""
    return over(a_house(clock), clock)


def test_a_sign_off_says_what_was_looked_at_on_a_checkpoint_that_holds_it(house: House, own_anchors: Path) -> None:
    begun = begin(MARCH, by=house.reviewer)
    first, *rest = keys()
    judge(MARCH, {first: QUESTIONED, **dict.fromkeys(rest, RIGHT)}, by=house.reviewer)
    signed = sign_off(MARCH, by=house.reviewer)
    review = signed.review
    verdicts = {(row[0], row[1]): row[3] for row in review.looked_at}
    assert verdicts == {
        (Disclosure._meta.db_table, key): "questioned" if key == first[1] else "right" for _what, key in [first, *rest]
    }
    assert (review.questioned, review.begun, review.previous, review.consistent) == (1, begun, None, True)
    checkpoint = Checkpoint.objects.get(size=review.checkpoint_size)
    assert bytes(checkpoint.root).hex() == review.checkpoint_root
    newest = Leaf.objects.filter(table_name=ReviewVerdict._meta.db_table).latest("seq")
    mine = Leaf.objects.get(table_name=MonthReview._meta.db_table)
    assert newest.seq < checkpoint.size <= mine.seq
    assert signed.anchored is not None
    assert signed.anchored.checkpoint.size > mine.seq
    assert signed.anchored.checkpoint.note in own_anchors.read_text()
    assert verified().exit == 0


def test_every_entry_is_judged_before_anybody_signs(house: House) -> None:
    begin(MARCH, by=house.reviewer)
    *most, last = keys()
    judge(MARCH, dict.fromkeys(most, RIGHT), by=house.reviewer)
    with pytest.raises(InvalidInput, match="Not everything"):
        sign_off(MARCH, by=house.reviewer)
    judge(MARCH, {last: RIGHT}, by=house.reviewer)
    sign_off(MARCH, by=house.officer)  # whoever signs need not be who judged
    with pytest.raises(InvalidInput, match="signed off already"):
        sign_off(MARCH, by=house.reviewer)
    with pytest.raises(InvalidInput, match="signed off already"):
        judge(MARCH, {last: QUESTIONED}, by=house.reviewer)


def test_the_next_review_goes_on_from_the_last(house: House, clock: Clock) -> None:
    all_right(house.reviewer)
    first = sign_off(MARCH, by=house.reviewer).review
    entry(house, at=AFTER)
    clock.now = AFTER + timedelta(days=30)
    all_right(house.reviewer, MARCH.next)
    second = sign_off(MARCH.next, by=house.reviewer).review
    assert (second.previous, second.consistent) == (first, True)
    assert second.checkpoint_size > first.checkpoint_size
    assert verified().exit == 0


def test_a_log_whose_past_was_rewritten_is_not_signed(house: House, clock: Clock) -> None:
    """Its owner makes every hash fit again, head and all; what the last review was bound to says otherwise."""
    all_right(house.reviewer)
    previous = sign_off(MARCH, by=house.reviewer).review
    entry(house, at=AFTER)
    clock.now = AFTER + timedelta(days=30)
    all_right(house.reviewer, MARCH.next)
    checkpoint = make_checkpoint(log_signer())
    assert goes_on(previous, checkpoint)
    with as_owner(Leaf._meta.db_table):
        execute("UPDATE customers_leaf SET payload = (SELECT payload FROM customers_leaf WHERE seq = 3) WHERE seq = 2")
    assert not goes_on(previous, checkpoint)
    with declined("sign_off", "not_one_log", house.reviewer):
        sign_off(MARCH.next, by=house.reviewer)


def test_two_logs_that_differ_only_after_the_last_review_are_told_apart(house: House) -> None:
    all_right(house.reviewer)
    previous = sign_off(MARCH, by=house.reviewer).review
    checkpoint = make_checkpoint(log_signer())
    assert goes_on(previous, checkpoint)
    assert not goes_on(previous, Checkpoint(size=checkpoint.size, root=bytes(32)))
    assert not goes_on(previous, Checkpoint(size=checkpoint.size + 1, root=bytes(checkpoint.root)))
    assert not goes_on(previous, Checkpoint(size=previous.checkpoint_size - 1, root=bytes(checkpoint.root)))
    assert not goes_on(previous, Checkpoint(size=previous.checkpoint_size, root=bytes(32)))


def test_an_anchor_that_cannot_be_written_undoes_nothing(house: House, settings: Settings) -> None:
    all_right(house.reviewer)
    settings.ANCHOR_FILE = Path("/nowhere/at/all/anchors")
    signed = sign_off(MARCH, by=house.reviewer)
    assert signed.anchored is None
    assert MonthReview.objects.get() == signed.review


def test_a_verdict_that_came_after_the_checkpoint_is_looked_at_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_right(house.reviewer)
    other = factories.person("dung", "Compliance officer")

    def late() -> Checkpoint:
        taken = make_checkpoint(log_signer())
        judge(MARCH, {keys()[0]: QUESTIONED}, by=other)
        return taken

    with monkeypatch.context() as slow:
        slow.setattr(monthly, "_checkpoint", late)
        with pytest.raises(InvalidInput, match="just reviewed"):
            sign_off(MARCH, by=house.reviewer)
    assert sign_off(MARCH, by=house.reviewer).review.questioned == 1


# --- races ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_house(own_database: str, clock: Clock) -> House:
    """The same in a database of its own."""
    return over(a_house(clock), clock)


def test_of_two_who_sign_at_once_one_signs_and_the_other_is_told(own_house: House) -> None:
    all_right(own_house.reviewer)
    people = (own_house.reviewer, own_house.approver)
    told = at_once(*(lambda person=person: sign_off(MARCH, by=person) for person in people))
    assert told == ["InvalidInput: This month was signed off already."]
    assert MonthReview.objects.count() == 1
    assert verified().exit == 0
