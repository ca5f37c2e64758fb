"""What the pages of consent answer to everybody: about one customer, what officers keep, and the one click out of news.

What a person may do here is what that one may verify: agents and leads for their customers, officers for all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from consent.choices.unsubscribe import token_for
from consent.models import ContactLimit, MessageTemplate
from tests.canary.answers import (
    CONFIRM,
    FORM,
    GONE,
    SHOWN,
    Answers,
    Judge,
    Page,
    everything_seen,
    of_seen,
    only,
    seen,
    the_customer,
    the_target,
)  # fmt: skip
from tests.canary.expectations_of_work import CUSTOMERS, NO_LONGER, canary, fill, of, of_rules, reveal_page
from tests.canary.planting_consent import COMING, WORDS
from tests.canary.world import HAVE_A_ROLE, KEEPS_RULES, MISSING, NO_KEY, SEES, VERIFIES, World

SPEAKS = VERIFIES
"""Who puts on record what customers say, and writes to them."""
EVENTS, VERSIONS = "admin:consent_consentevent_", "admin:consent_policyversion_"
LIMITS, TEMPLATES = "admin:consent_contactlimit_", "admin:consent_messagetemplate_"


def given_out(world: World, target: str) -> Answers:
    """A receipt: for whoever sees the customer."""
    return SHOWN if seen(world, target) else GONE


def published(world: World, target: str) -> Answers:
    """A version of the policy: for everybody who is at the desk."""
    return SHOWN if world.actor in HAVE_A_ROLE and target != MISSING else GONE


def leaving(world: World, target: str) -> Answers:
    """The page behind the link below news: whoever has the link."""
    return GONE if target == MISSING else SHOWN


def about(code: str) -> Callable[[World, str], list[Any]]:
    """A customer's key and a purpose."""
    return lambda world, target: [*the_customer(world, target), code]


def named(there: str) -> Callable[[World, str], list[Any]]:
    """Something by its name, or by one that nothing has."""
    return lambda world, target: ["no-such-name" if target == MISSING else there]


def said(**fields: Any) -> Callable[[World, str], dict[str, Any]]:
    """What a customer said, in words that are a canary."""
    return lambda world, target: {
        "through": "phone", "ticket": "T-88121", "words": canary(target, "ConsentEvent.words").value, **fields,
    }  # fmt: skip


def fixed(**fields: Any) -> Callable[[World, str], dict[str, Any]]:
    """The same whatever it is about."""
    return lambda world, target: fields


def an_offer(world: World, target: str) -> dict[str, Any]:
    """News, from the template in use."""
    return {"purpose": "promotions", "channel": "email", "template": MessageTemplate.objects.get(code="offer").pk}


def way_out(world: World, target: str) -> list[Any]:
    """The token in the link below a customer's news."""
    missing = target not in world.customers
    return ["no-such-token" if missing else token_for(world.customers[target], world.promotions)]


def a_limit(world: World, target: str) -> dict[str, Any]:
    held = ContactLimit.objects.filter(channel="sms").latest("pk")
    return {
        "from_hour": 8, "to_hour": 20, "a_day": 2, "source": "Own promise", "confidence": "open",
        "instead_of": held.pk,
    }  # fmt: skip


def a_version(which: str) -> Callable[[World, str], list[Any]]:
    """A version's key."""
    return lambda world, target: [NO_KEY if target == MISSING else world.versions[which]]


def of_list(shows: bool = False) -> Page:
    """A list that officers keep; ``shows``: of customers."""
    return Page(only(KEEPS_RULES, SHOWN), **({"shows": everything_seen} if shows else {}))


def customers_page(answers: Answers, data: Callable[[World, str], dict[str, Any]], *types: str, code: str = "") -> Page:
    """A page that does something about one customer."""
    judge: Judge = of_seen(SPEAKS, answers)
    return Page(judge, args=about(code) if code else the_customer, data=data, shows=the_target, types=types)


WORDED = ("ticket", "words")
STOPPED = Answers(200, 403, 400, 400)
PURPOSE = {
    "code": "tips", "name_vi": "Mẹo", "name_en": "Tips", "words_vi": "Mẹo dùng", "words_en": "How to use it",
    "basis": "opt_in", "channels": ["email"], "source": "The policy",
}  # fmt: skip

CONSENT_PAGES: dict[str, Page] = {
    # --- one customer ---
    EVENTS + "of": Page(of_seen(SEES, SHOWN), args=the_customer, shows=the_target),
    EVENTS + "opt_out": customers_page(FORM, said(purposes=["promotions"]), *WORDED),
    EVENTS + "grant": customers_page(FORM, said(channel="sms"), *WORDED, code="promotions"),
    EVENTS + "withdraw": customers_page(FORM, said(), *WORDED, code="promotions"),
    EVENTS + "withdraw what_was_never_given": customers_page(NO_LONGER, said(), *WORDED, code="surveys"),
    EVENTS + "grant before_the_no": customers_page(
        NO_LONGER, said(channel="email", asked_at="2020-01-31T08:15"), *WORDED, code="surveys"
    ),
    EVENTS + "accept": customers_page(FORM, fixed(how="express", ticket="T-88122"), "ticket"),
    EVENTS + "write": customers_page(
        FORM, fixed(purpose="support", channel="email", subject="Trả lời", text="Đã xong."), "subject", "text"
    ),
    EVENTS + "write news": customers_page(FORM, an_offer),
    EVENTS + "write what_the_gate_stops": customers_page(
        STOPPED, fill(purpose="surveys", channel="email", subject="?", text="Message.text"), "subject", "text"
    ),
    EVENTS + "receipt": Page(given_out, args=of("event"), shows=the_target),
    EVENTS + "receipt_json": Page(given_out, args=of("event"), shows=the_target),
    EVENTS + "receipt_zip": Page(given_out, args=of("event"), shows=the_target),
    CUSTOMERS + "reveal consentevent": reveal_page("event", "consentevent", "words", "ConsentEvent.words"),
    CUSTOMERS + "reveal message": reveal_page("message", "message", "text", "Message.text"),
    # --- what officers keep ---
    EVENTS + "changelist": of_list(shows=True),
    "admin:consent_contactrefusal_changelist": of_list(shows=True),
    "admin:consent_policyacceptance_changelist": of_list(shows=True),
    VERSIONS + "changelist": Page(only(HAVE_A_ROLE, SHOWN)),
    VERSIONS + "change": Page(published, args=a_version("2026-01")),
    VERSIONS + "add": Page(
        of_rules(FORM), data=fixed(label="2026-03", changes="More", text_vi="Khác hẳn"), types=("label", "changes")
    ),
    VERSIONS + "confirm": Page(
        of_rules(FORM, missing=True), args=a_version("2026-02"),
        data=fixed(site="bizflycloud.vn", language="vi", url="https://bizflycloud.vn/policy", text=COMING),
    ),
    "admin:consent_purpose_changelist": Page(only(HAVE_A_ROLE, SHOWN)),
    "admin:consent_purpose_add": Page(of_rules(FORM), data=fixed(**PURPOSE)),
    LIMITS + "changelist": of_list(),
    LIMITS + "set": Page(of_rules(FORM, missing=True), args=named("sms"), data=a_limit),
    TEMPLATES + "changelist": of_list(),
    TEMPLATES + "add": Page(of_rules(FORM), data=fixed(code="more", purpose="promotions", **WORDS)),
    TEMPLATES + "set": Page(
        of_rules(FORM, missing=True), args=named("offer"), data=fixed(code="offer", purpose="promotions", **WORDS)
    ),
    TEMPLATES + "end": Page(of_rules(CONFIRM, missing=True), args=named("offer")),
    # --- whoever has the link ---
    "unsubscribe": Page(leaving, args=way_out, open_to_all=True),
    "unsubscribe from_all_news": Page(leaving, args=way_out, data=fixed(everything="1"), open_to_all=True),
}  # fmt: skip
"""The pages of this floor by the name of their URL."""
