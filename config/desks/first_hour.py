"""The first hour of a new colleague: a few tasks to do once, each with a link, ticked off by records of the acts.

No progress is stored: a task is done where the person has a record of that kind since their first sign-in. The list
disappears once every task is done, or a week after the first sign-in; in a demo it stays until all are done. In a demo
the links lead to what its story has prepared, as long as that is there; elsewhere to the matching lists.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.desks.first_hour_in_demo import StoryPart, lies_at
from config.desks.tiles import listed
from consent.models import ConsentEvent
from customers.evidence.append_only import AppendOnly
from customers.models import (
    AccessChange,
    AccessGrant,
    CorrectionMove,
    Find,
    HoldContact,
    RequestClock,
    RequestMove,
    Reveal,
    SignIn,
    StaffMember,
    Verification,
)
from disclosures.models import (
    AccessVerdict,
    Approval,
    Commitment,
    EmergencyReview,
    LogExport,
    Proposal,
    ReviewVerdict,
    TamperCheck,
)

A_WEEK = timedelta(days=7)
LEADS, WORKS, PROPOSES, APPROVES = (
    "approve_corrections",
    "work_on_requests",
    "propose_disclosures",
    "approve_disclosures",
)


@dataclass(frozen=True)
class Task:
    """A task: its text, the list where it is done, the part of the demo's story, and the record that ticks it off."""

    words: Promise
    table: str
    place: StoryPart | None
    record: type[AppendOnly]
    like: dict[str, Any] = field(default_factory=dict)
    query: str = ""

    def done_by(self, person: StaffMember, since: datetime) -> bool:
        """True where the person has such a record since ``since``; found by the index on ``by``."""
        rows: QuerySet[Any] = self.record._default_manager.filter(by=person, at__gte=since, **self.like)
        return rows.exists()


CALLS = [
    Task(_("Find a customer by e-mail, phone, reference or name"), "customers_customer", None, Find),
    Task(
        _("Verify a caller: the page answers match or no match"), "customers_customer", StoryPart.CALLER, Verification
    ),
    Task(_("Reveal one value, with a reason"), "customers_customer", StoryPart.CALLER, Reveal),
]
CLEAR_UP = Task(
    _("Reach the customer of a suspended address over another channel"), "customers_hold", StoryPart.HIJACKED,
    HoldContact, query="state__exact=open",
)  # fmt: skip
LOOK_BACK = Task(
    _("Look back at a month, and say what was right"), "disclosures_monthreview", None, ReviewVerdict,
    query="stand=unsigned",
)  # fmt: skip
ALONE = Task(
    _("Review what somebody released alone in an emergency"), "disclosures_disclosurerequest", StoryPart.EMERGENCY,
    EmergencyReview, query="stand=emergency",
)  # fmt: skip
CHECK = Task(_("Have the log checked: is it whole?"), "disclosures_tampercheck", None, TamperCheck)

HOURS: list[tuple[Callable[[Collection[str]], bool], list[Task]]] = [
    (
        lambda rights: WORKS in rights and LEADS not in rights,
        [
            *CALLS,
            Task(
                _("See a request through: the one that is due first"), "customers_customerrequest", StoryPart.LATE,
                RequestMove,
            ),
            CLEAR_UP,
            Task(
                _("Put on record that a customer wants no more news"), "customers_customer", StoryPart.NEWS,
                ConsentEvent, {"what": "objected"},
            ),
        ],
    ),
    (
        lambda rights: LEADS in rights,
        [
            Task(
                _("Approve or refuse a correction that a colleague proposed"), "customers_correction",
                StoryPart.PROPOSED, CorrectionMove, {"how__in": ["approve", "refuse"]}, query="waits=me",
            ),
            Task(
                _("Take on a request that is late"), "customers_customerrequest", StoryPart.LATE, RequestClock,
                {"what": RequestClock.What.TAKEN}, query="queue=overdue",
            ),
            CLEAR_UP,
            Task(
                _("Give a colleague a grant on one customer, for a time"), "customers_customer", StoryPart.CALLER,
                AccessGrant, {"how": AccessGrant.How.PERSONAL},
            ),
        ],
    ),
    (
        lambda rights: PROPOSES in rights,
        [
            Task(
                _("Propose what a letter gets, field by field, after a call back"), "disclosures_disclosurerequest",
                StoryPart.LETTER, Proposal, query="stand=waiting",
            ),
            Task(
                _("Decide what was handed over to you"), "customers_customerrequest", StoryPart.LEAVING, RequestMove,
                query="queue=officer",
            ),
            Task(
                _("Renew a commitment before it ends"), "disclosures_recipient", StoryPart.PROCESSOR, Commitment,
            ),
            LOOK_BACK,
            CHECK,
        ],
    ),
    (
        lambda rights: APPROVES in rights,
        [
            Task(
                _("Approve what an officer proposed, or narrow it"), "disclosures_disclosurerequest", None, Approval,
                query="stand=approve",
            ),
            ALONE,
            LOOK_BACK,
            Task(_("Say of each role whether it is still right"), "disclosures_accessreview", None, AccessVerdict),
            CHECK,
        ],
    ),
    (
        lambda rights: "manage_staff" in rights,
        [
            Task(
                _("Add a person; a letter tells them how to sign in"), "customers_staffmember", None, AccessChange,
                {"what": AccessChange.What.PERSON_ADDED},
            ),
            Task(
                _("Give a role"), "customers_staffmember", None, AccessChange, {"what": AccessChange.What.ROLE_GIVEN}
            ),
            Task(
                _("End somebody’s access, or take a role away"), "customers_staffmember", None, AccessChange,
                {"what__in": [AccessChange.What.ROLE_ENDED, AccessChange.What.PERSON_ENDED]},
            ),
            CHECK,
        ],
    ),
    (
        lambda rights: "read_evidence" in rights and not {PROPOSES, APPROVES} & set(rights),
        [
            CHECK,
            Task(_("Export the log of disclosures"), "disclosures_disclosure", None, LogExport),
        ],
    ),
]  # fmt: skip
"""The tasks by rights, not by the names of roles: with two roles a person has the tasks of both, each once."""


@dataclass(frozen=True)
class Step:
    """A task as the page shows it: its text, its link, and whether it is done."""

    words: str
    url: str
    done: bool


@dataclass(frozen=True)
class FirstHour:
    """The steps of a person's first hour."""

    steps: list[Step]

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.done for step in self.steps)


def first_hour(person: StaffMember, rights: Collection[str]) -> FirstHour | None:
    """The steps of a person; None once all are done or a week has passed, and before the first sign-in."""
    sign_in = SignIn.objects.filter(person=person, what=SignIn.What.SIGNED_IN).order_by("at").first()
    if sign_in is None or (settings.MODE != "demo" and sign_in.at < timezone.now() - A_WEEK):
        return None
    distinct_tasks = {id(task): task for applies, steps in HOURS if applies(rights) for task in steps}.values()
    steps = [step for task in distinct_tasks if (step := step_of(task, person, sign_in.at))]
    return None if all(step.done for step in steps) else FirstHour(steps)


def step_of(kind: Task, person: StaffMember, since: datetime) -> Step | None:
    """The step of a task; None where it is not done and the demo's story has nothing (more) to do it on."""
    done = kind.done_by(person, since)
    url = lies_at(kind.place, person) if settings.MODE == "demo" and kind.place else ""
    if settings.MODE == "demo" and kind.place and kind.place.passes and not url and not done:
        return None
    return Step(str(kind.words), url or elsewhere(kind), done)


def elsewhere(kind: Task) -> str:
    """The list on which the task is done, outside of the demo's story."""
    return reverse("admin:index") if kind.record is Find else listed(kind.table, kind.query)
