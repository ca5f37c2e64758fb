"""Where policy and law differ: what each says, what the desk does meanwhile, and what decides.

Nobody has verified the sentences about the law yet, so none of them has the confidence *settled*. The rows that decide
have their own confidence and “verified by”.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import LegalDeadline
from customers.models.requests import Right

Confidence = LegalDeadline.Confidence


@dataclass(frozen=True)
class Setting:
    """A setting decides. ``words`` describes each of its values; none of these settings is a secret."""

    name: str
    words: Mapping[str, Promise]


@dataclass(frozen=True)
class Deadlines:
    """Rows of ``LegalDeadline`` decide how long these rights take."""

    rights: tuple[Right, ...]


@dataclass(frozen=True)
class OptOuts:
    """Rows of ``Purpose`` decide: those that go on until the customer opts out."""


@dataclass(frozen=True)
class Limits:
    """Rows of ``ContactLimit`` decide when and how often news may be sent by each channel."""


@dataclass(frozen=True)
class Fixed:
    """No setting decides: the software always does it this way, at this place in the code."""

    words: Promise
    place: str


Decides = Setting | Deadlines | OptOuts | Limits | Fixed


@dataclass(frozen=True)
class Difference:
    """One place where policy and law differ."""

    code: str
    title: Promise
    policy: Promise
    law: Promise
    confidence: Confidence
    done: Promise
    decides: tuple[Decides, ...]


DIFFERENCES = (
    Difference(
        "acceptance_by_use",
        _("Accepting by going on"),
        _("Whoever registers, or goes on using the service, accepts the policy."),
        _("Silence, or doing nothing, is likely no consent."),
        Confidence.LIKELY,
        _("Use is put on record as the weakest way to accept, and never counts as a consent to be contacted."),
        (
            Fixed(
                _("the gate asks for what a customer said, never for an acceptance"), "consent.gate.gate.may_contact"
            ),
            Fixed(
                _("who accepted by use alone is counted and listed, so that they can be asked"),
                "consent.policies.versions.accepted_by_use_only",
            ),
        ),
    ),
    Difference(
        "opt_out_or_consent",
        _("News until one opts out, or after one agrees"),
        _("News may go to a customer until the customer opts out."),
        _("News likely need the customer’s consent beforehand, and have hours and a number a day."),
        Confidence.LIKELY,
        _("“Allowed by the policy, but no consent on record” is an answer of its own, and a setting decides it."),
        (
            Setting(
                "CONTACT_WITHOUT_CONSENT",
                {
                    "refuse": _("without a consent on record, no news are sent"),
                    "allow": _("without a consent on record, news are sent until the customer opts out"),
                },
            ),
            OptOuts(),
            Limits(),
        ),
    ),
    Difference(
        "in_effect",
        _("When a new version holds"),
        _("A version is in effect once it is published on both sites."),
        _("When a change binds a customer who was not told of it is open."),
        Confidence.OPEN,
        _("Both publications are confirmed with text, time and hash. A material change asks customers to accept anew."),
        (
            Setting(
                "POLICY_EFFECTIVE",
                {
                    "later": _("from the later of both publications"),
                    "earlier": _("from the earlier of both publications"),
                },
            ),
        ),
    ),
    Difference(
        "deadlines",
        _("How long an answer may take"),
        _("Requests are answered; the policy names no time for it."),
        _("Which time holds for which right is open. Each row below says how sure it is."),
        Confidence.OPEN,
        _("Each request runs on two clocks, from rows that say their source, how sure it is, and who verified it."),
        (
            Deadlines(
                (Right.ACKNOWLEDGE, Right.OPT_OUT, Right.RESTRICTION, Right.OBJECTION, Right.ACCESS, Right.DELETION)
            ),
        ),
    ),
    Difference(
        "after_the_end",
        _("Correcting after the end"),
        _("Data is corrected while the customer uses a service."),
        _("Whether the right to a correction ends with the service is open."),
        Confidence.OPEN,
        _("A customer whose contract has ended is not turned away: the request goes to an officer, on the same clock."),
        (
            Deadlines((Right.CORRECTION,)),
            Fixed(_("nobody but an officer approves it"), "customers.permissions.casework.can_decide_escalated"),
        ),
    ),
    Difference(
        "clocks_while_parked",
        _("Suspended requests, and their clocks"),
        _("Requests from an address under suspicion wait until the customer confirms; no time is named."),
        _("Whether a suspicion stops the time for an answer is open."),
        Confidence.OPEN,
        _("The clocks run on while a request is parked. Officers are shown each suspension that lasts too long."),
        (
            Deadlines((Right.HOLD_REVIEW,)),
            Fixed(_("only a question about identity stops a clock"), "customers.casework.requests.pause"),
        ),
    ),
    Difference(
        "telling_of_authorities",
        _("Authorities, and telling the customer"),
        _("Authorities get data on legal request; the policy does not say whether the customer is told."),
        _("Whether and when the customer has to be told is open, and so is what an order may forbid."),
        Confidence.OPEN,
        _("Customers can be told who got their data. What an order forbids is kept back until its last day."),
        (
            Deadlines((Right.AUTHORITY, Right.EMERGENCY, Right.EMERGENCY_REVIEW)),
            Fixed(
                _("an order not to tell holds for its request, to the end of its last day"),
                "disclosures.models.NonDisclosure",
            ),
        ),
    ),
)
"""The seven places, in the order of the page."""
