"""What letters say: in the customer's language whatever the reader's, with the reference and nothing else of theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from customers.casework.information_requests import FIELDS
from customers.casework.requests import register
from customers.messages import letters
from customers.messages.delivery import Words
from customers.models import Customer, CustomerRequest, OutsideLink, StaffMember
from tests import factories
from tests.worlds import shared

pytestmark = pytest.mark.one_engine("no engine changes the words of a letter")

LINK = "https://desk.example.com/confirm/abc/"
Write = Callable[[Customer, CustomerRequest], Words]
EVERY: dict[str, Write] = {
    "check": lambda customer, request: letters.check(customer, LINK, "042137", 24),
    "check_by_text_message": lambda customer, request: letters.check_by_text_message(customer, "042137", 24),
    "corrected_email": lambda customer, request: letters.corrected(customer, "email"),
    "corrected_phone": lambda customer, request: letters.corrected(customer, "phone"),
    "added_email": lambda customer, request: letters.added(customer, "email"),
    "added_phone": lambda customer, request: letters.added(customer, "phone"),
    "new_email": lambda customer, request: letters.new_address(customer, "email"),
    "new_phone": lambda customer, request: letters.new_address(customer, "phone"),
    "acknowledged": lambda customer, request: letters.acknowledged(customer, request),
    "completed": lambda customer, request: letters.completed(customer, request),
    "asked": lambda customer, request: letters.asked(
        customer, request, [(field.label, field.why) for field in FIELDS.values()]
    ),
    "password_reset": lambda customer, request: letters.password_reset(customer, LINK),
    "links": lambda customer, request: letters.links(
        customer, request, [OutsideLink(title_vi="Trợ giúp", title_en="Help", url="https://www.example.org/help")]
    ),
    **{
        f"extended_{why}": lambda customer, request, why=why: letters.extended(customer, request, why)
        for why in CustomerRequest.WhyExtended.values
    },
    **{
        f"refused_{why}": lambda customer, request, why=why: letters.refused(customer, request, why)
        for why in CustomerRequest.WhyRefused.values
    },
}
every_letter = pytest.mark.parametrize("write", EVERY.values(), ids=list(EVERY))


@shared
def linh() -> StaffMember:
    """An agent of the customers' team, in a house with deadlines."""
    factories.deadlines()
    return factories.person("linh", "Support agent")


@pytest.fixture
def request_of(linh: StaffMember) -> Callable[[str], CustomerRequest]:
    """An open request of a customer who is written to in that language."""

    def make(locale: str) -> CustomerRequest:
        customer = factories.customer(locale=locale)
        return register(customer, "question", by=linh, came_by="in_person", text="Khi nào gia hạn?")

    return make


@every_letter
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_letter_names_the_reference_and_nothing_else_of_the_customer(
    locale: str, write: Write, request_of: Callable[[str], CustomerRequest]
) -> None:
    request = request_of(locale)
    words = write(request.customer, request)
    said = f"{words.subject}\n{words.body}"
    personal = ("hoa.nguyen", "912345612", "Nguyễn", "Hoa", "Mai Công", "Khi nào", "linh", "Hanoi")
    assert [datum for datum in personal if datum in said] == []
    assert (words.language, words.body.count(request.customer.reference)) == (locale, 1)
    assert (request.customer.reference in words.subject, "\n" in words.subject) == (False, False)
    assert re.search(r"%\(|\{|•|None|proxy|&#", said) is None


@every_letter
def test_the_readers_language_does_not_matter(write: Write, request_of: Callable[[str], CustomerRequest]) -> None:
    for locale in ("vi", "en"):
        request = request_of(locale)
        said = set()
        for readers in ("vi", "en"):
            with override(readers):
                words = write(request.customer, request)
            said.add((words.language, words.subject, words.body))
        assert len(said) == 1


@every_letter
def test_a_vietnamese_letter_has_no_line_of_the_english_one(
    write: Write, request_of: Callable[[str], CustomerRequest]
) -> None:
    vi, en = (write(request.customer, request) for request in (request_of("vi"), request_of("en")))
    assert vi.subject != en.subject
    english = {line for line in en.body.splitlines() if re.search(r"[a-z]{3}", line) and "://" not in line}
    assert (len(english) >= 2, english & set(vi.body.splitlines())) == (True, set())
    assert re.search("[đăâêôơưạ-ỹ]", vi.body)


def test_what_a_letter_is_about_stands_in_it(request_of: Callable[[str], CustomerRequest]) -> None:
    request = request_of("en")
    said = {name: write(request.customer, request) for name, write in EVERY.items()}
    assert (LINK in said["check"].body, "042137" in said["check"].body, "24 hours" in said["check"].body) == (True,) * 3
    assert ("042137" in said["check_by_text_message"].body, "://" in said["check_by_text_message"].body) == (
        True,
        False,
    )
    assert LINK in said["password_reset"].body
    assert "not responsible" in said["links"].body.replace("\n", " ")
    assert "https://www.example.org/help" in said["links"].body
    for name in ("acknowledged", "completed", "asked", "links", "refused_other", "extended_many"):
        assert (said[name].subject, request.number in said[name].body) == (f"Your request {request.number}", True)
    assert [str(field.label) in said["asked"].body for field in FIELDS.values()] == [True] * len(FIELDS)
    assert letters_day(request.complete_by) in said["acknowledged"].body


def letters_day(at: datetime) -> str:
    """A day in English, of a clock that runs to midnight the day before; worked out another way."""
    local = timezone.localtime(at - timedelta(seconds=1))
    return f"{local.day} {local:%B} {local.year}"


def test_a_letter_never_tells_of_a_suspicion(request_of: Callable[[str], CustomerRequest]) -> None:
    for locale in ("vi", "en"):
        request = request_of(locale)
        suspected = letters.refused(request.customer, request, "suspected_fraud")
        assert suspected == letters.refused(request.customer, request, "not_identified")
        assert re.search("fraud|suspe|suspi|gian lận|nghi ngờ", suspected.body, re.I) is None
        assert suspected.body != letters.refused(request.customer, request, "other").body


def test_every_reason_of_a_refusal_has_its_words(db: None) -> None:
    assert set(letters.why_refused()) == set(CustomerRequest.WhyRefused.values)


@pytest.mark.parametrize(("language", "said"), [("vi", "31/12/2026"), ("en", "31 December 2026")])
def test_a_clock_that_runs_to_midnight_is_told_by_the_day_before(language: str, said: str) -> None:
    midnight = datetime.fromisoformat("2027-01-01T00:00:00+07:00")
    with override(language):
        assert letters.day(midnight) == said
        assert letters.day(midnight + timedelta(minutes=1)) != said
