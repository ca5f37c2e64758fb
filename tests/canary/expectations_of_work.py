"""What the pages of the daily work answer to everybody: addresses, corrections, services, requests, rules, reveals.

Hanoi's requests are with the team, Da Nang's were handed to the officers: on a request of the team's an officer opens
the page, and is refused what is posted there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.canary.answers import (
    CONFIRM,
    CUSTOMERS,
    FORM,
    GONE,
    NOT_FOR_YOU,
    REASON,
    SHOWN,
    Answers,
    Judge,
    Page,
    a_deadline,
    a_right,
    everything_seen,
    of_seen,
    only,
    seen,
    the_customer,
    the_target,
)  # fmt: skip
from tests.canary.planting import CANARIES, Canary
from tests.canary.world import (
    APPROVES,
    ENDED,
    HANDLES,
    HAVE_A_ROLE,
    KEEPS_RULES,
    MISSING,
    NO_KEY,
    OFFICER,
    OTHER,
    OWN,
    SEES,
    SETS_ACCESS,
    VERIFIES,
    WORKS,
    World,
)  # fmt: skip

TAKEN = Answers(200, 302, 302, 400)
"""A form on which everything may be left empty."""
NO_LONGER = Answers(200, 400, 400, 400)
"""A form whose act the state of its row no longer allows, whatever is typed."""


# --- who gets which answer ---------------------------------------------------------------------------------------


def of_address(answers: Answers) -> Judge:
    """A page about an address: gone unless its customer is seen, for whoever works on that one's requests.

    ``MISSING`` is the address of another customer behind the key of Hanoi's: who may do nothing there is told so first.
    """

    def judge(world: World, target: str) -> Answers:
        if not seen(world, OWN if target == MISSING else target):
            return GONE
        if world.actor not in WORKS:
            return NOT_FOR_YOU
        return GONE if target == MISSING else answers

    return judge


def refused(answers: Answers) -> Answers:
    """A page that one may open, where a post that makes sense is refused."""
    return Answers(*(403 if answer == 302 else answer for answer in answers))


def of_request(answers: Answers, with_officer: Answers | None = None) -> Judge:
    """A step of a request: for the team while it is open, for officers once it is with them.

    ``answers`` is for the team; ``with_officer`` for officers, where the step is another one for what is with them.
    """

    def judge(world: World, target: str) -> Answers:
        if not seen(world, target):
            return GONE
        if world.actor not in HANDLES:
            return NOT_FOR_YOU
        if world.actor != OFFICER:
            return answers
        moves = Answers(200, 302, *answers[2:])
        return (with_officer or answers) if target == OTHER else refused(moves)

    return judge


def of_correcting(answers: Answers) -> Judge:
    """A page that corrects: an officer opens it too, for what was handed over; on nobody's request, it is refused."""

    def judge(world: World, target: str) -> Answers:
        return of_seen(HANDLES, Answers(200, 403, 400, 400) if world.actor == OFFICER else answers)(world, target)

    return judge


def of_correction(approves: Iterable[str], answers: Answers) -> Judge:
    """A second person's word: whoever handles requests opens the page, and some may give it."""
    chosen = frozenset(approves)

    def judge(world: World, target: str) -> Answers:
        if not seen(world, target):
            return GONE
        if world.actor not in HANDLES:
            return NOT_FOR_YOU
        return answers if world.actor in chosen else refused(answers)

    return judge


def of_rules(answers: Answers, missing: bool = False) -> Judge:
    """What officers keep; nobody else learns which ones there are. ``missing``: the page names one of them."""
    return lambda world, target: (
        NOT_FOR_YOU if world.actor not in KEEPS_RULES else GONE if missing and target == MISSING else answers
    )


def confirming(world: World, target: str) -> Answers:
    """The page behind the link in a letter: whoever has the link."""
    return GONE if target == MISSING else Answers(200, 200, 200, 200)


def revealing(reveals: Iterable[str]) -> Judge:
    """A page that reveals: whoever may not is not shown it, and is refused on record."""
    chosen = frozenset(reveals)

    def judge(world: World, target: str) -> Answers:
        if not seen(world, target):
            return GONE
        return Answers(200, 200, 400, 400) if world.actor in chosen else Answers(403, 403, 400, 400)

    return judge


# --- what is asked for and typed ---------------------------------------------------------------------------------


def canary(target: str, place: str) -> Canary:
    """What was planted in a place of a target's customer; of Hanoi's where there is none."""
    return CANARIES[f"{'Da Nang' if target == OTHER else 'Hanoi'} {place}"]


def of(what: str) -> Callable[[World, str], list[Any]]:
    """The key of something of a target's customer."""
    return lambda world, target: [world.of(what, target)]


def behind(what: str, *more: str) -> Callable[[World, str], list[Any]]:
    """The customer's key, words of the address, and the key of something of that customer's.

    ``MISSING`` asks for Da Nang's behind the key of Hanoi's customer.
    """

    def args(world: World, target: str) -> list[Any]:
        if target == MISSING:
            return [world.customers[OWN].pk, *more, world.of(what, OTHER)]
        return [world.customers[target].pk, *more, world.of(what, target)]

    return args


def correcting(datum: str, what: str = "") -> Callable[[World, str], list[Any]]:
    """What is corrected; without a key, an address is added."""
    if what:
        return behind(what, datum)
    return lambda world, target: [world.key(world.customers, target), datum, 0]


def corrected(place: str, kind: str = "update") -> Callable[[World, str], dict[str, Any]]:
    """What is typed into the form: another customer's value."""
    return lambda world, target: {
        "ground": "outdated", "kind": kind, "proof": "call",
        "value": CANARIES[f"{'Hanoi' if target == OTHER else 'Da Nang'} {place}"].value,
        "text": canary(target, "Correction.proof_text").value,
    }  # fmt: skip


def fill(**fields: str) -> Callable[[World, str], dict[str, Any]]:
    """What is typed: a canary where a place is named, otherwise what is given."""
    return lambda world, target: {
        name: canary(target, given).value if f"Hanoi {given}" in CANARIES else given for name, given in fields.items()
    }


def a_request(world: World, target: str) -> dict[str, Any]:
    return {
        "kind": "correction", "about": ["name", "email"], "came_by": "email", "ticket": "T-88120",
        "from_text": canary(target, "ContactPoint.email").value,
        "text": canary(target, "CustomerRequest.text").value,
    }  # fmt: skip


def a_contact(world: World, target: str) -> dict[str, Any]:
    who = canary(target, "HoldContact.who").value
    return {"over": world.of("number", target), "result": "confirmed", "who": who}


def an_answer(world: World, target: str) -> dict[str, Any]:
    """One thing confirmed; one that is told and not kept."""
    told = canary(target, "former Customer.full_name").value
    return {"identity_outcome": "confirmed", "new_name_outcome": "discarded", "new_name_value": told, "proof": "call"}


def a_link(world: World, target: str) -> dict[str, Any]:
    return {"url": "https://www.example.org/faq", "title_vi": "Hỏi đáp", "title_en": "Questions"}


def a_telling_link(world: World, target: str) -> dict[str, Any]:
    address = canary(OWN, "ContactPoint.email").value
    return {**a_link(world, target), "url": f"https://www.example.org/faq?for={address}"}


# --- the pages -----------------------------------------------------------------------------------------------------


def reveal_page(what: str, table: str, field: str, place: str, reveals: Iterable[str] = frozenset(VERIFIES)) -> Page:
    """The page that reveals one value of one table."""
    chosen = frozenset(reveals)
    return Page(
        revealing(chosen),
        args=lambda world, target: [
            world.key(world.customers, OWN if target == MISSING else target), table,
            NO_KEY if target == MISSING else world.customers[target].pk if not what else world.of(what, target), field,
        ],
        data=lambda world, target: REASON,
        shows=the_target,
        opens=lambda world, target: (
            {canary(target, place)} if world.actor in chosen and seen(world, target) else set()
        ),
        types=("ticket", "text"),
    )  # fmt: skip


REQUESTS, CORRECTIONS = "admin:customers_customerrequest_", "admin:customers_correction_"
HOLDS, DEADLINES, LINKS = "admin:customers_hold_", "admin:customers_legaldeadline_", "admin:customers_outsidelink_"
SEES_A_LIST = {*SEES, ENDED}
OPENS_ACCESS = SETS_ACCESS
WORDS = {"words": "RequestMove.words"}


def step(name: str, answers: Answers, with_officer: Answers | None = None, **page: Any) -> Page:
    """The page of one step of a request."""
    return Page(
        of_request(answers, with_officer), args=lambda world, target: [world.of("request", target), name],
        shows=the_target, **page,
    )  # fmt: skip


WORK_PAGES: dict[str, Page] = {
    "confirm_address": Page(
        confirming, args=lambda w, t: [w.tokens.get(t, "no-such-token")], open_to_all=True
    ),
    CUSTOMERS + "versions": Page(of_seen(SEES, SHOWN), args=the_customer, shows=the_target),
    CUSTOMERS + "register": Page(
        of_seen(WORKS, FORM), args=the_customer, data=a_request, shows=the_target,
        types=("from_text", "text", "ticket"),
    ),
    # --- reveals ---
    CUSTOMERS + "reveal": reveal_page("address", "contactpoint", "email", "ContactPoint.email"),
    CUSTOMERS + "reveal name": reveal_page("", "customer", "full_name", "Customer.full_name"),
    CUSTOMERS + "reveal phone": reveal_page("number", "contactpoint", "phone", "ContactPoint.phone"),
    CUSTOMERS + "reveal login": reveal_page(
        "service", "serviceaccess", "login", "ServiceAccess.login", OPENS_ACCESS
    ),
    CUSTOMERS + "reveal request": reveal_page("request", "customerrequest", "text", "CustomerRequest.text"),
    CUSTOMERS + "reveal words": reveal_page("handed over", "requestmove", "words", "RequestMove.words"),
    CUSTOMERS + "reveal letter": reveal_page("letter", "notice", "text", "Notice.text"),
    CUSTOMERS + "reveal evidence": reveal_page("hold", "hold", "proof", "Hold.proof"),
    CUSTOMERS + "reveal correction": reveal_page("correction", "correction", "proof_text", "Correction.proof_text"),
    CUSTOMERS + "reveal new_login": reveal_page(
        "login correction", "correction", "new_login", "ServiceAccess.login", OPENS_ACCESS
    ),
    # --- addresses ---
    CUSTOMERS + "retire": Page(
        of_address(TAKEN), args=behind("address"), data=fill(ticket="T-88120"), shows=the_target, types=("ticket",)
    ),
    CUSTOMERS + "bounce": Page(
        of_address(TAKEN), args=behind("address"), data=fill(ticket="T-88120"), shows=the_target, types=("ticket",)
    ),
    CUSTOMERS + "ask_owner": Page(of_address(CONFIRM), args=behind("address"), shows=the_target),
    CUSTOMERS + "ask_owner number": Page(of_address(CONFIRM), args=behind("number"), shows=the_target),
    CUSTOMERS + "ask_owner suspended": Page(  # nothing is done for a suspended address
        of_address(NO_LONGER), args=behind("second address"), shows=the_target
    ),
    CUSTOMERS + "code": Page(
        of_address(FORM), args=behind("address"), data=lambda w, t: {"code": w.codes.get(t, "000000")},
        shows=the_target, types=("code",),
    ),
    CUSTOMERS + "suspend": Page(
        of_address(FORM), args=behind("address"), data=fill(reason="other", text="Hold.proof"), shows=the_target,
        types=("ticket", "text"),
    ),
    HOLDS + "contact": Page(
        of_seen(HANDLES, FORM), args=of("hold"), data=a_contact, shows=the_target, types=("who",)
    ),
    HOLDS + "changelist": Page(only(SEES_A_LIST, SHOWN), shows=everything_seen),
    # --- services ---
    CUSTOMERS + "reset": Page(of_address(CONFIRM), args=behind("address"), shows=the_target),
    CUSTOMERS + "set_access": Page(
        of_seen(SETS_ACCESS, FORM), args=behind("bare service"), shows=the_target, types=("login",),
        data=fill(login="ServiceAccess.login", secret="ServiceAccess.secret"),
    ),
    CUSTOMERS + "set_access again": Page(  # what is on file is corrected or rotated instead
        of_seen(SETS_ACCESS, NO_LONGER), args=behind("service"), shows=the_target, types=("login",),
        data=fill(login="former ServiceAccess.login", secret="ServiceAccess.secret"),
    ),
    CUSTOMERS + "rotate": Page(
        of_seen(SETS_ACCESS, TAKEN), args=behind("service"), shows=the_target,
        data=fill(secret="former ServiceAccess.login"),
    ),
    # --- corrections ---
    CUSTOMERS + "correct": Page(
        of_correcting(FORM), args=correcting("name"), data=corrected("Customer.full_name"), shows=the_target,
        types=("value", "text", "ticket"),
    ),
    CUSTOMERS + "correct company": Page(
        of_correcting(FORM), args=correcting("company"), data=corrected("Customer.company"), shows=the_target,
        types=("value", "text", "ticket"),
    ),
    CUSTOMERS + "correct login": Page(
        of_correcting(FORM), args=correcting("login", "service"), data=corrected("ServiceAccess.login"),
        shows=the_target, types=("value", "text", "ticket"),
    ),
    CUSTOMERS + "correct email": Page(
        of_correcting(FORM), args=correcting("email", "address"), data=corrected("ContactPoint.email"),
        shows=the_target, types=("value", "text", "ticket"),
    ),
    CUSTOMERS + "correct email_suspended_elsewhere": Page(
        of_correcting(NO_LONGER), args=correcting("email", "address"), data=corrected("second ContactPoint.email"),
        shows=the_target, types=("value", "text", "ticket"),
    ),
    CUSTOMERS + "correct another_phone": Page(
        of_correcting(FORM), args=correcting("phone"), data=corrected("ContactPoint.phone", "supplement"),
        shows=the_target, types=("value", "text", "ticket"),
    ),
    CORRECTIONS + "approve": Page(of_correction(APPROVES, CONFIRM), args=of("correction"), shows=the_target),
    CORRECTIONS + "refuse": Page(
        of_correction(APPROVES, FORM), args=of("correction"), data=fill(why="not_proven"), shows=the_target
    ),
    CORRECTIONS + "withdraw": Page(of_correction(WORKS, CONFIRM), args=of("correction"), shows=the_target),
    CORRECTIONS + "changelist": Page(only(SEES_A_LIST, SHOWN), shows=everything_seen),
    # --- requests ---
    REQUESTS + "changelist": Page(only(SEES_A_LIST, SHOWN), query="?queue=all", shows=everything_seen),
    REQUESTS + "change": Page(of_seen(SEES, SHOWN), args=of("request"), shows=the_target),
    REQUESTS + "plain": step("take", CONFIRM),
    REQUESTS + "plain acknowledge": step("acknowledge", CONFIRM),
    REQUESTS + "words": step("complete", FORM, data=fill(**WORDS), types=("words",)),
    REQUESTS + "words withdraw": step("withdraw", FORM, data=fill(**WORDS), types=("words",)),
    REQUESTS + "words hand_over": step(  # once
        "hand_over", FORM, NO_LONGER, data=fill(**WORDS), types=("words",)
    ),
    REQUESTS + "words hand_back": step(  # only what was handed over
        "hand_back", NO_LONGER, FORM, data=fill(**WORDS), types=("words",)
    ),
    REQUESTS + "refuse": Page(
        of_request(FORM), args=of("request"), data=fill(why="other", **WORDS), shows=the_target, types=("words",)
    ),
    REQUESTS + "extend": Page(of_request(FORM), args=of("request"), data=fill(why="complex"), shows=the_target),
    REQUESTS + "ask": Page(
        of_request(FORM), args=of("request"), shows=the_target,
        data=lambda w, t: {"fields_asked": ["details"], "point": w.of("address", t)},
    ),
    REQUESTS + "links": Page(
        of_request(FORM), args=of("request"), data=lambda w, t: {"links": [w.link.pk]}, shows=the_target
    ),
    REQUESTS + "answer": Page(
        of_request(FORM), args=of("question"), data=an_answer, shows=the_target, types=("new_name_value", "ticket")
    ),
    REQUESTS + "close_question": Page(of_request(CONFIRM), args=of("question"), shows=the_target),
    # --- rules ---
    DEADLINES + "changelist": Page(only(HAVE_A_ROLE, SHOWN)),
    DEADLINES + "set": Page(
        of_rules(FORM, missing=True), data=a_deadline, types=("source",), args=lambda w, t: [a_right(t)]
    ),
    LINKS + "changelist": Page(only(HAVE_A_ROLE, SHOWN)),
    LINKS + "add": Page(of_rules(FORM), data=a_link, types=("url", "title_vi", "title_en")),
    LINKS + "add that_tells_of_a_customer": Page(
        of_rules(Answers(200, 403, 400, 400)), data=a_telling_link, types=("title_vi", "title_en")
    ),
    LINKS + "add turned_round": Page(  # no address stands in a letter other than it is
        of_rules(NO_LONGER), data=lambda w, t: {**a_link(w, t), "url": "https://www.example.org/\u202ekcab"},
        types=("url", "title_vi", "title_en"),
    ),
    LINKS + "end": Page(
        of_rules(CONFIRM, missing=True), args=lambda w, t: [NO_KEY if t == MISSING else w.link.pk]
    ),
}  # fmt: skip
"""Each page of the daily work by the name of its URL, with a word behind it where one does several things."""
