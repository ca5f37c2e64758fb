"""The gate: one customer and all of them are answered alike, by rules that a page of plain Python repeats."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from consent.gate.gate import ContactDecision, contactable, decisions, matrix, may_contact
from consent.gate.purposes import UnknownChannel, UnknownPurpose, add_purpose, purpose_of, purposes
from consent.models import Channel, ConsentEvent, ContactLimit, Purpose
from consent.outreach.send import write
from customers.models import Customer
from tests import factories
from tests.consent.lives import CONTRACT, NEWS, Life, house, live
from tests.stories.test_queries import plan

pytestmark = pytest.mark.django_db
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TOMORROW = timezone.localdate(timezone=HANOI) + timedelta(days=1)
NOON = datetime(*TOMORROW.timetuple()[:3], 12, 30, tzinfo=HANOI)
NIGHT = NOON + timedelta(hours=15)
"""The night after that noon, for which what went out before noon still counts."""
STATES = ("active", "unverified", "retired", "bounced", "suspended")
FIRST_OF = ("active", "suspended", "unverified", "bounced", "retired")
A_DAY = {"email": 3, "sms": 3, "phone": 1}
QUIET_AT_NIGHT = ("sms", "phone")


def answer(life: Life, purpose: Purpose, channel: str, *, at: datetime, goes_without: bool) -> str:
    """Why not, by the design's words alone; "" for yes."""
    news = purpose.basis != "contract"
    if life.status == "ended":
        return "ended"
    if news and life.status != "connected":
        return "not_connected"
    if channel not in purpose.channels:
        return "not_this_way"
    said = [what for code, way, what in life.words if code == purpose.code and way in ("", channel)]
    if news and said and said[-1] != "granted":
        return said[-1]
    held = life.emails if channel == "email" else life.phones
    stands = min(held, key=FIRST_OF.index, default="no_address")
    if stands != "active":
        return stands
    if not news:
        return ""
    consented, without = said[-1:] == ["granted"], goes_without and purpose.basis == "opt_out"
    if not consented and not without:
        return "no_consent"
    if at == NIGHT and channel in QUIET_AT_NIGHT:
        return "quiet_hours"
    if life.got.count(channel) >= A_DAY[channel]:
        return "a_day"
    return "" if consented else "no_consent"


def add_more_purposes() -> None:
    """One that takes a consent, and one that does not use the phone."""
    officer = factories.person("an", "Compliance officer")
    words = {"name_vi": "Mẹo", "name_en": "Tips", "words_vi": "Mẹo dùng", "words_en": "How to use it", "source": "Us"}
    add_purpose("tips", by=officer, basis="opt_in", channels=Channel.values, **words)
    add_purpose("letters", by=officer, basis="opt_out", channels=["email"], **words)


def told(found: ContactDecision) -> tuple[bool, str]:
    """Yes or no, and why not."""
    return bool(found), found.why


def compare(lives: dict[int, Life], *, at: datetime, goes_without: bool) -> int:
    """Hold the gate, its set and the words of the design against each other; returns how many answers were yes."""
    everybody, yes = Customer.objects.filter(pk__in=lives), 0
    for purpose, channel in product(purposes(), Channel.values):
        found = decisions(everybody, purpose, channel, at=at)
        expected = {
            key: answer(life, purpose, channel, at=at, goes_without=goes_without) for key, life in lives.items()
        }
        assert {key: decision.why for key, decision in found.items()} == expected, (purpose.code, channel)
        through = set(contactable(purpose, channel, at=at).filter(pk__in=lives).values_list("pk", flat=True))
        assert through == {key for key, decision in found.items() if decision}, (purpose.code, channel)
        yes += len(through)
    return yes


SAID = (
    (), (("", "granted"),), (("email", "granted"),), (("", "objected"),), (("sms", "objected"),),
    (("email", "granted"), ("email", "withdrawn")), (("", "objected"), ("email", "granted")),
    (("email", "granted"), ("", "objected")), (("phone", "granted"),),
)  # fmt: skip
HELD = ((), *((state,) for state in STATES), ("retired", "active"), ("suspended", "unverified"), ("bounced", "retired"))


def words_about(said: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str, str], ...]:
    return tuple((code, way, what) for way, what in said for code in ("promotions", "tips", "letters"))


@pytest.mark.parametrize("setting", ["refuse", "allow"])
def test_the_gate_and_its_set_say_what_the_design_says_for_every_combination(
    settings: LazySettings, setting: str
) -> None:
    settings.CONTACT_WITHOUT_CONSENT = setting
    house()
    add_more_purposes()
    lives = [
        Life(status, held, held, words_about(said), got)
        for status, held, said, got in product(
            ("connected", "suspended", "ended"), HELD, SAID, ((), ("email",) * 3 + ("sms",) * 2 + ("phone",))
        )
    ]
    made = live(lives, at=NOON)
    assert len(made) == 486
    for at in (NOON, NIGHT):
        assert compare(made, at=at, goes_without=setting == "allow") > 500


@pytest.mark.parametrize("setting", ["refuse", "allow"])
def test_the_matrix_answers_cell_by_cell_like_the_gate(settings: LazySettings, setting: str) -> None:
    settings.CONTACT_WITHOUT_CONSENT = setting
    house()
    add_more_purposes()
    lives = [
        Life("connected", held, held[:1], words_about(said), ("email",) * 3)
        for held, said in zip(HELD, SAID, strict=True)
    ]
    lives += [Life(status) for status in ("suspended", "ended")]
    made = Customer.objects.filter(pk__in=live(lives, at=NOON))
    for at in (NOON, NIGHT):
        asked = {
            (purpose.code, channel): decisions(made, purpose, channel, at=at)
            for purpose, channel in product(purposes(), Channel.values)
        }
        for customer in made:
            cells = [cell for _purpose, row in matrix(customer, at=at) for cell in row]
            found = {(cell.purpose.code, cell.channel): (told(cell), cell.event, cell.point) for cell in cells}
            expected = {key: answers[customer.pk] for key, answers in asked.items()}
            assert found == {key: (told(one), one.event, one.point) for key, one in expected.items()}


def test_one_customer_is_answered_like_one_of_many() -> None:
    house()
    add_more_purposes()
    made = Customer.objects.filter(
        pk__in=live([Life(emails=held, words=words_about(said)) for held, said in zip(HELD, SAID, strict=False)])
    )
    for purpose, channel in product(purposes(), Channel.values):
        many = decisions(made, purpose, channel, at=NOON)
        assert {key: told(one) for key, one in many.items()} == {
            customer.pk: told(may_contact(customer, purpose.code, channel, at=NOON)) for customer in made
        }


HISTORY = st.builds(
    Life,
    status=st.sampled_from(["connected"] * 4 + ["suspended", "ended"]),
    emails=st.lists(st.sampled_from(STATES), max_size=3).map(tuple),
    phones=st.lists(st.sampled_from(STATES), max_size=2).map(tuple),
    words=st.lists(
        st.tuples(
            st.sampled_from(NEWS),
            st.sampled_from(["", *Channel.values]),
            st.sampled_from(ConsentEvent.What.values),
        ),
        max_size=6,
    ).map(tuple),
    got=st.lists(st.sampled_from(Channel.values), max_size=5).map(tuple),
)


class RandomHistories(TestCase):
    """2,000 of them, fifty at a time."""

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(st.lists(HISTORY, min_size=50, max_size=50), st.sampled_from([NOON, NIGHT]), st.booleans())
    def test_the_gate_and_its_set_agree_on_random_histories(
        self, lives: list[Life], at: datetime, goes_without: bool
    ) -> None:
        house()
        with self.settings(CONTACT_WITHOUT_CONSENT="allow" if goes_without else "refuse"):
            compare(live(lives, at=at), at=at, goes_without=goes_without)


# --- questions that make no sense ----------------------------------------------------------------------------------


def test_an_unknown_purpose_or_channel_is_an_error_and_never_a_no() -> None:
    house()
    customer = factories.customer()
    for ask in (may_contact, lambda customer, *question, **at: contactable(*question, **at)):
        with pytest.raises(UnknownPurpose):
            ask(customer, "gossip", "email")
        with pytest.raises(UnknownChannel):
            ask(customer, "support", "pigeon")
        with pytest.raises(ValueError, match="zone"):
            ask(customer, "support", "email", at=datetime(2026, 1, 1))
    assert may_contact(customer, "support", "email")


@pytest.mark.bare
def test_news_without_a_limit_on_file_are_refused_and_the_contract_s_are_not() -> None:
    factories.deadlines()
    from consent.gate import purposes as rows

    rows.provide(by=factories.system())
    assert not ContactLimit.objects.exists()
    (key,) = live([Life(words=(("promotions", "", "granted"),))])
    customer = Customer.objects.get(pk=key)
    assert told(may_contact(customer, "promotions", "email")) == (False, "no_limit")
    assert told(may_contact(customer, "support", "email")) == (True, "")


def test_a_new_purpose_inherits_no_consent() -> None:
    house()
    (key,) = live([Life(words=tuple((code, "", "granted") for code in NEWS))])
    add_more_purposes()
    customer = Customer.objects.get(pk=key)
    assert told(may_contact(customer, "promotions", "email", at=NOON)) == (True, "")
    assert told(may_contact(customer, "tips", "email", at=NOON)) == (False, "no_consent")


# --- time ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channel", "opens", "closes"), [("sms", (7, 0), (22, 0)), ("phone", (8, 0), (17, 0))])
def test_quiet_hours_begin_and_end_to_the_second_by_vietnam_s_clock(
    channel: str, opens: tuple[int, int], closes: tuple[int, int]
) -> None:
    house()
    (key,) = live([Life(words=(("promotions", "", "granted"),))])
    customer, second = Customer.objects.get(pk=key), timedelta(seconds=1)
    day = TOMORROW.timetuple()[:3]
    opening, closing = datetime(*day, *opens, tzinfo=HANOI), datetime(*day, *closes, tzinfo=HANOI)
    asked = (opening - second, opening, closing - second, closing)
    found = [may_contact(customer, "promotions", channel, at=at.astimezone(ZoneInfo("UTC"))).why for at in asked]
    assert found == ["quiet_hours", "", "", "quiet_hours"]
    assert [bool(may_contact(customer, "support", channel, at=at)) for at in asked] == [True] * 4
    assert [bool(may_contact(customer, "promotions", "email", at=at)) for at in asked] == [True] * 4


def test_a_time_gone_by_knows_only_what_was_recorded_until_then() -> None:
    house()
    before = timezone.now()
    (key,) = live([Life(words=(("promotions", "", "objected"),))])
    customer = Customer.objects.get(pk=key)
    assert may_contact(customer, "promotions", "email", at=before).why == "no_consent"
    assert may_contact(customer, "promotions", "email").why == "objected"
    assert may_contact(customer, "promotions", "email", at=timezone.now() + timedelta(days=1)).why == "objected"


def test_a_time_gone_by_does_not_count_what_was_sent_after_it() -> None:
    house()
    life = Life(words=(("promotions", "", "granted"),), got=("email",) * 3)
    (key,) = live([life], at=NOON)  # sent an hour before noon
    customer, hour = Customer.objects.get(pk=key), timedelta(hours=1)
    times = (NOON - hour - timedelta(seconds=1), NOON - hour, NOON + 23 * hour - timedelta(seconds=1), NOON + 23 * hour)
    assert [may_contact(customer, "promotions", "email", at=at).why for at in times] == ["", "a_day", "a_day", ""]


def test_a_decision_names_the_word_it_rests_on_and_the_address_to_write_to() -> None:
    house()
    (key,) = live([Life(emails=("retired", "active"), words=(("promotions", "email", "granted"),))])
    customer, event = Customer.objects.get(pk=key), ConsentEvent.objects.get()
    found = may_contact(customer, "promotions", "email", at=NOON)
    point = customer.contact_points.get(channel="email", state="active")
    assert (found.event, found.point, found.consented, found.said_at) == (event.pk, point.pk, True, event.at)
    assert told(may_contact(customer, "promotions", "sms", at=NOON)) == (False, "no_consent")


def test_what_the_contract_needs_is_no_news_and_fills_no_day() -> None:
    house()
    (key,) = live([Life(words=(("promotions", "email", "granted"),))])
    customer, linh = Customer.objects.get(pk=key), factories.person("linh", "Support agent")
    for _each in range(4):
        write(customer, purpose_of("support"), "email", by=linh, subject="Trả lời", text="Đã xong.")
    assert may_contact(customer, "promotions", "email").why == ""
    for _each in range(3):
        write(customer, purpose_of("promotions"), "email", by=linh, subject="Ưu đãi", text="Thêm dung lượng.")
    assert may_contact(customer, "promotions", "email").why == "a_day"
    assert may_contact(customer, "support", "email")


# --- a million of them ---------------------------------------------------------------------------------------------


def test_the_set_s_plan_uses_indexes_only_and_its_query_count_does_not_grow(
    django_assert_num_queries: object,
) -> None:
    house()
    live(Life(words=(("promotions", "", "granted"),)) for _each in range(20))
    rules = {row.code: row for row in purposes()}
    for size in (20, 300):
        if size > 20:
            live(Life(words=(("promotions", "", "granted"),)) for _each in range(size - 20))
        for code, channel in product(("support", "promotions"), Channel.values):
            with django_assert_num_queries(2):  # type: ignore[operator]
                assert contactable(rules[code], channel, at=NOON).count() == size
    for code, channel in product((*CONTRACT, *NEWS), Channel.values):
        lines = plan(lambda code=code, channel=channel: list(contactable(code, channel)))
        walked = [line for line in lines if "SCAN" in line or "Seq Scan" in line]
        assert [line for line in walked if "contactlimit" not in line and "purpose" not in line] == []
        assert any("customer_by_status" in line for line in lines)
