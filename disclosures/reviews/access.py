"""The quarterly review of access: who holds which roles and personal grants, and whether each is kept or ended.

A quarter is reviewed while it runs, over the access held at that time; a missed quarter cannot be reviewed later. The
verdict “end” by itself ends nothing: those who administer staff remove the role, those who decide about the customer
end the grant, each by its own act. Until then ``to_end`` lists it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from customers.access.grants import end_grant
from customers.acts.acting import Refuse, acting, lock_installation
from customers.models import AccessGrant, Leaf, Membership, StaffMember
from customers.models.acts import RefusalReason
from customers.permissions.access import can_decide_access
from customers.validation.calendar import today
from customers.validation.errors import InvalidInput
from disclosures.models import AccessReview, AccessVerdict
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_review
from disclosures.reviews.due_dates import log_began
from disclosures.reviews.monthly import require_reviewer
from disclosures.reviews.periods import Quarter

What, Verdict = AccessVerdict.What, AccessVerdict.Verdict
Key = tuple[str, int]
LATE = timedelta(days=10)
"""How long before the end of a quarter its review counts as late."""
TABLES: dict[str, Any] = {What.ROLE: Membership, What.GRANT: AccessGrant}


@dataclass(frozen=True)
class Held:
    """A role (membership) or personal grant that a person holds, and its newest verdict of the quarter (or None)."""

    what: str
    row: Any
    verdict: AccessVerdict | None

    @property
    def named(self) -> Key:
        """What it is, and the primary key of its row."""
        return self.what, self.row.pk

    @property
    def name(self) -> str:
        """Its name in forms: ``role-12``."""
        return f"{self.what}-{self.row.pk}"

    @property
    def person(self) -> StaffMember:
        """The person who holds it."""
        holder: StaffMember = self.row.person
        return holder


def held(quarter: Quarter) -> list[Held]:
    """Every role and every open personal grant at present, sorted by person; three queries."""
    verdicts = newest_verdicts(quarter)
    rows: list[tuple[str, Any]] = [(What.ROLE.value, row) for row in _memberships()]
    rows += [(What.GRANT.value, row) for row in _grants()]
    items = [Held(what, row, verdicts.get((what, row.pk))) for what, row in rows]
    return sorted(items, key=lambda item: (item.person.username, item.what != What.ROLE, item.row.pk))


def _memberships() -> Any:
    return Membership.objects.select_related("person", "role", "team")


def _grants() -> Any:
    personal = AccessGrant.objects.open().filter(how=AccessGrant.How.PERSONAL)
    return personal.select_related("person", "customer__team", "by", "end")


def newest_verdicts(quarter: Quarter) -> dict[Key, AccessVerdict]:
    """The newest verdict of a quarter on each role and grant that has one."""
    rows = AccessVerdict.objects.filter(quarter=str(quarter)).select_related("by").order_by("pk")
    return {(row.what, row.row_key): row for row in rows}


def judge_access(quarter: Quarter, said: Mapping[Key, str], *, by: StaffMember, seen: int | None = None) -> int:
    """Put verdicts on roles and grants on record; returns the number of verdicts that were new.

    ``seen`` is the key of the newest verdict that ``by`` has seen. Raises ``InvalidInput`` where somebody has judged
    some of these since, where a role or grant is no longer held, for an unknown verdict, and for a quarter that is not
    running or is signed off; ``Refused`` (on record) where ``by`` may not review, or holds one of these.
    """
    require_reviewer(DisclosureAct.JUDGE_ACCESS, by)
    _require_running(quarter)
    if not said or set(said.values()) - set(Verdict.values):
        raise InvalidInput(_("Choose “Keep” or “End” for at least one of these."))
    if not _unsaid(said, newest_verdicts(quarter), by):
        return 0
    with acting(DisclosureAct.JUDGE_ACCESS, by=by):
        _still(quarter, by)
        items = {item.named: item for item in held(quarter)}
        if said.keys() - items.keys():
            raise InvalidInput(_("Some of these are held no longer. Look at them again."))
        newest = {named: item.verdict for named, item in items.items() if item.verdict is not None}
        fresh = _unsaid(said, newest, by)
        if not fresh or (seen is not None and any(newest[n].pk > seen for n in fresh if n in newest)):
            raise InvalidInput(_("Somebody has just judged some of these. Look at them again."))
        if any(items[named].person.pk == by.pk for named in fresh):
            raise Refuse(
                RefusalReason.OWN_ACCESS, _("This is yours; somebody else judges it. The refusal is on record.")
            )
        for named, verdict in fresh.items():
            _write(quarter, items[named], verdict)
    return len(fresh)


def sign_off_access(quarter: Quarter, *, by: StaffMember) -> AccessReview:
    """Sign a quarter off; every role and grant held at present needs a verdict.

    Raises ``InvalidInput`` where one has none, or the quarter is not running or was signed off before; ``Refused`` (on
    record) where ``by`` may not review.
    """
    require_reviewer(DisclosureAct.SIGN_OFF_ACCESS, by)
    _require_running(quarter)
    with acting(DisclosureAct.SIGN_OFF_ACCESS, by=by):
        _still(quarter, by)
        if any(item.verdict is None for item in held(quarter)):
            raise InvalidInput(_("Not everything is judged yet. What is yours waits for somebody else."))
        rows = [
            (TABLES[what]._meta.db_table, key, verdict.verdict)
            for (what, key), verdict in newest_verdicts(quarter).items()
        ]
        verdicts = [verdict for _table, _key, verdict in rows]
        review = AccessReview(
            quarter=str(quarter), looked_at=[list(row) for row in rows], kept=verdicts.count(Verdict.KEEP),
            ended=verdicts.count(Verdict.END),
        )  # fmt: skip
        review.save()
    return review


def end_grants(said: Mapping[Key, str], *, by: StaffMember) -> int:
    """End the grants among ``said`` with the verdict “end”, where ``by`` decides about the customer's access.

    Returns the number of grants tried; one that is over by now is skipped.
    """
    keys = [key for (what, key), verdict in said.items() if what == What.GRANT and verdict == Verdict.END]
    grants = [grant for grant in _grants().filter(pk__in=keys) if can_decide_access(by, grant.customer)]
    for grant in grants:
        with suppress(InvalidInput):  # it is over by now
            end_grant(grant, by=by)
    return len(grants)


def to_end() -> list[Held]:
    """The roles and grants still held whose newest verdict, of any quarter, is “end”; two queries."""
    return [*roles_to_end(), *(Held(What.GRANT.value, row, None) for row in _said_to_end(_grants(), What.GRANT))]


def roles_to_end() -> list[Held]:
    """The roles of ``to_end``, for those who administer staff."""
    return [Held(What.ROLE.value, row, None) for row in _said_to_end(_memberships(), What.ROLE)]


def _said_to_end(rows: Any, what: str) -> Any:
    """The rows whose newest verdict is “end”, by person."""
    verdicts = AccessVerdict.objects.filter(what=what, row_key=OuterRef("pk")).order_by("-pk").values("verdict")
    return (
        rows.annotate(newest_verdict=Subquery(verdicts[:1]))
        .filter(newest_verdict=Verdict.END)
        .order_by("person__username", "pk")
    )


@dataclass(frozen=True)
class AccessReviewStatus:
    """A quarter and the status of its review; ``entry`` is the number of the sign-off's entry in the log."""

    quarter: Quarter
    running: bool
    late: bool
    signed: AccessReview | None
    entry: int | None = None


def quarters(on: date | None = None) -> list[AccessReviewStatus]:
    """The status of every quarter since the log began, the running quarter first."""
    on = on or today()
    began = log_began()
    running_quarter = Quarter.of(on)
    reviews = {review.quarter: review for review in AccessReview.objects.select_related("by")}
    leaves = Leaf.objects.filter(table_name=AccessReview._meta.db_table)
    keys = [str(review.pk) for review in reviews.values()]
    entries = dict(leaves.filter(row_key__in=keys).values_list("row_key", "seq"))
    statuses: list[AccessReviewStatus] = []
    quarter = running_quarter if began is None else Quarter.of(began.first_day)
    while quarter <= running_quarter:
        review = reviews.get(str(quarter))
        late = review is None and on > quarter.last_day - LATE
        entry = entries.get(str(review.pk)) if review else None
        statuses.append(AccessReviewStatus(quarter, quarter == running_quarter, late, review, entry))
        quarter = quarter.next
    return statuses[::-1]


def open_quarter(on: date | None = None) -> AccessReviewStatus | None:
    """The status of the running quarter; None once it is signed off."""
    on = on or today()
    quarter = Quarter.of(on)
    if AccessReview.objects.filter(quarter=str(quarter)).exists():
        return None
    return AccessReviewStatus(quarter, True, on > quarter.last_day - LATE, None)


def _require_running(quarter: Quarter) -> None:
    if quarter != Quarter.of(today()):
        raise InvalidInput(_("A quarter is looked through while it runs."))


def _still(quarter: Quarter, by: StaffMember) -> None:
    """Lock the installation, then require that ``by`` may still review and that the quarter is not signed off."""
    lock_installation()
    if not can_review(by):
        raise Refuse(RefusalReason.NO_RIGHT, _("Officers and approvers review. The refusal is on record."))
    if AccessReview.objects.filter(quarter=str(quarter)).exists():
        raise InvalidInput(_("This quarter was signed off already."))


def _unsaid(said: Mapping[Key, str], newest: Mapping[Key, AccessVerdict], by: StaffMember) -> dict[Key, str]:
    """The verdicts that are new: those that differ from the newest verdict, or are by another person."""
    known = {named: (row.verdict, row.by_id) for named, row in newest.items()}
    return {named: verdict for named, verdict in said.items() if known.get(named) != (verdict, by.pk)}


def _write(quarter: Quarter, item: Held, verdict: str) -> None:
    """Save one verdict; called inside an act."""
    is_role = item.what == What.ROLE
    row = AccessVerdict(
        quarter=str(quarter), what=item.what, row_key=item.row.pk, person=item.person, verdict=verdict,
        role=item.row.role.name if is_role else "", team=item.row.team if is_role else None,
    )  # fmt: skip
    row.save()
