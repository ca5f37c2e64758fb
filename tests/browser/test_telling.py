"""A story's English words ask a Vietnamese page for the Vietnamese, and its data for themselves."""

from __future__ import annotations

import pytest

from tests.browser.telling import BY_DAY, BY_NIGHT, asked

pytestmark = pytest.mark.one_engine("a catalogue is looked up; no database is asked")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Propose", "Đề xuất"),
        ("0 reveals left today", "Hôm nay còn 0 lượt hiện"),
        ("Review March 2031", "Rà soát tháng 3/2031"),
        ("Name: match", "Họ tên: khớp"),
        ("1 opted out", "1 đã từ chối"),
        ("hoa.nguyen@mail.example.com", "hoa.nguyen@mail.example.com"),
        ("E-mail h•••@m•••.com", "Email h•••@m•••.com"),
    ],
)
def test_a_whole_text_is_asked_for_as_the_desk_says_it(said: str, shown: str) -> None:
    assert asked(said, exact=True).search(shown)
    assert said == shown or not asked(said, exact=True).search(said)
    assert not asked(said, exact=True).search(f"{shown} và thêm nữa")


def test_a_part_is_asked_for_by_the_sentences_that_it_stands_in() -> None:
    part = asked("your lead can allow", exact=False)
    assert part.search("Việc từ chối đã được ghi lại; trưởng nhóm có thể cho phép thêm 10 lượt trong hôm nay.")
    assert not part.search("your lead can allow")


def test_a_story_by_day_says_its_words_as_they_are() -> None:
    assert (BY_DAY.say("opted out"), BY_NIGHT.say("opted out")) == ("opted out", "đã từ chối")
