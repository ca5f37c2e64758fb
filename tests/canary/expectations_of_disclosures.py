"""What the pages of disclosures answer to everybody: requests from outside, what left, recipients, one customer.

Officers propose and release, approvers approve, auditors read; nobody else learns that there is anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from customers.validation.calendar import today
from disclosures.models import Recipient
from tests.canary.answers import (
    CONFIRM,
    FORM,
    GONE,
    NOT_FOR_YOU,
    SHOWN,
    Answers,
    Judge,
    Page,
    of_seen,
    only,
    the_customer,
    the_target,
)  # fmt: skip
from tests.canary.expectations_of_work import CUSTOMERS, canary, reveal_page
from tests.canary.planting import CANARIES, Canary
from tests.canary.planting_disclosures import PDF
from tests.canary.world import APPROVER, AUDITOR, MISSING, OFFICER, OTHER, OWN, SEES, World

REQUESTS, LOG = "admin:disclosures_disclosurerequest_", "admin:disclosures_disclosure_"
RECIPIENTS = "admin:disclosures_recipient_"
READS = {OFFICER, APPROVER, AUDITOR}
PROPOSES, SECOND = {OFFICER}, {APPROVER}
FILE, NOTHING_TO_TYPE = Answers(404, 200, 200, 200), Answers(200, 302, 302, 400)
NO_LONGER = Answers(200, 400, 400, 400)
CHECKED = {
    "sender": "AuthenticityCheck.sender", "signer": "AuthenticityCheck.signer",
    "instrument": "AuthenticityCheck.instrument", "call_number": "AuthenticityCheck.call_number",
    "call_found": "AuthenticityCheck.call_found", "call_to": "AuthenticityCheck.call_to",
}  # fmt: skip


def of_readers(actors: Iterable[str], answers: Answers) -> Judge:
    """A page about something of this floor: gone for whoever does not read it; then so for some."""
    chosen = frozenset(actors)
    return lambda world, target: (
        GONE if world.actor not in READS or target == MISSING else answers if world.actor in chosen else NOT_FOR_YOU
    )


def key(*what: str) -> Callable[[World, str], list[Any]]:
    """The keys of things of a target's customer."""
    return lambda world, target: [world.of(each, target) for each in what]


def about_request(name: str, answers: Answers, actors: Iterable[str] = PROPOSES, **more: Any) -> Page:
    """A page that does something with a request in that state."""
    return Page(of_readers(actors, answers), args=key(f"{name} request"), **more)


def both(world: World, target: str) -> set[str]:
    """Of whom something left, or who named somebody."""
    return {OWN, OTHER}


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("../../x.html", PDF + b" another", "text/html")


def a_letter(world: World, target: str) -> dict[str, Any]:
    police = Recipient.objects.get(recipient_kind="authority")
    return {
        "recipient": police.pk, "document": a_file(), "identifiers": CANARIES["Hanoi ContactPoint.email"].value,
        "asked": ["name"], "instrument": "Article 88", "signer": CANARIES["Hanoi DisclosureRequest.signer"].value,
        "came_by": "post", "urgency": "ordinary",
    }  # fmt: skip


def a_scope(world: World, target: str) -> dict[str, Any]:
    words = {name: canary(target, place).value for name, place in CHECKED.items()}
    return {"give": [f"{world.reference(target)}/name"], **words}


def some_details(world: World, target: str) -> dict[str, Any]:
    return {"kind": "authority", "name": "Court", "contact": "1900 2000", "found": "Their site", "country": "VN"}


def a_commitment(world: World, target: str) -> dict[str, Any]:
    day = today().isoformat()
    return {"document": a_file(), "signed_on": "2026-01-01", "valid_until": day, "fields_covered": ["name"]}


def a_permission(world: World, target: str) -> dict[str, Any]:
    words = canary(target, "CustomerPermission.words").value
    return {
        "fields_permitted": ["name"], "until": today().isoformat(), "through": "phone", "ticket": "T-9", "words": words,
    }  # fmt: skip


def an_order(world: World, target: str) -> dict[str, Any]:
    return {"form": "oral", "instrument": "Article 88", "until": today().isoformat()}


def all_the_words(world: World, target: str) -> set[Canary]:
    """What is told of a request that was read: the letter, how it was checked, why it was sent back."""
    if target == MISSING or world.actor not in (OFFICER, APPROVER):
        return set()
    places = ["DisclosureRequest.signer", "DisclosureRequest.letter_phone", "DisclosureMove.words", *CHECKED.values()]
    return {canary(target, place) for place in [*places, "ContactPoint.email"]}


def permitting(world: World, target: str) -> Answers:
    """What a customer permits somebody: the customer is seen, and this floor read."""
    if target not in SEES.get(world.actor, set()) or world.actor not in READS:
        return GONE
    return FORM if world.actor == OFFICER else NOT_FOR_YOU


EACH_THE_SAME = (OWN, MISSING)
"""Whoever reads of this floor reads of every customer."""

DISCLOSURE_PAGES: dict[str, Page] = {
    # --- requests ---
    REQUESTS + "changelist": Page(only(READS, SHOWN)),
    REQUESTS + "add": Page(only(PROPOSES, FORM), data=a_letter),
    REQUESTS + "permitted": Page(
        of_readers(PROPOSES, FORM), args=key("permission"), data=lambda w, t: {"asked": ["name"], "came_by": "email"}
    ),
    REQUESTS + "change": about_request("received", SHOWN, READS, shows=the_target),
    REQUESTS + "change proposed": about_request("proposed", SHOWN, READS, shows=the_target),
    REQUESTS + "change approved": about_request("approved", SHOWN, READS, shows=the_target),
    REQUESTS + "change disclosed": about_request("disclosed", SHOWN, READS, shows=the_target),
    REQUESTS + "change packed": about_request("packed", SHOWN, READS, shows=the_target),
    REQUESTS + "change alone": about_request("alone", SHOWN, READS, shows=the_target),
    REQUESTS + "change refused": about_request("refused", SHOWN, READS, shows=the_target),
    REQUESTS + "match": about_request(
        "received", FORM, data=lambda w, t: {"identifiers": canary(t, "ContactPoint.email").value}
    ),
    REQUESTS + "words": about_request(
        "sent back", Answers(200, 200, 400, 400), READS - {AUDITOR}, data=lambda w, t: {"read": "yes"},
        opens=all_the_words,
    ),
    REQUESTS + "add_document": about_request(
        "received", FORM, data=lambda w, t: {"document": a_file(), "what": "other"}
    ),
    REQUESTS + "document": Page(of_readers(READS - {AUDITOR}, FILE), args=key("received request", "original")),
    REQUESTS + "propose": about_request(
        "received", FORM, data=a_scope, shows=the_target, types=tuple(CHECKED)
    ),
    REQUESTS + "send_back": about_request(
        "proposed", FORM, SECOND, data=lambda w, t: {"words": canary(t, "DisclosureMove.words").value}
    ),
    REQUESTS + "approve": about_request(
        "proposed", FORM, SECOND, data=lambda w, t: {"proposal": w.of("proposal", t)}, shows=the_target
    ),
    REQUESTS + "release": about_request("approved", CONFIRM),
    REQUESTS + "again": about_request("disclosed", CONFIRM),
    REQUESTS + "fetch": about_request("packed", Answers(200, 403, 403, 403)),
    REQUESTS + "close": about_request("disclosed", CONFIRM),
    REQUESTS + "review_emergency": about_request(
        "alone", FORM, READS - {AUDITOR}, data=lambda w, t: {"verdict": "right"}
    ),
    REQUESTS + "refuse": about_request("received", FORM, READS - {AUDITOR}, data=lambda w, t: {"why": "no_basis"}),
    REQUESTS + "withdraw": about_request("received", NOTHING_TO_TYPE),
    REQUESTS + "no_data": about_request("received", NO_LONGER),
    REQUESTS + "keep_back": about_request("received", FORM, data=an_order),
    REQUESTS + "answer": Page(of_readers(READS, SHOWN), args=lambda w, t: [*key("refused request")(w, t), "vi"]),
    # --- what left ---
    LOG + "changelist": Page(only(READS, SHOWN), shows=both),
    LOG + "export": Page(only(READS, FILE), shows=both),
    LOG + "report": Page(only(READS, SHOWN), shows=both),
    LOG + "counts": Page(only(READS, SHOWN)),
    LOG + "to_tell": Page(only(READS, SHOWN)),
    LOG + "tell": Page(of_readers(PROPOSES, CONFIRM), args=key("entry"), shows=the_target),
    # --- one customer ---
    LOG + "who": Page(of_seen({OFFICER, APPROVER}, SHOWN), args=the_customer, shows=the_target),
    LOG + "statement": Page(
        of_seen(PROPOSES, FILE), args=lambda w, t: [*the_customer(w, t), "en"], shows=the_target
    ),
    LOG + "name": Page(of_seen(PROPOSES, FORM), args=the_customer, data=some_details, shows=the_target),
    LOG + "permit": Page(
        permitting, args=lambda w, t: [*the_customer(w, t), w.of("named", t)], data=a_permission, shows=the_target,
        types=("words",),
    ),
    LOG + "take_back": Page(
        of_seen(SEES, NOTHING_TO_TYPE), args=lambda w, t: [*the_customer(w, t), w.of("permission", t)],
        shows=the_target,
    ),
    LOG + "corrected": Page(
        of_seen(PROPOSES, NO_LONGER), args=lambda w, t: [*the_customer(w, t), w.of("name correction", t)],
        shows=the_target,
    ),
    CUSTOMERS + "reveal recipientdetails": reveal_page(
        "named details", "recipientdetails", "sealed_name", "RecipientDetails.sealed_name"
    ),
    CUSTOMERS + "reveal recipientdetails contact": reveal_page(
        "named details", "recipientdetails", "sealed_contact", "RecipientDetails.sealed_contact"
    ),
    CUSTOMERS + "reveal customerpermission": reveal_page(
        "permission", "customerpermission", "words", "CustomerPermission.words"
    ),
    # --- recipients ---
    RECIPIENTS + "changelist": Page(only(READS, SHOWN), shows=both),
    RECIPIENTS + "add": Page(only(PROPOSES, FORM), data=some_details),
    RECIPIENTS + "change": Page(of_readers(READS, SHOWN), args=key("named"), shows=the_target),
    RECIPIENTS + "change bank": Page(of_readers(READS, SHOWN), args=key("bank")),
    RECIPIENTS + "details": Page(of_readers(PROPOSES, FORM), args=key("named"), data=some_details),
    RECIPIENTS + "suspend": Page(of_readers(PROPOSES, CONFIRM), args=key("bank")),
    RECIPIENTS + "resume": Page(of_readers(PROPOSES, NO_LONGER), args=key("bank")),
    RECIPIENTS + "commit": Page(of_readers(PROPOSES, FORM), args=key("bank"), data=a_commitment),
    RECIPIENTS + "stop": Page(of_readers(PROPOSES, CONFIRM), args=key("bank", "commitment")),
    RECIPIENTS + "document": Page(of_readers(READS - {AUDITOR}, FILE), args=key("bank", "bank document")),
}  # fmt: skip
"""Every page of disclosures by the name of its URL, and of customers what this floor has to reveal."""

DISCLOSURE_PAGES |= {
    name: replace(page, targets=EACH_THE_SAME)
    for name, page in DISCLOSURE_PAGES.items()
    if name.startswith((REQUESTS, RECIPIENTS))
}
