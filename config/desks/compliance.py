"""The officers' and approvers' part of the first page: requests due, approvals, expiring commitments, refusals."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from config.desks.charts import Chart, by_outcome, by_recipient
from config.desks.needs import Need, needs_of
from config.desks.tiles import BAD, GOOD, WARN, Tile, listed
from consent.gate.refusals import counts as stopped_since
from consent.models import ContactRefusal
from consent.permissions import can_keep_policies
from customers.acts.budgets import month_began
from customers.acts.refusals import WHYS
from customers.casework.worklists import Waiting
from customers.models import Refusal, StaffMember
from customers.permissions.access import can_review_access, refusals_visible_to
from disclosures.models import DisclosureRequest
from disclosures.permissions import WORK
from disclosures.reviews import due_dates
from disclosures.worklists import DisclosureWorklist

REQUESTS = "disclosures_disclosurerequest"


@dataclass(frozen=True)
class Counted:
    """A reason, how often it occurred, and the list of those refusals."""

    label: str
    times: int
    url: str


@dataclass(frozen=True)
class Compliance:
    """What the officers' and approvers' part of the page shows."""

    tiles: list[Tile]
    needs: list[Need]
    beside: list[Tile]
    kinds: Chart
    outcomes: Chart
    refused: list[Counted]


def compliance_desk(
    person: StaffMember, rights: Collection[str], waiting: Waiting | None, leaving: DisclosureWorklist | None
) -> Compliance | None:
    """The officers' and approvers' part; None for anybody who neither proposes nor approves.

    A fixed number of queries.
    """
    if not WORK & set(rights) or leaving is None:
        return None
    return Compliance(
        tiles=_tiles(rights, waiting, leaving),
        needs=needs_of(person, leaving.months),
        beside=_beside(rights, waiting, leaving),
        kinds=by_recipient(),
        outcomes=by_outcome(),
        refused=_refused(person),
    )


def _tiles(rights: Collection[str], waiting: Waiting | None, leaving: DisclosureWorklist) -> list[Tile]:
    first: DisclosureRequest | None = leaving.next[0] if leaving.next else None
    urgent = first is not None and first.is_soon
    outside = Tile(
        _("Requests from outside"), leaving.waiting, listed(REQUESTS, "stand=waiting"),
        BAD if urgent else GOOD, first.number if first else "", first.reply_by if first else None,
    )  # fmt: skip
    tiles = [outside]
    if waiting is not None and "decide_escalated" in rights:
        handed = listed("customers_customerrequest", "queue=officer")
        tiles.append(Tile(_("Handed to the officers"), waiting.handed_over, handed))
        word = listed("customers_correction", "waits=me")
        tiles.append(Tile(_("Corrections waiting for your approval"), waiting.for_my_word, word))
    if "approve_disclosures" in rights:
        tiles.append(
            Tile(_("Disclosures waiting for your decision"), leaving.for_my_word, listed(REQUESTS, "stand=approve"))
        )
    oldest: due_dates.ReviewStatus | None = leaving.months[0] if leaving.months else None
    late = oldest is not None and oldest.overdue
    tiles.append(
        Tile(
            _("Months to sign off"), len(leaving.months), listed("disclosures_monthreview", "stand=unsigned"),
            BAD if late else GOOD, "", oldest.month.due_at if oldest else None,
        )
    )  # fmt: skip
    lapsing = listed("disclosures_recipient", anchor="terms")
    tiles.append(Tile(_("Commitments that run out"), leaving.terms, lapsing, WARN if leaving.terms else GOOD))
    return tiles


def _beside(rights: Collection[str], waiting: Waiting | None, leaving: DisclosureWorklist) -> list[Tile]:
    """What has no deadline of its own, and what others work on."""
    red = BAD if leaving.unreviewed else GOOD
    tiles = [
        Tile(_("Emergencies unreviewed"), leaving.unreviewed, listed(REQUESTS, "stand=emergency"), red),
        Tile(_("Approved, to release"), leaving.to_release, listed(REQUESTS, "stand=release")),
        Tile(_("Customers to tell"), leaving.to_tell, reverse("admin:disclosures_disclosure_to_tell")),
    ]
    if waiting is not None:
        requests = "customers_customerrequest"
        late = BAD if waiting.overdue else GOOD
        tiles.append(Tile(_("Requests overdue"), waiting.overdue, listed(requests, "queue=overdue"), late))
        tiles.append(Tile(_("Requests parked"), waiting.parked, listed(requests, "queue=parked")))
    return tiles


def _refused(person: StaffMember) -> list[Counted]:
    """What was refused this month, by reason, most frequent first: acts at the desk, and contacts by the gate."""
    since = month_began()
    reasons: list[Counted] = []
    if can_review_access(person):
        acts: QuerySet[Refusal] = refusals_visible_to(person).filter(why__in=list(WHYS), at__gte=since).order_by()
        for why, times in acts.values_list("why").annotate(Count("pk")):
            reasons.append(Counted(str(WHYS[why]), times, listed("customers_refusal", f"why={why}&when=month")))
    if can_keep_policies(person):
        for words, why, times in stopped_since(since):
            url = listed(ContactRefusal._meta.label_lower.replace(".", "_"), f"why={why}&when=month")
            reasons.append(Counted(_("not sent: %(why)s") % {"why": words}, times, url))
    return sorted(reasons, key=lambda reason: -reason.times)
