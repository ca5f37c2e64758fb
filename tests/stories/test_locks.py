"""Two acts that meet: at each lock of the desk the second waits for the first, one wins, and the other is told.

Whatever is a customer's own is guarded by the customer, whom every act on it holds; the rows below are read anew, not
locked. What several customers share is guarded by the installation's row, people by their own, the log by its head.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db.models import QuerySet

from customers.access.reveal import reveal
from customers.access.verify import verify
from customers.audit_log.signer import log_signer
from customers.casework import address_verification, addresses, approvals, holds, information_requests
from customers.casework.corrections import correct
from customers.casework.requests import complete, take_on
from customers.casework.service_access import rotate_secret, set_service_access
from customers.evidence.checkpoints import make_checkpoint
from customers.evidence.recording import recording
from customers.messages.delivery import CAME_BACK, settle
from customers.models import (
    ContactPoint,
    Correction,
    CustomerRequest,
    Head,
    Hold,
    Leaf,
    Notice,
    NoticeOutcome,
    Reveal,
    ServiceAccess,
    StaffMember,
    Verification,
)
from customers.vault.kinds import Kind
from tests import factories
from tests.concurrency import DOORS, PRODUCT, assert_told, assert_waited, meet
from tests.customers.evidence.logs import payloads
from tests.meeting import case, each, house
from tests.scenario import Desk, asked, now, point_of, reached, state, suspended, why

__all__ = ["case", "house"]

PHONE_OF_MANY = "+84912990001"
LATER = "InvalidInput: Nothing was done: meanwhile this is"


# --- who acts ---------------------------------------------------------------------------------------------------------


def test_of_two_windows_of_one_person_one_spends_the_last_of_a_budget(case: Desk, settings: Any) -> None:
    settings.REVEALS_A_DAY = 1
    mai = factories.person(f"mai{next(each)}", "Support agent")
    opening = partial(reveal, case.customer, "full_name", by=mai, reason="call_back")
    meeting = meet(opening, opening, behind="left", table=Reveal)
    assert_waited(meeting, "lock_actor")
    assert_told(meeting, "Refused: You have revealed 1 values today")


# --- what is a customer's own -----------------------------------------------------------------------------------------


def test_of_two_who_verify_one_customer_each_miss_counts_for_both(case: Desk, settings: Any) -> None:
    settings.MISSES_AN_HOUR = 1
    wrong = partial(verify, case.customer, {Kind.PHONE: "+84987654321"})
    meeting = meet(
        partial(wrong, by=case.agent), partial(wrong, by=case.colleague), behind="misses_left", table=Verification
    )
    assert_waited(meeting, "verify")
    assert_told(meeting, "Refused: Too many answers about this customer did not match.")


Pair = tuple[Callable[[], Any], Callable[[], Any]]


def taking_on(case: Desk) -> Pair:
    request = asked(case, kind="question")
    return partial(take_on, request, by=case.colleague), partial(take_on, request, by=case.lead)


def completing_and_suspending(case: Desk) -> Pair:
    request = asked(case, kind="question")
    return partial(complete, request, by=case.agent, words="đã làm"), partial(suspended, case.email, case.colleague)


def closing_a_hold(case: Desk) -> Pair:
    hold = suspended(case.email, case.agent)
    return partial(reached, hold, "confirmed", by=case.colleague), partial(reached, hold, "denied", by=case.lead)


def approving(case: Desk) -> Pair:
    lead = StaffMember.objects.filter(username="duc").first() or factories.person("duc", "Support lead")
    correction = proposed_name(case)
    return partial(approvals.approve, correction, by=case.lead), partial(approvals.approve, correction, by=lead)


def proposed_name(case: Desk) -> Correction:
    """Another e-mail address that waits for approval, on our initiative."""
    return correct(
        case.customer, "email", f"moi{next(each)}@mail.example.com", by=case.agent, why=why(), point=case.email
    )


def approving_and_suspending(case: Desk) -> Pair:
    correction = proposed_name(case)
    return partial(approvals.approve, correction, by=case.lead), partial(suspended, case.email, case.colleague)


def setting_a_login(case: Desk) -> Pair:
    empty = ServiceAccess.objects.get(customer=case.customer)
    with recording(by=factories.system()):
        empty.login = empty.secret = None
        empty.save()
        factories.note()
    first, second = (partial(set_service_access, empty, login=name, secret=name) for name in ("first", "second"))
    return partial(first, by=case.lead), partial(second, by=factories.system())


def rotating(case: Desk) -> Pair:
    row = ServiceAccess.objects.get(customer=case.customer)
    return partial(rotate_secret, row, by=case.lead), partial(rotate_secret, row, by=factories.system())


def retiring_and_suspending(case: Desk) -> Pair:
    return partial(addresses.retire, case.email, by=case.agent), partial(suspended, case.email, case.colleague)


def asking_for_more(case: Desk) -> Pair:
    request = asked(case, kind="question")
    ask = partial(information_requests.ask, request, ["details"], point=case.email)
    return partial(ask, by=case.agent), partial(ask, by=case.colleague)


def writing_and_retiring(case: Desk) -> Pair:
    return partial(address_verification.ask_owner, case.email, by=case.agent), partial(
        addresses.retire, case.email, by=case.colleague
    )


@pytest.mark.parametrize(
    ("pair", "behind", "table", "told"),
    [
        (taking_on, "take_on", CustomerRequest, "InvalidInput: Somebody else has just taken it."),
        (completing_and_suspending, "lock_workable_request", CustomerRequest, ""),
        (closing_a_hold, "close_after_contact", Hold, LATER),
        (approving, "_may_approve", Correction, LATER),
        (approving_and_suspending, "is_overtaken", ContactPoint, ""),
        (setting_a_login, "set_service_access", ServiceAccess, "InvalidInput: A login is on file already"),
        (rotating, "rotate_secret", ServiceAccess, "InvalidInput: Somebody else has just set it."),
        (retiring_and_suspending, "_require_unheld", ContactPoint, ""),
        (asking_for_more, "ask", ContactPoint, "InvalidInput: The customer was asked already"),
        (writing_and_retiring, "prepare", ContactPoint, ""),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_is_a_customers_own_is_changed_by_one_at_a_time(
    pair: Callable[[Desk], Pair], behind: str, table: Any, told: str, case: Desk
) -> None:
    """The second waits for the customer before it reads a row that the first has read and is about to change."""
    first, second = pair(case)
    size = Leaf.objects.count()
    meeting = meet(first, second, behind=behind, table=table)
    assert_waited(meeting, "acting_on_customer")
    assert_told(meeting, told)
    assert payloads()[size]["by"] == first.keywords["by"].username  # type: ignore[attr-defined]


def test_who_shares_a_suspended_address_is_held_though_it_was_put_on_file_just_before(
    case: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = next(each)
    other = factories.customer(f"LK{number:07d}", email=f"hoa{number}@mail.example.com", phone=PHONE_OF_MANY)
    shared = factories.customer(f"LL{number:07d}", email=f"ba{number}@mail.example.com", phone=PHONE_OF_MANY)
    looked: list[ContactPoint] = []

    def at_first_nobody(point: ContactPoint) -> QuerySet[ContactPoint]:
        looked.append(point)
        return sharing(point) if len(looked) > 1 else ContactPoint.objects.none()

    sharing = holds.sharing
    monkeypatch.setattr(holds, "sharing", at_first_nobody)
    meeting = meet(
        partial(suspended, point_of(other, "phone"), case.agent),
        partial(addresses.retire, point_of(shared, "phone"), by=case.colleague),
        behind="_open",
        table=Hold,
    )
    assert_waited(meeting, "acting_on_customer")
    assert_told(meeting, "InvalidInput: This address is suspended.")


def test_mail_that_came_back_and_a_retirement_follow_one_another(case: Desk) -> None:
    letter = address_verification.ask_owner(case.email, by=case.agent)
    notice = Notice.objects.get(pk=letter.notice.pk)
    with recording(by=factories.system()):
        again = Notice(
            customer=case.customer, contact_point=case.email, what=notice.what, language="vi", field=notice.field,
            row_seal_id=notice.row_seal_id, datum=notice.datum, closes_at=notice.closes_at,
        )  # fmt: skip
        again.save()
    outcome = NoticeOutcome(customer=case.customer, notice=again, left=False, why=CAME_BACK)
    meeting = meet(
        partial(settle, outcome, case.email, by=case.agent),
        partial(addresses.retire, case.email, by=case.colleague),
        behind="settle",
        table=ContactPoint,
    )
    assert_waited(meeting, "acting_on_customer")
    assert_told(meeting, "")
    assert list(case.email.moves.order_by("pk").values_list("how", flat=True)) == ["bounce", "retire"]


# --- a row with a state -----------------------------------------------------------------------------------------------


def moved(row: Any, how: str) -> None:
    """A move of a row, as an act of its own."""
    with recording(by=factories.system()):
        row.transition(how, customer=row.customer)


def test_of_two_moves_of_one_row_one_is_made(case: Desk) -> None:
    point = case.email
    meeting = meet(
        partial(moved, now(point), "retire"),
        partial(moved, now(point), "bounce"),
        behind="transition",
        table=ContactPoint,
    )
    assert_waited(meeting, "transition")
    assert_told(meeting, f"TransitionNotAllowed: customers.ContactPoint {point.pk} is retired")
    assert (state(point), point.moves.count()) == ("retired", 1)


def test_an_old_page_that_is_saved_takes_no_move_back(case: Desk) -> None:
    point = case.email

    def saved() -> None:
        with recording(by=factories.system()):
            now(point).save()
            factories.note()

    meeting = meet(saved, partial(moved, now(point), "retire"), behind="_take_state", table=ContactPoint)
    assert_waited(meeting, "transition")
    assert_told(meeting, "")
    assert state(point) == "retired"


# --- the log ----------------------------------------------------------------------------------------------------------


def test_of_two_acts_that_have_nothing_in_common_the_log_takes_one_after_the_other(case: Desk) -> None:
    other = factories.customer(f"LK{next(each):07d}", email="ba@mail.example.com", phone="+84912990000")
    one, two = (factories.person(f"kim{next(each)}", "Support agent") for _ in range(2))
    first, second = (
        partial(reveal, customer, "full_name", by=by, reason="call_back")
        for customer, by in ((case.customer, one), (other, two))
    )
    size = Leaf.objects.count()
    meeting = meet(first, second, behind="lock_head", table=Head)
    assert_waited(meeting, "lock_head")
    assert_told(meeting, "")
    assert [entry["by"] for entry in payloads()[size:]] == [one.username, two.username]


def test_what_is_done_while_a_checkpoint_is_signed_comes_after_it(case: Desk) -> None:
    size = Leaf.objects.count()
    meeting = meet(
        partial(make_checkpoint, log_signer()),
        partial(reveal, case.customer, "full_name", by=case.agent, reason="call_back"),
        behind="lock_head",
        table=Head,
    )
    assert_waited(meeting, "lock_head")
    assert_told(meeting, "")
    assert (make_checkpoint(log_signer()).size, Leaf.objects.count()) == (size + 1, size + 1)


# --- all of them ------------------------------------------------------------------------------------------------------

TAKING = frozenset({"select_for_update", "locked", "lock_installation", "lock_head"})
"""What takes a lock, in the product's own words."""


def functions_that_lock() -> set[str]:
    """The functions of the product that take a lock, but for those that take it for whoever calls them."""
    found = set()
    sources = (path for app in PRODUCT for path in Path(app).rglob("*.py"))
    for function in (node for path in sources for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(function, ast.FunctionDef):
            calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
            if TAKING & {str(getattr(call, "attr", getattr(call, "id", ""))) for call in calls}:
                found.add(function.name)
    return found - DOORS


@pytest.mark.one_engine("reads sources only")
def test_every_lock_of_the_product_has_two_that_meet_at_it() -> None:
    here = Path(__file__).parents[1]
    tests = " ".join(path.read_text() for path in sorted(here.rglob("test_*locks*.py")))
    assert functions_that_lock() - set(re.findall(r"\w+", tests)) == set()
    assert {"acting_on_customer", "verify", "_compare", "make_checkpoint"} <= functions_that_lock()
